"""Links: lists of other things in an item, to which keys are added and from which they are taken below the item.

As the labels of an issue: `POST /issues/{number}/labels` takes names, `DELETE /issues/{number}/labels/{name}` takes one
away, and the issue shows its labels. The evidence is the name at the end of the path, that the item has a list of that
name, and that what is sent are keys rather than things; all of it is guessed, so that it accuses no server.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from lookalike.contract.expressions import body_expression
from lookalike.contract.inference.envelopes import list_template
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resource_operation import Extension, ResourceOperation, shows_item
from lookalike.contract.inference.resources.resource_guess import Methods, ResourceGuess
from lookalike.contract.path_segments import parameter, segments
from lookalike.json_values import format_pointer
from lookalike.naming.keys import KEY_ENDINGS, names_of_key_of
from lookalike.naming.words import are_alike, normalised, singular, words_of
from lookalike.schema.view import SchemaView

_SCALARS = frozenset({"string", "integer"})


def linked_member(resource: ResourceGuess, path: str, methods: Methods) -> str:
    """The list of an item that a path below it is about, as `labels` of `/issues/{number}/labels`; else nothing."""
    member = resource.member_about(segments(path)[-1])
    if not member or "array" not in resource.schema.members[member].types:
        return ""
    adding = [methods[method] for method in ("post", "put") if method in methods]
    # Things that are listed here too are items of their own, and those that are set are a value of the member.
    are_things = "get" not in methods and all(one.method == "post" or one.is_adding for one in adding)
    element = resource.schema.members[member].items if are_things else None
    is_linked = adding and all(
        [*_keys_in_body(one, member, element)] or _adds_one(one, resource) or _adds_line(one, resource, member)
        for one in adding
    )
    return member if is_linked else ""


def _adds_one(operation: RawOperation, resource: ResourceGuess) -> bool:
    """Whether the key of one thing is sent, and the item is shown with it, as of `{"userId": 7}` to its members."""
    return shows_item(operation, resource) and bool([*_only_key_in_body(operation)])


def _adds_line(operation: RawOperation, resource: ResourceGuess, member: str) -> bool:
    """Whether a part of an item is sent, and the item is shown with it, as a line to the `lines` of an order."""
    element = resource.schema.members[member].items
    return operation.method == "post" and shows_item(operation, resource) and bool([*_whole_body(operation, element)])


def list_linked_by_path(resource: ResourceGuess, path: str, methods: Methods) -> str:
    """The list of an item to which methods without a body add the thing of a path; else nothing.

    They show the item, or its list holds keys of such things, as `group_ids` of `/customers/{id}/groups/{group_id}`.
    """
    noun = segments(path)[-1]
    member, keys = list_named(resource, noun), _list_of_keys(resource, noun)
    adding = [methods[method] for method in ("put", "post") if method in methods]
    is_linked = adding and all(one.request_schema is None and (keys or shows_item(one, resource)) for one in adding)
    return (keys or member) if is_linked and methods.keys() <= {"put", "post", "delete"} else ""


def _list_of_keys(resource: ResourceGuess, noun: str) -> str:
    """The list in items of the keys of what a noun names, as `group_ids` of groups; else nothing."""
    names = names_of_key_of(noun, is_list=True)
    lists = ((name, one.items) for name, one in resource.schema.members.items() if normalised(name) in names)
    return next((name for name, held in lists if held is not None and held.types and held.types <= _SCALARS), "")


def link_effect(on: ResourceOperation, member: str) -> tuple[Extension, str] | None:
    """The effect of an operation on the links of an item, at their path or at that of one of them."""
    method, status = on.operation.method, on.operation.success_status
    one = parameter(segments(on.operation.path)[-1])
    element = on.resource.schema.members[member].items
    sent = [*_keys_in_body(on.operation, member, element)] or [*_only_key_in_body(on.operation)]
    sent = sent or [*_whole_body(on.operation, element)]
    keys = [f"$request.path.{one}"] if one else sent
    answer = on.response(status, _template(on, member))
    extension: Extension = {"select": on.selector(), **({"answer": answer} if answer else {})}
    if method == "get":
        return (extension, f"lists {member} of {on.noun_phrase}") if "body" in answer and not one else None
    if method not in ("post", "put", "delete") or not status:
        return None
    word = "subtract" if method == "delete" else "union"
    # A list may be the body, or a member of it: an object is no list of keys.
    inside = next((key for key in keys if key != "$request.body"), "")
    steps: list[Extension] = [
        {word: {"field": member, "with": key}, **({"unless": inside} if inside and key == "$request.body" else {})}
        for key in keys
    ]
    is_replaced = method == "put" and not one and not on.operation.is_adding
    if is_replaced or not (one or keys):
        steps.insert(0, {"set": {"fields": {member: []}}})
    verb = {"post": "adds to", "put": "sets" if is_replaced else "adds to", "delete": "takes away from"}[method]
    return {**extension, "apply": steps}, f"{verb} {member} of {on.noun_phrase}"


def list_of_member(on: ResourceOperation) -> tuple[Extension, str] | None:
    """The effect of a GET below an item that shows a list in it, alone or in the envelope that the item has as well."""
    noun = segments(on.operation.path)[-1]
    if member := list_named(on.resource, noun):
        return link_effect(on, member)
    member, shown = on.resource.member_named(noun), on.operation.success_schema
    kept = on.resource.schema.members.get(member)
    is_envelope = kept is not None and any(one.items is not None for one in kept.members.values())
    if kept is None or shown is None or not is_envelope or kept.members.keys() != shown.members.keys():
        return None
    answer = {"body": f"$item#{format_pointer((member,))}"}
    return {"select": on.selector(), "answer": answer}, f"lists {member} of {on.noun_phrase}"


def list_change(on: ResourceOperation, verb: str) -> tuple[Extension, str] | None:
    """The effect of an action that adds to a list of an item, or takes away from it, such as `POST /tasks/{id}/addTag`.

    Evidence: the noun behind the verb is that of a list in the item, and of a key or of several in the body; or the
    body has members of what that list shows, as of a subnet that is sent to `/add_subnet`.
    """
    first, *others = words_of(verb) or [""]
    is_taken_away = first in _TAKING_AWAY
    noun = "".join(others) if is_taken_away or first in _ADDING else ""
    member = list_named(on.resource, noun) or (_list_of_keys(on.resource, noun) if noun else "")
    shown = on.resource.schema.members[member].items if member else None
    key = next(chain(_keys_of_noun(on, member), _whole_body(on.operation, shown)), "") if member else ""
    status = on.operation.success_status
    if not key or not status or on.operation.method not in ("post", "put", "delete", "patch"):
        return None
    answer = on.response(status, on.item_template(status))
    step = {"subtract" if is_taken_away else "union": {"field": member, "with": key}}
    extension = {"select": on.selector(), "apply": [step], **({"answer": answer} if answer else {})}
    return extension, f"{'takes away from' if is_taken_away else 'adds to'} {member} of {on.noun_phrase}"


_ADDING = frozenset({"add", "assign", "attach", "append", "link", "associate"})
_TAKING_AWAY = frozenset({"remove", "unassign", "detach", "delete", "unlink", "disassociate", "dissociate"})


def list_named(resource: ResourceGuess, noun: str) -> str:
    """The list of an item that a noun names, in singular or plural, else nothing."""
    wanted = normalised(singular(noun))
    found = (name for name, one in resource.schema.members.items() if "array" in one.types)
    return next((name for name in found if wanted and normalised(singular(name)) == wanted), "")


def _keys_of_noun(on: ResourceOperation, member: str) -> Iterator[str]:
    """The runtime expressions of the keys that are sent under the name of a list, or of one key under its singular."""
    schema = on.operation.request_schema
    forms: dict[tuple[str, ...], SchemaView] = {(): schema} if schema is not None else {}
    forms |= {(name,): one for name, one in schema.members.items() if one.members} if schema is not None else {}
    for place, form in forms.items():
        for name, sent in form.members.items():
            is_named = are_alike(name, member)
            if is_named and (_are_keys(sent) or (bool(sent.types) and sent.types <= _SCALARS)):
                yield body_expression(*place, name)


def _whole_body(operation: RawOperation, element: SchemaView | None) -> Iterator[str]:
    """The runtime expression of the body, where most that it has are members of what a list shows."""
    sent = operation.request_schema
    if sent is not None and element is not None:
        shared = sent.members.keys() & element.members.keys()
        if 0 < len(sent.members) <= 2 * len(shared):
            yield "$request.body"


def _template(on: ResourceOperation, member: str) -> Any:
    """The template of a response with the item, or with the list: a GET shows the list if it can."""
    shown, listed = on.item_template(on.operation.success_status), _list_template(on, member)
    return (listed or shown) if on.operation.method == "get" else (shown or listed)


def _list_template(on: ResourceOperation, member: str) -> Any:
    element = on.resource.schema.members[member].items
    if element is None:
        return None
    place, shown = f"$item#{format_pointer((member,))}", on.operation.success_schema
    if shown is not None and _are_keys(on.resource.schema.members[member]):
        keys = [name for name, one in shown.members.items() if _are_keys(one)]
        return place if _are_keys(shown) else {keys[0]: place} if len(keys) == len(shown.members) == 1 else None
    described = next((one for one in element.branches if "object" in one.types), element)
    template = list_template(shown, described, "")
    if isinstance(template, dict) and shown is not None:
        held = [name for name, one in template.items() if one == "$items"]
        return dict.fromkeys(held, place) if held and shown.required <= {*held} else None
    return place if template == "$items" else None


def _keys_in_body(operation: RawOperation, member: str, element: SchemaView | None = None) -> Iterator[str]:
    """The runtime expressions of the keys that are sent: in a list under the name of the member, or the only one.

    Or as the body. In place of keys, things may be sent that have the schema of an `element` of the member.
    """
    schema = operation.request_schema
    for form in (schema, *schema.branches) if schema is not None else ():
        sent = next((one for one in form.members if _is_short_for(one, member) or len(form.members) == 1), "")
        if sent and _are_keys(form.members[sent], element):
            yield body_expression(sent)
        elif not form.members and "array" in form.types and _are_keys(form, element):
            yield "$request.body"


def _only_key_in_body(operation: RawOperation) -> Iterator[str]:
    """The runtime expression of the key of a thing, where nothing else is sent."""
    schema = operation.request_schema
    for name, view in schema.members.items() if schema is not None and len(schema.members) == 1 else ():
        if view.types and view.types <= _SCALARS and normalised(name).endswith(KEY_ENDINGS):
            yield body_expression(name)


def _is_short_for(sent: str, member: str) -> bool:
    """Whether what is sent has the name of a member, or its last word, such as `reviewers` of `requested_reviewers`.

    Or that of the keys of what it shows, as `tag_ids` of `tags`.
    """
    return normalised(sent) in (normalised(member), words_of(member)[-1], *names_of_key_of(member, is_list=True))


def _are_keys(schema: SchemaView, element: SchemaView | None = None) -> bool:
    items = schema.items
    if "array" not in schema.types or items is None:
        return False
    is_thing = element is not None and bool(element.members) and items.pointer == element.pointer
    return is_thing or (bool(items.types) and items.types <= _SCALARS)
