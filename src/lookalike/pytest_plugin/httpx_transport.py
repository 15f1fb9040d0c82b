"""A mock in this process as a server for `httpx`."""

from collections.abc import Callable

import httpx

from lookalike.http import Headers, Request, Response


class SandboxTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport that answers by a function, for `httpx.Client` and `httpx.AsyncClient`."""

    def __init__(self, respond: Callable[[Request], Response]) -> None:
        self._respond = respond

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The response to a request."""
        return self._answered(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The response to a request of an asynchronous client."""
        return self._answered(request, await request.aread())

    def _answered(self, request: httpx.Request, body: bytes) -> httpx.Response:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        answer = self._respond(Request(request.method, path, query, Headers(request.headers), body))
        content = b"" if request.method == "HEAD" else answer.body
        return httpx.Response(answer.status, headers=list(answer.headers), content=content, request=request)


def client_of(transport: SandboxTransport, base_url: str) -> httpx.Client:
    """A client whose paths are below a base URL."""
    return httpx.Client(transport=transport, base_url=base_url, trust_env=False)
