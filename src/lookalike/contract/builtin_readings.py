"""Built-in readings: the questions that every plain document leaves open, and the contract under decided choices.

The id of a reading is `SCOPE.SUBJECT`. The scope is `http`, the name of an operation, the name of a resource, or that
of a resource and a member of its items: `http.order`, `createPet.refusal`, `pet.put-unknown`, `pet.name.kept`. A choice
is a word, or a text of the pattern that the reading gives.

`settled` writes decided choices into the contract, before it is compiled. A choice that is the default changes nothing,
so that a request to a mock costs the same whether or not anything was decided.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any, NamedTuple

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.expressions import parse_value
from lookalike.contract.extension import HTTP_POLICY_DEFAULTS, HttpPolicies, Resource
from lookalike.contract.grounds import EFFECT
from lookalike.contract.manners import OperationManners, Place, ResourceManners
from lookalike.contract.requests import Parameter, ParameterKey
from lookalike.contract.semantics import ACCEPTED, CREATE, Create, DeleteItem, Merge, Replace, SetFields, Step
from lookalike.errors import UsageError
from lookalike.json_values import ABSENT
from lookalike.readings import Chosen, Fixed, Reading
from lookalike.schema.view import SchemaView
from lookalike.schema.vocabulary import KEYWORD

_STATUS = "4[0-9][0-9]"
_SUCCESS = "2[0-9][0-9]"
_UNKNOWN = "404"
_REFUSALS = ("400", "422")
DEFAULT = "default"
ABSENT_WORD = "absent"
MADE = "made"
NORMALISATIONS = {
    "trimmed": "spaces around a text are removed",
    "lower-case": "letters become lower case",
    "upper-case": "letters become upper case",
    "without-duplicates": "of equal elements of a list, one is kept",
    **{f"rounded-{places}": f"numbers are rounded to {places} decimals" for places in range(2, 9)},
    "rounded-to-multiple": "numbers are rounded to the documented multipleOf",
}
_KEPT = re.compile(rf"(?:{'|'.join(NORMALISATIONS)})(?: (?:{'|'.join(NORMALISATIONS)}))*")
# Parts of the names of members that many servers take and do not show, whether or not the document says writeOnly.
_SECRETS = ("password", "secret", "token", "passphrase")
DELETIONS = ("gone", "marked", "unlisted")
KEY_FORMS = {
    "uuid": "UUIDs (RFC 9562)",
    "number": "numbers, counted",
    "hex-24": "24 hexadecimal digits",
    "hex-32": "32 hexadecimal digits",
}

_HTTP: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "method": (
        "Which status does a method get that a path does not have?",
        {"405": "Method Not Allowed", "404": "Not Found"},
    ),
    "options": (
        "How is OPTIONS answered, where it is not documented?",
        {"204": "with the documented methods", "undocumented": "as any other method that is not documented"},
    ),
    "accept": (
        "Is a request refused that accepts no documented media type?",
        {DEFAULT: "only where 406 is documented", "406": "yes", "ignored": "no"},
    ),
    "media-type": (
        "How is a body of an undocumented media type taken?",
        {
            DEFAULT: "as its kin, or refused with 415",
            "415": "it is refused with 415",
            "400": "it is refused with 400",
            "ignored": "as if it were of the documented type",
            "body-ignored": "as an empty object",
        },
    ),
    "empty-body": (
        "How is a missing body taken?",
        {"400": "it is refused", "as-empty-object": "as an empty object"},
    ),
    "order": (
        "Which comes first for an invalid request about an unknown item?",
        {
            "validate-first": "the refusal of the request",
            "lookup-first": "the 404",
            "parse-first": "the refusal, if the body cannot be parsed, else the 404",
        },
    ),
    "path-parameter": (
        "How is a path parameter of the wrong type answered?",
        {"invalid": "as invalid input", "404": "with 404", "400": "with 400"},
    ),
    "null-member": (
        "How is null taken in place of a documented member?",
        {"rejected": "it is refused, where the schema does not allow it", "absent": "as if it were not sent"},
    ),
}


class _Subject(NamedTuple):
    """A subject of readings: the question, the default, the choices, and a pattern of further ones."""

    question: str
    default: str
    choices: Mapping[str, str]
    other: str = ""


_OF_OPERATION: Mapping[str, _Subject] = {
    "success": _Subject("Which success does it answer with?", DEFAULT, {DEFAULT: "the first documented"}, _SUCCESS),
    "created": _Subject("Which success does a creating PUT get?", DEFAULT, {DEFAULT: "the documented 201"}, _SUCCESS),
    "refusal": _Subject("Which status does invalid input get?", DEFAULT, {DEFAULT: "a documented one"}, _STATUS),
    "unparsable": _Subject("Which status does a body get that is no JSON?", DEFAULT, {DEFAULT: "400"}, _STATUS),
    "unknown": _Subject(
        "Is it refused if there is no such item?",
        "refused",
        {"refused": "it is", "ignored": "it is answered as if there were one"},
    ),
    "unchecked": _Subject(
        "Which documented rules does it not check?",
        "none",
        {"none": "it checks all of them"},
        r"[^ :]+:[A-Za-z]+(?: [^ :]+:[A-Za-z]+)*",
    ),
    "required": _Subject(
        "Which further members does it insist on?",
        "none",
        {"none": "those that the document requires"},
        r"\S+(?: \S+)*",
    ),
    "unknown-members": _Subject(
        "Does it take members that the document does not have?",
        "taken",
        {"taken": "where the schema allows them", "refused": "it refuses them"},
    ),
    "page-size": _Subject(
        "How many items has a page of which the size is not asked for?",
        DEFAULT,
        {DEFAULT: "the documented number, else all"},
        "[1-9][0-9]{0,5}",
    ),
}
_OF_RESOURCE: Mapping[str, _Subject] = {
    "unknown": _Subject("Which status does an unknown key get?", "404", {"404": "Not Found", "410": "Gone"}, _STATUS),
    "put-unknown": _Subject(
        "What does a PUT on an unknown key do?",
        DEFAULT,
        {DEFAULT: "it creates, where 201 is documented", "creates": "it creates", "refused": "it is refused"},
    ),
    "delete-unknown": _Subject(
        "How is a DELETE of an unknown key answered?",
        "refused",
        {"refused": "as any unknown key", "succeeds": "as a deletion"},
    ),
    "put-unsent": _Subject(
        "What becomes of members that a PUT does not send?",
        "removed",
        {"removed": "they are removed, or get their default", "kept": "they stay"},
    ),
    "patch-null": _Subject(
        "What does null do in a PATCH?",
        "deletes",
        {"deletes": "it removes the member (RFC 7396)", "stored": "it is stored"},
    ),
    "patch-depth": _Subject(
        "How does a PATCH change an object in an item?",
        "deep",
        {"deep": "member by member (RFC 7396)", "shallow": "it is replaced"},
    ),
    "deletion": _Subject(
        "What becomes of an item that is deleted?",
        "gone",
        {"gone": "it can be neither read nor listed"},
        r"marked [^\s=]+=\S.*|unlisted [^\s=]+=\S.*",
    ),
    "deleted": _Subject("Which status does the key of a deleted item get?", DEFAULT, {DEFAULT: "that of any"}, _STATUS),
    "key-reuse": _Subject(
        "Is the key of a deleted item given again?",
        DEFAULT,
        {
            DEFAULT: "a client may give it again, the server does not",
            "never": "a client may not give it again: it is a conflict",
            "server": "the server gives the lowest free number",
        },
    ),
    "lag": _Subject(
        "When is a creation or deletion seen?", "none", {"none": "at once"}, r"[0-9]{1,3}(?:\.[0-9]{1,3})?s"
    ),
    "unknown-members": _Subject(
        "What becomes of members that the document does not have?",
        "kept",
        {"kept": "they are kept, where the schema allows them", "dropped": "they are dropped"},
    ),
    "order": _Subject(
        "In which order are items listed?",
        DEFAULT,
        {
            DEFAULT: "as the document says, else as they were created",
            "oldest-first": "as they were created",
            "newest-first": "the newest first",
        },
        "by -?.+",
    ),
    "conflict": _Subject("Which status does a conflict get?", DEFAULT, {DEFAULT: "a documented one"}, _STATUS),
    "unique": _Subject("Which members must be unique?", "none", {"none": "none of them"}, r"\S+(?: \S+)*"),
    "key-form": _Subject(
        "How are the keys written that the server makes?", DEFAULT, {DEFAULT: "by schema", **KEY_FORMS}
    ),
}
_OF_MEMBER: Mapping[str, _Subject] = {
    "kept": _Subject(
        "How is its value kept?", "as-sent", {"as-sent": "as it was sent", **NORMALISATIONS}, _KEPT.pattern
    ),
    "shown": _Subject("Is it shown?", "yes", {"yes": "it is", "no": "it is withheld"}),
    "sent": _Subject("Who sets it?", "taken", {"taken": "the client, if it sends it", "ignored": "the server alone"}),
    "unsent": _Subject(
        "What is its value if it was not sent?",
        DEFAULT,
        {
            DEFAULT: "its default, or one that the server makes",
            ABSENT_WORD: "it has none",
            MADE: "one that the server makes",
        },
        r"null|true|false|-?[0-9].*|[\[{\"](?:.|\n)*",
    ),
}


def builtin_reading(contract: Contract, id: str) -> Reading | None:
    """The built-in reading of an id, or None where a contract has no such."""
    scope, _, subject = id.rpartition(".")
    if scope == "http" and subject in _HTTP:
        question, choices = _HTTP[subject]
        default = HTTP_POLICY_DEFAULTS[subject]
        default = DEFAULT if DEFAULT in choices else default
        return Reading(id, question, default, choices)
    for known, subjects in _scopes(contract, scope):
        if known and subject in subjects:
            found = subjects[subject]
            return Reading(id, f"{scope}: {found.question}", found.default, found.choices, found.other)
    return None


def _scopes(contract: Contract, scope: str) -> Iterator[tuple[bool, Mapping[str, _Subject]]]:
    yield any(one.name == scope for one in contract.operations), _OF_OPERATION
    yield scope in contract.resources, _OF_RESOURCE
    resource, _, member = scope.partition(".")
    yield resource in contract.resources and member in members_of(contract, resource), _OF_MEMBER


def members_of(contract: Contract, resource: str) -> Mapping[str, SchemaView]:
    """The members of the items of a resource."""
    return SchemaView(contract.document.data, (KEYWORD, "resources", resource, "schema")).members


# --- The contract under decided choices ---


def settled(contract: Contract, choices: Mapping[str, str]) -> Contract:
    """The contract of a server that follows choices of built-in readings; itself where there are none."""
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
    name = operation.name
    operation = _with_manners(operation, decided)
    success = decided.get(f"{name}.success", "")
    if success:
        as_created = success if operation.success.created == operation.success.status else operation.success.created
        if success in operation.responses:
            changed = replace(operation.success, status=success, created=as_created)
            operation = replace(operation, success=changed)
    created = decided.get(f"{name}.created", "")
    if created in operation.responses:
        operation = replace(operation, success=replace(operation.success, created=created))
    order = decided.get(f"{operation.listing.resource}.order", "") if operation.listing is not None else ""
    if order in ("oldest-first", "newest-first") and operation.listing is not None:
        listing = replace(operation.listing, is_newest_first=order == "newest-first")
        operation = operation if listing == operation.listing else replace(operation, listing=listing)
    size = decided.get(f"{name}.page-size", "")
    if size and operation.listing is not None:
        page = replace(operation.listing.page, default=int(size))
        operation = replace(operation, listing=replace(operation.listing, page=page))
        operation = replace(operation, parameters=_with_default(operation, int(size)))
    if operation.selector is None or operation.selector.if_present:
        return operation
    return _of_item(contract, operation, operation.selector.resource, decided)


def _with_default(operation: Operation, size: int) -> Mapping[ParameterKey, Parameter]:
    """The parameters, with another default of the one that limits a page, where the document gives it one."""
    limit = operation.listing.page.limit if operation.listing is not None else None
    place = (limit.source, limit.name) if limit is not None else None
    return {
        key: replace(parameter, default=size) if key == place and parameter.default is not ABSENT else parameter
        for key, parameter in operation.parameters.items()
    }


def _with_manners(operation: Operation, decided: Mapping[str, str]) -> Operation:
    name = operation.name
    # "invalid" and the others are the kinds of rejections of the model, which a contract does not know by itself.
    ids = {"invalid": f"{name}.refusal", "unparsable": f"{name}.unparsable"}
    for resource in resources_of(operation):
        ids["conflicting"] = f"{resource}.conflict"
    statuses = {kind: decided[id] for kind, id in ids.items() if id in decided}
    unchecked = frozenset(places_of(decided.get(f"{name}.unchecked", "")))
    refuses = decided.get(f"{name}.unknown-members") == "refused"
    required = decided.get(f"{name}.required", "none")
    insists_on = frozenset(required.split()) if required != "none" else frozenset()
    manners = OperationManners(statuses, unchecked, refuses, insists_on)
    return operation if manners == operation.manners else replace(operation, manners=manners)


def places_of(choice: str) -> Iterator[Place]:
    """The rules in a choice of `unchecked`."""
    for rule in choice.split():
        place, _, keyword = rule.rpartition(":")
        yield place, keyword


def choice_of(places: frozenset[Place]) -> str:
    """The choice of `unchecked` for some rules."""
    return " ".join(sorted(f"{place}:{keyword}" for place, keyword in places)) or "none"


# --- The contract of a server of which nothing is known ---


def opened(contract: Contract) -> Contract:
    """The contract whose model asks the built-in readings, each where a response depends on it.

    Only operations whose effect was inferred leave them open: what a document states is binding.
    """
    return replace(contract, operations=tuple(map(_opened, contract.operations)))


def open_readings(contract: Contract) -> dict[str, tuple[str, ...]]:
    """The choices of the readings that are open about a server of which nothing is known, by id; the default first."""
    found: dict[str, tuple[str, ...]] = {}
    for operation in contract.operations:
        found |= {id: tuple(if_absent) for id, if_absent in _open_absences(operation)}
        if any(isinstance(step.action, DeleteItem) for step in operation.steps) and operation.selector is not None:
            found[f"{operation.selector.resource}.deletion"] = DELETIONS
        successes = tuple(status for status in operation.responses if re.fullmatch(_SUCCESS, status))
        tells_what_it_did = operation.success.created != operation.success.status  # 201 where it created
        if len(successes) > 1 and not tells_what_it_did:
            found[f"{operation.name}.success"] = successes
        found |= dict(_open_manners(operation))
    secrets = ((name, member) for name in contract.resources for member in members_of(contract, name))
    return found | {f"{name}.{member}.shown": ("yes", "no") for name, member in secrets if is_secret(member)}


def _open_manners(operation: Operation) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The readings about an operation by which no server is accused: they are reported, and may change in a run."""
    refusals = tuple(status for status in _REFUSALS if status in operation.responses)
    if len(refusals) > 1:
        yield f"{operation.name}.refusal", refusals
    actions = tuple(step.action for step in operation.steps[:1])
    if EFFECT not in operation.grounds:  # what a document states is binding
        return
    for resource in resources_of(operation):
        if any(isinstance(action, Replace) for action in actions):
            yield f"{resource}.put-unsent", tuple(_OF_RESOURCE["put-unsent"].choices)
        if any(isinstance(action, Merge) for action in actions):
            yield f"{resource}.patch-null", tuple(_OF_RESOURCE["patch-null"].choices)
        if any(isinstance(action, Create) for action in actions):
            yield f"{resource}.unknown-members", tuple(_OF_RESOURCE["unknown-members"].choices)
            yield f"{operation.name}.unknown-members", tuple(_OF_OPERATION["unknown-members"].choices)
    if operation.listing is not None and not operation.listing.is_newest_first:
        yield f"{operation.listing.resource}.order", ("oldest-first", "newest-first")


