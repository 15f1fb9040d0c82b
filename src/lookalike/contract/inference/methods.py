"""Operations: what each method on the path of an item or a collection does, where it can be answered from that."""

from collections.abc import Callable, Mapping
from typing import Any

from lookalike.contract.inference.envelopes import counter, list_template
from lookalike.contract.inference.query_parameters import listing_by, queried, told
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resource_operation import ResourceOperation
from lookalike.json_values import format_pointer
from lookalike.schema.view import SchemaView

Raw = dict[str, Any]
Inference = tuple[Raw, str] | None
Rule = Callable[[ResourceOperation], Inference]

JSON_PATCH = "application/json-patch+json"
_ACTS = frozenset({"post", "put", "patch"})


def _read(asked: ResourceOperation) -> Inference:
    template = asked.template(asked.operation.success)
    if template is None:
        return None
    by = f" by {asked.place.own}" if asked.place.own else ""
    return {"select": asked.there(), **_answer(asked.answered(asked.operation.success, template))}, (
        f"reads {asked.noun}{by}"
    )


def _replace(asked: ResourceOperation) -> Inference:
    body = asked.body()
    if body is None or not asked.operation.success:
        return None
    status = asked.operation.success
    creates = "201" in asked.operation.statuses
    select = asked.select(absent="create") if creates or asked.kind.is_single else asked.select()
    answer = asked.answered(status, asked.template(status))
    if creates and status != "201":
        answer["created"] = "201"
    words = f"replaces {asked.noun}" + (", or creates it" if creates else "")
    return {"select": select, "apply": [{"replace": {"with": body[0]}}], **_answer(answer)}, words


def _change(asked: ResourceOperation) -> Inference:
    return _changed_by(asked, asked.body())


def _change_by_post(asked: ResourceOperation) -> Inference:
    """POST on an item that shows the item afterwards, where nothing else changes it."""
    view = asked.operation.body
    is_only = not asked.siblings & {"put", "patch"}
    if not is_only or view is None or asked.template(asked.operation.success) is None:
        return None
    return _changed_by(asked, asked.body() or ("$request.body", view))


def _changed_by(asked: ResourceOperation, body: tuple[str, SchemaView] | None) -> Inference:
    operation = asked.operation
    view = operation.body
    is_list = view is not None and "array" in view.types
    steps: list[Raw] = []
    if body is not None and not is_list:
        said_otherwise = {"unfit": "ignored"} if body[1].members and body[1].pointer != asked.kind.view.pointer else {}
        steps.append({"merge": {"with": body[0], "depth": "deep", "null": "deletes", **said_otherwise}})
    if JSON_PATCH in operation.media_types or is_list:
        loosely = {} if JSON_PATCH in operation.media_types else {"unfit": "ignored"}
        steps.append({"patch": {"with": "$request.body", **loosely}})
    if not steps or not operation.success:
        return None
    ways = [{"merge": "RFC 7396", "patch": "JSON Patch"}[name] for step in steps for name in step]
    answer = asked.answered(operation.success, asked.template(operation.success))
    return {"select": asked.there(), "apply": steps, **_answer(answer)}, f"changes {asked.noun} ({', '.join(ways)})"


def _delete(asked: ResourceOperation) -> Inference:
    if not asked.operation.success:
        return None
    answer = asked.answered(asked.operation.success, asked.template(asked.operation.success))
    found: Raw = {"select": asked.select(), "apply": [{"delete": {}}], **_answer(answer)}
    return found, f"deletes {asked.noun}, and what belongs to it"


def _create(asked: ResourceOperation) -> Inference:
    operation, kind = asked.operation, asked.kind
    status = "201" if "201" in operation.statuses else operation.success
    made = _made_of(asked, status) if status else None
    if made is None:
        return None
    source, template = made
    beside, inside = asked.owner()
    taken = {"taken": asked.refused()} if asked.is_key_sent else {}
    create = {"resource": kind.name, **source, **inside, **taken}
    answer = asked.answered(status, asked.told(status) if template is None else template)
    place = asked.place if asked.place.item and len(asked.place.outer) <= len(kind.by) else kind.home
    if place.item:
        fields = dict(zip(place.outer[-len(kind.by) :], kind.by, strict=False)) if kind.by else {}
        answer["location"] = _path_with(place.item, {**fields, place.own: kind.key})
    words = f"creates {asked.noun}" if "with" in source else f"creates {kind.name} items"
    return {**beside, "apply": [{"create": create}], **_answer(answer)}, f"{words}, {_keyed(asked)}"


