"""The client: sends requests to the server under test within a budget, waits while it is busy, and hides tokens."""

import base64
import ipaddress
import re
import shlex
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

from lookalike.errors import LookalikeError, UsageError, VerificationError
from lookalike.http import SAFE, Headers, Request, Response
from lookalike.verify.interruption import LONGEST_WAIT, Interruption
from lookalike.verify.results import RecordedExchange, RecordedRequest
from lookalike.verify.server.redaction import DOLLAR, Redaction, placeholders
from lookalike.verify.server.target import Credentials
from lookalike.verify.server.token_command import RenewedToken
from lookalike.verify.server.transport import ConnectionSettings, Transport, request_target
from lookalike.verify.server.transport_errors import TransportError

# A server that says Retry-After: 3600 would otherwise hold up a run for an hour.
_LONGEST_RETRY = 60.0
_LONGEST_BACKOFF = 8.0
_ATTEMPTS = 6
# A gateway says by these that the server behind it gave no answer (RFC 9110 sections 15.6.3 to 15.6.5).
_GATEWAY = {502, 503, 504}
_OUTAGE = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds to wait for a server that does not work any more

_SHOWN = 2000  # characters of a response body in reports
_EXPECT_A_BODY = {"POST", "PUT", "PATCH"}  # their length is sent, even if it is 0 (RFC 9110 section 8.6)
_REDIRECTS = {301, 302, 303, 307, 308}  # RFC 9110 section 15.4
_LONGEST_LOCATION = 200


class Unreachable(VerificationError):
    """The server cannot be reached, or stopped answering; findings so far still count."""


class NoResponse(VerificationError):
    """The lack of a complete response to a request, which the server may nevertheless have carried out."""


class OutOfBudget(LookalikeError):
    """The time or the requests that a run may take are used up."""


