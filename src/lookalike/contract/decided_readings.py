"""Decided readings: the contract of a server that follows choices of built-in readings.

The choices are written into the contract before it is compiled. One that is the default changes nothing, so that a
request to a mock costs the same whether or not anything was decided.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from lookalike.contract.builtin_readings import ABSENT_WORD, AT_CREATION, MADE, MASKED, builtin_reading, members_of
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.conventions import OperationConventions, Place, ResourceConventions
from lookalike.contract.derivations import parse_derivation
from lookalike.contract.expressions import Expression, parse_value
from lookalike.contract.extension import HttpPolicies, Resource
from lookalike.contract.requests import Parameter, ParameterKey
from lookalike.contract.responses import DocumentedResponse
from lookalike.contract.semantics import (
    ACCEPTED,
    CASCADE,
    CREATE,
    KEEP,
    Create,
    DeleteItem,
    Listing,
    Merge,
    Replace,
    SetFields,
    Step,
)
from lookalike.errors import UsageError
from lookalike.json_values import ABSENT
from lookalike.readings import Fixed

_UNKNOWN = "404"


def settled(contract: Contract, choices: Mapping[str, str]) -> Contract:
    """The contract of a server that follows choices of built-in readings; itself if there are none."""
    decided = {id: choice for id, choice in choices.items() if not _is_default(contract, id, choice)}
    if not decided:
        return contract
    return replace(
        contract,
        http_policies=_http_policies(contract.http_policies, decided),
        operations=tuple(_operation(contract, operation, decided) for operation in contract.operations),
        resources={name: _resource(contract, resource, decided) for name, resource in contract.resources.items()},
    )


def _is_default(contract: Contract, id: str, choice: str) -> bool:
    reading = builtin_reading(contract, id)
    return reading is not None and reading.default == choice


def _http_policies(policies: HttpPolicies, decided: Mapping[str, str]) -> HttpPolicies:
    """The policies, as far as the document states no reading of its own about them."""
    changed: dict[str, Any] = {}
    for one in fields(policies):
        choice = decided.get(f"http.{one.name.replace('_', '-')}", "")
        if choice and isinstance(getattr(policies, one.name), Fixed):
            changed[one.name] = Fixed(choice)
    return replace(policies, **changed) if changed else policies


def _operation(contract: Contract, operation: Operation, decided: Mapping[str, str]) -> Operation:
    operation = _with_conventions(operation, decided)
    operation = _with_success(operation, decided)
    operation = _with_answer(operation, decided)
    operation = _with_listing(operation, decided)
    operation = _with_conflicts(operation, decided)
    if decided.get(f"{operation.name}.effect") == "unseen":
        operation = replace(operation, steps=())
    if operation.selector is None or operation.selector.if_present:
        return operation
    return _of_item(contract, operation, operation.selector.resource, decided)


def _with_success(operation: Operation, decided: Mapping[str, str]) -> Operation:
    """The operation with its successes; one that is not documented is described as the usual one is."""
    before, responses = operation.success, operation.responses
    status = decided.get(f"{operation.name}.success", before.status)
    usual = status if before.created == before.status else before.created
    created = decided.get(f"{operation.name}.created", usual)
    location = "" if decided.get(f"{operation.name}.location") == ABSENT_WORD else before.location
    after = replace(before, status=status, created=created, location=location)
    if after == before:
        return operation
    described = {one: _as_success(responses[before.status], one) for one in (status, created)}
    return replace(operation, success=after, responses={**described, **responses})


def _as_success(usual: DocumentedResponse, status: str) -> DocumentedResponse:
    """The response of success with another status; 204 and 205 have no body (RFC 9110 sections 15.3.5 and 15.3.6)."""
    usual = replace(usual, content={}, template=None) if status in ("204", "205") else usual
    return replace(usual, status=status)


def _with_answer(operation: Operation, decided: Mapping[str, str]) -> Operation:
    """The operation with the decided body of success in place of its example."""
    id, status = f"{operation.name}.answer", operation.success_status
    if id not in decided or not is_answered_by_example(operation):
        return operation
    usual, answer = operation.responses[status], _value(id, decided[id])
    content = {name: replace(one, examples={"": answer}) for name, one in usual.content.items()}
    response = replace(usual, content=content, template=None, example_is_binding=True)
    return replace(operation, responses={**operation.responses, status: response})


def is_answered_by_example(operation: Operation) -> bool:
    """Whether nothing is known of an operation but that it reads, and its answer depends on no item."""
    has_effect = operation.success.body is not None or operation.steps or operation.listing or operation.selector
    return operation.method == "GET" and not has_effect


def _with_conflicts(operation: Operation, decided: Mapping[str, str]) -> Operation:
    """The operation with the decided status of conflicts in place of those that it states."""
    own = operation.selector.resource if operation.selector is not None else ""

    def with_status(step: Step) -> Step:
        action = step.action
        resource = action.resource if isinstance(action, Create) else own
        status = decided.get(f"{resource}.conflict", "")
        if isinstance(action, Create) and status and action.taken.isdecimal():
            return replace(step, action=replace(action, taken=status))
        if isinstance(action, SetFields) and status and isinstance(action.occupied, Fixed):
            return replace(step, action=replace(action, occupied=Fixed(status)))
        if isinstance(action, DeleteItem) and status and action.children.isdecimal():
            return replace(step, action=DeleteItem(status))
        return step

    steps = tuple(map(with_status, operation.steps))
    return operation if steps == operation.steps else replace(operation, steps=steps)


def _with_listing(operation: Operation, decided: Mapping[str, str]) -> Operation:
    """The operation with the order and the usual size of its pages."""
    if operation.listing is None:
        return operation
    listing, parameters = operation.listing, operation.parameters
    order = decided.get(f"{listing.resource}.order", "")
    if order in ("oldest-first", "newest-first"):
        listing = replace(listing, is_newest_first=order == "newest-first")
    listing = _without_parameters(listing, decided.get(f"{operation.name}.ignored", "").split())
    size = decided.get(f"{operation.name}.page-size", "")
    if size:
        listing = replace(listing, page=replace(listing.page, default=int(size)))
        parameters = _with_default(parameters, listing.page.limit, int(size))
    if listing == operation.listing and parameters is operation.parameters:
        return operation
    return replace(operation, listing=listing, parameters=parameters)


def _without_parameters(listing: Listing, ignored: Collection[str]) -> Listing:
    """The listing of a server on which some query parameters have no effect."""
    if not ignored:
        return listing

    def left(source: Expression | None) -> Expression | None:
        return None if source is not None and source.source == "query" and source.name in ignored else source

    def filters(fields: Mapping[str, Expression]) -> dict[str, Expression]:
        return {field: source for field, source in fields.items() if left(source) is not None}

    page = replace(listing.page, limit=left(listing.page.limit))
    compare = {how: filters(fields) for how, fields in listing.compare.items()}
    search, sort = left(listing.search), left(listing.sort)
    return replace(listing, where=filters(listing.where), compare=compare, search=search, sort=sort, page=page)


def _with_default(
    parameters: Mapping[ParameterKey, Parameter], limit: Expression | None, size: int
) -> Mapping[ParameterKey, Parameter]:
    """The parameters, with another default of the one that limits a page, where the document gives it one."""
    place = (limit.source, limit.name) if limit is not None else None
    return {
        key: replace(parameter, default=size) if key == place and parameter.default is not ABSENT else parameter
        for key, parameter in parameters.items()
    }


def _with_conventions(operation: Operation, decided: Mapping[str, str]) -> Operation:
    name = operation.name
    # "invalid" and the others are the kinds of rejections of the model, which a contract does not know by itself.
    ids = {"invalid": f"{name}.refusal", "unparsable": f"{name}.unparsable", "missing": f"{name}.no-body"}
    for resource in resources_of(operation):
        ids["conflicting"] = f"{resource}.conflict"
    statuses = {kind: decided[id] for kind, id in ids.items() if id in decided}
    unchecked = frozenset(places_of(decided.get(f"{name}.unchecked", "")))
    refuses = decided.get(f"{name}.unknown-members") == "refused"
    required = decided.get(f"{name}.required", "none")
    insists_on = frozenset(required.split()) if required != "none" else frozenset()
    deleted = decided.get(f"{name}.deleted", "")
    conventions = OperationConventions(
        statuses,
        refusals=refusals_of(decided.get(f"{name}.refusals", "")),
        unchecked=unchecked,
        refuses_unknown=refuses,
        insists_on=insists_on,
        deleted=ACCEPTED if deleted == "ignored" else deleted,
        deleted_parent=decided.get(f"{name}.deleted-parent", ""),
    )
    return operation if conventions == operation.conventions else replace(operation, conventions=conventions)


def places_of(choice: str) -> Iterator[Place]:
    """The rules in a choice of `unchecked`."""
    for rule in choice.split():
        place, _, keyword = rule.rpartition(":")
        yield place, keyword


def refusals_of(choice: str) -> dict[Place, str]:
    """The rules in a choice of `refusals`, each with its status."""
    rules = (rule.rpartition("=") for rule in choice.split())
    return {place: status for named, _, status in rules for place in places_of(named)}


def choice_of(places: frozenset[Place]) -> str:
    """The choice of `unchecked` for some rules."""
    return " ".join(sorted(f"{place}:{keyword}" for place, keyword in places)) or "none"


def _of_item(contract: Contract, operation: Operation, resource: str, decided: Mapping[str, str]) -> Operation:
    """An operation on an item: what it does if there is none, and how it replaces and merges."""
    select = operation.selector
    assert select is not None  # noqa: S101  # callers asked
    is_refused = select.if_absent not in (CREATE, ACCEPTED)
    refused = decided.get(f"{resource}.unknown") or (select.if_absent if is_refused else _UNKNOWN)
    absent = refused if is_refused else select.if_absent
    for id, if_absent in absences(operation, resource, refused):
        absent = if_absent.get(decided.get(id, ""), absent)
    if decided.get(f"{operation.name}.unknown") == "ignored":
        absent = ACCEPTED
    steps = tuple(_step(contract, step, resource, decided) for step in operation.steps)
    if absent == select.if_absent and steps == operation.steps:
        return operation
    return replace(operation, selector=replace(select, if_absent=absent), steps=steps)


def absences(operation: Operation, resource: str, refused: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The readings about an operation on an item that does not exist, with the selector's `if_absent` by choice."""
    if operation.method == "PUT" and operation.steps and isinstance(operation.steps[0].action, Replace):
        yield f"{resource}.put-unknown", {"refused": refused, "creates": CREATE}
    if any(isinstance(step.action, DeleteItem) for step in operation.steps):
        yield f"{resource}.delete-unknown", {"refused": refused, "succeeds": ACCEPTED}


