"""The rules: what an operation does to a resource, by its method and by the schemas of its request and response.

Each rule returns the `x-lookalike` that the document could have stated itself, and the same in words; or None where
the response could not be answered from state so that it fits its schema. The meaning of the methods is RFC 9110
section 9.3, of PATCH RFC 5789. A rule names its evidence: the path's shape is always part of it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from lookalike.contract.inference import vocabulary
from lookalike.contract.inference.actions import (
    counts_of_action,
    effects_of_action,
    gives_what_is_sent,
    leads_to,
    taken_back,
    told_about_action,
    values_of,
)
from lookalike.contract.inference.envelopes import counter_place, list_item_schemas, list_template
from lookalike.contract.inference.links import list_change
from lookalike.contract.inference.query_parameters import in_words, listing_keywords, used_parameters
from lookalike.contract.inference.raw_operation import RawOperation, is_file, last_segment, parameter, parameters_of
from lookalike.contract.inference.resource_operation import Extension, ResourceOperation
from lookalike.contract.inference.resources import ItemCollection, ResourceGuess, member_naming
from lookalike.contract.semantics import FILE
from lookalike.json_values import format_pointer
from lookalike.schema.view import SchemaView

Inference = tuple[Extension, str]
"""The semantics of an operation, as `x-lookalike` and in words."""

Rule = Callable[[ResourceOperation], Inference | None]

JSON_PATCH = "application/json-patch+json"
_CHANGING = frozenset({"post", "put", "patch"})


def read_item(on: ResourceOperation) -> Inference | None:
    """GET of an item. Evidence: the response's schema can hold the item."""
    status = on.operation.success_status
    template = on.item_template(status)
    if template is None:
        return _download(on)
    by = f" by {on.collection.key_parameter}" if on.collection.key_parameter else ""
    extension = {"select": on.selector_of_existing(), **_answer(on.response(status, template))}
    return extension, f"reads {on.noun_phrase}{by}"


def _download(on: ResourceOperation) -> Inference | None:
    """GET of the file that was sent for an item. Evidence: the response is no JSON, or nothing is said of it."""
    if not on.operation.downloads and not on.operation.answers_unsaid:
        return None
    extension = {"select": on.selector(), **_answer(on.response(on.operation.success_status, FILE))}
    return extension, f"downloads the file of {on.noun_phrase}"


_PARTIAL = re.compile(
    r"partial(?:ly)?\b[^.]{0,20}\bupdat|updates?\b[^.]{0,20}\bpartial"
    r"|only (?:the )?(?:fields|properties|values|attributes|parameters|members) (?:that (?:are|were) )?"
    r"(?:given|provided|sent|specified|present|included|passed|supplied)"
    r"|(?:unspecified|omitted|missing|not (?:given|provided|sent|specified|present|included|passed|supplied))\b"
    r"[^.]{0,60}"
    r"\b(?:unchanged|not (?:be )?(?:changed|modified|updated|affected)|left as|stay|remain|keep)",
    re.IGNORECASE,
)
"""Texts that say that members which are not sent stay as they are."""


def _replace(on: ResourceOperation) -> Inference | None:
    """PUT of an item. Evidence: the body's schema resembles the item's.

    That it creates an item where there is none is stated by a 201, or by its name where no other operation creates;
    else it changes existing ones only. Members that the body's schema does not have stay as they are, since no request
    can say what becomes of them; and so do all that are not sent, where the text says that the update is partial.
    """
    status, body = on.operation.success_status, on.changes_in_body()
    if body is None and status and (stored := _store_file(on)) is not None:
        return stored
    creates = "201" in on.operation.statuses or on.creates_by_name
    if body is None and creates and not on.operation.media_types:
        answer = on.response(status, on.item_template(status))
        return {"select": on.selector(absent="create"), **_answer(answer)}, f"makes {on.noun_phrase} be there"
    body = body or on.whole_body()
    if body is None or not status:
        return None
    member = on.collection.view
    # `/pods/{name}/status` is about the status.
    if member and member in on.resource.schema.members.keys() & body[1].members.keys():
        extension = {
            "select": on.selector(),
            "apply": [{"set": {"fields": {member: f"{body[0]}#{format_pointer((member,))}"}}}],
            **_answer(on.response(status, on.item_template(status))),
        }
        return extension, f"replaces {member} of {on.noun_phrase}"
    shows_part = bool(on.collection.view) and body[1].pointer != on.resource.schema.pointer
    if shows_part or (_PARTIAL.search(on.operation.text) and not creates):
        changed = _changed_by(on, body)
        reason = "the path shows a part" if shows_part else "the text says that it is partial"
        return (changed[0], f"{changed[1]}, since {reason}") if changed else None
    answer = on.response(status, on.item_template(status))
    if "201" in on.operation.statuses and status != "201":
        answer["created"] = "201"
    is_given = on.resource.is_single and not (on.comes_and_goes and "post" in on.siblings)
    extension = {
        "select": on.selector(absent="create") if creates or is_given else on.selector(),
        "apply": [{"replace": {"with": body[0], **_keeps(on, body[1])}}],
        **_answer(answer),
    }
    return extension, f"replaces {on.noun_phrase}" + (", or creates it" if creates else "")