class Sender(Protocol):
    """Sends requests to the server under test."""

    def send(self, request: Request) -> Response:
        """The response to a request; raises `NoResponse`."""
        ...

    def read(self, request: Request) -> Response:
        """The response to a request that changes nothing, whatever its method; raises `NoResponse`."""
        ...


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a run may take: requests per second, requests, and seconds; None is no limit.

    `cleanup` is how many seconds it may take after that to undo its changes.
    """

    rate: float | None = None
    requests: int | None = None
    seconds: float | None = None
    cleanup: float = 30.0


class Client:
    """Sends requests to one server over HTTP, and counts them; threads may share it.

    `url` is the base URL. `sent` is how many requests went out, `unanswered` how many of them got no complete
    response. `redirect` is a message about the first redirect, or empty. `placeholders` are shown in place of secrets.
    Once an `interruption` came, no request is sent but for cleaning up.
    """

    def __init__(
        self, url: str, connection: ConnectionSettings, budget: Budget, sleep: Callable[[float], None] | None = None
    ) -> None:
        self.url, self.host = checked_url(url)
        self.sent = 0
        self.unanswered = 0
        self.redirect = ""
        self.interruption = Interruption()
        self._connection = connection
        self._transport = Transport(self.url, connection, while_waiting=self._check_interruption)
        self._budget = budget
        self._started = time.monotonic()
        self._is_cleaning_up = False
        self._rehearsed: Callable[[Request], Response] | None = None
        self._thread: int | None = None
        self._probe: Request | None = None
        self._next_slot = 0.0
        self._last_failure = ""
        self._lock = threading.Lock()
        self._token_lock = threading.Lock()
        self._sleep = sleep or self._sleep_unless_interrupted
        self._tokens: list[RenewedToken] = []
        self._redaction = Redaction({})
        self._before: Callable[[Request], None] = _ignore
        self._after: Callable[[Request, int], None] = _ignore
        self.hide(_secret_headers(connection.headers))

    # Secrets

    @property
    def placeholders(self) -> Mapping[str, str]:
        """The text that is shown in place of each secret."""
        return self._redaction.placeholders

    def hide(self, placeholders: Mapping[str, str]) -> None:
        """Show placeholders in place of these secrets from now on."""
        self._redaction = Redaction({**self._redaction.placeholders, **placeholders})

    def renew(self, token: RenewedToken) -> None:
        """Send a token as it is at the time, and ask for another one when it has expired."""
        self._tokens.append(token)

    def redacted(self, text: str) -> str:
        """The text with every secret hidden, in any encoding."""
        return self._redaction.hide(text)

    # Hooks and limits

    def before_each(self, call: Callable[[Request], None]) -> None:
        """Call a function with each request before it is sent."""
        self._before = call

    def after_each(self, call: Callable[[Request, int], None]) -> None:
        """Call a function with each request that got a response, and with its status."""
        self._after = call

    def lift_limits(self) -> None:
        """Replace the budget by that for cleaning up; a second call does not begin its time again."""
        if not self._is_cleaning_up:
            self._is_cleaning_up = True
            self._started = time.monotonic()
            self._budget = replace(self._budget, requests=None, seconds=self._budget.cleanup)

    def rehearse(self, answer: Callable[[Request], Response]) -> None:
        """Send nothing from now on: a function answers instead."""
        self._rehearsed = answer

    def keep_to_this_thread(self) -> None:
        """Send no more requests of other threads, whose stories have been cut short."""
        self._thread = threading.get_ident()

    # Sending

    def send(self, request: Request) -> Response:
        """The response to a request; a busy server is waited for, and a safe request is sent a second time.

        Raises `NoResponse`, `OutOfBudget`, and `Unreachable` if the server stays busy, a token is not renewed, or
        the cause will not go away.
        """
        self._before(request)
        response = self._renewing(request, request.method in SAFE)
        self._after(request, response.status)
        self.redirect = self.redirect or redirect_of(response)
        return response

    @property
    def headers(self) -> Headers:
        """The headers that go with every request."""
        return Headers(self._connection.headers)

    def read(self, request: Request) -> Response:
        """The response to a request that changes nothing, whatever its method; raises as `send` does."""
        return self._renewing(request, True)

    def _renewing(self, request: Request, safe: bool) -> Response:
        """The response to a request, which is sent again if its token had expired."""
        generations = [token.generation for token in self._tokens]
        response = self._waiting(request, safe)
        for token, generation in zip(self._tokens, generations, strict=False):
            with self._token_lock:  # of several requests that are refused together, one renews the token for all
                is_first = token.note(request, response.status)
                if is_first and token.generation == generation:
                    self._renew(token)
                is_outdated = response.status == 401 and token.is_in(request) and token.generation != generation
            if is_outdated:
                response = self._waiting(request, safe)
                token.note(request, response.status)
        return response

    def _renew(self, token: RenewedToken) -> None:
        try:
            self.hide(placeholders(Credentials(token.renew())))
        except UsageError as error:
            raise Unreachable(f"the server no longer accepts the token, and {error}") from None

    def _waiting(self, request: Request, safe: bool) -> Response:
        """The response of a server that is not busy."""
        for attempt in range(_ATTEMPTS):
            response = self._through_outages(request, safe)
            wait = _wait_for(response, attempt)
            if wait is None:
                return response
            if attempt < _ATTEMPTS - 1:
                self._check_budget(wait)
                self._sleep(wait)
        raise Unreachable(
            f"{self.url} was busy (status {response.status}) {_ATTEMPTS} times, whatever the wait between"
        )

    def _through_outages(self, request: Request, safe: bool) -> Response:
        """The response of a server that works; one that does not is waited for.

        A gateway's answer, and none at all, say something about the server only if it answers a request that it had
        answered before. Raises `NoResponse` if the request may or may not have been carried out before that.
        """
        try:
            response = self._retrying(request, safe)
            if response.status not in _GATEWAY or _retry_after(response) is not None or self._works():
                self._keep_probe(request, response)
                return response
            seen = f"status {response.status}"
        except NoResponse as error:
            if self._works():
                raise
            seen = str(error)
        self._wait_until_it_works(time.strftime("%H:%M:%S", time.gmtime()), seen)
        if safe:
            return self._retrying(request, safe)
        raise NoResponse(f"{self.url} did not work for a while ({seen})")

    def _keep_probe(self, request: Request, response: Response) -> None:
        """Keep a request that can be repeated without harm: a read that succeeded, else one that was refused."""
        is_better = self._probe is None or self._probe.method not in SAFE
        is_read = is_better and request.method in SAFE and 200 <= response.status < 300
        is_refused = self._probe is None and 400 <= response.status < 500 and response.status not in {408, 429}
        if is_read or is_refused:
            self._probe = request

    @property
    def works_otherwise(self) -> bool:
        """Whether the server still answers a request that it had answered before."""
        return self._probe is not None and self._works()

    def _works(self) -> bool:
        """Whether the server answers a request that it had answered before; there may be none yet."""
        if self._probe is None:
            return True
        try:
            return self._send(self._probe).status not in _GATEWAY
        except NoResponse:
            return False

    def _wait_until_it_works(self, since: str, seen: str) -> None:
        for wait in _OUTAGE:
            self._check_budget(wait)
            self._sleep(wait)
            if self._works():
                return
        raise Unreachable(
            f"{self.url} does not work any more: since {since} UTC ({seen}) a request that it had answered before "
            f"fails too, {len(_OUTAGE)} times in {sum(_OUTAGE):g} s"
        )

    def _retrying(self, request: Request, safe: bool) -> Response:
        """The response to a request, which is sent again where that does no harm (RFC 9110 section 9.2.2)."""
        try:
            return self._send(request)
        except NoResponse:
            if not safe:
                raise
            return self._send(request)

    def _send(self, request: Request) -> Response:
        seconds = self._time_for_one()
        self._keep_rate()
        with self._lock:
            self.sent += 1
        for token in self._tokens:
            request = token.put_into(request)
        try:
            response = self._rehearsed(request) if self._rehearsed else self._transport.exchange(request, seconds)
        except TransportError as error:
            with self._lock:
                self.unanswered += 1
            # The end of the budget cut this response off, so it says nothing about the server; an earlier one may.
            self._check_time(0.0)
            self._last_failure = f"; the last request had no answer: {error.what}"
            message = self.redacted(f"{self.url}: {error}")
            # A server that was there before may come back, so that its absence need not last.
            raise (Unreachable if error.lasting and self._probe is None else NoResponse)(message) from None
        self._last_failure = ""
        return response

    def _time_for_one(self) -> float:
        """The seconds that a response may take: the timeout, or the rest of the budget where that is less."""
        self._check_budget(0.0)
        if self._budget.seconds is None:
            return self._connection.timeout
        left = self._budget.seconds - (time.monotonic() - self._started)
        return max(min(self._connection.timeout, left), 0.001)

    def _check_budget(self, wait: float) -> None:
        """Raise `OutOfBudget` if no request may be sent after so many seconds."""
        if self._thread not in (None, threading.get_ident()):
            raise OutOfBudget("the run has ended")
        most = self._budget.requests
        if most is not None and self.sent >= most:
            what = f"{most} requests were sent, as many as allowed; --max-requests allows more"
            raise OutOfBudget(what + self._last_failure)
        self._check_time(wait)

    def check_time(self) -> None:
        """Raise `OutOfBudget` if the time of the run is over: for work between requests, which may take longer."""
        self._check_time(0.0)

    def _check_time(self, wait: float) -> None:
        self._check_interruption(is_sent=False)
        seconds = self._budget.seconds
        if seconds is None or time.monotonic() - self._started + wait <= seconds:
            return
        purpose, remedy = ("for cleaning up ", "cleanup-timeout") if self._is_cleaning_up else ("", "max-time")
        raise OutOfBudget(f"the {seconds:g} s {purpose}are over; --{remedy} allows more{self._last_failure}")

    def _check_interruption(self, is_sent: bool) -> None:
        if not self._is_cleaning_up:
            self.interruption.check(is_sent)

    def _sleep_unless_interrupted(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, LONGEST_WAIT))
            self._check_interruption(is_sent=False)

    def _keep_rate(self) -> None:
        if self._budget.rate is None:
            return
        with self._lock:
            now = time.monotonic()
            slot = max(now, self._next_slot)
            self._next_slot = slot + 1 / self._budget.rate
        if slot > now:
            self._sleep(slot - now)

    # Showing

    def shown(self, request: Request, response: Response) -> RecordedExchange:
        """An exchange as reports show it: without secrets, the body cut to a readable length."""
        # Cut after hiding: a secret that is cut in two would not be found.
        body = self.redacted(response.body[: 4 * _SHOWN].decode("utf-8", "replace"))[:_SHOWN]
        line = self.redacted(f"{request.method} {request_target(request)}")
        return RecordedExchange(self.curl(request), line, response.status, body, self._recorded(request))

    def _recorded(self, request: Request) -> RecordedRequest:
        fields = {name: self._saved(value) for name, value in request.headers.items()}
        target = (request.method, self._saved(request.path), self._saved(request.query))
        try:
            return RecordedRequest(*target, fields, self._saved(request.body.decode()))
        except UnicodeDecodeError:
            return RecordedRequest(*target, fields, base64.b64encode(request.body).decode(), "base64")

    def curl(self, request: Request) -> str:
        """A line for a shell that sends the request, with placeholders for secrets."""
        parts = ["curl", "-i", "-X", request.method, self.url + request_target(request)]
        for name, value in {**Headers(self._connection.headers), **request.headers}.items():
            parts += ["-H", f"{_title(name)}: {value}"]
        if request.body:
            parts += ["--data-raw", request.body.decode("utf-8", "backslashreplace")]
        elif request.method in _EXPECT_A_BODY:
            parts += ["-H", "Content-Length: 0"]  # as it is sent, and servers tell it from none; curl sends none
        return " ".join(map(self._quoted, parts))

    def _saved(self, text: str) -> str:
        """The text with placeholders, and any other dollar doubled, so that `saved_stories` can tell them apart."""
        pieces = self._redaction.split(text)
        pieces[::2] = [piece.replace(DOLLAR, DOLLAR * 2) for piece in pieces[::2]]
        return "".join(pieces)

    def _quoted(self, part: str) -> str:
        """The part for a shell, in double quotes where it holds placeholders: single ones would not expand them."""
        pieces = self._redaction.split(part)
        if len(pieces) == 1:
            return shlex.quote(part)
        pieces[::2] = [re.sub(r'([\\"`$])', r"\\\1", piece) for piece in pieces[::2]]
        return f'"{"".join(pieces)}"'


def is_this_machine(host: str) -> bool:
    """Whether a host is a loopback address, or the name of one."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def redirect_of(response: Response) -> str:
    """A message about a redirect, with the remedy, or an empty string.

    None is ever followed: it may lead to another origin, which must not get the token, and a client that follows it
    would not judge the server that the user named.
    """
    if response.status not in _REDIRECTS:
        return ""
    where = ascii(response.header("Location") or "another place")[1:-1][:_LONGEST_LOCATION]
    return f"it redirects to {where}; give that URL, since redirects are never followed with a token"