def _step(contract: Contract, step: Step, resource: str, decided: Mapping[str, str]) -> Step:
    action = step.action
    mark = mark_of(f"{resource}.deletion", decided.get(f"{resource}.deletion", ""))
    if isinstance(action, DeleteItem) and mark is not None:
        member, value = mark
        return replace(step, action=SetFields({member: parse_value(value)}, Fixed("no-op"), Fixed("409")))
    if isinstance(action, DeleteItem) and f"{resource}.children" in decided:
        choice = decided[f"{resource}.children"]
        return replace(step, action=DeleteItem({"deleted": CASCADE, "kept": KEEP}.get(choice, choice)))
    if isinstance(action, Replace) and decided.get(f"{resource}.put-unsent") == "kept":
        return replace(step, action=replace(action, keeps=tuple(members_of(contract, resource))))
    if not isinstance(action, Merge):
        return step
    null = Fixed("stored") if decided.get(f"{resource}.patch-null") == "stored" else action.null
    depth = Fixed("shallow") if decided.get(f"{resource}.patch-depth") == "shallow" else action.depth
    changed = replace(action, null=null, depth=depth)
    return step if changed == action else replace(step, action=changed)


def _resource(contract: Contract, resource: Resource, decided: Mapping[str, str]) -> Resource:
    name = resource.name
    own = {id.removeprefix(f"{name}."): choice for id, choice in decided.items() if id.startswith(f"{name}.")}
    members = members_of(contract, name)

    def with_choice(subject: str, *choices: str) -> Iterator[str]:
        return (member for member in members if own.get(f"{member}.{subject}") in choices)

    lenient = (one for one in contract.operations if f"{one.name}.unchecked" in decided)
    nulls = (members[member] for member in with_choice("unsent", "null"))
    shows_null_anyway = any(view.types and "null" not in view.types for view in nulls)
    masked = frozenset(member for member in members if own.get(f"{member}.kept", "").startswith(MASKED))
    shows_secrets = any(members[member].is_marked("writeOnly") for member in masked)
    is_tolerant = shows_null_anyway or shows_secrets or any(name in resources_of(one) for one in lenient)
    order = own.get("order", "")
    unique = own.get("unique", "none")
    parsed = {member: parse_derivation(own.get(f"{member}.derived", "")) for member in members}
    derived = {member: one for member, one in parsed.items() if one is not None}
    conventions = ResourceConventions(
        unsent={
            member: _value(f"{name}.{member}.unsent", choice)
            for member in members
            if (choice := own.get(f"{member}.unsent", MADE)) != MADE and member not in derived
        },
        made=frozenset(with_choice("unsent", MADE)) | derived.keys(),
        ignored=frozenset(with_choice("sent", "ignored")),
        unchangeable=frozenset(with_choice("sent", AT_CREATION)),
        withheld=frozenset(with_choice("shown", "no")),
        kept={member: _ways_of(own[f"{member}.kept"]) for member in members if f"{member}.kept" in own},
        masked=masked,
        derived=derived,
        drops_unknown=own.get("unknown-members") == "dropped",
        order=order.removeprefix("by ") if order.startswith("by ") else "",
        unique=tuple(unique.split()) if unique != "none" else (),
        key_form=own.get("key-form", ""),
        mark_of_deletion=mark_of(f"{name}.deletion", own.get("deletion", "")),
        lists_deleted=not own.get("deletion", "").startswith("unlisted "),
        is_tolerant=is_tolerant,
        lag=float(own.get("lag", "0s").removesuffix("s")),
        deleted=own.get("deleted", ""),
        key_reuse=own.get("key-reuse", ""),
        tells_deleted=any(_tells_deleted(contract, one, name, decided) for one in contract.operations),
    )
    return resource if conventions == resource.conventions else replace(resource, conventions=conventions)


