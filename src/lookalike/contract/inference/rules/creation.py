"""Rules for creating items: in a collection, or the single one of a parent."""

import re
from typing import Any

from lookalike.contract.inference.envelopes import list_template
from lookalike.contract.inference.resource_operation import Extension, ResourceOperation
from lookalike.contract.inference.rules.changes import members_in_query, steps_named_in_body, steps_without_name
from lookalike.contract.inference.rules.many_items import counting_template
from lookalike.contract.inference.rules.replacement import keeps
from lookalike.contract.inference.rules.rule import Inference, answer_keyword
from lookalike.contract.path_segments import parameters_of


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
    in_query = members_in_query(on) if "with" in source else {}
    named = [*steps_named_in_body(on), *steps_without_name(on)] if "with" in source else []
    steps = [{"create": create}, *([{"set": {"fields": in_query}}] if in_query else []), *named]
    answer = on.response(status, on.key_template(status) if template is None else template)
    if location := location_of(on):
        answer["location"] = location
    created = on.noun_phrase if "with" in source else f"{resource.name} items"
    return {
        **beside,
        "apply": steps,
        **answer_keyword(answer),
    }, f"creates {created}, {_key_in_words(on)}"


def _source_of_new_item(on: ResourceOperation, status: str) -> tuple[Extension, Any] | None:
    """The part of the request that becomes an item, and the template of the response; None without evidence."""
    resource, template, item = on.resource, on.item_template(status), on.item_in_body()
    if (keys := on.keys_in_body()) is not None:
        return {"each": keys}, list_template(on.operation.response_schema(status), resource.schema, resource.key)
    if item is not None and (template is not None or item[1].members):
        return {"with": item[0]}, template
    shown = on.operation.response_schema(status)
    all_items = list_template(shown, resource.schema, resource.key) or counting_template(shown)
    items = on.list_in_body()
    if items is not None and (all_items is not None or items[0] == "$request.body" or status == "204"):
        return {"each": items[0]}, all_items
    if (named := on.list_named_in_body()) is not None:
        return {"each": named[0]}, None
    if on.operation.creates_unsaid:
        return {"with": "$request.body"}, None
    schema = on.operation.request_schema
    is_list = schema is not None and "array" in schema.types
    shows_new_key = status == "201" and on.client_sends_key and on.key_template(status) is not None
    return ({"with": "$request.body"}, template) if (template is not None or shows_new_key) and not is_list else None


def location_of(on: ResourceOperation) -> str:
    """The path of a new item, as a template over its members, for the Location field (RFC 9110 section 10.2.2)."""
    resource, collection = on.resource, on.collection
    if not collection.item_path or len(collection.parent_parameters) > len(resource.parent_fields):
        collection = next((one for one in resource.collections if one.item_path), resource.home)
    if not collection.item_path or collection.is_without_operations:
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


def make_single(on: ResourceOperation) -> Inference | None:
    """POST of the single item of a parent. Evidence: the path has a DELETE too, so that something makes the item."""
    status = "201" if "201" in on.operation.statuses else on.operation.success_status
    template = on.item_template(status)
    if template is None:
        return None
    taken = {"present": "409"} if "409" in on.operation.statuses else {}
    body = on.item_in_body()
    steps = {"apply": [{"replace": {"with": body[0], **keeps(on, body[1])}}]} if body is not None else {}
    select = on.selector(absent="create", **taken)
    return {"select": select, **steps, **answer_keyword(on.response(status, template))}, f"makes {on.noun_phrase}"