def is_secret(member: str) -> bool:
    """Whether the name of a member suggests that a server may withhold it from reads."""
    return any(word in member.lower() for word in _SECRETS)


def _opened(operation: Operation) -> Operation:
    for id, if_absent in _open_absences(operation):
        operation = replace(operation, manners=replace(operation.manners, absent=Chosen(id, if_absent)))
    return operation


def _open_absences(operation: Operation) -> Iterator[tuple[str, Mapping[str, str]]]:
    select = operation.selector
    if select is None or EFFECT not in operation.grounds or select.if_absent in (CREATE, ACCEPTED):
        return
    yield from _absences(operation, select.resource, select.if_absent)


def _of_item(contract: Contract, operation: Operation, resource: str, decided: Mapping[str, str]) -> Operation:
    """An operation on an item: what it does where there is none, and how it replaces and merges."""
    select = operation.selector
    assert select is not None  # noqa: S101  # callers asked
    is_refused = select.if_absent not in (CREATE, ACCEPTED)
    refused = decided.get(f"{resource}.unknown") or (select.if_absent if is_refused else _UNKNOWN)
    absent = refused if is_refused else select.if_absent
    for id, if_absent in _absences(operation, resource, refused):
        absent = if_absent.get(decided.get(id, ""), absent)
    if decided.get(f"{operation.name}.unknown") == "ignored":
        absent = ACCEPTED
    steps = tuple(_step(contract, step, resource, decided) for step in operation.steps)
    if absent == select.if_absent and steps == operation.steps:
        return operation
    return replace(operation, selector=replace(select, if_absent=absent), steps=steps)


