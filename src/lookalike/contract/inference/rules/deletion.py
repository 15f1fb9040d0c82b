"""Rules for deleting an item, or all items of a collection."""

import re
from collections.abc import Mapping
from typing import Any

from lookalike.contract.inference.query_parameters import in_words, listing_keywords
from lookalike.contract.inference.resource_operation import Extension, ResourceOperation
from lookalike.contract.inference.rules.rule import Inference, answer_keyword
from lookalike.contract.inference.verbs import effects_of_action
from lookalike.naming.words import normalised, singular


def delete_item(on: ResourceOperation) -> Inference | None:
    """DELETE of an item. Evidence: the method.

    One whose text begins with another verb, and that answers with the item, leaves it there in the state that this
    verb leads to, as "Cancel a subscription".
    """
    status = on.operation.success_status
    if not status:
        return None
    told = _told_deleted(on, status)
    template = on.item_template(status) if told is None else None
    answer = on.response(status, template if told is None else told)
    verb = _first_word(on.operation.text)
    ended = effects_of_action(on.resource.schema, _infinitive(verb)) if template is not None else {}
    if ended and verb not in _DELETING:
        extension = {"select": on.selector(), "apply": [{"set": {"fields": ended}}], **answer_keyword(answer)}
        return extension, f"sets {values_in_words(ended)} of {on.noun_phrase}"
    extension = {"select": on.selector(), "apply": [{"delete": {}}], **answer_keyword(answer)}
    return extension, f"deletes {on.noun_phrase}, and what belongs to it"


def _told_deleted(on: ResourceOperation, status: str) -> Any:
    """The template of a response with the key of the item, little else, and a flag that says that it is deleted."""
    schema = on.operation.response_schema(status)
    if schema is None or 2 * len(schema.members) > len(on.resource.schema.members):
        return None
    template = on.key_template(status)
    boolean = [name for name, one in schema.members.items() if "boolean" in one.types]
    flags = {name: True for name in boolean if normalised(name) in _DELETED}
    return {**template, **flags} if isinstance(template, dict) and flags else None


_DELETED = frozenset({"deleted", "isdeleted", "removed", "isremoved"})
_TAG = re.compile(r"<[^>]*>")
_DELETING = frozenset({"delete", "deletes", "remove", "removes", "destroy", "destroys"})


def _first_word(text: str) -> str:
    found = re.search(r"[a-z]+", _TAG.sub("", text).lower())
    return found[0] if found else ""


def _infinitive(verb: str) -> str:
    return singular(verb)  # "Cancels" is formed as a plural is


def values_in_words(changed: Mapping[str, Any]) -> str:
    """The values of members, in words."""
    return ", ".join(f"{name} to {value}" for name, value in changed.items())


def delete_all(on: ResourceOperation) -> Inference | None:
    """DELETE of a collection. Evidence: it has items with paths of their own, and no parameter that is required.

    One that requires the key of an item, in the query, deletes that item.
    """
    operation = on.operation
    beside, inside = on.parent_scope()
    if (keys := on.keys_in_body()) is not None:
        step = {"clear": {"resource": on.resource.name, **inside, "where": {on.resource.key: keys}}}
        return {**beside, "apply": [step]}, f"deletes the {on.resource.name} items whose keys are sent"
    if on.key_in_query and (inference := delete_item(on)) is not None:
        inference[0]["select"] = {"resource": on.resource.name, "by": f"$request.query.{on.key_in_query}"}
        return inference
    if not on.resource.home.item_path or any(required for _, required in operation.query_parameters.values()):
        return None
    if operation.request_schema is not None and operation.request_schema.required:
        return None
    keywords = listing_keywords(operation, on.resource.schema, on.resource.key)
    filters: Extension = {name: keywords[name] for name in ("where", "compare", "selectors") if name in keywords}
    extension = {**beside, "apply": [{"clear": {"resource": on.resource.name, **inside, **filters}}]}
    return extension, f"deletes all {on.resource.name} items{in_words(filters)}"
