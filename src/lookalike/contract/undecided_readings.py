"""Undecided readings: the built-in readings that are open about a server of which nothing is known."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from lookalike.contract.builtin_readings import OF_OPERATION, OF_RESOURCE, SUCCESS, members_of
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.decided_readings import absences, resources_of
from lookalike.contract.grounds import EFFECT
from lookalike.contract.semantics import ACCEPTED, CREATE, Create, DeleteItem, Merge, Replace
from lookalike.readings import Chosen

_REFUSALS = ("400", "422")
# Parts of the names of members that many servers take and do not show, whether or not the document says writeOnly.
_SECRETS = ("password", "secret", "token", "passphrase")
DELETIONS = ("gone", "marked", "unlisted")


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
        successes = tuple(status for status in operation.responses if re.fullmatch(SUCCESS, status))
        tells_what_it_did = operation.success.created != operation.success.status  # 201 where it created
        if len(successes) > 1 and not tells_what_it_did:
            found[f"{operation.name}.success"] = successes
        found |= dict(_open_conventions(operation))
    secrets = ((name, member) for name in contract.resources for member in members_of(contract, name))
    return found | {f"{name}.{member}.shown": ("yes", "no") for name, member in secrets if is_secret(member)}


def _open_conventions(operation: Operation) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The readings about an operation by which no server is accused: they are reported, and may change in a run."""
    refusals = tuple(status for status in _REFUSALS if status in operation.responses)
    if len(refusals) > 1:
        yield f"{operation.name}.refusal", refusals
    actions = tuple(step.action for step in operation.steps[:1])
    if EFFECT not in operation.grounds:  # what a document states is binding
        return
    for resource in resources_of(operation):
        if any(isinstance(action, Replace) for action in actions):
            yield f"{resource}.put-unsent", tuple(OF_RESOURCE["put-unsent"].choices)
        if any(isinstance(action, Merge) for action in actions):
            yield f"{resource}.patch-null", tuple(OF_RESOURCE["patch-null"].choices)
        if any(isinstance(action, Create) for action in actions):
            yield f"{resource}.unknown-members", tuple(OF_RESOURCE["unknown-members"].choices)
            yield f"{operation.name}.unknown-members", tuple(OF_OPERATION["unknown-members"].choices)
    if operation.listing is not None and not operation.listing.is_newest_first:
        yield f"{operation.listing.resource}.order", ("oldest-first", "newest-first")


def is_secret(member: str) -> bool:
    """Whether the name of a member suggests that a server may withhold it from reads."""
    return any(word in member.lower() for word in _SECRETS)


def _opened(operation: Operation) -> Operation:
    for id, if_absent in _open_absences(operation):
        operation = replace(operation, conventions=replace(operation.conventions, absent=Chosen(id, if_absent)))
    return operation


def _open_absences(operation: Operation) -> Iterator[tuple[str, Mapping[str, str]]]:
    select = operation.selector
    if select is None or EFFECT not in operation.grounds or select.if_absent in (CREATE, ACCEPTED):
        return
    yield from absences(operation, select.resource, select.if_absent)
