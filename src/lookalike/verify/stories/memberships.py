"""Stories about memberships: a member that is added is listed, and one that is removed is not."""

from functools import partial
from typing import Any, NamedTuple

from lookalike.contract.contract import Operation
from lookalike.contract.routing import parameter_names, plain_path
from lookalike.json_values import ABSENT
from lookalike.verify.clauses import name_of
from lookalike.verify.memberships import Membership
from lookalike.verify.oracle.comparison import is_named
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.encoder import ParameterValues
from lookalike.verify.roles import part_of
from lookalike.verify.runner.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.story_runner import StoryRunner

_NOT_THERE = {404, 410}
_NOT_IMPLEMENTED = {404, 405, 501}


class GroupRequests(NamedTuple):
    """The requests of a story about one group."""

    runner: StoryRunner
    kind: Membership
    group: CreatedItem

    def values(self, operation: Operation, member: Any = ABSENT) -> ParameterValues:
        """The values of the path of an operation on the group, and on the member with a key."""
        read = self.runner.environment.roles[self.group.resource].read or operation
        led = self.runner.parameters.leading_to(read, self.group)
        names, theirs = parameter_names(plain_path(operation.path)), parameter_names(plain_path(read.path))
        given = {("path", mine): led["path", their] for mine, their in zip(names, theirs, strict=False)}
        if member is not ABSENT and ("path", self.kind.name) in operation.parameters:
            given["path", self.kind.name] = member
        return self.runner.parameters.leading_to(operation, None, None, given)

    def ask(self, operation: Operation, member: Any) -> StepResult:
        """The exchange of a request about the member with a key."""
        values = self.values(operation, member)
        return self.runner.ask(operation, self.runner.write(operation, values, self._body(operation, member)))

    def _body(self, operation: Operation, member: Any) -> Any:
        """The body that names the member with a key, where the operation takes one."""
        link = self.kind.link
        if link is None or operation is not self.kind.add:
            return ABSENT
        body = next(self.runner.environment.values.bodies(operation), ABSENT)
        return {**(body if isinstance(body, dict) else {}), link.member: link.value(member)}

    def key(self, member: CreatedItem) -> Any:
        """The key of an item, as paths name it."""
        item = self.runner.known.get(member.resource, member.key) or {}
        return item.get(self.runner.environment.model.items(member.resource).key, member.key)

    def listed(self) -> list[str]:
        """The keys in the list of members as text; raises `NotObservable` if it shows none."""
        step = self.runner.ask(self.kind.list, self.runner.write(self.kind.list, self.values(self.kind.list)))
        if not step.is_success:
            raise Skipped(f"{name_of(self.kind.list)} answered {step.response.status}")
        placed = part_of(self.kind.list, step.value, "$items")
        found = placed if isinstance(placed, list) else _list_in(step.value)
        keys = [one.get(self.kind.key, ABSENT) if isinstance(one, dict) else one for one in found]
        if ABSENT in keys:
            raise NotObservable("the list does not show the keys of its items")
        return [str(key) for key in keys]


def _list_in(value: Any) -> list[Any]:
    """A list, by itself or in the first member that is one; raises `NotObservable` if there is none."""
    parts = value.values() if isinstance(value, dict) else (value,)
    found = next((part for part in parts if isinstance(part, list)), None)
    if found is None:
        raise NotObservable("the answer has no list")
    return found


def check_added(runner: StoryRunner, operation: Operation, kind: Membership) -> None:
    """Raise `ClauseBroken` if a member that was added is not listed once, or was not added."""
    members, elsewhere = (GroupRequests(runner, kind, runner.make(kind.group)) for _ in range(2))
    member, other = runner.make(kind.member), runner.make(kind.member, varied=True)
    _check_not_listed(members, member, "which was not added yet")
    _add(members, operation, member)
    runner.eventually(partial(_check_listed, members, member))
    _check_not_listed(members, other, "which was not added")
    _check_not_listed(elsewhere, member, f"which was added to another {kind.group}")
    _add(members, operation, other)
    for one in (other, member):
        runner.eventually(partial(_check_listed, members, one))
    members.ask(operation, members.key(member))
    if members.listed().count(str(members.key(member))) > 1:
        raise ClauseBroken(f"the {kind.member} {members.key(member)} once in the list", "a list with it twice")
    for one in (other, member):
        _take_back(members, one)


