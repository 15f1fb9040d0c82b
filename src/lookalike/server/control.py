"""The control API below `/__lookalike/`: read and change the state of a mock, and read its journal.

`control.openapi.yaml` beside this file describes it. Errors are problem details (RFC 9457). A request is about the
sandbox that its header names, like a request to the mock itself.
"""

import base64
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

import flask
from werkzeug.exceptions import HTTPException

from lookalike.callbacks.deliveries import Delivery
from lookalike.codecs.json_text import MAX_DIGITS, DecodeError, parse_json, plain_numbers, to_json
from lookalike.contract.webhooks import WebhookTarget, pair, read_targets
from lookalike.errors import SandboxError, UsageError
from lookalike.faults.profiles import PROFILES
from lookalike.http import BodySource
from lookalike.journal import JournalEntry
from lookalike.json_values import ABSENT
from lookalike.model.minting import mint
from lookalike.model.state import Change, Item, Key, Put
from lookalike.openapi.document import load_document
from lookalike.sandboxes import DEFAULT, Sandboxes, SandboxStatus, check_name
from lookalike.server.console import PROXY_PAGE, file_response
from lookalike.server.control_access import CONSOLE, REFERENCE, is_health, is_of_console, refusal
from lookalike.server.journal_events import JournalListeners, chunks
from lookalike.server.near_misses import is_near_miss, near_miss
from lookalike.server.wsgi import SOURCE
from lookalike.service import MockService
from lookalike.snapshots import MockClock, Snapshot, as_data, read_snapshot

DOCUMENT = Path(__file__).with_name("control.openapi.yaml")

# The names of header fields and query parameters whose values are credentials.
_SECRET = re.compile("auth|cookie|token|secret|key|pass|credential|session", re.IGNORECASE)
_INTEGER = re.compile(rf"(?:0|-?[1-9][0-9]{{0,{MAX_DIGITS - 1}}})\Z")
_HIDDEN = "(redacted)"
_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
# The members of a request that sets the clock.
_CLOCK: Mapping[str, type | tuple[type, ...]] = {"time": str, "move": (int, float), "stopped": bool}
_CLOCK_TEXTS = {"time": "a time like 2030-01-01T00:00:00Z", "move": "a number of seconds", "stopped": "true or false"}
# The members of a request for a token.
_TOKEN: Mapping[str, type | tuple[type, ...]] = {"subject": str, "expires_in": (int, float), "claims": dict}
_TOKEN_TEXTS = {"subject": "a text", "expires_in": "a number of seconds", "claims": "an object"}
_HOUR = 3600
# The members of a request for items.
_POPULATE: Mapping[str, type | tuple[type, ...]] = {"count": int, "seed": int}
_POPULATE_TEXTS = {"count": "an integer", "seed": "an integer"}
_MAX_LIMIT = 1000
_MAX_ITEMS = 10_000  # of each resource, that a request may generate
_MAX_NEAR_MISSES = 100


def control(sandboxes: Sandboxes, token: str | None, prefix: str, base_path: str = "") -> flask.Blueprint:
    """The control API of a mock: for clients with the token, or without one for programs on this machine.

    `base_path` is where the operations of the mock are.
    """
    blueprint = _guarded_blueprint(token, prefix)
    for rule, method, view in _ROUTES:
        blueprint.add_url_rule(rule, view.__name__, partial(_in_sandbox, sandboxes, view), methods=[method])
    for rule, method, view_of_all in _ROUTES_OF_ALL:
        blueprint.add_url_rule(rule, view_of_all.__name__, partial(view_of_all, sandboxes), methods=[method])
    events = partial(get_journal_events, JournalListeners(sandboxes, _summary))
    blueprint.add_url_rule("/journal/events", "get_journal_events", events, methods=["GET"])
    verdict = _KeptReport()
    for method, view_of_verdict in _ROUTES_OF_VERDICT:
        view_name = view_of_verdict.__name__
        blueprint.add_url_rule("/verdict", view_name, partial(view_of_verdict, verdict), methods=[method])
    reference = partial(_in_sandbox, sandboxes, partial(get_reference, base_path))
    blueprint.add_url_rule("/docs.json", "get_reference", reference, methods=["GET"])
    for name in REFERENCE:
        blueprint.add_url_rule(f"/{name}", name.replace(".", "_"), partial(_reference_page, name))
    _add_files(blueprint, CONSOLE)
    return blueprint