def _store_file(on: ResourceOperation) -> Inference | None:
    """PUT or POST of the file of an item. Evidence: the whole body is a file, and the response can show the item.

    A PUT where there is no such item makes one, as RFC 9110 section 9.3.4 has it.
    """
    template = on.item_template(on.operation.success_status)
    if template is None or not on.operation.uploads:
        return None
    absent = {"absent": "create"} if on.operation.method == "put" else {}
    answer = on.response(on.operation.success_status, template)
    if absent and {"200", "201"} <= {*on.operation.statuses}:
        answer["created"] = "201"
    return {"select": on.selector(**absent), **_answer(answer)}, f"stores the file of {on.noun_phrase}"


def _keeps(on: ResourceOperation, sent: SchemaView) -> Extension:
    """The members of the item that a body cannot have by its schema; all of them where that is one of a partial update.

    Such a schema requires none of the members that an item must have, or that must be sent to make one: a server cannot
    replace an item by a body without them. FastAPI's own tutorial writes the schemas of `PUT` so.
    """
    item, key = on.resource.schema, on.resource.key
    needed = ((item.required | on.resource.needed) & sent.members.keys()) - {key}
    is_partial = bool(needed) and not needed & sent.required and sent.pointer != item.pointer
    names = [name for name in item.members if (is_partial or name not in sent.members) and name != key]
    return {"keeps": names} if names and sent.members else {}


def _change(on: ResourceOperation) -> Inference | None:
    """PATCH of an item. Evidence: the body's schema, or the media type of a JSON Patch."""
    return _changed_by(on, on.changes_in_body() or on.whole_body())


def _change_by_post(on: ResourceOperation) -> Inference | None:
    """POST on an item that shows the item. Evidence: no PUT or PATCH beside it, and the response's schema."""
    if (stored := _store_file(on)) is not None:
        return stored
    if on.comes_and_goes:
        return _make_single(on)
    schema = on.operation.request_schema
    is_only_change = not on.siblings & {"put", "patch"}
    if is_only_change and schema is None and (asked := _asked_of_action(on)):
        template = on.item_template(on.operation.success_status)
        answer = _answer(on.response(on.operation.success_status, template))
        extension = {"select": on.selector(), "apply": [{"set": {"fields": asked}}], **answer}
        return extension, f"sets {', '.join(asked)} of {on.noun_phrase}"
    if not is_only_change or schema is None or on.item_template(on.operation.success_status) is None:
        return None
    return _changed_by(on, on.changes_in_body() or ("$request.body", schema))


def _make_single(on: ResourceOperation) -> Inference | None:
    """POST of the single item of a parent. Evidence: the path has a DELETE too, so that something makes the item."""
    status = "201" if "201" in on.operation.statuses else on.operation.success_status
    template = on.item_template(status)
    if template is None:
        return None
    taken = {"present": "409"} if "409" in on.operation.statuses else {}
    body = on.item_in_body()
    steps = {"apply": [{"replace": {"with": body[0], **_keeps(on, body[1])}}]} if body is not None else {}
    select = on.selector(absent="create", **taken)
    return {"select": select, **steps, **_answer(on.response(status, template))}, f"makes {on.noun_phrase}"


def change_item(on: ResourceOperation) -> Inference | None:
    """Any operation that is known to change an item by what is sent, as a procedure is by its name."""
    schema = on.operation.request_schema
    return None if schema is None else _changed_by(on, on.changes_in_body() or ("$request.body", schema))


