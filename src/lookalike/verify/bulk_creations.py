"""Bulk creations: operations that make several items of one request, and answer with a result for each.

Evidence: a POST on the path where one item is made, or right below it; a list of such items as the body, or as the only
list in it; and an answer with a list of items, or of results that each hold one. With a 200, the name of the operation
says that it makes them.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.routing import plain_path
from lookalike.json_values import Pointer
from lookalike.model.resources.keys import key_fields
from lookalike.naming.words import words_of
from lookalike.schema.value_types import ValueType
from lookalike.schema.view import SchemaView
from lookalike.verify.requests.item_bodies import item_type
from lookalike.verify.roles import Roles, roles_of

_SUCCESSES = ("201", "207", "200")
_MAKING = frozenset({"create", "creates", "add", "adds", "insert", "inserts", "import", "imports"})


class BulkCreation(NamedTuple):
    """An operation that makes items of a resource, one of which `create` makes.

    `sent` is the place of the list in the body, `shown` that of the list in the answer, and `item` the place of an item
    in one of its elements.
    """

    resource: str
    create: Operation
    sent: Pointer
    shown: Pointer
    item: Pointer


def bulk_creations_of(contract: Contract) -> dict[str, BulkCreation]:
    """The bulk creations of a contract, by the ids of their operations."""
    roles = roles_of(contract)
    found = ((one, _bulk_creation(contract, one, roles)) for one in contract.operations if one.method == "POST")
    return {operation.id: bulk for operation, bulk in found if bulk is not None}


def _bulk_creation(contract: Contract, operation: Operation, roles: Mapping[str, Roles]) -> BulkCreation | None:
    media = next(iter(operation.body.content.values()), None) if operation.body is not None else None
    lists = [*_lists(media.value_type)] if media is not None else []
    if len(lists) != 1 or media is None:
        return None
    (sent, element), path = lists[0], plain_path(operation.path)
    for resource, one in roles.items():
        create = one.create
        if create is None or create is operation or create.method != "POST" or create.body is None:
            continue
        above = plain_path(create.path)
        further = path.removeprefix(above) if path.startswith(f"{above}/") or path == above else "/{}"
        kind = item_type(create, next(iter(create.body.content.values())))
        is_same = bool(kind.properties) and {*kind.properties} == {*element.properties}
        if is_same and "{" not in further and further.count("/") <= 1:
            shown = _shown(contract, operation, next(iter(key_fields(contract.resources[resource])), ""))
            return BulkCreation(resource, create, sent, *shown) if shown is not None else None
    return None


def _lists(kind: ValueType) -> Iterator[tuple[Pointer, ValueType]]:
    """The lists of objects in a body, each with its place: the body itself, or members of it."""
    places: list[tuple[Pointer, ValueType]] = [((), kind), *(((one,), kind.member(one)) for one in kind.properties)]
    for place, one in places:
        if "array" in (one.types or ()) and "object" in (one.item().types or ()):
            yield place, one.item()


def _shown(contract: Contract, operation: Operation, key: str) -> tuple[Pointer, Pointer] | None:
    """The place of the results in an answer, and that of an item in one of them; None if no such are documented."""
    status = next((one for one in _SUCCESSES if one in operation.responses), "")
    is_said = status != "200" or bool(_MAKING & {*words_of(operation.name)})
    pointer = operation.responses[status].default_representation.schema_pointer if status and is_said else ()
    if not pointer:
        return None
    body = SchemaView(contract.document.data, pointer)
    for place, one in (((), body), *(((name,), one) for name, one in body.members.items())):
        element = one.items if "array" in one.types else None
        if element is None:
            continue
        if key in element.members:
            return place, ()
        holders = [name for name, member in element.members.items() if key in member.members]
        if len(holders) == 1:
            return place, (holders[0],)
    return None