def _made_of(asked: ResourceOperation, status: str) -> tuple[Raw, Any] | None:
    """What of a request a new item is made of, and the body that shows it; None where nothing tells that it is one."""
    kind, template, body = asked.kind, asked.template(status), asked.body()
    if body is not None and (template is not None or body[1].members):
        return {"with": body[0]}, template
    every, each = list_template(asked.operation.answer(status), kind.view, kind.key), asked.each()
    if every is not None and each is not None:
        return {"each": each[0]}, every
    view = asked.operation.body
    is_list = view is not None and "array" in view.types
    return None if template is None or is_list else ({"with": "$request.body"}, template)


def _path_with(path: str, fields: Mapping[str, str]) -> str:
    for name, field in fields.items():
        path = path.replace("{" + name + "}", "{" + field + "}")
    return path


def _keyed(asked: ResourceOperation) -> str:
    """How the key of a new item is chosen, in words."""
    key = asked.kind.view.members.get(asked.kind.key)
    if key is None:
        return f"key {asked.kind.key} (counted, not in the body)"
    kind = key.keyword("format") or next(iter(sorted(key.types - {"null"})), "any type")
    taken = {"replace": "a taken one is replaced"}.get(asked.refused(), f"a taken one is answered {asked.refused()}")
    return f"key {asked.kind.key} ({kind}, {f'sent or counted; {taken}' if asked.is_key_sent else 'counted'})"


def _list(asked: ResourceOperation) -> Inference:
    operation, kind = asked.operation, asked.kind
    template = list_template(operation.answer(operation.success), kind.view, kind.key)
    if template is None:
        return None
    beside, inside = asked.owner()
    found = listing_by(asked.operation, asked.kind.view)
    listing = {"resource": kind.name, **inside, **found}
    answer = asked.answered(operation.success, template) | _counted(operation)
    return {**beside, "list": listing, **_answer(answer)}, f"lists {kind.name} items{told(found)}"


def _counted(operation: RawOperation) -> Raw:
    """The header fields that tell how much of a list there is, as `X-Total-Count`."""
    named = operation.headers(operation.success)
    places = {name: counter(name.lower().removeprefix("x-").removeprefix("pagination-"), view) for name, view in named}
    found = {name: place for name, place in places.items() if place}
    return {"headers": found} if found else {}


def found_by_query(asked: ResourceOperation) -> Inference:
    """A list below a collection that only filters it, such as `/pet/findByStatus`."""
    found = listing_by(asked.operation, asked.kind.view)
    unknown = asked.operation.queries.keys() - set(queried(found))
    if not found.get("where") or any(asked.operation.queries[name][1] for name in unknown):
        return None
    return _list(asked)


def shown_after_action(asked: ResourceOperation) -> Inference:
    """An action on an item, such as `POST /pets/{id}/cancel`, that shows the item, and of which no example shows more.

    What it does is not known, but the item that it shows is that one and no other.
    """
    operation, view = asked.operation, asked.operation.answer(asked.operation.success)
    is_action = operation.method in _ACTS and operation.path.rpartition("/")[0] == asked.place.item
    shows_it = view is not None and view.pointer == asked.kind.view.pointer and operation.success != "201"
    if not is_action or not shows_it or next(operation.examples(operation.success), None) is not None:
        return None
    return {"select": asked.select(), "answer": {"body": "$item"}}, f"shows {asked.noun} as it is"


def _replace_by_body(asked: ResourceOperation) -> Inference:
    """PUT on a collection, where the body tells which item is meant."""
    body = asked.body()
    key = asked.kind.key
    if body is None or key not in body[1].members or asked.place.outer:
        return None
    found = _replace(asked)
    if found is None:
        return None
    way = body[0] if "#" in body[0] else f"{body[0]}#"
    found[0]["select"]["by"] = f"{way}{format_pointer((key,))}"
    return found


def _answer(answer: Raw) -> Raw:
    return {"answer": answer} if answer else {}


ON_ITEM: Mapping[str, Rule] = {
    "get": _read,
    "put": _replace,
    "patch": _change,
    "post": _change_by_post,
    "delete": _delete,
}
ON_COLLECTION: Mapping[str, Rule] = {
    "get": _list,
    "query": _list,
    "post": _create,
    "put": _replace_by_body,
}