def _changed_by(on: ResourceOperation, body: tuple[str, SchemaView] | None) -> Inference | None:
    operation, status = on.operation, on.operation.success_status
    is_list = operation.request_schema is not None and "array" in operation.request_schema.types
    is_json_patch = JSON_PATCH in operation.media_types
    steps: list[Extension] = []
    if body is not None and not is_list:
        # A body with a schema of its own may allow what the item's does not; it is no error of the client then.
        has_own_schema = body[1].members and body[1].pointer != on.resource.schema.pointer
        unfit = {"unfit": "ignored"} if has_own_schema else {}
        steps.append({"merge": {**_merged(on, body), "depth": "deep", "null": "deletes", **unfit}})
    if is_json_patch or is_list:
        steps.append({"patch": {"with": "$request.body", **({} if is_json_patch else {"unfit": "ignored"})}})
    if not steps or not status:
        return None
    steps += _renaming(on, body)
    extension = {
        "select": on.selector_of_existing(),
        "apply": steps,
        **_answer(on.response(status, on.item_template(status))),
    }
    formats = [_STEPS_IN_WORDS[name] for step in steps for name in step]
    return extension, f"changes {on.noun_phrase} ({', '.join(formats)})"


def _merged(on: ResourceOperation, body: tuple[str, SchemaView]) -> Extension:
    """The source of a merge, and the member that it is about alone, as `status` of `PATCH /pods/{name}/status`."""
    member = on.collection.view
    if member in on.resource.schema.members and (member in body[1].members or not body[1].members):
        return {"field": member, "with": f"{body[0]}#{format_pointer((member,))}"}
    return {"with": body[0]}


_STEPS_IN_WORDS = {"merge": "RFC 7396", "patch": "JSON Patch", "set": "renames"}


def _renaming(on: ResourceOperation, body: tuple[str, SchemaView] | None) -> list[Extension]:
    """The step that gives an item another key: the one sent as `new_name`, or the name in a body of its own schema.

    A body of the item's own schema has its key in any case.
    """
    key = on.resource.key
    if body is None or on.resource.is_single or key not in on.resource.schema.members:
        return []
    expression, sent = body
    if "string" not in on.resource.schema.members[key].types or not vocabulary.is_name(key):
        return []
    wanted = [f"new{vocabulary.normalised(key)}"]
    if sent.pointer != on.resource.schema.pointer:
        wanted.append(vocabulary.normalised(key))
    by_name = {vocabulary.normalised(one): one for one in sent.members}
    name = next((by_name[one] for one in wanted if one in by_name), "")
    place = f"{expression}{'' if '#' in expression else '#'}{format_pointer((name,))}"
    return [{"set": {"fields": {key: place}}}] if name else []


def delete_item(on: ResourceOperation) -> Inference | None:
    """DELETE of an item. Evidence: the method.

    One whose text begins with another verb, and that answers with the item, leaves it there in the state that this
    verb leads to, as "Cancel a subscription".
    """
    status = on.operation.success_status
    if not status:
        return None
    answer = on.response(status, on.item_template(status))
    verb = _first_word(on.operation.text)
    ended = effects_of_action(on.resource.schema, _infinitive(verb)) if "body" in answer else {}
    if ended and verb not in _DELETING:
        extension = {"select": on.selector(), "apply": [{"set": {"fields": ended}}], **_answer(answer)}
        return extension, f"sets {_in_words(ended)} of {on.noun_phrase}"
    extension = {"select": on.selector(), "apply": [{"delete": {}}], **_answer(answer)}
    return extension, f"deletes {on.noun_phrase}, and what belongs to it"


_TAG = re.compile(r"<[^>]*>")
_DELETING = frozenset({"delete", "deletes", "remove", "removes", "destroy", "destroys"})


def _first_word(text: str) -> str:
    found = re.search(r"[a-z]+", _TAG.sub("", text).lower())
    return found[0] if found else ""


def _infinitive(verb: str) -> str:
    return vocabulary.singular(verb)  # "Cancels" is formed as a plural is


def _in_words(changed: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} to {value}" for name, value in changed.items())


