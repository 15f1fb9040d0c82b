"""Stories about callbacks: a server calls a URL from a request as the document says.

OpenAPI calls them requests that "may be initiated" (3.1 section 4.8.18), and does not say when. So nothing is held
against a server unless it accepted a request with such a URL; and of several callbacks to one URL, such as one for a
success and one for a failure, any is enough.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from lookalike.codecs.json_text import DecodeError, parse_json, plain_numbers
from lookalike.codecs.media_types import is_json
from lookalike.contract.callbacks import Callback, filled
from lookalike.contract.contract import Operation
from lookalike.contract.requests import ParameterKey
from lookalike.http import Request, essence
from lookalike.json_values import parse_pointer, with_value_at
from lookalike.model.response.runtime_expressions import RuntimeExpressions
from lookalike.verify.requests.encoder import ParameterValues
from lookalike.verify.roles import Roles
from lookalike.verify.runner.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.server.client import is_this_machine
from lookalike.verify.stories.valid_requests import valid_input

if TYPE_CHECKING:  # it is for --listen alone
    from lookalike.verify.server.listener import CallbackListener, ReceivedRequest

_PATIENCE = 5.0  # seconds for a callback, where the target file does not say how long effects take
FOLLOWING = 0.2  # seconds for the right one, after another request came
_SOURCES = frozenset({"query", "header", "path"})


class _UrlPlace(NamedTuple):
    """The place of a request that holds the URL of callbacks: `body` and a pointer, or a parameter."""

    source: str
    name: str


def check_called_back(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if no request comes to the URL that a request gave, or one that is not as documented."""
    listener = listener_of(runner, "callbacks")
    by_place: dict[_UrlPlace, list[Callback]] = {}
    for callback in operation.callbacks:
        place = _place_of(callback)
        if place is not None:
            by_place.setdefault(place, []).append(callback)
    if not by_place:
        raise Skipped("no callback has a URL that the request gives")
    for place, callbacks in by_place.items():
        _check(runner, operation, roles, place, callbacks, listener)


def listener_of(runner: StoryRunner, judged: str) -> "CallbackListener":
    """The listener of the run; raises `Skipped` without one, which says what is judged by it."""
    listener = runner.environment.listener
    if listener is None:
        remedy = "with --listen HOST:PORT, an address at which the server reaches this machine"
        raise Skipped(f"{judged} are judged {remedy}")
    return listener


def patience(runner: StoryRunner) -> float:
    """The seconds to wait for a callback or webhook."""
    return runner.environment.settle or _PATIENCE


def check_reachable(runner: StoryRunner, listener: "CallbackListener") -> None:
    """Raise `NotObservable` if the server may not reach the listener, to which nothing has come yet."""
    if not listener.is_reached and not is_this_machine(runner.environment.client.host):
        raise NotObservable("nothing came to the address of --listen; the server may not reach it")


def _check(  # noqa: PLR0913, PLR0917  # the parts of one check
    runner: StoryRunner,
    operation: Operation,
    roles: Roles | None,
    place: _UrlPlace,
    callbacks: Sequence[Callback],
    listener: "CallbackListener",
) -> None:
    url = listener.new_url(callbacks[0].status)
    step = runner.ask(operation, _request(runner, operation, roles, place, url))
    runner.adopt_anything(step)
    if not step.is_success:
        raise Skipped(f"it answered {step.response.status} to a request with a URL for callbacks")
    expected = [*_expected(step, callbacks)]
    if not expected:
        raise NotObservable("its answer lacks a value of which the URL of the callback is made")
    seconds = patience(runner)
    asked = " or ".join(dict.fromkeys(f"{callback.method} {target}" for callback, target in expected))
    if not listener.wait(url, bool, seconds):
        check_reachable(runner, listener)
        raise ClauseBroken(f"{asked} within {seconds:g} s of the request, as a callback", "none")
    received = listener.wait(url, partial(_has_any, expected), FOLLOWING)
    flaws = [
        shape_flaw(one, callback) for callback, target in expected for one in received if _is_for(one, callback, target)
    ]
    if not flaws:
        raise ClauseBroken(f"{asked} as a callback", f"{received[0].method} {received[0].target}")
    if all(flaws):
        raise ClauseBroken(f"{asked} as documented", flaws[0])


def _place_of(callback: Callback) -> _UrlPlace | None:
    """The place of a request that the URL of a callback begins with; None if it is made of anything else."""
    start = callback.url.removeprefix("{").partition("}")[0]
    if start.startswith("$request.body#/"):
        return _UrlPlace("body", start.removeprefix("$request.body#"))
    source, _, name = start.removeprefix("$request.").partition(".")
    return _UrlPlace(source, name) if start.startswith("$request.") and source in _SOURCES and name else None


def _request(runner: StoryRunner, operation: Operation, roles: Roles | None, place: _UrlPlace, url: str) -> Request:
    """A valid request that names the URL; raises `Skipped` if the document does not allow this one."""
    valid = valid_input(runner, operation, roles)
    values: ParameterValues = valid.values
    body: Any = valid.body
    if place.source != "body":
        values = {**values, _parameter(operation, place): url}
    elif isinstance(body, dict):
        body = with_value_at(body, parse_pointer(place.name), url)
    else:
        raise Skipped("its body is no object, and has no place for the URL of a callback")
    request = runner.write(operation, values, body)
    if runner.refusal(request) is not None:
        raise Skipped(f"the document allows no URL like {url} for its callbacks")
    return request


def _parameter(operation: Operation, place: _UrlPlace) -> ParameterKey:
    """The parameter that holds the URL; names of header fields are in any case. Raises `Skipped` without one."""
    name = place.name.lower() if place.source == "header" else place.name
    for source, given in operation.parameters:
        if source == place.source and (given.lower() if source == "header" else given) == name:
            return source, given
    raise Skipped(f"the document describes no {place.source} parameter {place.name}, which its callbacks name")


def _expected(step: StepResult, callbacks: Sequence[Callback]) -> Iterator[tuple[Callback, str]]:
    """The callbacks whose URL the exchange gives, each with the target of its request."""
    exchange = RuntimeExpressions(step.request, step.response, step.operation.path)
    for callback in callbacks:
        try:
            url = filled(callback.url, exchange.text)
        except LookupError:
            continue
        yield callback, "/" + url.partition("://")[2].partition("/")[2]


def _has_any(expected: Sequence[tuple[Callback, str]], received: "Sequence[ReceivedRequest]") -> bool:
    return any(_is_for(one, *each) for each in expected for one in received)


def _is_for(received: "ReceivedRequest", callback: Callback, target: str) -> bool:
    return received.method == callback.method and received.target == target


def shape_flaw(received: "ReceivedRequest", callback: Callback) -> str:
    """The difference of a callback from the document; empty if there is none."""
    if not callback.content:
        return ""
    given = essence(received.media_type)
    representation = next((one for name, one in callback.content.items() if essence(name) == given), None)
    if representation is None:
        is_range = any("*" in name for name in callback.content)
        return "" if is_range else f"a body of type {given or 'none'}, not of {' or '.join(callback.content)}"
    if not is_json(given) or representation.schema is None:
        return ""
    try:
        value = plain_numbers(parse_json(received.body).value)
    except DecodeError as error:
        return f"a body that is not JSON: {error}"
    wrong = [one.message for one in representation.schema.violations(value, "body", "the body") if not one.when]
    return "; ".join(dict.fromkeys(wrong)) if not representation.schema.accepts(value) else ""