def check_addable(runner: StoryRunner, operation: Operation, kind: Membership) -> None:
    """Raise `ClauseBroken` if no member can be added, although it is there, and so is what it is added to."""
    members, member = GroupRequests(runner, kind, runner.make(kind.group)), runner.make(kind.member)
    step = members.ask(operation, members.key(member))
    if step.response.status not in _NOT_IMPLEMENTED:
        if step.is_success:
            _take_back(members, member)
        return
    read = runner.environment.roles[kind.member].read
    if step.response.status not in _NOT_THERE and is_named(operation, step.response.status):
        raise Skipped(f"it answered {step.response.status}, which the document has")
    if read is None or not (runner.read(members.group).is_success and runner.read(member).is_success):
        raise Skipped("it answered 404, and it is not certain that its path leads to something that is there")
    raise ClauseBroken(
        f"an answer of the documented operation: the {kind.group} and the {kind.member} are there", step.got
    )


def check_removed(runner: StoryRunner, operation: Operation, kind: Membership) -> None:
    """Raise `ClauseBroken` if a member that was removed is listed, or another is not, or the item itself is gone."""
    members = GroupRequests(runner, kind, runner.make(kind.group))
    member, other = runner.make(kind.member), runner.make(kind.member, varied=True)
    for one in (member, other):
        _add(members, kind.add, one)
    if not {str(members.key(one)) for one in (member, other)} <= {*members.listed()}:
        raise Skipped("what was added is not listed")
    step = members.ask(operation, members.key(member))
    if step.response.status in _NOT_THERE:
        raise ClauseBroken(f"a success: the {kind.member} {members.key(member)} is in the list of members", step.got)
    if not step.is_success:
        raise Skipped(f"it answered {step.response.status}")
    runner.eventually(partial(_check_not_listed, members, member, "which was removed"))
    _check_listed(members, other)
    if runner.environment.roles[kind.member].read is not None and runner.read(member).response.status in _NOT_THERE:
        raise ClauseBroken(f"the {kind.member} {members.key(member)} itself, which was only removed", "status 404")
    _take_back(members, other)


def remove_member(runner: StoryRunner, kind: Membership, remove: Operation) -> StepResult:
    """The exchange of the removal of a member that was added for it; raises `Skipped`."""
    members, member = GroupRequests(runner, kind, runner.make(kind.group)), runner.make(kind.member)
    _add(members, kind.add, member)
    return members.ask(remove, members.key(member))


def check_unknown_member(runner: StoryRunner, operation: Operation, kind: Membership) -> None:
    """Raise `ClauseBroken` if an item that does not exist becomes a member."""
    members = GroupRequests(runner, kind, runner.make(kind.group))
    named = (one.parameters.get(("path", kind.name)) for one in (operation, kind.remove) if one is not None)
    parameter = next((one for one in named if one is not None), None)
    key = runner.environment.values.new_key(parameter) if parameter is not None else ABSENT
    if key is ABSENT:
        raise Skipped(f"no unused value was found for {kind.name or kind.member}")
    step = members.ask(operation, key)
    if step.is_success and operation is kind.add:
        _check_adds(members, operation)
        raise ClauseBroken(f"status 404: there is no {kind.member} {key}", step.got)


def _check_adds(members: GroupRequests, operation: Operation) -> None:
    """Raise `Skipped` if an operation adds no item that is there either, which is for the clause about that."""
    member = members.runner.make(members.kind.member)
    _add(members, operation, member)
    is_listed = str(members.key(member)) in members.listed()
    _take_back(members, member)
    if not is_listed:
        raise Skipped("what was added is not listed")


def _add(members: GroupRequests, operation: Operation, member: CreatedItem) -> None:
    step = members.ask(operation, members.key(member))
    if not step.is_success:
        raise Skipped(f"{name_of(operation)} answered {step.response.status}")


def _check_listed(members: GroupRequests, member: CreatedItem) -> None:
    key = members.key(member)
    if str(key) not in members.listed():
        raise ClauseBroken(f"the {member.resource} {key} in the list, which was added", "a list without it")


def _check_not_listed(members: GroupRequests, other: CreatedItem, why: str) -> None:
    key = members.key(other)
    if str(key) in members.listed():
        raise ClauseBroken(f"a list without the {other.resource} {key}, {why}", "a list with it")


def _take_back(members: GroupRequests, member: CreatedItem) -> None:
    """End a membership, so that both items can be deleted."""
    if members.kind.remove is not None:
        members.ask(members.kind.remove, members.key(member))
