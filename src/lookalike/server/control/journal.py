"""The journal of a mock: its exchanges, as a list and as they happen, and those that nearly worked."""

from collections.abc import Callable

import flask

from lookalike.http import BodySource
from lookalike.journal import JournalEntry
from lookalike.sandboxes import DEFAULT
from lookalike.server.control.journal_events import JournalListeners, chunks
from lookalike.server.control.messages import (
    INTEGER,
    ControlError,
    Routes,
    json_response,
    natural_number,
    no_content,
    unknown_name,
)
from lookalike.server.control.near_misses import is_near_miss, near_miss
from lookalike.server.control.rendered_exchanges import rendered, secrets_of
from lookalike.server.wsgi import SOURCE
from lookalike.service import MockService

_MAX_LIMIT = 1000


_MAX_NEAR_MISSES = 100


def get_journal(mock: MockService) -> flask.Response:
    """The exchanges in the journal, newest first."""
    wanted = flask.request.args.to_dict()
    limit = wanted.pop("limit", "100")
    if not INTEGER.match(limit) or not 0 < int(limit) <= _MAX_LIMIT:
        raise ControlError(400, f"limit must be an integer from 1 to {_MAX_LIMIT}")
    after = natural_number("after", wanted.pop("after", "0"))
    unknown = sorted(wanted.keys() - _FILTERS.keys())
    if unknown:
        raise unknown_name("parameter", unknown[0], ("after", "limit", *_FILTERS), 400)

    def matches(entry: JournalEntry) -> bool:
        return entry.number > after and all(_FILTERS[name](entry, value) for name, value in wanted.items())

    secrets = secrets_of(mock)
    return json_response([rendered(entry, secrets) for entry in mock.journal(matches, int(limit))])


def get_exchange(mock: MockService, number: str) -> flask.Response:
    """One exchange of the journal."""
    wanted = natural_number("the number of an exchange", number)
    found = mock.journal(lambda entry: entry.number == wanted, 1)
    if not found:
        raise ControlError(404, f"there is no exchange {number} in the journal, which keeps the latest ones")
    return json_response(rendered(found[0], secrets_of(mock)))


def get_journal_events(listeners: JournalListeners) -> flask.Response:
    """The exchanges as they happen, as server-sent events (HTML standard, section 9.2)."""
    request = flask.request
    known = request.headers.get("Last-Event-ID")
    after = None if known is None else natural_number("Last-Event-ID", known)
    stream = listeners.open(request.headers.get("Lookalike-Sandbox", DEFAULT), after)
    response = flask.Response(mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # nginx would hold the events back
    take: Callable[[BodySource], None] | None = request.environ.get(SOURCE)
    if take is not None:
        take(stream)
    elif request.environ["wsgi.multithread"]:
        response.response = chunks(stream)
    else:  # a stream would hold the one thread of the server; clients ask again, with the id of the last event
        response.data = stream.so_far()
        stream.close()
    return response


def get_near_misses(mock: MockService) -> flask.Response:
    """The latest requests that were refused, each with what would have worked, newest first."""
    return json_response(
        [near_miss(entry, mock.model.contract) for entry in mock.journal(is_near_miss, _MAX_NEAR_MISSES)]
    )


def delete_journal(mock: MockService) -> flask.Response:
    """Clear the journal."""
    mock.clear_journal()
    return no_content()


def _has_path(entry: JournalEntry, value: str) -> bool:
    return entry.request.path == value


def _has_method(entry: JournalEntry, value: str) -> bool:
    return entry.request.method == value.upper()


def _has_status(entry: JournalEntry, value: str) -> bool:
    return str(entry.outcome.response.status) == value


def _has_clause(entry: JournalEntry, value: str) -> bool:
    return value in entry.outcome.clauses


_FILTERS: dict[str, Callable[[JournalEntry, str], bool]] = {
    "path": _has_path,
    "method": _has_method,
    "status": _has_status,
    "clause": _has_clause,
}


ROUTES: Routes = (
    ("/journal", "GET", get_journal),
    ("/journal", "DELETE", delete_journal),
    ("/journal/<number>", "GET", get_exchange),
    ("/near-misses", "GET", get_near_misses),
)
