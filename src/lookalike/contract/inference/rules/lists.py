"""Rules for listing items: all of them, those that a filter or a value in the path selects."""

import re
from typing import Any

from lookalike.contract.inference.envelopes import counter_place, list_item_schemas
from lookalike.contract.inference.query_parameters import CHOOSING, in_words, listing_keywords, used_parameters
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resource_operation import Extension, ResourceOperation
from lookalike.contract.inference.rules.rule import Inference, answer_keyword
from lookalike.contract.inference.verbs import values_of
from lookalike.contract.path_segments import last_segment
from lookalike.naming.words import normalised, words_of
from lookalike.schema.value_types import NUMBER_TYPES
from lookalike.schema.view import SchemaView


def list_items(on: ResourceOperation) -> Inference | None:
    """GET or QUERY of a collection. Evidence: the response's schema holds a list of items; names of parameters."""
    operation, resource = on.operation, on.resource
    template = on.list_template()
    if template is None:
        return None
    beside, inside = on.parent_scope()
    keywords = listing_keywords(operation, resource.schema, resource.key)
    answer = on.response(operation.success_status, template) | _counting_headers(operation)
    extension = {**beside, "list": {"resource": resource.name, **inside, **keywords}, **answer_keyword(answer)}
    return extension, f"lists {resource.name} items{in_words(keywords)}"


def _counting_headers(operation: RawOperation) -> Extension:
    """The header fields that say how much of a list there is, or link to other pages. Evidence: their names."""
    headers: Extension = {}
    for name, schema in operation.response_headers(operation.success_status):
        plain_name = name.lower()
        place = counter_place(plain_name.removeprefix("x-").removeprefix("pagination-"), schema)
        place = "$links" if plain_name == "link" else place  # RFC 8288
        if pages := place or _pages_in(schema):
            headers[name] = pages
    return {"headers": headers} if headers else {}


def _pages_in(schema: SchemaView) -> Extension:
    """The numbers of a page that a header field has as an object, as the `X-Pagination` of flask-smorest."""
    numbers = ((name, member) for name, member in schema.members.items() if "integer" in member.types)
    places = {name: 1 if normalised(name) == "firstpage" else counter_place(name, member) for name, member in numbers}
    return {name: place for name, place in places.items() if place is not None}


def list_by_filter(on: ResourceOperation) -> Inference | None:
    """A read below a collection that filters it, as `/pet/findByStatus`, or lists some of it, as `/orders/pending`.

    Evidence: a query parameter has the name of a member of the item; or the items that are listed are described as it
    is. Where another parameter is required, the list depends on something that the items do not show.
    """
    keywords = listing_keywords(on.operation, on.resource.schema, on.resource.key)
    parameters = on.operation.query_parameters
    others = parameters.keys() - set(used_parameters(keywords))
    is_filter = keywords.get("where") or keywords.get("search") or keywords.get("criteria")
    if not (is_filter or _lists_some(on)) or any(parameters[name][1] for name in others):
        return None
    inference, word = list_items(on), last_segment(on.operation.path)
    values = values_of(on.resource.schema, word)
    if not is_filter and not values and _PARTICIPLE.search(word):
        return None  # `/gists/starred`: some of them, and nothing shows which
    if inference is not None and values:
        inference[0]["list"]["where"] = {**inference[0]["list"].get("where", {}), **values}
    return inference


def is_count(word: str) -> bool:
    """Whether the word at the end of a path asks how many items there are, as in `/orders/count`."""
    return normalised(word) == "count"


def count_items(on: ResourceOperation) -> Inference | None:
    """GET or POST of how many items a collection has. Evidence: a number is answered, alone or as the only member."""
    schema = on.operation.success_schema
    template = _count_template(schema) if schema is not None else None
    if template is None:
        return None
    beside, inside = on.parent_scope()
    keywords = listing_keywords(on.operation, on.resource.schema, on.resource.key)
    kept = {keyword: value for keyword, value in keywords.items() if keyword in CHOOSING}
    answer = answer_keyword(on.response(on.operation.success_status, template))
    extension = {**beside, "list": {"resource": on.resource.name, **inside, **kept}, **answer}
    return extension, f"counts {on.resource.name} items{in_words(kept)}"


def _count_template(schema: SchemaView) -> Any:
    if schema.types & NUMBER_TYPES:
        return "$total"
    places = {name: counter_place(name, member) for name, member in schema.members.items()}
    return places if [*places.values()] == ["$total"] else None


def list_by_value(on: ResourceOperation, name: str, word: str) -> Inference | None:
    """GET of the items that have the value of a path parameter, such as `/bookings/client/{client_id}`.

    Evidence: the items have a member that the parameter, or the word before it, names.
    """
    item = on.resource.schema.members
    words = [one for one in words_of(word) if one not in _BEFORE_VALUES]
    by_name = {normalised(one): one for one in item}
    wanted = (normalised(name), "".join(words), f"{''.join(words)}id", words_of(name)[-1])
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
