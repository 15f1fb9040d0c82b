"""Rules for changes of an item by a part of it: the members in a body, one member by its path, or a JSON Patch."""

import re
from collections.abc import Iterator

from lookalike.contract.expressions import body_expression
from lookalike.contract.inference.resource_operation import Extension, ResourceOperation, shows_item
from lookalike.contract.inference.rules.rule import Inference, answer_keyword
from lookalike.contract.inference.verbs import actions_in_body
from lookalike.json_values import format_pointer
from lookalike.naming.keys import is_name
from lookalike.naming.members import is_state
from lookalike.naming.words import normalised, words_of
from lookalike.schema.view import SchemaView, is_key_of_shown

JSON_PATCH = "application/json-patch+json"

_BLANK_DELETES = re.compile(
    r"\bkeys?\b[^.]{0,40}\b(?:unset|removed?|deleted?|cleared?)\b[^.]{0,40}\b(?:empty|blank)\b", re.IGNORECASE
)
"""Descriptions of maps that say that an empty value deletes a key."""


def patch_item(on: ResourceOperation) -> Inference | None:
    """PATCH of an item. Evidence: the body's schema, or the media type of a JSON Patch."""
    return changed_by(on, on.changes_in_body() or on.whole_body())


def change_item(on: ResourceOperation) -> Inference | None:
    """Any operation that is known to change an item by what is sent, as a procedure is by its name."""
    schema = on.operation.request_schema
    return None if schema is None else changed_by(on, on.changes_in_body() or ("$request.body", schema))


def changed_by(on: ResourceOperation, body: tuple[str, SchemaView] | None) -> Inference | None:
    """A merge of a body into an item, or a JSON Patch of it."""
    operation, status = on.operation, on.operation.success_status
    is_list = operation.request_schema is not None and "array" in operation.request_schema.types
    is_json_patch = JSON_PATCH in operation.media_types
    steps: list[Extension] = []
    patch = "" if is_list or is_json_patch else _patch_in_body(operation.request_schema)
    if body is not None and not is_list and not patch:
        # A body with a schema of its own may allow what the item's does not; it is not an error of the client then.
        has_own_schema = body[1].members and body[1].pointer != on.resource.schema.pointer
        unfit = {"unfit": "ignored"} if has_own_schema else {}
        blank = [
            name for name, one in body[1].members.items() if _BLANK_DELETES.search(str(one.keyword("description")))
        ]
        unset = {"blank": blank} if blank else {}
        steps.append({"merge": {**_merged(on, body), "depth": "deep", "null": "deletes", **unset, **unfit}})
    if is_json_patch or is_list:
        steps.append({"patch": {"with": "$request.body", **({} if is_json_patch else {"unfit": "ignored"})}})
    if patch:
        steps.append({"patch": {"with": body_expression(patch), "unfit": "ignored"}})
    if not steps or not status:
        return None
    steps += [*_renaming(on, body), *_changes_of_lists(on, body)]
    extension = {
        "select": on.selector_of_existing(),
        "apply": [*steps, *steps_named_in_body(on)],
        **answer_keyword(on.response(status, on.item_template(status))),
    }
    formats = [_STEPS_IN_WORDS[name] for step in steps for name in step]
    return extension, f"changes {on.noun_phrase} ({', '.join(formats)})"


def _patch_in_body(sent: SchemaView | None) -> str:
    """The member of a body that is a JSON Patch, beside a comment on it perhaps; empty if there is none."""
    members = sent.members if sent is not None else {}
    lists = {name: one.items.members.keys() for name, one in members.items() if one.items is not None}
    return next((name for name, names in lists.items() if names >= _IN_A_PATCH), "")


_IN_A_PATCH = frozenset({"op", "path"})


def _merged(on: ResourceOperation, body: tuple[str, SchemaView]) -> Extension:
    """The source of a merge, and the member that it is about alone, such as `status` of `PATCH /pods/{name}/status`."""
    member = on.collection.view
    if member in on.resource.schema.members and (member in body[1].members or not body[1].members):
        return {"field": member, "with": f"{body[0]}#{format_pointer((member,))}"}
    return {"with": body[0]}


def steps_named_in_body(on: ResourceOperation) -> list[Extension]:
    """The steps for the actions that a body may name, as `{"event": "APPROVE"}` of a review."""
    sent = on.operation.request_schema
    named = actions_in_body(on.resource.schema, sent) if sent is not None else ()
    return [{"set": {"fields": values}, "if": body_expression(name), "is": word} for name, word, values in named]


def steps_without_name(on: ResourceOperation) -> list[Extension]:
    """The steps of a creation whose body names no action, where a text tells the state then.

    As "By leaving this blank, you set the state to `PENDING`" of the `event` of a review.
    """
    sent = on.operation.request_schema
    if sent is None:
        return []
    steps, states_by_name = [], dict[str, set[str]]()
    for name, _, values in actions_in_body(on.resource.schema, sent):
        states_by_name.setdefault(name, set()).update(filter(is_state, values))
    for name, states in states_by_name.items():
        told = _LEFT_BLANK.search(str(sent.members[name].keyword("description") or ""))
        if told is not None and len(states) == 1:
            steps.append({"set": {"fields": {states.pop(): told[1]}}, "unless": body_expression(name)})
    return steps


