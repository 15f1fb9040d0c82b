"""Observation: what reads and lists show of the items that a story created."""

from collections.abc import Iterable, Mapping
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.contract.grounds import KEY, is_guessed
from lookalike.contract.undecided_readings import is_secret
from lookalike.http import Response
from lookalike.json_values import ABSENT
from lookalike.schema.directions import WRITE_ONLY
from lookalike.schema.view import SchemaView
from lookalike.verify.clauses import DOCUMENTED, clause_id
from lookalike.verify.oracle.comparison import Comparison, difference, is_of_no_documented_type, value_of
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.encoder import ParameterValues
from lookalike.verify.roles import item_in
from lookalike.verify.runner.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.paging import listed
from lookalike.verify.runner.story_runner import StoryRunner

LATER = "it was answered with 202, so it may be there later; give settle in the target file"
GONE = {404, 410}
ACCEPTED = 202  # what was asked for is still to be done (RFC 9110 section 15.3.3)


def see(runner: StoryRunner, created: CreatedItem, names: frozenset[str]) -> None:
    """Compare some members of an item with what is read or listed of it."""
    roles = runner.environment.roles[created.resource]
    if roles.read is not None:
        step = runner.read(created)
        if step.due.response.status >= 400:
            raise Skipped(f"its key is not one that can be asked for: {step.due.response.header('Lookalike-Reason')}")
        if not step.is_success and may_come_later(runner, created):
            raise NotObservable(LATER)
        if not step.is_success and is_key_open(runner, created):
            raise Skipped(
                f"the document does not show which member of a {created.resource} its path takes; name the key in an "
                "overlay (lookalike check --explain prints one)"
            )
        if not step.is_success:
            raise ClauseBroken(
                f"status {step.due.response.status}: the {created.resource} {created.key} is there", step.got
            )
        runner.environment.confirmed_keys.add(created.resource)
        _compare(runner, created, step, names)
        return
    if roles.list is None:
        raise NotObservable(f"no operation reads or lists a {created.resource}")
    shown = listed(runner, created)
    if shown is None:
        raise Skipped("it is not in the list")
    comparison = runner.comparison(roles.list, created.resource)
    check_members(names & shown.keys(), runner.known.get(created.resource, created.key) or {}, shown, comparison)


def check_members(
    names: Iterable[str], expected: Mapping[str, Any], shown: Mapping[str, Any], comparison: Comparison, where: str = ""
) -> None:
    """Raise `ClauseBroken` if a member is other than expected; `where` says which answer shows it.

    A value of another type than is documented is for the clause about answers: the cause is one, and is told once.
    """
    types, values = comparison.members, {name: shown.get(name, ABSENT) for name in names}
    names = [name for name, value in values.items() if not is_of_no_documented_type(types.get(name), value)]
    wrong = difference(names, expected, shown, comparison)
    if wrong is not None:
        raise ClauseBroken(f"{wrong.expected}{where}", wrong.got)


def is_key_open(runner: StoryRunner, created: CreatedItem) -> bool:
    """Whether the key of an item is a guess that has led to no item yet."""
    environment = runner.environment
    grounds = environment.contract.resources[created.resource].grounds
    return is_guessed(grounds, KEY) and created.resource not in environment.confirmed_keys


def _compare(runner: StoryRunner, created: CreatedItem, step: StepResult, names: frozenset[str]) -> None:
    """Compare what is read of an item with what was sent of the members that the model shows."""
    item, due = (
        runner.known.get(created.resource, created.key) or {},
        item_in(step.operation, value_of(step.due.response)),
    )
    sent = {name: value for name, value in created.body.items() if not isinstance(value, Mapping)}  # objects are merged
    expected = {name: sent.get(name, item.get(name, value)) for name, value in due.items()}
    comparison = runner.comparison(step.operation, created.resource, step.value)
    shown = item_in(step.operation, step.value)
    for name in sorted(names & created.body.keys()):
        if is_secret(name) and created.body[name]:
            runner.note_choice(f"{created.resource}.{name}.shown", "yes" if name in shown else "no")
    check_members(names, expected, shown, comparison)
    _check_withheld(step.operation, created, shown, comparison)


