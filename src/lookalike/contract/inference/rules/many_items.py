"""The rule for operations on many items by their keys."""

from lookalike.contract.inference.resource_operation import ResourceOperation
from lookalike.contract.inference.rules.lists import list_items
from lookalike.contract.inference.rules.rule import Inference
from lookalike.json_values import format_pointer
from lookalike.naming.paths import is_deletion_of_many
from lookalike.naming.words import normalised


def act_on_many(on: ResourceOperation) -> Inference | None:
    """POST that reads or deletes the items whose keys are sent, such as `/orders/batch-retrieve` with `order_ids`.

    Evidence: the words at the end of the path, and a list of plain values whose name is that of keys.
    """
    member = _keys_sent(on)
    if not member:
        return None
    where = {on.resource.key: f"$request.body#{format_pointer((member,))}"}
    if is_deletion_of_many(on.operation.path.removeprefix(on.collection.path)):
        beside, inside = on.parent_scope()
        step = {"clear": {"resource": on.resource.name, **inside, "where": where}}
        return {**beside, "apply": [step]}, f"deletes the {on.resource.name} items with the keys in {member}"
    inference = list_items(on)
    if inference is None:
        return None
    inference[0]["list"]["where"] = where
    return inference[0], f"lists the {on.resource.name} items with the keys in {member}"


def _keys_sent(on: ResourceOperation) -> str:
    """The member of the body that lists keys of the items: `ids`, or named after the items or their key."""
    schema, resource = on.operation.request_schema, on.resource
    key, noun = map(normalised, (resource.key, resource.name))
    names = {"ids", "keys", "objectids", f"{key}s", f"{noun}ids"}
    for name, member in schema.members.items() if schema is not None else ():
        is_of_values = member.items is not None and bool(member.items.types & {"string", "integer"})
        if "array" in member.types and is_of_values and normalised(name) in names:
            return name
    return ""
