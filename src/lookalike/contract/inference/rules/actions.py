"""The rule for actions on an item, as `POST /pets/{petId}/cancel`."""

from collections.abc import Mapping
from typing import Any

from lookalike.contract.inference.raw_operation import RawOperation, is_file, parameter
from lookalike.contract.inference.resource_operation import Extension, ResourceOperation
from lookalike.contract.inference.rules.changes import members_in_query, set_member
from lookalike.contract.inference.rules.deletion import values_in_words
from lookalike.contract.inference.rules.links import list_change
from lookalike.contract.inference.rules.reading import download
from lookalike.contract.inference.rules.rule import Inference, answer_keyword
from lookalike.contract.inference.verbs import (
    counts_of_action,
    effects_of_action,
    gives_what_is_sent,
    leads_to,
    taken_back,
    told_about_action,
)
from lookalike.naming.members import is_state

_CHANGING = frozenset({"post", "put", "patch"})


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
    return set_member(on, on.operation.path.removeprefix(item_path)) or by_verb


def _act_by_verb(on: ResourceOperation, verb: str, undone: RawOperation | None) -> Inference | None:
    operation, status = on.operation, on.operation.success_status
    if operation.method == "get":
        return download(on) if operation.downloads or is_file(verb) else None
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
    changed |= members_in_query(on)
    setting = {name: values for name, values in (("fields", changed), ("counts", counts)) if values}
    steps = [*sent, *([{"set": setting}] if setting else [])]
    extension = {
        "select": on.selector(),
        **({"apply": steps} if steps else {}),
        **answer_keyword(on.response(status, template)),
    }
    if not setting:
        return extension, f"changes {on.noun_phrase}" if is_given else f"shows {on.noun_phrase} as it is"
    sets = [f"sets {values_in_words(changed)}"] if changed else []
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
        if is_state(name)
        and isinstance(shown[name], str)
        and (leads_to(verb, shown[name]) or all(one.get(name) != shown[name] for one in others))
    }


def _sent_with_action(on: ResourceOperation) -> list[Extension]:
    """The merge of what is sent along, as the reason of a cancellation, where items have such members."""
    schema = on.operation.request_schema
    if schema is None or not schema.members.keys() & on.resource.schema.members.keys():
        return []
    return [{"merge": {"with": "$request.body", "depth": "deep", "null": "deletes", "unfit": "ignored"}}]