def console_of_proxy(mock: MockService, prefix: str, verdict: Callable[[], str]) -> flask.Flask:
    """An application with the part of the control API that shows what passes through a proxy, for this machine alone.

    The exchanges are those in the journal of `mock`; `verdict` makes the report so far, as JSON.
    """
    blueprint = _guarded_blueprint(None, prefix)
    for rule, method, view in _ROUTES:
        if rule in _PATHS_OF_PROXY:
            blueprint.add_url_rule(rule, view.__name__, partial(view, mock), methods=[method])
    events = partial(get_journal_events, JournalListeners(Sandboxes(mock), _summary))
    blueprint.add_url_rule("/journal/events", "get_journal_events", events, methods=["GET"])
    blueprint.add_url_rule("/verdict", "get_verdict", partial(_verdict_so_far, verdict), methods=["GET"])
    blueprint.add_url_rule("/", "console", partial(file_response, PROXY_PAGE))
    _add_files(blueprint, CONSOLE - {""})
    app = flask.Flask(__name__, static_folder=None)
    app.register_blueprint(blueprint)
    return app


def _guarded_blueprint(token: str | None, prefix: str) -> flask.Blueprint:
    """A blueprint without routes, which answers errors with problem details and refuses clients without access."""
    blueprint = flask.Blueprint("control", __name__, url_prefix=prefix.rstrip("/"))
    blueprint.before_app_request(partial(_check_access, token, prefix))
    blueprint.register_error_handler(_Refused, _refused)
    blueprint.register_error_handler(UsageError, _unprocessable)
    blueprint.register_error_handler(SandboxError, _unusable_sandbox)
    blueprint.app_errorhandler(HTTPException)(partial(_http_error, prefix))
    return blueprint


def _add_files(blueprint: flask.Blueprint, names: Iterable[str]) -> None:
    for name in names:
        blueprint.add_url_rule(f"/{name}", name.replace(".", "_") or "console", partial(file_response, name))


def _in_sandbox(sandboxes: Sandboxes, view: Callable[..., flask.Response], **names: str) -> flask.Response:
    """The response of a view about the sandbox that the request names."""
    mock = sandboxes.get(flask.request.headers.get("Lookalike-Sandbox", DEFAULT))
    # A webhook is sent at once, which no transaction can undo.
    if flask.request.method == "GET" or view is post_webhook:
        mock.catch_up()
        return view(mock, **names)
    # Most changes depend on what is there, which another process may change too.
    return mock.together(partial(view, mock, **names))


