"""A mock in this process as a server for `httpx`."""

import asyncio
import time
from collections.abc import Callable

import httpx

from lookalike.http import Headers, Request, Response
from lookalike.pytest_plugin.network_faults import delay_of, is_cut, is_reset


class SandboxTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport that answers by a function, for `httpx.Client` and `httpx.AsyncClient`."""

    def __init__(self, respond: Callable[[Request], Response]) -> None:
        self._respond = respond

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The response to a request."""
        answer, delay = self._answer(request, request.read())
        time.sleep(delay)
        return _received(request, answer)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The response to a request of an asynchronous client."""
        answer, delay = self._answer(request, await request.aread())
        await asyncio.sleep(delay)
        return _received(request, answer)

    def _answer(self, request: httpx.Request, body: bytes) -> tuple[Response, float]:
        """The answer to a request, and the seconds until it comes; raises `httpx.ReadTimeout`."""
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        answer = self._respond(Request(request.method, path, query, Headers(request.headers), body))
        patience = request.extensions.get("timeout", {}).get("read")
        if patience is not None and delay_of(answer) > patience:
            raise httpx.ReadTimeout(f"the mock takes {delay_of(answer):g} s to answer", request=request)
        return answer, delay_of(answer)


def _received(request: httpx.Request, answer: Response) -> httpx.Response:
    """The response as it arrives; faults of the network are raised as `httpx` raises them."""
    if is_reset(answer):
        raise httpx.ReadError("the mock reset the connection", request=request)
    if is_cut(answer):
        raise httpx.RemoteProtocolError("the mock closed the connection early", request=request)
    content = b"" if request.method == "HEAD" else answer.body
    return httpx.Response(answer.status, headers=list(answer.headers), content=content, request=request)


def client_of(transport: SandboxTransport, base_url: str) -> httpx.Client:
    """A client whose paths are below a base URL."""
    return httpx.Client(transport=transport, base_url=base_url, trust_env=False)
