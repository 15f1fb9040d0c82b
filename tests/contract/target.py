"""The server under test: how it is reached, what is known of it, and what may be sent to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from schemathesis import Case

LOOPBACK = ("localhost", "127.0.0.1", "::1")
SECONDS = 30.0
NO_NUMBER = "not-a-number"
MOVING = {"new_contact_number", "new_country_code"}
SAFE_METHODS = ["GET", "OPTIONS", "TRACE"]  # RFC 9110 section 9.2.1

# What the bundled seeds and tokens hold, for a mock of which nothing else is said.
BUNDLED = {
    "LOOKALIKE_TOKEN": "tok-valid",
    "LOOKALIKE_EXPIRED_TOKEN": "tok-expired",
    "LOOKALIKE_LEAD": "9876543210",
    "LOOKALIKE_LEAD_COUNTRY": "91",
    "LOOKALIKE_ABSENT_LEAD": "9988776655",
}
NEEDED = ("LOOKALIKE_TOKEN", "LOOKALIKE_LEAD", "LOOKALIKE_ABSENT_LEAD")


class UnusableError(Exception):
    """A server that cannot be tested as things are; the message says what to do."""


class Control:
    """The control API of a mock, with a token where it wants one."""

    def __init__(self, url: str, token: str | None) -> None:
        self._root = urljoin(url, "/__lookalike/")
        self._session = requests.Session()
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def is_there(self) -> bool:
        """Whether this is a mock, and one that lets us put its state back."""
        health = self._session.get(f"{self._root}health", timeout=SECONDS)
        return health.status_code == 200 and b'"status":"ok"' in health.content and self.reset()

    def reset(self) -> bool:
        """Put the state back."""
        return self._session.post(f"{self._root}reset", timeout=SECONDS).status_code == 204


@dataclass(frozen=True)
class Target:
    """A server; `seen` are the statuses that it has answered generated cases with.

    `control` is there where the server is a mock whose state can be put back, so that anything may be sent to it.
    """

    url: str
    control: Control | None
    token: str
    expired_token: str | None
    lead: int
    country: int | None
    absent: int
    may_move: bool
    session: requests.Session = field(default_factory=requests.Session)
    seen: set[int] = field(default_factory=set)

    def reset(self) -> None:
        """Put the state back, where that is possible."""
        if self.control is not None and not self.control.reset():
            raise UnusableError("the control API does not put the state back any more")

    def confine(self, case: Case[Any]) -> bool:
        """Keep a case to what is ours to change, which is anything only where there is a reset; whether it may be sent.

        Schemathesis looks again at whether a changed case is a valid request, and judges its answer accordingly.
        """
        if self.control is not None:
            return True
        number = str(case.path_parameters["contact-number"])
        if number not in (str(self.lead), str(self.absent)):
            case.path_parameters = {"contact-number": str(self.absent) if number.isdecimal() else NO_NUMBER}
        keeps_its_number = number != str(self.lead) or self.may_move or _without_moves(case)
        return keeps_its_number and case.method in {"PUT", *SAFE_METHODS}

    def put_back(self, case: Case[Any], status: int) -> None:
        """Give the lead its number again after a case that gave it another one, where it cannot be reset."""
        body = case.body
        if self.control is not None or status >= 300 or not isinstance(body, dict) or not body.keys() & MOVING:
            return
        number = body.get("new_contact_number")
        now = int(number) if isinstance(number, int | float) else self.lead
        answer = self.session.put(
            f"{self.url}/leads/{now}/update",
            json={"lead_data": {}, "new_contact_number": self.lead, "new_country_code": self.country},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=SECONDS,
        )
        if answer.status_code >= 300:
            raise UnusableError(f"lead {self.lead} could not be put back; its number may be {now} now: {answer.text}")


def _without_moves(case: Case[Any]) -> bool:
    """Take the fields that move a lead out of a body; whether that leaves one that is as valid as it was."""
    if isinstance(case.body, dict) and "lead_data" in case.body:
        case.body = {name: value for name, value in case.body.items() if name not in MOVING}
    return not any(name in repr(case.body) for name in MOVING)


def target(url: str, environ: Mapping[str, str]) -> Target:
    """The server at a URL, as environment variables describe it; raises `UnusableError`."""
    control = _control(url, environ.get("LOOKALIKE_CONTROL_TOKEN"))
    known = {**(BUNDLED if control else {}), **{name: value for name, value in environ.items() if value}}
    may_move = known.get("LOOKALIKE_MAY_MOVE") == "1"
    missing = [name for name in (*NEEDED, *["LOOKALIKE_LEAD_COUNTRY"] * may_move) if name not in known]
    if missing:
        raise UnusableError(f"set {', '.join(missing)} to test {url}; tests/contract/conftest.py explains them")
    return Target(
        url=url.rstrip("/"),
        control=control,
        token=known["LOOKALIKE_TOKEN"],
        expired_token=known.get("LOOKALIKE_EXPIRED_TOKEN"),
        lead=int(known["LOOKALIKE_LEAD"]),
        country=int(known["LOOKALIKE_LEAD_COUNTRY"]) if may_move else None,
        absent=int(known["LOOKALIKE_ABSENT_LEAD"]),
        may_move=may_move,
    )


def _control(url: str, token: str | None) -> Control | None:
    if not token and urlsplit(url).hostname not in LOOPBACK:
        return None
    control = Control(url, token)
    if control.is_there():
        return control
    if token:
        raise UnusableError(f"LOOKALIKE_CONTROL_TOKEN is set, but no control API at {url} takes it")
    return None