def create_item(on: ResourceOperation) -> Inference | None:
    """POST on a collection. Evidence: the body's schema resembles the item's, or the response's schema holds it."""
    resource, statuses = on.resource, on.operation.statuses
    status = "201" if "201" in statuses else on.operation.success_status
    source_and_template = _source_of_new_item(on, status) if status else None
    if source_and_template is None:
        return None
    source, template = source_and_template
    beside, inside = on.parent_scope()
    taken = {"taken": on.on_taken_key()} if on.client_may_choose_key else {}
    create = {"resource": resource.name, **source, **inside, **taken}
    answer = on.response(status, on.key_template(status) if template is None else template)
    if location := _location(on):
        answer["location"] = location
    created = on.noun_phrase if "with" in source else f"{resource.name} items"
    return {**beside, "apply": [{"create": create}], **_answer(answer)}, f"creates {created}, {_key_in_words(on)}"


def _source_of_new_item(on: ResourceOperation, status: str) -> tuple[Extension, Any] | None:
    """The part of the request that becomes an item, and the template of the response; None without evidence."""
    resource, template, item = on.resource, on.item_template(status), on.item_in_body()
    if item is not None and (template is not None or item[1].members):
        return {"with": item[0]}, template
    all_items = list_template(on.operation.response_schema(status), resource.schema, resource.key)
    items = on.list_in_body()
    if items is not None and (all_items is not None or items[0] == "$request.body"):
        return {"each": items[0]}, all_items
    if on.operation.creates_unsaid:
        return {"with": "$request.body"}, None
    schema = on.operation.request_schema
    is_list = schema is not None and "array" in schema.types
    return None if template is None or is_list else ({"with": "$request.body"}, template)


def _location(on: ResourceOperation) -> str:
    """The path of a new item, as a template over its members, for the Location field (RFC 9110 section 10.2.2)."""
    resource, collection = on.resource, on.collection
    if not collection.item_path or len(collection.parent_parameters) > len(resource.parent_fields):
        collection = next((one for one in resource.collections if one.item_path), resource.home)
    if not collection.item_path:
        return ""
    fields = {collection.key_parameter: resource.key}
    if resource.parent_fields:
        above = [one for one in parameters_of(collection.item_path) if one != collection.key_parameter]
        # Where the path has fewer parents than the item, they are the outer ones.
        first = len(resource.home.parent_parameters) - len(resource.parent_fields)
        fields |= zip(above[first:], resource.parent_fields, strict=False)
    # All at once: the field of one may have the name of another.
    return re.sub(r"\{([^{}]+)\}", lambda match: "{" + fields.get(match[1], match[1]) + "}", collection.item_path)


def _key_in_words(on: ResourceOperation) -> str:
    """The choice of the key of a new item, in words."""
    key = on.resource.key
    member = on.resource.schema.members.get(key)
    if member is None:
        return f"key {key} (counted, not in the body)"
    type_name = member.keyword("format") or next(iter(sorted(member.types - {"null"})), "any type")
    if not on.client_may_choose_key:
        return f"key {key} ({type_name}, counted)"
    status = on.on_taken_key()
    taken = "a taken one is replaced" if status == "replace" else f"a taken one is answered {status}"
    return f"key {key} ({type_name}, sent or counted; {taken})"


def list_items(on: ResourceOperation) -> Inference | None:
    """GET or QUERY of a collection. Evidence: the response's schema holds a list of items; names of parameters."""
    operation, resource = on.operation, on.resource
    template = on.list_template()
    if template is None:
        return None
    beside, inside = on.parent_scope()
    keywords = listing_keywords(operation, resource.schema)
    answer = on.response(operation.success_status, template) | _counting_headers(operation)
    extension = {**beside, "list": {"resource": resource.name, **inside, **keywords}, **_answer(answer)}
    return extension, f"lists {resource.name} items{in_words(keywords)}"


def _counting_headers(operation: RawOperation) -> Extension:
    """The header fields that say how much of a list there is, or link to other pages. Evidence: their names."""
    headers = {}
    for name, schema in operation.response_headers(operation.success_status):
        plain_name = name.lower()
        place = counter_place(plain_name.removeprefix("x-").removeprefix("pagination-"), schema)
        place = "$links" if plain_name == "link" else place  # RFC 8288
        if place:
            headers[name] = place
    return {"headers": headers} if headers else {}


