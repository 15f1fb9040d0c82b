"""A mock in this process as a server for `requests`."""

import io
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.models import PreparedRequest
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from lookalike.http import Headers, Request, Response
from lookalike.pytest_plugin.network_faults import delay_of, is_cut, is_reset


class MockAdapter(BaseAdapter):
    """A transport adapter that answers by a function, for `requests.Session.mount`."""

    def __init__(self, respond: Callable[[Request], Response]) -> None:
        super().__init__()
        self._respond = respond

    def send(  # noqa: PLR0913, PLR0917  # the signature is that of requests
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """The response to a request; of the options, only the timeout is about more than connections.

        Faults of the network are raised as `requests` raises them; so is a timeout, without the wait for it.
        """
        url = urlsplit(request.url or "")
        fields = Headers({name: _text(value) for name, value in request.headers.items()})
        body = _content(request.body)
        answer = self._respond(Request(request.method or "GET", url.path or "/", url.query, fields, body))
        patience = timeout[1] if isinstance(timeout, tuple) else timeout
        if patience is not None and delay_of(answer) > patience:
            raise requests.ReadTimeout(f"the mock takes {delay_of(answer):g} s to answer", request=request)
        time.sleep(delay_of(answer))
        if is_reset(answer):
            raise requests.ConnectionError("the mock reset the connection", request=request)
        if is_cut(answer):
            raise requests.exceptions.ChunkedEncodingError("the mock closed the connection early", request=request)
        response = requests.Response()
        response.status_code = answer.status
        response.headers = CaseInsensitiveDict(answer.headers)
        response.encoding = get_encoding_from_headers(response.headers)
        response.raw = io.BytesIO(b"" if request.method == "HEAD" else answer.body)
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        """Do nothing: there is no connection."""


class MockSession(requests.Session):
    """A session whose requests below an origin are answered by a function; paths are below the base URL."""

    def __init__(self, origin: str, base_url: str, respond: Callable[[Request], Response]) -> None:
        super().__init__()
        self.trust_env = False  # neither a proxy nor the credentials of ~/.netrc are for a mock
        self._base_url = base_url
        self.mount(f"{origin}/", MockAdapter(respond))

    def request(self, method: str | bytes, url: str | bytes, *options: Any, **more: Any) -> requests.Response:
        """Send a request; a URL that is a path alone is below the base URL."""
        text = url.decode() if isinstance(url, bytes) else url
        return super().request(method, self._base_url + text if text.startswith("/") else text, *options, **more)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _content(body: Any) -> bytes:
    """The bytes of a body, which may be a file or an iterator."""
    if isinstance(body, str):
        return body.encode()
    if body is None or isinstance(body, bytes):
        return body or b""
    if hasattr(body, "read"):
        return _content(body.read())
    return b"".join(map(_content, body))