def _ignore(*arguments: object) -> None:
    """A hook that does nothing."""


def checked_url(url: str) -> tuple[str, str]:
    """The base URL without a final slash, and its host; raises `UsageError`."""
    try:
        parts = urlsplit(url)
        is_fit = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is not a number, or half of an IPv6 address
        is_fit = False
    if not is_fit:
        raise UsageError(f"{url!r} is not an http URL; write one like https://staging.example.com/api")
    if parts.username is not None or parts.password is not None:
        # RFC 9110 section 4.2.4: they are deprecated, since a URL is shown in many places, reports among them.
        raise UsageError(
            f"the URL of {parts.hostname} holds credentials, which reports would show; give them under credentials in "
            "the target file, or as --header 'Authorization: …'"
        )
    if parts.query or parts.fragment:
        raise UsageError(f"{url!r} has a query or fragment, and paths are appended to it; leave that out")
    return url.rstrip("/"), str(parts.hostname)


_SECRET_NAME = re.compile(r"auth|cookie|key|password|secret|session|token", re.IGNORECASE)


def _secret_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Placeholders for the values of headers whose names say that they are secret."""
    return {
        value: "$HEADER_" + re.sub(r"\W", "_", name).upper()
        for name, value in headers.items()
        if value and _SECRET_NAME.search(name)
    }


def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _wait_for(response: Response, attempt: int) -> float | None:
    """The time to leave a busy server alone, in seconds; None if the response is the server's answer.

    A 429 asks to wait, with or without Retry-After (RFC 6585 section 4); a 503 does only with it.
    """
    if response.status not in {429, 503}:
        return None
    seconds = _retry_after(response)
    if seconds is None and response.status == 429:
        return min(2.0**attempt, _LONGEST_BACKOFF)
    return seconds


def _retry_after(response: Response) -> float | None:
    """The seconds of Retry-After (RFC 9110 section 10.2.3), at most a minute; None if there is none.

    A date counts from the Date of the response, where it has one: clocks differ.
    """
    text = (response.header("Retry-After") or "").strip()
    if text.isdecimal():
        return min(float(text), _LONGEST_RETRY)
    then, now = _date(text), _date(response.header("Date") or "") or datetime.now(UTC)
    return None if then is None else min(max((then - now).total_seconds(), 0.0), _LONGEST_RETRY)


def _date(text: str) -> datetime | None:
    """A date in any of the three forms of HTTP (RFC 9110 section 5.6.7)."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