def list_by_filter(on: ResourceOperation) -> Inference | None:
    """A read below a collection that filters it, as `/pet/findByStatus`, or lists some of it, as `/orders/pending`.

    Evidence: a query parameter has the name of a member of the item; or the items that are listed are described as it
    is. Where another parameter is required, the list depends on something that the items do not show.
    """
    keywords = listing_keywords(on.operation, on.resource.schema)
    parameters = on.operation.query_parameters
    others = parameters.keys() - set(used_parameters(keywords))
    is_filter = keywords.get("where") or keywords.get("search")
    if not (is_filter or _lists_some(on)) or any(parameters[name][1] for name in others):
        return None
    inference, word = list_items(on), last_segment(on.operation.path)
    values = {} if is_filter else values_of(on.resource.schema, word)
    if not is_filter and not values and _PARTICIPLE.search(word):
        return None  # `/gists/starred`: some of them, and nothing shows which
    if inference is not None and values:
        inference[0]["list"]["where"] = values
    return inference


def act_on_many(on: ResourceOperation) -> Inference | None:
    """POST that reads or deletes the items whose keys are sent, as `/orders/batch-retrieve` with `order_ids`.

    Evidence: the words at the end of the path, and a list of plain values whose name is that of keys.
    """
    member = _keys_sent(on)
    if not member:
        return None
    where = {on.resource.key: f"$request.body#{format_pointer((member,))}"}
    if vocabulary.is_deletion_of_many(on.operation.path.removeprefix(on.collection.path)):
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
    key, noun = map(vocabulary.normalised, (resource.key, resource.name))
    names = {"ids", "keys", "objectids", f"{key}s", f"{noun}ids"}
    for name, member in schema.members.items() if schema is not None else ():
        is_of_values = member.items is not None and bool(member.items.types & {"string", "integer"})
        if "array" in member.types and is_of_values and vocabulary.normalised(name) in names:
            return name
    return ""


def list_by_value(on: ResourceOperation, name: str, word: str) -> Inference | None:
    """GET of the items that have the value of a path parameter, as `/bookings/client/{client_id}`.

    Evidence: the items have a member that the parameter, or the word before it, names.
    """
    item = on.resource.schema.members
    words = [one for one in vocabulary.words(word) if one not in _BEFORE_VALUES]
    by_name = {vocabulary.normalised(one): one for one in item}
    wanted = (vocabulary.normalised(name), "".join(words), f"{''.join(words)}id", vocabulary.words(name)[-1])
    member = next((by_name[one] for one in wanted if one in by_name), "")
    inference = list_items(on) if member and member != on.resource.key else None
    if inference is None or "array" in item[member].types:
        return None
    listing = inference[0]["list"]
    listing["where"] = {**listing.get("where", {}), member: f"$request.path.{name}"}
    return inference[0], f"{inference[1]}, of one {member}"


_BEFORE_VALUES = frozenset({"get", "find", "list", "filter", "search", "all", "by", "for", "of"})


def _lists_some(on: ResourceOperation) -> bool:
    item = on.resource.schema
    listed = [*list_item_schemas(on.operation.success_schema)]
    shortened = (one for one in listed if one.members.keys() <= item.members.keys())
    return any(one.pointer == item.pointer for one in listed) or any(
        len(one.members) >= len(item.members) * _MOST_OF_ITEM for one in shortened if one.members
    )


_PARTICIPLE = re.compile(r"[^e]ed\Z|\A(?:trash|drafts|archive)\Z", re.IGNORECASE)
_MOST_OF_ITEM = 2 / 3  # of its members: a list may leave the long ones out


def act_on_item(on: ResourceOperation, undone: RawOperation | None = None) -> Inference | None:
    """An action on an item, as `POST /pets/{petId}/cancel`, that shows the item as it is afterwards.

    Evidence: the path ends in a verb, and the item has the state, flag or date that the verb leads to, or the members
    that are sent to `/resize` and the like; or the example of the response has a state that no other has; or the schema
    of the response is the item's own. A 201 may tell of a new thing, as of a copy, unless the verb leads to a state:
    some frameworks answer it to each POST. The members that an action sets are those that the one which undoes it takes
    back (`/attach` and `/detach`).
    """
    item_path, status = on.collection.item_path.rstrip("/"), on.operation.success_status
    above, _, verb = on.operation.path.rstrip("/").rpartition("/")
    if parameter(verb) or not status:
        return None
    is_of_item = above.removesuffix("/actions") == item_path
    by_verb = (list_change(on, verb) or _act_by_verb(on, verb, undone)) if is_of_item else None
    return _set_member(on, on.operation.path.removeprefix(item_path)) or by_verb


