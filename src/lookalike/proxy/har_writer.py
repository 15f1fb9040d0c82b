"""Writing exchanges to a HAR file (HTTP Archive 1.2), one after the other, without secrets."""

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import IO
from urllib.parse import parse_qsl

import harfile

from lookalike.errors import UsageError
from lookalike.har.reading import MOCKED
from lookalike.http import ObservedExchange, Response, essence
from lookalike.proxy.exchange_order import ProxiedExchange
from lookalike.verify.traffic.secrets import TrafficSecrets

_VERSION = "HTTP/1.1"
_UNKNOWN = -1  # the size of a body that is not in the record (HAR 1.2)
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class HarWriter:
    """A HAR file that is being written; raises `UsageError` if the file cannot be."""

    def __init__(self, file: Path, secrets: TrafficSecrets) -> None:
        try:
            self._file: IO[str] = file.open("w", encoding="utf-8")
        except OSError as error:
            raise UsageError(f"--har {file}: {error.strerror}") from None
        self._har = harfile.HarFile(self._file, creator=harfile.Creator("lookalike", ""))
        self._secrets = secrets

    def write(self, proxied: ProxiedExchange) -> None:
        """Write an exchange; one without a response has the status 0, as browsers have it."""
        exchange = proxied.exchange
        started = datetime.fromtimestamp(exchange.request.at, UTC)
        milliseconds = round(exchange.seconds * 1000, 3)
        self._har.add_entry(
            startedDateTime=started,
            time=milliseconds,
            request=self._request(exchange),
            response=self._response(exchange.response, proxied),
            timings=harfile.Timings(send=0, wait=milliseconds, receive=0),
            comment=MOCKED if proxied.is_mocked else None,
        )
        self._file.flush()

    def close(self) -> None:
        """Write the end of the file."""
        self._har.close()
        self._file.close()

    def _request(self, exchange: ObservedExchange) -> harfile.Request:
        origin, request = exchange.origin, exchange.request
        query = self._secrets.hide_in_query(request.query)
        url = origin + self._secrets.hide(request.path) + (f"?{query}" if query else "")
        media_type = request.headers.get("content-type", "")
        text, encoding = self._body(request.body, media_type)
        # HAR has no encoding for what is posted: a body that is not a text is left out, which its size shows.
        posted = harfile.PostData(media_type, text=text if encoding is None else None) if request.body else None
        pairs = parse_qsl(query, keep_blank_values=True)
        return harfile.Request(
            request.method,
            url,
            _VERSION,
            headers=self._fields(request.headers.items()),
            queryString=[harfile.Record(name, value) for name, value in pairs],
            postData=posted,
            bodySize=_UNKNOWN if "request.body" in exchange.missing else len(request.body),
        )

    def _response(self, response: Response | None, proxied: ProxiedExchange) -> harfile.Response:
        if response is None:
            return harfile.Response(0, "", _VERSION, comment=self._secrets.hide(proxied.failure) or None)
        media_type = response.header("Content-Type") or ""
        return harfile.Response(
            response.status,
            _PHRASES.get(response.status, ""),
            _VERSION,
            headers=self._fields(response.headers),
            content=self._content(response, media_type, proxied),
            redirectURL=self._secrets.hide(response.header("Location") or ""),
            bodySize=proxied.size,
        )

    def _content(self, response: Response, media_type: str, proxied: ProxiedExchange) -> harfile.Content:
        """The body; one that was not kept whole is left out, which its size shows."""
        if "response.body" in proxied.exchange.missing:
            return harfile.Content(max(proxied.size, 1), mimeType=media_type)
        text, encoding = self._body(response.body, media_type)
        size = len(response.body) if encoding else len(text.encode())
        return harfile.Content(size, mimeType=media_type, text=text, encoding=encoding)

    def _body(self, body: bytes, media_type: str) -> tuple[str, str | None]:
        """A body as a text, and its encoding where it is none."""
        try:
            return self._secrets.hide_in_body(body.decode(), essence(media_type)), None
        except UnicodeDecodeError:
            return base64.b64encode(body).decode(), "base64"

    def _fields(self, fields: Iterable[tuple[str, str]]) -> list[harfile.Record]:
        return [harfile.Record(name, self._secrets.hide_in_field(name, value)) for name, value in fields]
