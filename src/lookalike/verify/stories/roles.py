"""Roles: which operations make, read, list, change and delete the items of a resource, and the clauses of each."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.extension import Clause
from lookalike.contract.semantics import CREATE, Create, DeleteItem, ItemSelector, Merge, Replace, SetFields
from lookalike.json_values import ABSENT, find

DOCUMENTED = "answers-as-documented"
UNKNOWN = "unknown-is-404"
CREDENTIALS = "refused-without-credentials"
INVALID = "refused-when-invalid"
READABLE = "readable-after-create"
LISTED = "listed-after-create"
CHANGED = "changed-after-change"
KEPT = "rest-kept-after-change"
ABSENT_AFTER = "absent-after-delete"

_SAYS = {
    DOCUMENTED: "{name} answers with a documented status, media type and body",
    UNKNOWN: "{name} answers 404, or refuses otherwise, where there is no such {resource}",
    CREDENTIALS: "{name} refuses a request without credentials",
    INVALID: "{name} refuses a request that breaks the documented schemas",
    READABLE: "what {name} created can be read, with what was sent",
    LISTED: "what {name} created is in the list",
    CHANGED: "what {name} changed is read as it was sent",
    KEPT: "{name} leaves alone what was not sent",
    ABSENT_AFTER: "what {name} deleted is neither read nor listed any more",
}


class Roles(NamedTuple):
    """The operations on the items of one resource."""

    resource: str
    create: Operation | None
    read: Operation | None
    list: Operation | None
    changes: tuple[Operation, ...]
    delete: Operation | None

    @property
    def is_visible(self) -> bool:
        """Whether items can be read or listed."""
        return self.read is not None or self.list is not None


def name_of(operation: Operation) -> str:
    """The id of an operation, or its method and path where the document gives it none."""
    usual = f"{operation.method.lower()} {operation.path}"
    return f"{operation.method} {operation.path}" if operation.id == usual else operation.id


def clause_id(operation: Operation, rule: str) -> str:
    """The id of a clause about an operation."""
    return f"{name_of(operation)}.{rule}"


def roles_of(contract: Contract) -> dict[str, Roles]:
    """The roles for each resource of a contract."""
    return {name: _roles(contract, name) for name in contract.resources}


def _roles(contract: Contract, name: str) -> Roles:
    own = [one for one in contract.operations if one.base_path == contract.base_path]
    about = [one for one in own if one.selector and one.selector.resource == name and one.selector.needs_item]
    makers = [one for one in own if _creates(one, name)] + [one for one in about if creates_by_replacing(one)]
    makers = [] if contract.resources[name].is_single else makers
    readers = [one for one in about if one.method == "GET" and not one.steps and not one.listing and one.success.body]
    listers = [one for one in own if one.listing is not None and one.listing.resource == name and one.success.body]
    listers = [one for one in listers if one.body is None or not one.body.required]
    return Roles(
        name,
        next(iter(makers), None),
        next(iter(readers), None),
        next((one for one in listers if not _is_filtered(one)), None),
        tuple(
            one
            for one in about
            if one.steps and all(isinstance(step.action, Replace) or _merges(step.action) for step in one.steps[:1])
        ),
        next((one for one in about if any(isinstance(step.action, DeleteItem) for step in one.steps)), None),
    )


def _creates(operation: Operation, name: str) -> bool:
    first = operation.steps[0].action if operation.steps else None
    return isinstance(first, Create) and first.resource == name and not first.each and first.source.source == "body"


def creates_by_replacing(operation: Operation) -> bool:
    """Whether an operation makes an item where there is none under its key."""
    return operation.selector is not None and operation.selector.if_absent == CREATE and bool(operation.steps)


def _merges(action: object) -> bool:
    return isinstance(action, Merge) and not action.field


def is_merge(operation: Operation) -> bool:
    """Whether an operation changes what was sent, and nothing else."""
    return bool(operation.steps) and _merges(operation.steps[0].action)


def moves(operation: Operation, keys: frozenset[str]) -> bool:
    """Whether an operation sets fields that are part of a key."""
    return any(isinstance(step.action, SetFields) and keys & step.action.fields.keys() for step in operation.steps)


def _is_filtered(operation: Operation) -> bool:
    """Whether a list is only of what a parameter that must be there asks for."""
    wanted = {source.name for source in operation.listing.where.values()} if operation.listing else set()
    return any(one.required and one.location == "query" and one.name in wanted for one in operation.parameters.values())


def is_guarded(operation: Operation) -> bool:
    """Whether an operation asks for credentials in any case."""
    return bool(operation.security) and all(
        any(one.scheme.kind != "mutualTLS" for one in alternative) for alternative in operation.security
    )


def clauses(contract: Contract) -> dict[str, Clause]:
    """The clauses that follow from a document that states none itself."""
    found = {}
    for operation, rule, resource in _ruled(contract):
        id = clause_id(operation, rule)
        says = _SAYS[rule].format(name=name_of(operation), resource=resource)
        found[id] = Clause(id, says, (f"{operation.method} {operation.path}",))
    return found


def _ruled(contract: Contract) -> Iterator[tuple[Operation, str, str]]:
    after = dict(_after(roles_of(contract)))
    for operation in contract.operations:
        yield operation, DOCUMENTED, ""
        if operation.selector and does_something(operation) and not _is_the_only(contract, operation.selector):
            yield operation, UNKNOWN, operation.selector.resource
        if is_guarded(operation):
            yield operation, CREDENTIALS, ""
        if operation.body is not None or any(one.location == "query" for one in operation.parameters.values()):
            yield operation, INVALID, ""
        for rule in after.get(operation.id, ()):
            yield operation, rule, ""


def does_something(operation: Operation) -> bool:
    """Whether it is known what an operation does, or shows, beyond that its item must be there.

    What an action shows does not tell what it does.
    """
    shows = operation.success.body is not None and operation.method == "GET"
    return bool(operation.steps) or operation.listing is not None or shows


def _is_the_only(contract: Contract, select: ItemSelector) -> bool:
    """Whether a request names what is there in any case, is made, or must not be there."""
    return contract.resources[select.resource].is_single or select.if_absent == CREATE or not select.needs_item


def _after(roles: Mapping[str, Roles]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The clauses about what is seen afterwards, by the id of the operation."""
    for one in roles.values():
        creating = (*((READABLE,) if one.read else ()), *((LISTED,) if one.list else ()))
        for operation in one.changes:
            kept = (CHANGED, KEPT) if is_merge(operation) else (CHANGED,)
            yield operation.id, (*(creating if operation is one.create else ()), *kept)
        if one.create is not None and one.create not in one.changes:
            yield one.create.id, creating
        if one.delete is not None:
            yield one.delete.id, (ABSENT_AFTER,)


Path = tuple[str | int, ...]


def place_of(template: Any, wanted: str, path: Path = ()) -> Path | None:
    """The way to a place such as `$item` in a template, or None."""
    if template == wanted:
        return path
    parts: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(template, Mapping):
        parts = iter(template.items())
    elif isinstance(template, list):
        parts = iter(enumerate(template))
    return next((found for name, part in parts if (found := place_of(part, wanted, (*path, name))) is not None), None)


def item_in(operation: Operation, value: Any) -> dict[str, Any]:
    """The item in a body; empty where there is none to be seen."""
    found = part_of(operation, value, "$item")
    return found if isinstance(found, dict) else {}


def part_of(operation: Operation, value: Any, wanted: str) -> Any:
    """What stands at a place of a body, or None."""
    path = place_of(operation.success.body, wanted)
    return None if path is None or value is ABSENT else find(value, path, None)