def _act_by_verb(on: ResourceOperation, verb: str, undone: RawOperation | None) -> Inference | None:
    operation, status = on.operation, on.operation.success_status
    if operation.method == "get":
        return _download(on) if operation.downloads or is_file(verb) else None
    is_undone = operation.method == "delete"
    if not is_undone and operation.method not in _CHANGING:
        return None
    schema = operation.success_schema
    shows_item = schema is not None and schema.pointer == on.resource.schema.pointer
    template = on.item_template(status) if schema is not None else None
    example = next(operation.response_examples(status), None)
    if shows_item and schema is not None and example == schema.example:
        example = None  # that of the schema is one of any item, and not of what this action answers
    changed = _states_in(on, verb, _item_in(template, example)) | effects_of_action(on.resource.schema, verb, is_undone)
    changed |= taken_back(on.resource.schema, undone.request_schema) if undone is not None else {}
    counts = counts_of_action(on.resource.schema, verb, is_undone)
    sent = _sent_with_action(on)
    is_given = bool(sent) and gives_what_is_sent(verb) and not is_undone
    only_shows = not changed and not counts and not is_given
    if only_shows and (not shows_item or example is not None or is_undone or status == "201"):
        return None
    changed |= told_about_action(on.resource.schema, verb, operation.request_schema)
    changed |= _asked_of_action(on)
    setting = {name: values for name, values in (("fields", changed), ("counts", counts)) if values}
    steps = [*sent, *([{"set": setting}] if setting else [])]
    extension = {
        "select": on.selector(),
        **({"apply": steps} if steps else {}),
        **_answer(on.response(status, template)),
    }
    if not setting:
        return extension, f"changes {on.noun_phrase}" if is_given else f"shows {on.noun_phrase} as it is"
    sets = [f"sets {_in_words(changed)}"] if changed else []
    sets += [f"counts {name} {'up' if number > 0 else 'down'}" for name, number in counts.items()]
    return extension, f"{' and '.join(sets)} of {on.noun_phrase}"


def _item_in(template: Any, body: Any) -> Any:
    """The item in a body that a template describes; None where there is none."""
    if template == "$item":
        return body
    if isinstance(template, Mapping) and isinstance(body, Mapping):
        found = (_item_in(template[name], body.get(name)) for name in template)
        return next((one for one in found if one is not None), None)
    return None


def _states_in(on: ResourceOperation, verb: str, shown: Any) -> dict[str, str]:
    """The states in the example of an action's answer to which its name leads, or which no other example has."""
    if not isinstance(shown, Mapping):
        return {}
    others = [one for one in on.resource.examples if isinstance(one, Mapping)]
    return {
        name: shown[name]
        for name in shown.keys() & on.resource.schema.members.keys()
        if vocabulary.is_state(name)
        and isinstance(shown[name], str)
        and (leads_to(verb, shown[name]) or all(one.get(name) != shown[name] for one in others))
    }


def _asked_of_action(on: ResourceOperation) -> dict[str, str]:
    """The members that an action sets to what its query says, as `PATCH /books/{id}/availability?available=false`."""
    names = {name: on.resource.member_named(name) for name in on.operation.query_parameters}
    return {member: f"$request.query.{name}" for name, member in names.items() if member}


def bind_to_item(on: ResourceOperation, other: ResourceGuess, place: ItemCollection) -> Inference | None:
    """GET or POST below an item of another resource, which the items that are listed or made name in a member.

    Evidence: the noun at the end of the path, and a member that is named after the other item's path parameter: its
    key, an object, or a list of such. Items below one of their own kind name it in a member for the parent.
    """
    member, is_list = member_naming(on.resource, other, place.key_parameter)
    inference = {"get": list_items, "post": create_item}.get(on.operation.method, _nothing)(on)
    if not member or inference is None or member == on.resource.key:
        return None
    extension, words = inference
    extension["select"] = ResourceOperation(other, place, on.operation).selector()
    expression = f"$request.path.{place.key_parameter}"
    if "list" in extension:
        extension["list"]["where"] = {**extension["list"].get("where", {}), member: expression}
    elif is_list:
        extension["apply"].append({"union": {"field": member, "with": expression}})
    else:
        extension["apply"].append({"set": {"fields": {member: expression}}})
    return extension, f"{words}, of one {other.name}"


def _nothing(on: ResourceOperation) -> None:
    """No inference, whatever the operation is."""


