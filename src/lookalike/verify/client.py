"""The client: sends requests to the server that is judged, slowly and patiently enough, and keeps its tokens secret."""

import os
import shlex
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

import requests

from lookalike.errors import LookalikeError, UsageError
from lookalike.http import Request, Response
from lookalike.verify.results import Exchange

_PATIENCE = {429, 503}
_LONGEST_WAIT = 60.0
_ATTEMPTS = 6
_SAFE = {"GET", "HEAD", "OPTIONS"}
_SHOWN = 2000


class Unreachable(LookalikeError):
    """The server cannot be reached, or stopped answering; what was found so far still counts."""

    exit_code = 3


class OutOfBudget(LookalikeError):
    """The time or the requests that the run was allowed are used up."""


class Server(Protocol):
    """What judging needs of a server."""

    def send(self, request: Request) -> Response:
        """The answer to a request."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may cost: requests per second, requests and seconds in all; None is no limit."""

    rate: float | None = None
    requests: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """How to connect: headers for every request, certificates to trust (a file; False trusts any), seconds to wait."""

    headers: dict[str, str] = field(default_factory=dict)
    verify: str | bool = True
    timeout: float = 10.0


class Client:
    """Sends requests to one server over HTTP and counts them."""

    def __init__(self, url: str, connection: Connection, limits: Limits) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"{url!r} is not an http URL; write one like https://staging.example.com/api")
        self.url = url.rstrip("/")
        self.host = parts.hostname
        self.sent = 0
        self._connection = connection
        self._limits = limits
        self._secrets: tuple[str, ...] = ()
        self._started = time.monotonic()
        self._next = 0.0
        self._session = requests.Session()
        self._session.auth = _as_it_is
        self._session.verify = connection.verify
        self._session.headers.clear()
        # Proxies and certificates from the environment, looked up once.
        self._settings = self._session.merge_environment_settings(self.url, {}, False, connection.verify, None)
        self._before: Callable[[Request], None] = lambda request: None

    def hide(self, secrets: Iterable[str]) -> None:
        """From now on, show these tokens to nobody; a longer one that holds a shorter is hidden whole."""
        self._secrets = tuple(sorted({*self._secrets, *secrets}, key=len, reverse=True))

    def lift_limits(self) -> None:
        """From now on, nothing is too much but the rate: what was changed has to be put back."""
        self._limits = Limits(self._limits.rate)

    def before_each(self, call: Callable[[Request], None]) -> None:
        """Call a function with each request before it is sent."""
        self._before = call

    def send(self, request: Request) -> Response:
        """The answer to a request; a busy server is waited for, and a safe request is sent again once."""
        self._before(request)
        for _ in range(_ATTEMPTS):
            response = self._send_patiently(request)
            wait = _retry_after(response) if response.status in _PATIENCE else None
            if wait is None:
                return response
            self._check_budget(wait)
            time.sleep(wait)
        raise Unreachable(f"{self.url} was busy (status {response.status}) {_ATTEMPTS} times, however long it was left")

    def shown(self, request: Request, response: Response) -> Exchange:
        """An exchange as it may be shown to anyone."""
        body = self.redacted(response.body[:_SHOWN].decode("utf-8", "replace"))
        line = self.redacted(f"{request.method} {_target(request)}")
        return Exchange(self.curl(request), line, response.status, body)

    def curl(self, request: Request) -> str:
        """A line for a shell that sends the request, with `$TOKEN` in place of tokens."""
        parts = ["curl", "-i", "-X", request.method, self.url + _target(request)]
        for name, value in request.headers.items():
            parts += ["-H", f"{_title(name)}: {value}"]
        if request.body:
            parts += ["-d", request.body.decode("utf-8", "backslashreplace")]
        return " ".join(_quoted(self.redacted(part)) for part in parts)

    def redacted(self, text: str) -> str:
        """The text with every token hidden."""
        for secret in self._secrets:
            text = text.replace(secret, "$TOKEN")
        return text

    def _send_patiently(self, request: Request) -> Response:
        try:
            return self._send(request)
        except requests.ConnectionError as error:
            if request.method in _SAFE:
                return self._again(request, error)
            raise Unreachable(f"{self.url} closed the connection: {self.redacted(_why(error))}") from None
        except requests.RequestException as error:
            raise Unreachable(f"{self.url} did not answer: {self.redacted(_why(error))}") from None

    def _again(self, request: Request, first: Exception) -> Response:
        try:
            return self._send(request)
        except requests.RequestException:
            raise Unreachable(f"{self.url} cannot be reached: {self.redacted(_why(first))}") from None

    def _send(self, request: Request) -> Response:
        self._check_budget(0.0)
        self._keep_rate()
        self.sent += 1
        headers = {**self._connection.headers, **request.headers}
        prepared = requests.Request(request.method, self.url, headers=headers, data=request.body or None).prepare()
        prepared.url = self.url + _target(request)
        timeout = self._connection.timeout
        got = self._session.send(prepared, timeout=timeout, allow_redirects=False, **self._settings)
        return Response(got.status_code, tuple(got.headers.items()), got.content)

    def _check_budget(self, wait: float) -> None:
        limits = self._limits
        if limits.requests is not None and self.sent >= limits.requests:
            raise OutOfBudget(f"{limits.requests} requests were sent, as many as allowed")
        if limits.seconds is not None and time.monotonic() - self._started + wait > limits.seconds:
            raise OutOfBudget(f"{limits.seconds:g} s are over, as long as allowed")

    def _keep_rate(self) -> None:
        if self._limits.rate is None:
            return
        now = time.monotonic()
        if self._next > now:
            time.sleep(self._next - now)
        self._next = max(now, self._next) + 1 / self._limits.rate


def _as_it_is(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    """Credentials are those of the request, whatever a netrc file says."""
    return prepared


def _target(request: Request) -> str:
    return request.path + (f"?{request.query}" if request.query else "")


def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _quoted(part: str) -> str:
    """The part for a shell; a token is a variable there, which only double quotes leave one."""
    if "$TOKEN" in part:
        return f'"{part}"'
    return shlex.quote(part)


def _retry_after(response: Response) -> float | None:
    """How long to wait before another attempt, in seconds (RFC 9110 section 10.2.3); None where it is not said."""
    text = response.header("Retry-After")
    if text is None or not text.strip().isdecimal():
        return None
    return min(float(text), _LONGEST_WAIT)


def _why(error: Exception) -> str:
    inner = error.args[0] if error.args else error
    return str(getattr(inner, "reason", inner)).partition(os.linesep)[0]