_LEFT_BLANK = re.compile(
    r"\b(?:blank|empty|omit(?:ted)?|not (?:given|provided|sent|set|specified))\b[^.`]{0,80}`(\w+)`", re.IGNORECASE
)
_STEPS_IN_WORDS = {
    "merge": "RFC 7396",
    "patch": "JSON Patch",
    "set": "renames",
    "union": "adds to a list",
    "subtract": "takes from a list",
}
_CHANGES_OF_LISTS = {"add": "union", "remove": "subtract"}


def _changes_of_lists(on: ResourceOperation, body: tuple[str, SchemaView] | None) -> Iterator[Extension]:
    """The steps that change a list of values, such as `events`, by the members `add_events` and `remove_events`."""
    if body is None:
        return
    expression, sent = body
    for name, view in sent.members.items():
        word, *rest = words_of(name)
        member = on.resource.member_named("".join(rest)) if word in _CHANGES_OF_LISTS and rest else ""
        kept = on.resource.schema.members.get(member)
        is_list = kept is not None and "array" in kept.types & view.types
        if is_list and name not in on.resource.schema.members:
            place = f"{expression}{'' if '#' in expression else '#'}{format_pointer((name,))}"
            yield {_CHANGES_OF_LISTS[word]: {"field": member, "with": place}}


def _renaming(on: ResourceOperation, body: tuple[str, SchemaView] | None) -> list[Extension]:
    """The step that gives an item another key: the one sent as `new_name`, or the name in a body of its own schema.

    A body of the item's own schema has its key in any case.
    """
    key = on.resource.key
    if body is None or on.resource.is_single or key not in on.resource.schema.members:
        return []
    expression, sent = body
    if "string" not in on.resource.schema.members[key].types or not is_name(key):
        return []
    wanted = [f"new{normalised(key)}"]
    if sent.pointer != on.resource.schema.pointer:
        wanted.append(normalised(key))
    by_name = {normalised(one): one for one in sent.members}
    name = next((by_name[one] for one in wanted if one in by_name), "")
    place = f"{expression}{'' if '#' in expression else '#'}{format_pointer((name,))}"
    return [{"set": {"fields": {key: place}}}] if name else []


def set_member(on: ResourceOperation, name: str) -> Inference | None:
    """PUT or PATCH of one member of an item, such as `PUT /cards/{id}/name` with `{"value": "Other"}`, or its DELETE.

    Evidence: the end of the path is the name of a member, and all that is sent is a value for it, under its own name
    or as the only one, or an object with members of the one that it holds, or the key of that. A DELETE shows the item.
    """
    member = on.resource.member_about(name)
    if member and on.operation.method == "delete":
        return _unset_member(on, member)
    schema, status = on.operation.request_schema, on.operation.success_status
    if not member or on.operation.method not in ("put", "patch") or schema is None:
        return None
    sent = next((one for one in schema.members if one == member), "")
    kept = on.resource.schema.members[member]
    is_whole = bool(schema.members) and schema.members.keys() <= kept.members.keys()
    sent = sent or (next(iter(schema.members)) if len(schema.members) == 1 and not is_whole else "")
    value = schema.members[sent] if sent else schema
    is_value = bool(sent) or is_whole or not (schema.members or schema.branches)
    if not is_value or not (_may_agree(value, kept) or is_key_of_shown(value, kept)):
        return None
    # A change by a merge has the dates that belong to it.
    merge = {"merge": {"with": "$request.body", "depth": "deep", "null": "deletes", "unfit": "ignored"}}
    setting = {"set": {"fields": {member: body_expression(sent) if sent else body_expression()}}}
    extension = {
        "select": on.selector(),
        "apply": [merge if sent == member and len(schema.members) == 1 else setting],
        **answer_keyword(on.response(status, on.item_template(status))),
    }
    return extension, f"sets {member} of {on.noun_phrase}"


def _unset_member(on: ResourceOperation, member: str) -> Inference | None:
    """DELETE of one member of an item, which shows the item, as `DELETE /issues/{id}/assignee`."""
    status, kept = on.operation.success_status, on.resource.schema.members[member]
    template = on.item_template(status)
    may_be_unset = kept.may_be_null or member not in on.resource.schema.required
    if not shows_item(on.operation, on.resource) or "array" in kept.types or not may_be_unset:
        return None
    extension = {
        "select": on.selector(),
        "apply": [{"set": {"fields": {member: None}}}],
        **answer_keyword(on.response(status, template)),
    }
    return extension, f"unsets {member} of {on.noun_phrase}"


def _may_agree(value: SchemaView, kept: SchemaView) -> bool:
    return not value.types or not kept.types or bool(value.types & kept.types)


def members_in_query(on: ResourceOperation) -> dict[str, str]:
    """The members that an action sets to what its query says, as `PATCH /books/{id}/availability?available=false`.

    A parameter of another type says something else, as whether to show the `comments` of what is answered.
    """
    members, found = on.resource.schema.members, {}
    for name, (schema, _) in on.operation.query_parameters.items():
        member = on.resource.member_named(name)
        if member and _may_agree(schema, members[member]):
            found[member] = f"$request.query.{name}"
    return found