def _check_withheld(
    operation: Operation, created: CreatedItem, shown: Mapping[str, Any], comparison: Comparison
) -> None:
    """Raise `ClauseBroken` if a read shows a text as it was sent under a name that is `writeOnly`.

    Such a value is never present in what is read (JSON Schema Validation 2020-12, section 9.4). Another one, such as
    the end of a number, may stand for it.
    """
    for name in sorted(comparison.write_only & shown.keys() & created.body.keys()):
        view, sent = comparison.members.get(name), created.body[name]
        is_documented = view is not None and not view.is_marked(WRITE_ONLY)
        if not is_documented and isinstance(sent, str) and sent and shown[name] == sent:
            expected = f"an item without {name}, which is writeOnly"
            raise ClauseBroken(expected, f"{name} as it was sent", clause_id(operation, DOCUMENTED))


def in_list(runner: StoryRunner, created: CreatedItem, clause: str = "") -> Mapping[str, Any]:
    """The item as the list shows it; breaks the clause where the list ends without it."""
    shown = listed(runner, created)
    if shown is None:
        if may_come_later(runner, created):
            raise NotObservable(LATER)
        raise ClauseBroken(f"the {created.resource} {created.key} in the list", "a list without it", clause)
    return shown


def last_answer(runner: StoryRunner, operation: Operation) -> Response | None:
    """The last successful answer of an operation in this story."""
    answers = (
        answer
        for request, answer in reversed(runner.exchanges)
        if request.method == operation.method and 200 <= answer.status < 300
    )
    return next(answers, None)


def check_answer(
    runner: StoryRunner, operation: Operation, created: CreatedItem, names: frozenset[str], answer: Response | None
) -> None:
    """Raise `ClauseBroken` if a write is answered with an item that is not as it was sent, although it is read so.

    As by a server that answers a change with the item as it was before.
    """
    value = value_of(answer) if answer is not None else ABSENT
    if answer is None or answer.status == 202 or not isinstance(value, dict):
        return
    shown = item_in(operation, value) or value
    expected = {**(runner.known.get(created.resource, created.key) or {}), **created.body}
    comparison = runner.comparison(operation, created.resource, value)
    comparison = comparison._replace(normalisations=runner.environment.normalisations.copy())
    # A null that no schema takes is for the clause about answers: the cause is one, and is told once.
    told = {name for name in shown if shown[name] is not None or _may_be_null(comparison.members.get(name))}
    check_members(names & told, expected, shown, comparison, " in the answer to it, as it is read")


def _may_be_null(member: SchemaView | None) -> bool:
    return member is None or not member.types or "null" in member.types


def naming_members(runner: StoryRunner, created: CreatedItem) -> frozenset[str]:
    """The members from which the server makes the key of an item, as the mark in both shows.

    Text beyond ASCII there may become a path that the server does not find again, and the item would stay. A
    disposable server may keep it, so that nothing is spared there.
    """
    if runner.environment.disposable:
        return frozenset()
    marks, item = runner.environment.values.marks, runner.known.get(created.resource, created.key) or {}
    mark = marks.in_value(str(created.key))
    return frozenset(name for name in created.sent if mark and marks.in_value(item.get(name)) == mark)


def may_come_later(runner: StoryRunner, created: CreatedItem) -> bool:
    """Whether an item is promised for a time that nothing tells: by a 202, without `settle` in the target file."""
    return created.is_promised and not runner.environment.settle


def parent_name(runner: StoryRunner, created: CreatedItem) -> str:
    """The resource of the parent of an item."""
    parent = runner.environment.contract.resources[created.resource].parent
    return (parent.resource or parent.fields[-1] if parent is not None else "") or "parent"


def with_other_choice(operation: Operation, values: ParameterValues) -> ParameterValues:
    """The values of a path with another choice for a parameter that has some; raises `Skipped` if none has."""
    for place, value in values.items():
        choices = operation.parameters[place].value_type.keyword("enum", ()) if place[0] == "path" else ()
        other = next((one for one in choices if one != value), None)
        if other is not None:
            return {**values, place: other}
    raise Skipped("no parameter of its path has another choice")


def is_single(runner: StoryRunner, created: CreatedItem) -> bool:
    """Whether an item is the only one of its resource."""
    return runner.environment.contract.resources[created.resource].is_single
