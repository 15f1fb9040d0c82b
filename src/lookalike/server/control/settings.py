"""The settings of a mock: readings, its clock, and tokens that it accepts."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

import flask

from lookalike.model.minting import mint
from lookalike.server.control.messages import (
    ControlError,
    Routes,
    checked_members,
    json_response,
    no_content,
    object_body,
)
from lookalike.service import MockService
from lookalike.snapshots import MockClock

_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


_HOUR = 3600


# The members of a request that sets the clock.
_CLOCK: Mapping[str, type | tuple[type, ...]] = {"time": str, "move": (int, float), "stopped": bool}


_CLOCK_TEXTS = {"time": "a time like 2030-01-01T00:00:00Z", "move": "a number of seconds", "stopped": "true or false"}


# The members of a request for a token.
_TOKEN: Mapping[str, type | tuple[type, ...]] = {"subject": str, "expires_in": (int, float), "claims": dict}


_TOKEN_TEXTS = {"subject": "a text", "expires_in": "a number of seconds", "claims": "an object"}


def get_credentials(mock: MockService) -> flask.Response:
    """A token that is valid, expired and revoked, by security scheme."""
    return json_response(mock.credentials)


def post_token(mock: MockService) -> flask.Response:
    """A new bearer token that the mock accepts by its clock, or one that has expired already."""
    body = checked_members(_TOKEN, _TOKEN_TEXTS)
    now = time.time() if mock.clock is None else mock.clock.time(time.time())
    lasts = body.get("expires_in", _HOUR)
    if not -_LATEST < lasts <= _LATEST - now:
        raise ControlError(422, "expires_in must end before the year 9999")
    begins = now if lasts > 0 else now + lasts - _HOUR
    subject = {"subject": body["subject"]} if "subject" in body else {}
    return json_response({"token": mint(begins, now + lasts - begins, claims=body.get("claims", {}), **subject)}, 201)


def get_readings(mock: MockService) -> flask.Response:
    """Each reading with the choice in force."""
    return json_response(
        [
            {
                "id": reading.id,
                "question": reading.question,
                "choice": mock.choices[reading.id],
                "default": reading.default,
                "choices": reading.choices,
                "quotes": reading.quotes,
                "from": reading.sources,
            }
            for reading in mock.model.contract.readings.values()
        ]
    )


def patch_readings(mock: MockService) -> flask.Response:
    """Decide some readings otherwise, until the next reset."""
    mock.set_readings({name: str(choice) for name, choice in object_body().items()})
    return get_readings(mock)


def get_clock(mock: MockService) -> flask.Response:
    """The time that the mock goes by."""
    clock = mock.clock or MockClock()
    now = datetime.fromtimestamp(clock.time(time.time()), UTC).isoformat(timespec="milliseconds")
    return json_response(
        {"time": now.replace("+00:00", "Z"), "stopped": clock.stopped_at is not None, "offset": clock.offset}
    )


def put_clock(mock: MockService) -> flask.Response:
    """Set the clock to a time, move it by seconds, and stop it or let it go on, until the next reset."""
    body, now = checked_members(_CLOCK, _CLOCK_TEXTS), time.time()
    before, move = mock.clock or MockClock(), body.get("move", 0)
    shown = before.time(now) if "time" not in body else _time_of(body["time"])
    if not 0 <= shown + (move if abs(move) < _LATEST else _LATEST) <= _LATEST:
        raise ControlError(422, "the time must be between 1970 and 9999")
    shown += move
    is_stopped = body.get("stopped", before.stopped_at is not None)
    mock.clock = MockClock(shown - now, shown if is_stopped else None)
    return get_clock(mock)


def delete_clock(mock: MockService) -> flask.Response:
    """Go by the real time again."""
    mock.clock = None
    return no_content()


def _time_of(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ControlError(422, f"time must be like 2030-01-01T00:00:00Z, not {text[:40]!r}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


ROUTES: Routes = (
    ("/credentials", "GET", get_credentials),
    ("/tokens", "POST", post_token),
    ("/readings", "GET", get_readings),
    ("/readings", "PATCH", patch_readings),
    ("/clock", "GET", get_clock),
    ("/clock", "PUT", put_clock),
    ("/clock", "DELETE", delete_clock),
)