def _ways_of(choice: str) -> tuple[str, ...]:
    """The normalisations in a choice of `kept`."""
    return (choice,) if choice.startswith(MASKED) else tuple(choice.split())


def _tells_deleted(contract: Contract, operation: Operation, resource: str, decided: Mapping[str, str]) -> bool:
    """Whether an operation answers about a deleted item of a resource, or below one, in a way of its own."""
    if operation.selector is None:
        return False
    own = operation.selector.resource
    parent = contract.resources[own].parent
    is_below = parent is not None and parent.resource == resource
    return (own == resource and f"{operation.name}.deleted" in decided) or (
        is_below and f"{operation.name}.deleted-parent" in decided
    )


def mark_of(id: str, choice: str) -> tuple[str, Any] | None:
    """The member and the value by which a choice of `deletion` marks an item; raises `UsageError` if it is not JSON."""
    _, _, mark = choice.partition(" ")
    member, _, value = mark.partition("=")
    return (member, _value(id, value)) if member else None


def _value(id: str, choice: str) -> Any:
    """The value in a choice of `unsent` or `answer`; raises `UsageError` if it is not JSON."""
    if choice == ABSENT_WORD:
        return ABSENT
    try:
        return json.loads(choice)
    except ValueError:
        raise UsageError(f"reading {id!r}: the choice is a value in JSON, or {ABSENT_WORD}; not {choice}") from None


def resources_of(operation: Operation) -> tuple[str, ...]:
    """The resources of which an operation makes or changes items."""
    made = [step.action.resource for step in operation.steps if isinstance(step.action, Create)]
    return tuple(made or ([operation.selector.resource] if operation.selector and operation.steps else ()))