def _absences(operation: Operation, resource: str, refused: str) -> Iterator[tuple[str, Mapping[str, str]]]:
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
    is_tolerant = shows_null_anyway or any(name in resources_of(one) for one in lenient)
    order = own.get("order", "")
    unique = own.get("unique", "none")
    manners = ResourceManners(
        unsent={
            member: _value(f"{name}.{member}.unsent", choice)
            for member in members
            if (choice := own.get(f"{member}.unsent", MADE)) != MADE
        },
        made=frozenset(with_choice("unsent", MADE)),
        ignored=frozenset(with_choice("sent", "ignored")),
        withheld=frozenset(with_choice("shown", "no")),
        kept={member: tuple(own[f"{member}.kept"].split()) for member in members if f"{member}.kept" in own},
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
    )
    return resource if manners == resource.manners else replace(resource, manners=manners)


def mark_of(id: str, choice: str) -> tuple[str, Any] | None:
    """The member and the value by which a choice of `deletion` marks an item; raises `UsageError` if it is no JSON."""
    _, _, mark = choice.partition(" ")
    member, _, value = mark.partition("=")
    return (member, _value(id, value)) if member else None


def _value(id: str, choice: str) -> Any:
    """The value in a choice of `unsent`; raises `UsageError` where it is no JSON."""
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


@lru_cache(maxsize=1)
def subjects() -> tuple[tuple[str, str, str], ...]:
    """The kinds of built-in readings for the documentation: the form of the id, the question, and the choices."""
    scopes = (("OPERATION", _OF_OPERATION), ("RESOURCE", _OF_RESOURCE), ("RESOURCE.MEMBER", _OF_MEMBER))
    rows = [(f"http.{subject}", question, ", ".join(choices)) for subject, (question, choices) in _HTTP.items()]
    for scope, table in scopes:
        rows += [(f"{scope}.{subject}", one.question, ", ".join(one.choices)) for subject, one in table.items()]
    return tuple(rows)
