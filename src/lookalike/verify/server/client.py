"""The client: sends requests to the server that is judged, slowly and patiently enough, and keeps its tokens secret."""

import base64
import os
import re
import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

import requests

from lookalike.errors import LookalikeError, UsageError
from lookalike.http import SAFE, Request, Response
from lookalike.verify.results import RecordedExchange, RecordedRequest
from lookalike.verify.server.redaction import DOLLAR, pattern_of, placeholders
from lookalike.verify.server.target import Credentials
from lookalike.verify.server.token_command import RenewedToken

_LONGEST_WAIT = 60.0
_LONGEST_BACKOFF = 8.0
_ATTEMPTS = 6
_SHOWN = 2000


class Unreachable(LookalikeError):
    """The server cannot be reached, or stopped answering; what was found so far still counts."""

    exit_code = 3


class NoResponse(LookalikeError):
    """No answer came to a request, which may have been done all the same."""

    exit_code = 3


class OutOfBudget(LookalikeError):
    """The time or the requests that the run was allowed are used up."""


class Sender(Protocol):
    """What judging needs of a server."""

    def send(self, request: Request) -> Response:
        """The answer to a request; raises `NoResponse` where none came."""
        ...

    def read(self, request: Request) -> Response:
        """The answer to a request that changes nothing, whatever its method."""
        ...


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run may cost: requests per second, requests and seconds in all; None is no limit."""

    rate: float | None = None
    requests: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """How to connect: headers for every request, certificates to trust (a file; False trusts any), seconds to wait."""

    headers: dict[str, str] = field(default_factory=dict)
    verify: str | bool = True
    timeout: float = 10.0


class Client:
    """Sends requests to one server over HTTP and counts them; `unanswered` is to how many no answer came.

    `sleep` waits for so many seconds; `placeholders` holds what is shown in place of texts that nobody may see.
    """

    def __init__(
        self, url: str, connection: ConnectionSettings, limits: Budget, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"{url!r} is not an http URL; write one like https://staging.example.com/api")
        self.url = url.rstrip("/")
        self.host = parts.hostname
        self.sent = 0
        self.unanswered = 0
        self._connection = connection
        self._limits = limits
        self._sleep = sleep
        self._tokens: list[RenewedToken] = []
        self.placeholders: dict[str, str] = {}
        self._secrets = pattern_of(())
        self._started = time.monotonic()
        self._next = 0.0
        self._session = requests.Session()
        self._session.auth = _as_it_is
        self._session.verify = connection.verify
        self._session.headers.clear()
        # Proxies and certificates from the environment, looked up once.
        self._settings = self._session.merge_environment_settings(self.url, {}, False, connection.verify, None)
        self._before: Callable[[Request], None] = lambda request: None

    def hide(self, placeholders: Mapping[str, str]) -> None:
        """From now on, show these texts to nobody, but the placeholders that stand for them."""
        self.placeholders |= placeholders
        self._secrets = pattern_of(self.placeholders)

    def lift_limits(self) -> None:
        """From now on, nothing is too much but the rate: what was changed has to be put back."""
        self._limits = Budget(self._limits.rate)

    def before_each(self, call: Callable[[Request], None]) -> None:
        """Call a function with each request before it is sent."""
        self._before = call

    def renew(self, token: RenewedToken) -> None:
        """From now on, send a token as it is then, and ask for another when it has run out."""
        self._tokens.append(token)

    def send(self, request: Request) -> Response:
        """The answer to a request; a busy server is waited for, and a safe request is sent again once.

        Raises `NoResponse`, `OutOfBudget`, and `Unreachable` where the server stays busy or a token is not renewed.
        """
        self._before(request)
        return self._answer(request, request.method in SAFE)

    def read(self, request: Request) -> Response:
        """The answer to a request that changes nothing, whatever its method; raises as `send` does."""
        return self._answer(request, True)

    def _answer(self, request: Request, safe: bool) -> Response:
        response = self._in_the_end(request, safe)
        for token in self._tokens:
            if token.note(request, response.status):
                self._ask_for(token)
                response = self._in_the_end(request, safe)
                token.note(request, response.status)
        return response

    def _ask_for(self, token: RenewedToken) -> None:
        try:
            self.hide(placeholders(Credentials(token.renew())))
        except UsageError as error:
            raise Unreachable(f"the server takes the token no longer, and {error}") from None

    def _in_the_end(self, request: Request, safe: bool) -> Response:
        """The answer that a server gives when it is not busy."""
        for attempt in range(_ATTEMPTS):
            response = self._send_patiently(request, safe)
            wait = _wait_for(response, attempt)
            if wait is None:
                return response
            if attempt < _ATTEMPTS - 1:
                self._check_budget(wait)
                self._sleep(wait)
        raise Unreachable(f"{self.url} was busy (status {response.status}) {_ATTEMPTS} times, however long it was left")

    def shown(self, request: Request, response: Response) -> RecordedExchange:
        """An exchange as it may be shown to anyone."""
        body = self.redacted(response.body[:_SHOWN].decode("utf-8", "replace"))
        line = self.redacted(f"{request.method} {_target(request)}")
        return RecordedExchange(self.curl(request), line, response.status, body, self._sent(request))

    def _sent(self, request: Request) -> RecordedRequest:
        fields = {name: self._saved(value) for name, value in request.headers.items()}
        target = (request.method, self._saved(request.path), self._saved(request.query))
        try:
            return RecordedRequest(*target, fields, self._saved(request.body.decode()))
        except UnicodeDecodeError:
            return RecordedRequest(*target, fields, base64.b64encode(request.body).decode(), "base64")

    def curl(self, request: Request) -> str:
        """A line for a shell that sends the request, with placeholders for tokens."""
        parts = ["curl", "-i", "-X", request.method, self.url + _target(request)]
        for name, value in request.headers.items():
            parts += ["-H", f"{_title(name)}: {value}"]
        if request.body:
            parts += ["--data-raw", request.body.decode("utf-8", "backslashreplace")]
        return " ".join(map(self._quoted, parts))

    def redacted(self, text: str) -> str:
        """The text with every token hidden."""
        return self._secrets.sub(lambda match: self.placeholders[match[0]], text)

    def _saved(self, text: str) -> str:
        """The text with every token hidden, and any other dollar twice, so that nothing is taken for a token later."""
        pieces = self._secrets.split(text)
        pieces[::2] = [piece.replace(DOLLAR, DOLLAR * 2) for piece in pieces[::2]]
        pieces[1::2] = [self.placeholders[secret] for secret in pieces[1::2]]
        return "".join(pieces)

    def _quoted(self, part: str) -> str:
        """The part for a shell; placeholders are expressions there, which single quotes would not leave them."""
        pieces = self._secrets.split(part)
        if len(pieces) == 1:
            return shlex.quote(part)
        plain = [re.sub(r'([\\"`$])', r"\\\1", piece) for piece in pieces[::2]]
        pieces[::2], pieces[1::2] = plain, [self.placeholders[secret] for secret in pieces[1::2]]
        return f'"{"".join(pieces)}"'

    def _send_patiently(self, request: Request, safe: bool) -> Response:
        try:
            return self._send(request)
        except NoResponse:
            if not safe:
                raise
            return self._send(request)

    def _send(self, request: Request) -> Response:
        self._check_budget(0.0)
        self._keep_rate()
        self.sent += 1
        for token in self._tokens:
            request = token.put_into(request)
        headers = {**self._connection.headers, **request.headers}
        try:
            prepared = requests.Request(request.method, self.url, headers=headers, data=request.body or None).prepare()
            prepared.url = self.url + _target(request)
            timeout = self._connection.timeout
            got = self._session.send(prepared, timeout=timeout, allow_redirects=False, **self._settings)
        except ValueError as error:  # Requests' own, for what cannot be sent
            raise Unreachable(f"{self.url} cannot be asked: {self.redacted(_why(error))}") from None
        except requests.RequestException as error:
            self.unanswered += 1
            raise NoResponse(f"{self.url} {_missed(error)}: {self.redacted(_why(error))}") from None
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
            self._sleep(self._next - now)
        self._next = max(now, self._next) + 1 / self._limits.rate


def _as_it_is(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    """Credentials are those of the request, whatever a netrc file says."""
    return prepared


def _target(request: Request) -> str:
    return request.path + (f"?{request.query}" if request.query else "")


def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _wait_for(response: Response, attempt: int) -> float | None:
    """How long to leave a busy server alone, in seconds; None where the answer is one.

    A 429 is none, with or without Retry-After (RFC 6585 section 4); a 503 is one unless it says when to come again.
    """
    if response.status not in {429, 503}:
        return None
    told = _retry_after(response)
    if told is None and response.status == 429:
        return min(2.0**attempt, _LONGEST_BACKOFF)
    return told


def _retry_after(response: Response) -> float | None:
    """What Retry-After says, in seconds from now (RFC 9110 section 10.2.3); None where it says nothing.

    A date counts from the date of the answer, where it has one: clocks differ.
    """
    text = (response.header("Retry-After") or "").strip()
    if text.isdecimal():
        return min(float(text), _LONGEST_WAIT)
    then, now = _date(text), _date(response.header("Date") or "") or datetime.now(UTC)
    return None if then is None else min(max((then - now).total_seconds(), 0.0), _LONGEST_WAIT)


def _date(text: str) -> datetime | None:
    """A date in any of the three forms of HTTP (RFC 9110 section 5.6.7)."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _missed(error: Exception) -> str:
    """What the server did not do; a reason is given where there was no connection at all."""
    if isinstance(error, requests.exceptions.ReadTimeout):
        return "did not answer"
    return "cannot be reached" if hasattr(next(iter(error.args), None), "reason") else "closed the connection"


def _why(error: Exception) -> str:
    inner = error.args[0] if error.args else error
    return str(getattr(inner, "reason", inner)).partition(os.linesep)[0]