def _set_member(on: ResourceOperation, name: str) -> Inference | None:
    """PUT or PATCH of one member of an item, as `PUT /cards/{id}/name` with `{"value": "Other"}`.

    Evidence: the end of the path is the name of a member, and all that is sent is a value for it, under its own name
    or as the only one.
    """
    member = on.resource.member_named(name)
    schema, status = on.operation.request_schema, on.operation.success_status
    if not member or on.operation.method not in ("put", "patch") or schema is None:
        return None
    sent = next((one for one in schema.members if one == member), "")
    sent = sent or (next(iter(schema.members)) if len(schema.members) == 1 else "")
    value = schema.members[sent] if sent else schema
    kept = on.resource.schema.members[member]
    if (not sent and (schema.members or schema.branches)) or not _may_agree(value, kept):
        return None
    pointer = format_pointer((sent,)) if sent else ""
    extension = {
        "select": on.selector(),
        "apply": [{"set": {"fields": {member: f"$request.body#{pointer}"}}}],
        **_answer(on.response(status, on.item_template(status))),
    }
    return extension, f"sets {member} of {on.noun_phrase}"


def _may_agree(value: SchemaView, kept: SchemaView) -> bool:
    return not value.types or not kept.types or bool(value.types & kept.types)


def _sent_with_action(on: ResourceOperation) -> list[Extension]:
    """The merge of what is sent along, as the reason of a cancellation, where items have such members."""
    schema = on.operation.request_schema
    if schema is None or not schema.members.keys() & on.resource.schema.members.keys():
        return []
    return [{"merge": {"with": "$request.body", "depth": "deep", "null": "deletes", "unfit": "ignored"}}]


def _clear(on: ResourceOperation) -> Inference | None:
    """DELETE of a collection. Evidence: it has items with paths of their own, and no parameter that is required.

    One that requires the key of an item, in the query, deletes that item.
    """
    operation = on.operation
    if on.key_in_query and (inference := delete_item(on)) is not None:
        inference[0]["select"] = {"resource": on.resource.name, "by": f"$request.query.{on.key_in_query}"}
        return inference
    if not on.resource.home.item_path or any(required for _, required in operation.query_parameters.values()):
        return None
    if operation.request_schema is not None and operation.request_schema.required:
        return None
    beside, inside = on.parent_scope()
    keywords = listing_keywords(operation, on.resource.schema)
    filters: Extension = {name: keywords[name] for name in ("where", "compare", "selectors") if name in keywords}
    extension = {**beside, "apply": [{"clear": {"resource": on.resource.name, **inside, **filters}}]}
    return extension, f"deletes all {on.resource.name} items{in_words(filters)}"


def _put_on_collection(on: ResourceOperation) -> Inference | None:
    """PUT on a collection. Evidence: the body is one item with its key, or a list of items, which are created.

    An item of the list that has the key of an existing one replaces it, whatever the document says of taken keys. Where
    no POST is beside it, one item is created as well: there is no other way to make one.
    """
    is_list = on.item_in_body() is None and on.list_in_body() is not None
    if is_list or (on.operation.method == "put" and "post" not in on.siblings and on.collection.item_path):
        inference = create_item(on)
        for step in inference[0]["apply"] if inference else ():
            if "each" in step["create"] or on.client_may_choose_key:
                step["create"]["taken"] = "replace"
        return inference
    return _replace_by_body(on)


def _replace_by_body(on: ResourceOperation) -> Inference | None:
    body, key = on.item_in_body(), on.resource.key
    if body is None or key not in body[1].members or on.collection.parent_parameters:
        return None
    inference = _replace(on)
    if inference is None:
        return None
    expression = body[0] if "#" in body[0] else f"{body[0]}#"
    inference[0]["select"]["by"] = f"{expression}{format_pointer((key,))}"
    return inference


def _answer(answer: Extension) -> Extension:
    return {"answer": answer} if answer else {}


ON_ITEM: Mapping[str, Rule] = {
    "get": read_item,
    "put": _replace,
    "patch": _change,
    "post": _change_by_post,
    "delete": delete_item,
}
"""The rule for each method on the path of an item."""

ON_COLLECTION: Mapping[str, Rule] = {
    "get": list_items,
    "query": list_items,
    "post": create_item,
    "put": _put_on_collection,
    "delete": _clear,
}
"""The rule for each method on the path of a collection."""