class _Refused(Exception):
    """A request to the control API that gets an error."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def _check_access(token: str | None, prefix: str) -> flask.Response | None:
    """The refusal of a request that may not use the control API; health and console are open to all clients."""
    request = flask.request
    if is_health(request.path, prefix) or is_of_console(request.path, prefix):
        return None
    headers = {name.lower(): value for name, value in request.headers.items()}
    refused = refusal(token, request.remote_addr, request.scheme, headers)
    return None if refused is None else _problem(refused.status, refused.why)


def health(_: Sandboxes) -> flask.Response:
    """The response to a health check."""
    return _json({"status": "ok"})


def live(_: Sandboxes) -> flask.Response:
    """Whether the process answers: where it does not, it should be started anew."""
    return _json({"status": "ok"})


def ready(sandboxes: Sandboxes) -> flask.Response:
    """Whether requests can be served, which needs the store: 503 where that cannot be reached."""
    sandboxes.default.check_store()
    return _json({"status": "ok"})


def get_state(mock: MockService) -> flask.Response:
    """All items by resource."""
    return _json(mock.state())


def put_state(mock: MockService) -> flask.Response:
    """Replace all items."""
    mock.replace_state(_body())
    return _json(mock.state())


def patch_state(mock: MockService) -> flask.Response:
    """Replace all items of the resources that are named."""
    mock.patch_state(_object())
    return _json(mock.state())


def get_resource(mock: MockService, resource: str) -> flask.Response:
    """All items of a resource."""
    return _json(mock.state()[_known(mock, resource)])


def get_item(mock: MockService, resource: str, key: str) -> flask.Response:
    """One item."""
    return _json(mock.item(resource, _existing(mock, resource, key)))


def put_item(mock: MockService, resource: str, key: str) -> flask.Response:
    """Create an item, or replace it."""
    body, found = _body(), _found(mock, _known(mock, resource), key)
    item = mock.put_item(resource, _new(key, body) if found is None else found, body)
    return _json(item, 201 if found is None else 200)


def patch_item(mock: MockService, resource: str, key: str) -> flask.Response:
    """Set some fields of an item."""
    return _json(mock.patch_item(resource, _existing(mock, resource, key), _object()))


def delete_item(mock: MockService, resource: str, key: str) -> flask.Response:
    """Delete an item."""
    mock.delete_item(resource, _existing(mock, resource, key))
    return _nothing()


def reset(mock: MockService) -> flask.Response:
    """Go back to the initial items, with an empty journal."""
    mock.reset()
    return _nothing()


def get_journal(mock: MockService) -> flask.Response:
    """The exchanges in the journal, newest first."""
    wanted = flask.request.args.to_dict()
    limit = wanted.pop("limit", "100")
    if not _INTEGER.match(limit) or not 0 < int(limit) <= _MAX_LIMIT:
        raise _Refused(400, f"limit must be an integer from 1 to {_MAX_LIMIT}")
    after = _number("after", wanted.pop("after", "0"))
    unknown = sorted(wanted.keys() - _FILTERS.keys())
    if unknown:
        raise _Refused(400, f"there is no parameter {unknown[0]!r}; there are: after, limit, {', '.join(_FILTERS)}")

    def matches(entry: JournalEntry) -> bool:
        return entry.number > after and all(_FILTERS[name](entry, value) for name, value in wanted.items())

    secrets = _secrets(mock)
    return _json([_rendered(entry, secrets) for entry in mock.journal(matches, int(limit))])


def get_exchange(mock: MockService, number: str) -> flask.Response:
    """One exchange of the journal."""
    wanted = _number("the number of an exchange", number)
    found = mock.journal(lambda entry: entry.number == wanted, 1)
    if not found:
        raise _Refused(404, f"there is no exchange {number} in the journal, which keeps the latest ones")
    return _json(_rendered(found[0], _secrets(mock)))


def get_journal_events(listeners: JournalListeners) -> flask.Response:
    """The exchanges as they happen, as server-sent events (HTML standard, section 9.2)."""
    request = flask.request
    known = request.headers.get("Last-Event-ID")
    after = None if known is None else _number("Last-Event-ID", known)
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
    return _json([near_miss(entry, mock.model.contract) for entry in mock.journal(is_near_miss, _MAX_NEAR_MISSES)])


def delete_journal(mock: MockService) -> flask.Response:
    """Clear the journal."""
    mock.clear_journal()
    return _nothing()


def get_contract(mock: MockService) -> flask.Response:
    """The OpenAPI document that the mock serves."""
    return _json(mock.model.contract.document.data)


def get_reference(base_path: str, mock: MockService) -> flask.Response:
    """The document for readers: with clauses, readings and the grounds of inferred facts in its descriptions."""
    from lookalike.server.reference_page import reference_document

    return _json(reference_document(mock.model.contract, base_path))


def _reference_page(name: str) -> flask.Response:
    from lookalike.server.reference_page import REMEDY, is_installed, page_response

    return page_response(name) if is_installed() else _problem(404, REMEDY)


def get_credentials(mock: MockService) -> flask.Response:
    """A token that is valid, expired and revoked, by security scheme."""
    return _json(mock.credentials)


def post_token(mock: MockService) -> flask.Response:
    """A new bearer token that the mock accepts by its clock, or one that has expired already."""
    body = _checked(_TOKEN, _TOKEN_TEXTS)
    now = time.time() if mock.clock is None else mock.clock.time(time.time())
    lasts = body.get("expires_in", _HOUR)
    if not -_LATEST < lasts <= _LATEST - now:
        raise _Refused(422, "expires_in must end before the year 9999")
    begins = now if lasts > 0 else now + lasts - _HOUR
    subject = {"subject": body["subject"]} if "subject" in body else {}
    return _json({"token": mint(begins, now + lasts - begins, claims=body.get("claims", {}), **subject)}, 201)


def populate(mock: MockService) -> flask.Response:
    """Generate items until there are so many of each resource."""
    from lookalike.model.populate import populated

    body = _checked(_POPULATE, _POPULATE_TEXTS)
    count = body.get("count")
    if count is None or not 0 < count <= _MAX_ITEMS:
        raise _Refused(422, f"count must be an integer from 1 to {_MAX_ITEMS}")
    mock.replace_state(populated(mock.model, mock.state(), count, mock.choose, body.get("seed")))
    return _json(mock.state())


def get_readings(mock: MockService) -> flask.Response:
    """Each reading with the choice in force."""
    return _json(
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
    mock.set_readings({name: str(choice) for name, choice in _object().items()})
    return get_readings(mock)


def get_clock(mock: MockService) -> flask.Response:
    """The time that the mock goes by."""
    clock = mock.clock or MockClock()
    now = datetime.fromtimestamp(clock.time(time.time()), UTC).isoformat(timespec="milliseconds")
    return _json({"time": now.replace("+00:00", "Z"), "stopped": clock.stopped_at is not None, "offset": clock.offset})


def put_clock(mock: MockService) -> flask.Response:
    """Set the clock to a time, move it by seconds, and stop it or let it go on, until the next reset."""
    body, now = _checked(_CLOCK, _CLOCK_TEXTS), time.time()
    before, move = mock.clock or MockClock(), body.get("move", 0)
    shown = before.time(now) if "time" not in body else _time_of(body["time"])
    if not 0 <= shown + (move if abs(move) < _LATEST else _LATEST) <= _LATEST:
        raise _Refused(422, "the time must be between 1970 and 9999")
    shown += move
    is_stopped = body.get("stopped", before.stopped_at is not None)
    mock.clock = MockClock(shown - now, shown if is_stopped else None)
    return get_clock(mock)


def delete_clock(mock: MockService) -> flask.Response:
    """Go by the real time again."""
    mock.clock = None
    return _nothing()


def _time_of(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _Refused(422, f"time must be like 2030-01-01T00:00:00Z, not {text[:40]!r}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def get_faults(mock: MockService) -> flask.Response:
    """The fault rules in force, each with the number of requests that it has counted."""
    return _json(_counted_faults(mock))


def put_faults(mock: MockService) -> flask.Response:
    """Have these fault rules and no others, until the next reset."""
    mock.set_faults(_object())
    return get_faults(mock)


def delete_faults(mock: MockService) -> flask.Response:
    """Have no fault rules."""
    mock.set_faults({})
    return _nothing()


def get_fault_profiles(_: MockService) -> flask.Response:
    """The profiles of --chaos: fault rules by name."""
    return _json(PROFILES)


def get_fault(mock: MockService, fault: str) -> flask.Response:
    """One fault rule."""
    return _json(_counted_fault(mock, fault))


def put_fault(mock: MockService, fault: str) -> flask.Response:
    """Add a fault rule, or replace the one of that name, whose count begins anew."""
    before = mock.faults
    mock.set_faults({**before, fault: _object()}, anew=fault)
    return _json(_counted_fault(mock, fault), 200 if fault in before else 201)


def delete_fault(mock: MockService, fault: str) -> flask.Response:
    """Delete a fault rule."""
    _counted_fault(mock, fault)
    mock.set_faults({name: rule for name, rule in mock.faults.items() if name != fault})
    return _nothing()


def _counted_faults(mock: MockService) -> list[dict[str, Any]]:
    requests = Counter[str]()
    for key, counter in mock.fault_plan().counts.items():
        requests[key.partition(" ")[0]] += counter.requests
    return [{"name": name, "requests": requests[name], "rule": rule} for name, rule in mock.faults.items()]


def _counted_fault(mock: MockService, name: str) -> dict[str, Any]:
    found = next((one for one in _counted_faults(mock) if one["name"] == name), None)
    if found is None:
        raise _Refused(404, f"there is no fault {name!r}; there are: {', '.join(mock.faults) or 'none'}")
    return found


def get_callbacks(mock: MockService) -> flask.Response:
    """The callbacks that were sent, newest first."""
    return _json([_delivered(one) for one in mock.deliveries()])


def post_webhook(mock: MockService, name: str) -> flask.Response:
    """Send a webhook."""
    sent = _object()
    is_good = isinstance(sent.get("url"), str) and isinstance(sent.get("secret", ""), str)
    if sent.keys() - {"url", "body", "secret"} or not is_good:
        what = "send the URL to send the webhook to, and its body and the secret to sign it if you want others"
        raise _Refused(422, f"{what}: {{url, body, secret}}")
    webhooks = mock.model.contract.webhooks
    name = name if name in webhooks else f"/{name}"  # as some documents write them
    if name not in webhooks:
        raise _Refused(404, f"there is no webhook {name[1:]!r}; there are: {', '.join(webhooks) or 'none'}")
    target = WebhookTarget(sent["url"], secret=sent.get("secret", ""))
    delivery = mock.send_webhook(name, target, sent.get("body", ABSENT), time.time())
    return _json(_delivered(delivery), 202)


def get_webhooks(mock: MockService) -> flask.Response:
    """The webhooks of the document, each with the changes after which it is sent."""
    events, others = pair(mock.model.contract)
    sent: dict[str, list[dict[str, str]]] = {name: [] for name in mock.model.contract.webhooks}
    for event in events:
        sent[event.webhook.name].append({"resource": event.resource, "change": event.change, "event": event.name})
    return _json([{"name": name, "after": after, "why": others.get(name, "")} for name, after in sent.items()])


def get_webhook_targets(mock: MockService) -> flask.Response:
    """Where webhooks go."""
    return _json([one._asdict() for one in mock.webhook_targets])


def put_webhook_targets(mock: MockService) -> flask.Response:
    """Send webhooks to these URLs and to no others, until the next reset."""
    mock.webhook_targets = read_targets(_body(), "the body")
    return get_webhook_targets(mock)


def delete_webhook_targets(mock: MockService) -> flask.Response:
    """Send webhooks to no URL."""
    mock.webhook_targets = ()
    return _nothing()


def _delivered(delivery: Delivery) -> dict[str, Any]:
    request = delivery.request
    return {
        "number": delivery.number,
        "at": delivery.at,
        "operation": request.operation,
        "callback": request.callback,
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": [list(field) for field in request.headers],
            "body": _text(request.body),
        },
        "state": delivery.state,
        "attempts": delivery.attempts,
        "status": delivery.status,
        "error": delivery.error,
    }


def get_snapshots(mock: MockService) -> flask.Response:
    """The names of the snapshots, each with the number of its items."""
    return _json([{"name": name, "items": items} for name, items in mock.snapshots.sizes.items()])


def get_snapshot(mock: MockService, snapshot: str) -> flask.Response:
    """A snapshot as a file."""
    return _json(as_data(_saved(mock, snapshot)))


def put_snapshot(mock: MockService, snapshot: str) -> flask.Response:
    """Save the present state under a name, or the file in the body."""
    status = 200 if snapshot in mock.snapshots else 201
    check_name(snapshot)
    mock.save(snapshot, read_snapshot(_body(), "the snapshot") if flask.request.get_data() else None)
    return _json(as_data(_saved(mock, snapshot)), status)


def delete_snapshot(mock: MockService, snapshot: str) -> flask.Response:
    """Delete a snapshot."""
    _saved(mock, snapshot)
    mock.delete_snapshot(snapshot)
    return _nothing()


def restore_snapshot(mock: MockService, snapshot: str) -> flask.Response:
    """Go back to a snapshot."""
    mock.restore(_saved(mock, snapshot))
    return _nothing()


def _saved(mock: MockService, name: str) -> Snapshot:
    snapshot = mock.snapshots.get(name)
    if snapshot is None:
        raise _Refused(404, f"there is no snapshot {name!r}; saved: {', '.join(mock.snapshots) or 'none'}")
    return snapshot


def get_sandboxes(sandboxes: Sandboxes) -> flask.Response:
    """All sandboxes."""
    return _json([_sandbox_status(status) for status in sandboxes.listed()])


def get_sandbox(sandboxes: Sandboxes, name: str) -> flask.Response:
    """One sandbox."""
    return _json(_listed(sandboxes, name))


def put_sandbox(sandboxes: Sandboxes, name: str) -> flask.Response:
    """Make a sandbox where there is none of a name."""
    status = 200 if name in sandboxes else 201
    sandboxes.get(name)
    return _json(_listed(sandboxes, name), status)


def delete_sandbox(sandboxes: Sandboxes, name: str) -> flask.Response:
    """Delete a sandbox with all that is in it."""
    if not sandboxes.delete(name):
        raise _Refused(404, f"there is no sandbox {name!r}")
    return _nothing()


def _listed(sandboxes: Sandboxes, name: str) -> dict[str, Any]:
    status = next((one for one in sandboxes.listed() if one.name == name), None)
    if status is None:
        raise _Refused(404, f"there is no sandbox {name!r}")
    return _sandbox_status(status)


def _sandbox_status(status: SandboxStatus) -> dict[str, Any]:
    expires_in = None if status.expires_in is None else round(status.expires_in, 3)
    return {
        "name": status.name,
        "changed": not status.is_untouched,
        "idle": round(status.idle, 3),
        "expires_in": expires_in,
    }


class _KeptReport:
    """The latest report of `verify` that was given to the mock, as JSON; None where there is none."""

    def __init__(self) -> None:
        self.report: Any = None


def get_verdict(verdict: _KeptReport) -> flask.Response:
    """The report that was given."""
    if verdict.report is None:
        raise _Refused(404, "there is no report; PUT the file of `lookalike verify --report json=FILE` here")
    return _json(verdict.report)


def _verdict_so_far(verdict: Callable[[], str]) -> flask.Response:
    return flask.Response(verdict(), mimetype="application/json")


def put_verdict(verdict: _KeptReport) -> flask.Response:
    """Keep a report of `verify`, in place of an earlier one."""
    from lookalike.reports.as_json import VERSION

    report = _object()
    is_listed = all(_is_list_of_objects(report.get(name)) for name in ("clauses", "readings", "failures"))
    if not is_listed or isinstance(report.get("version"), bool) or report.get("version") != VERSION:
        raise _Refused(422, f"this is no report of version {VERSION} by `lookalike verify --report json=FILE`")
    verdict.report = report
    return _nothing()


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


def delete_verdict(verdict: _KeptReport) -> flask.Response:
    """Forget the report."""
    verdict.report = None
    return _nothing()


def get_openapi(_: MockService) -> flask.Response:
    """The OpenAPI document of the control API, with the path that it is served below."""
    served = flask.request.path.removesuffix("/openapi.json")
    return _json({**load_document(DOCUMENT).data, "servers": [{"url": served}]})


_ROUTES: tuple[tuple[str, str, Callable[..., flask.Response]], ...] = (
    ("/state", "GET", get_state),
    ("/state", "PUT", put_state),
    ("/state", "PATCH", patch_state),
    ("/state/<resource>", "GET", get_resource),
    ("/state/<resource>/<path:key>", "GET", get_item),
    ("/state/<resource>/<path:key>", "PUT", put_item),
    ("/state/<resource>/<path:key>", "PATCH", patch_item),
    ("/state/<resource>/<path:key>", "DELETE", delete_item),
    ("/reset", "POST", reset),
    ("/journal", "GET", get_journal),
    ("/journal", "DELETE", delete_journal),
    ("/journal/<number>", "GET", get_exchange),
    ("/contract", "GET", get_contract),
    ("/credentials", "GET", get_credentials),
    ("/tokens", "POST", post_token),
    ("/populate", "POST", populate),
    ("/readings", "GET", get_readings),
    ("/readings", "PATCH", patch_readings),
    ("/snapshots", "GET", get_snapshots),
    ("/snapshots/<snapshot>", "GET", get_snapshot),
    ("/snapshots/<snapshot>", "PUT", put_snapshot),
    ("/snapshots/<snapshot>", "DELETE", delete_snapshot),
    ("/snapshots/<snapshot>/restore", "POST", restore_snapshot),
    ("/clock", "GET", get_clock),
    ("/clock", "PUT", put_clock),
    ("/clock", "DELETE", delete_clock),
    ("/near-misses", "GET", get_near_misses),
    ("/callbacks", "GET", get_callbacks),
    ("/webhooks", "GET", get_webhooks),
    ("/webhooks/<path:name>", "POST", post_webhook),
    ("/webhook-targets", "GET", get_webhook_targets),
    ("/webhook-targets", "PUT", put_webhook_targets),
    ("/webhook-targets", "DELETE", delete_webhook_targets),
    ("/fault-profiles", "GET", get_fault_profiles),
    ("/faults", "GET", get_faults),
    ("/faults", "PUT", put_faults),
    ("/faults", "DELETE", delete_faults),
    ("/faults/<fault>", "GET", get_fault),
    ("/faults/<fault>", "PUT", put_fault),
    ("/faults/<fault>", "DELETE", delete_fault),
    ("/openapi.json", "GET", get_openapi),
)

# Those that a proxy has, too.
_PATHS_OF_PROXY = {"/journal", "/journal/<number>", "/contract"}

_ROUTES_OF_ALL: tuple[tuple[str, str, Callable[..., flask.Response]], ...] = (
    ("/health", "GET", health),
    ("/health/live", "GET", live),
    ("/health/ready", "GET", ready),
    ("/sandboxes", "GET", get_sandboxes),
    ("/sandboxes/<name>", "GET", get_sandbox),
    ("/sandboxes/<name>", "PUT", put_sandbox),
    ("/sandboxes/<name>", "DELETE", delete_sandbox),
)


_ROUTES_OF_VERDICT: tuple[tuple[str, Callable[[_KeptReport], flask.Response]], ...] = (
    ("GET", get_verdict),
    ("PUT", put_verdict),
    ("DELETE", delete_verdict),
)


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


def _known(mock: MockService, resource: str) -> str:
    if resource not in mock.model.contract.resources:
        raise _Refused(404, f"there is no resource {resource!r}; known: {', '.join(mock.model.contract.resources)}")
    return resource


def _keys(text: str) -> tuple[Key, ...]:
    """The keys that a text in a URL may stand for: an integer, where it is written as one, and the text itself."""
    return (int(text), text) if _INTEGER.match(text) else (text,)


def _found(mock: MockService, resource: str, text: str) -> Key | None:
    return next((key for key in _keys(text) if mock.item(resource, key) is not None), None)


def _existing(mock: MockService, resource: str, text: str) -> Key:
    key = _found(mock, _known(mock, resource), text)
    if key is None:
        raise _Refused(404, f"there is no {resource} {text}")
    return key


def _new(text: str, item: Any) -> Key:
    """The key of an item that does not exist yet; digits are a text where the item itself has them as a text."""
    return text if isinstance(item, dict) and text in item.values() else _keys(text)[0]


def _body() -> Any:
    try:
        return plain_numbers(parse_json(flask.request.get_data()).value)
    except DecodeError as error:
        raise _Refused(400, f"the body is not JSON: {error}") from None


def _object() -> Mapping[str, Any]:
    body = _body()
    if not isinstance(body, dict):
        raise _Refused(422, "the body must be an object")
    return body


def _checked(types: Mapping[str, type | tuple[type, ...]], texts: Mapping[str, str]) -> Mapping[str, Any]:
    """The body, whose members have known names and types; `texts` names the types."""
    body = _object()
    unknown = body.keys() - types.keys()
    if unknown:
        raise _Refused(422, f"there is no member {min(unknown)!r}; there are: {', '.join(types)}")
    for name, value in body.items():
        if not isinstance(value, types[name]) or (isinstance(value, bool) and types[name] is not bool):
            raise _Refused(422, f"{name} must be {texts[name]}")
    return body


def _number(name: str, text: str) -> int:
    if not _INTEGER.match(text) or int(text) < 0:
        raise _Refused(400, f"{name} must be an integer from 0 on, not {text[:40]!r}")
    return int(text)


class _Secrets(NamedTuple):
    """The header fields, in lower case, and the query parameters in which the contract expects credentials."""

    headers: frozenset[str]
    parameters: frozenset[str]


def _secrets(mock: MockService) -> _Secrets:
    schemes = mock.model.contract.schemes.values()
    named = {scheme.bearer.second_header.under(mock.choose).lower() for scheme in schemes}
    keys = {scheme.parameter.lower() for scheme in schemes if scheme.location == "header"}
    return _Secrets(frozenset(named | keys), frozenset(one.parameter for one in schemes if one.location == "query"))


def _redacted(query: str, secrets: _Secrets) -> str:
    return "&".join(_redacted_field(field, secrets) for field in query.split("&"))


def _redacted_field(field: str, secrets: _Secrets) -> str:
    name, equals, _ = field.partition("=")
    is_secret = equals and (_SECRET.search(name) or unquote_plus(name) in secrets.parameters)
    return f"{name}={_HIDDEN}" if is_secret else field


def _rendered(entry: JournalEntry, secrets: _Secrets) -> dict[str, Any]:
    """A journal entry as the document of this API describes it, without secrets."""
    request, outcome = entry.request, entry.outcome
    return {
        "number": entry.number,
        "cut": entry.cut,
        "at": request.at,
        "operation": outcome.operation or None,
        "request": {
            "method": request.method,
            "base_path": request.base_path,
            "path": request.path,
            "query": _redacted(request.query, secrets),
            "headers": {
                name: _HIDDEN if name in secrets.headers or _SECRET.search(name) else value
                for name, value in request.headers.items()
            },
            "body": _text(request.body),
        },
        "response": {
            "status": outcome.response.status,
            "headers": [list(header) for header in outcome.response.headers],
            "body": _text(outcome.response.body),
        },
        "clauses": outcome.clauses,
        "readings": outcome.readings,
        "violations": [
            {
                "in": violation.where,
                "pointer": violation.pointer,
                "rule": violation.keyword,
                "message": violation.message,
            }
            for violation in outcome.violations
        ],
        "changes": [*map(_rendered_change, outcome.changes, outcome.before)],
    }


def _summary(mock: MockService, entry: JournalEntry) -> dict[str, Any]:
    """The line of an exchange in a list."""
    request, outcome = entry.request, entry.outcome
    return {
        "number": entry.number,
        "at": request.at,
        "operation": outcome.operation or None,
        "method": request.method,
        "path": request.base_path + request.path,
        "query": _redacted(request.query, _secrets(mock)),
        "status": outcome.response.status,
        "reason": outcome.response.header("Lookalike-Reason") or "",
    }


def _rendered_change(change: Change, before: Item | None) -> dict[str, Any]:
    item = change.item if isinstance(change, Put) else None
    return {"resource": change.resource, "key": change.key, "before": before, "item": item}


def _text(body: bytes) -> dict[str, str]:
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _json(value: Any, status: int = 200, media_type: str = "application/json") -> flask.Response:
    return flask.Response(to_json(value), status, mimetype=media_type)


def _nothing() -> flask.Response:
    response = flask.Response(status=204)
    del response.headers["Content-Type"]
    return response


def _problem(status: int, detail: str) -> flask.Response:
    problem = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    response = _json(problem, status, "application/problem+json")
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _refused(error: _Refused) -> flask.Response:
    return _problem(error.status, error.detail)


def _unprocessable(error: UsageError) -> flask.Response:
    """Items that do not fit the contract."""
    return _problem(422, str(error))


def _unusable_sandbox(error: SandboxError) -> flask.Response:
    response = _problem(error.status, str(error))
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "1"
    return response


def _http_error(prefix: str, error: HTTPException) -> flask.Response:
    """An error of Flask: an unknown path or method, or a defect of ours."""
    status = error.code or 500
    detail = "the mock failed; its log says why" if status == 500 else f"{prefix}openapi.json lists all operations"
    response = _problem(status, detail)
    response.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
    return response
