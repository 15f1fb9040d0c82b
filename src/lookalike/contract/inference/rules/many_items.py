"""The rule for operations on many items by their keys."""

from typing import Any

from lookalike.contract.expressions import body_expression
from lookalike.contract.inference.envelopes import envelope, list_template
from lookalike.contract.inference.resource_operation import Extension, ResourceOperation
from lookalike.contract.inference.rules.lists import list_items
from lookalike.contract.inference.rules.rule import Inference, answer_keyword
from lookalike.contract.inference.verbs import effects_of_action
from lookalike.naming.lists import count_of_many
from lookalike.naming.paths import is_change_of_many, is_deletion_of_many, is_reading_of_many, verb_for_many
from lookalike.naming.words import normalised
from lookalike.schema.value_types import NUMBER_TYPES
from lookalike.schema.view import SchemaView

_CHANGING = frozenset({"patch", "put", "post"})


def act_on_many(on: ResourceOperation) -> Inference | None:
    """An operation that reads, changes or deletes the items whose keys are sent, as `/orders/batch-retrieve` does.

    Evidence: the words at the end of the path, and a list of plain values whose name is that of keys, such as
    `order_ids`; or, of changes, a list of objects with the key and other members of items.
    """
    end, member = on.operation.path.removeprefix(on.collection.path), _keys_sent(on)
    if member and (is_deletion_of_many(end) or on.operation.method == "delete"):
        return _delete_many(on, member)
    if member and is_reading_of_many(end):
        return _list_many(on, member)
    return change_many(on) if on.operation.method in _CHANGING else None


def _delete_many(on: ResourceOperation, member: str) -> Inference:
    beside, inside = on.parent_scope()
    step = {"clear": {"resource": on.resource.name, **inside, "where": _where(on, member)}}
    extension = {**beside, "apply": [step], **_answer(on, member)}
    return extension, f"deletes the {on.resource.name} items with the keys in {member}"


def _list_many(on: ResourceOperation, member: str) -> Inference | None:
    inference = list_items(on)
    if inference is None:
        return None
    inference[0]["list"]["where"] = _where(on, member)
    return inference[0], f"lists the {on.resource.name} items with the keys in {member}"


def change_many(on: ResourceOperation) -> Inference | None:
    """A change of several items: of each by an object with its key, or of all by their keys and what else is sent.

    Or by the verb of the path, as `/orders/bulk-cancel`.
    """
    beside, inside = on.parent_scope()
    if (changes := _changes_sent(on)) is not None:
        step = {"change": {"resource": on.resource.name, **inside, "each": changes}}
        return {**beside, "apply": [step], **_answer(on, "")}, f"changes {on.resource.name} items, each by its key"
    member, end = _keys_sent(on), on.operation.path.removeprefix(on.collection.path)
    values = effects_of_action(on.resource.schema, verb_for_many(end))
    steps = [*_merge_beside(on, member), *([{"set": {"fields": values}}] if values else [])]
    if not member or not steps:
        return None
    step = {"change": {"resource": on.resource.name, **inside, "where": _where(on, member)}}
    extension = {**beside, "apply": [step, *steps], **_answer(on, member)}
    return extension, f"changes the {on.resource.name} items with the keys in {member}"


def _where(on: ResourceOperation, member: str) -> Extension:
    return {on.resource.key: body_expression(member)}


def _changes_sent(on: ResourceOperation) -> str | None:
    """The runtime expression of a list of changes, each with the key of the item that it is of; None without one.

    A POST is of changes where its path says so: else it may make items.
    """
    found, key = on.list_in_body(), on.resource.key
    end = on.operation.path.removeprefix(on.collection.path)
    if found is None or on.resource.is_single or (on.operation.method == "post" and not is_change_of_many(end)):
        return None
    sent = found[1].members
    others = [one for name, one in sent.items() if name != key and len(one.keyword("enum", ())) != 1]  # of JSON:API
    return found[0] if others and key in sent and not sent[key].is_marked("readOnly") else None


def _merge_beside(on: ResourceOperation, keys: str) -> list[Extension]:
    """The merge of what is sent beside the keys of items: members of them, or an object of such."""
    schema, item = on.operation.request_schema, on.resource.schema.members
    places: dict[str, SchemaView] = {"": schema} if schema is not None else {}
    places |= {name: view for name, view in schema.members.items() if view.members} if schema is not None else {}
    for name, view in places.items():
        if any(one in item for one in view.members.keys() - {keys}):
            source = {"with": body_expression(name) if name else "$request.body"}
            without = {} if name else {"without": [keys]}
            return [{"merge": {**source, **without, "depth": "deep", "null": "deletes", "unfit": "ignored"}}]
    return []


def _answer(on: ResourceOperation, keys: str) -> Extension:
    """The answer about the items: a list of them, how many they are, or their keys again."""
    shown, status = on.operation.success_schema, on.operation.success_status
    template = list_template(shown, on.resource.schema, on.resource.key) or counting_template(shown, keys)
    return answer_keyword(on.response(status, template)) if status else {}


def counting_template(schema: SchemaView | None, keys: str = "", depth: int = 0) -> Any:
    """The template of a response that tells how many items something was done with; None if it tells no such number.

    `keys` is the member of the request with their keys, which may be told again.
    """
    places: dict[str, Any] = {}
    for name, member in schema.members.items() if schema is not None else ():
        if depth < 1 and (inner := counting_template(member, keys, depth + 1)) is not None:
            places[name] = inner
        elif member.types & NUMBER_TYPES and (count := count_of_many(name)) is not None:
            places[name] = count
        elif keys and "array" in member.types and normalised(name).endswith("ids"):
            places[name] = body_expression(keys)
    return envelope(schema, places) if schema is not None and places else None


def _keys_sent(on: ResourceOperation) -> str:
    """The member of the body that lists keys of the items: `ids`, or named after the items or their key.

    Or the one that lists objects with the key alone, as `{"inputs": [{"id": "7"}]}`.
    """
    schema, resource = on.operation.request_schema, on.resource
    key, noun = map(normalised, (resource.key, resource.name))
    names = {"ids", "keys", "objectids", f"{key}s", f"{noun}ids"}
    for name, member in schema.members.items() if schema is not None else ():
        is_of_values = member.items is not None and bool(member.items.types & {"string", "integer", "number"})
        is_of_keys = member.items is not None and [*member.items.members] == [resource.key]
        if "array" in member.types and ((is_of_values and normalised(name) in names) or is_of_keys):
            return name
    return ""
