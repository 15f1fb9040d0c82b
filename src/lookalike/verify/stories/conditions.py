"""Stories about conditional requests: changes and reads with entity tags (RFC 9110 section 13)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from lookalike.contract.contract import Operation
from lookalike.contract.requests import ParameterKey
from lookalike.json_values import ABSENT
from lookalike.verify.clauses import name_of
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.item_bodies import item_sent
from lookalike.verify.roles import IF_MATCH, IF_NONE_MATCH, Roles, creates_by_replacing, item_in
from lookalike.verify.runner.endings import ClauseBroken, Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.story_runner import StoryRunner

_FAILED = 412
_UNCHANGED = 304
_OF_NO_VERSION = '"lookalike-no-version"'
_ANY = "*"
_GONE = {404, 410}


class Condition(NamedTuple):
    """A header parameter and its value."""

    place: ParameterKey
    value: str

    @property
    def values(self) -> Mapping[ParameterKey, str]:
        """The condition among the values of parameters."""
        return {self.place: self.value}


class Version(NamedTuple):
    """An item as a read shows it: its entity tag, empty if there is none, and its members."""

    tag: str
    members: Mapping[str, Any]

    @property
    def is_strong(self) -> bool:
        """Whether the tag must change with every change of the content (section 8.8.1).

        A weak one need not, and of one that is not an entity tag at all nothing is known.
        """
        return len(self.tag) > 1 and self.tag[0] == self.tag[-1] == '"'


def check_stale(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if a change is made although its If-Match does not name the current version."""
    created = _made(runner, roles)
    _refuse(runner, operation, created, Condition(IF_MATCH, _OF_NO_VERSION), "If-Match names no version of the item")
    _check_accepted(runner, operation, _made(runner, roles))
    versions = _two_versions(runner, roles, created)
    if versions is None:
        return
    first, second = versions
    if second.tag == first.tag:
        if first.is_strong and (roles.read is None or IF_NONE_MATCH not in roles.read.parameters):
            raise ClauseBroken(f"another ETag than {first.tag}, since the item was changed", "the same ETag")
        raise Skipped("the ETag of the item does not change with it")
    outdated = "If-Match names the version before the last change"
    _refuse(runner, operation, created, Condition(IF_MATCH, first.tag), outdated)


def _check_accepted(runner: StoryRunner, operation: Operation, created: CreatedItem) -> None:
    """Raise `ClauseBroken` if a request is refused whose If-Match names the current version.

    A weak tag matches nothing there (section 8.8.3.2).
    """
    version = _version(runner, created)
    step, _ = _asked(runner, operation, created, Condition(IF_MATCH, version.tag)) if version.is_strong else (None, ())
    if step is not None and step.response.status == _FAILED:
        raise ClauseBroken(f"a success: If-Match names the current ETag, {version.tag}", step.got)


def check_unmodified(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if a read is answered 304 although the content is not what the client has."""
    created = _made(runner, roles)
    step, _ = _asked(runner, operation, created, Condition(IF_NONE_MATCH, _OF_NO_VERSION))
    if step.response.status == _UNCHANGED:
        raise ClauseBroken("status 200: If-None-Match names no version of the item", step.got)
    versions = _two_versions(runner, roles, created)
    if versions is None:
        return
    first, second = versions
    if second.tag == first.tag:
        if first.is_strong:
            raise ClauseBroken(f"another ETag than {first.tag}, since the item was changed", "the same ETag")
        return
    step, _ = _asked(runner, operation, created, Condition(IF_NONE_MATCH, first.tag))
    if step.response.status == _UNCHANGED:
        raise ClauseBroken("status 200: the item was changed since it had the ETag of If-None-Match", step.got)
    _asked(runner, operation, created, Condition(IF_NONE_MATCH, second.tag))  # 304, or all of it again (section 13.1.2)


def check_there(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if If-None-Match: * does not keep an existing item, or lets no new one be created."""
    created = _made(runner, roles)
    none_yet = Condition(IF_NONE_MATCH, _ANY)
    _refuse(runner, operation, created, none_yet, "If-None-Match: * asks that there is no such item yet")
    if not creates_by_replacing(operation):
        return
    body = next(runner.environment.values.bodies(operation), ABSENT)
    made = runner.creation.create(operation, runner.parent_of(roles.resource), body, none_yet.values)
    if isinstance(made, StepResult) and made.response.status == _FAILED:
        raise ClauseBroken("a success: there is no such item yet, as If-None-Match: * asks", made.got)


def _two_versions(runner: StoryRunner, roles: Roles, created: CreatedItem) -> tuple[Version, Version] | None:
    """An item before and after a change; None, with a remark, where no tag is shown or nothing is seen to change."""
    first, changer = _version(runner, created), next(iter(roles.changes), None)
    if not first.tag or changer is None:
        runner.remark = "with a tag of no version only: no answer shows an ETag, or no operation changes the item"
        return None
    changed = _accept(runner, changer, created, first if IF_MATCH in changer.parameters else None)
    second = _version(runner, created)
    if not any(second.members.get(name) != first.members.get(name) for name in changed):
        runner.remark = f"with a tag of no version only: {name_of(changer)} changed nothing that is read"
        return None
    return first, second


def _made(runner: StoryRunner, roles: Roles) -> CreatedItem:
    created = runner.make(roles.resource)
    runner.check_removable(created)
    return created


def _version(runner: StoryRunner, created: CreatedItem) -> Version:
    step = runner.read(created)
    if not step.is_success:
        raise Skipped(f"{name_of(step.operation)} answered {step.response.status}")
    return Version(step.response.header("ETag") or "", item_in(step.operation, step.value))


def _asked(
    runner: StoryRunner, operation: Operation, created: CreatedItem, condition: Condition | None
) -> tuple[StepResult, frozenset[str]]:
    """The exchange of a request about an item under a condition, and the members that were sent."""
    body = next(runner.environment.values.bodies(operation, varied=True), ABSENT)
    body = runner.links.linked(
        operation,
        runner.creation.with_key_of(operation, created, runner.environment.roles[created.resource], body),
        created.resource,
    )
    values = {**runner.parameters.leading_to(operation, created), **(condition.values if condition else {})}
    step = runner.ask(operation, runner.write(operation, values, body))
    return step, frozenset(item_sent(operation, body))


def _refuse(runner: StoryRunner, operation: Operation, created: CreatedItem, condition: Condition, why: str) -> None:
    """Send a request whose condition does not hold; raise `ClauseBroken` if it is accepted, or has an effect."""
    before = _version(runner, created)
    step, sent = _asked(runner, operation, created, condition)
    if step.is_success:
        raise ClauseBroken(f"status {_FAILED}: {why}", step.got)
    after = runner.read(created)
    members = item_in(after.operation, after.value)
    is_other = after.is_success and any(members.get(name) != before.members.get(name) for name in sent)
    if is_other or after.response.status in _GONE:
        raise ClauseBroken(
            f"the {created.resource} as it was, since the request was refused with {step.got}", after.got
        )


def _accept(runner: StoryRunner, operation: Operation, created: CreatedItem, version: Version | None) -> frozenset[str]:
    """The members that were sent in a request whose condition holds, if any; raises `Skipped` if it is refused."""
    step, sent = _asked(runner, operation, created, Condition(IF_MATCH, version.tag) if version else None)
    if not step.is_success:
        raise Skipped(f"{name_of(operation)} answered {step.response.status}")
    return sent
