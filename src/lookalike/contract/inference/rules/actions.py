"""The rule for actions on an item, such as `POST /pets/{petId}/cancel`."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lookalike.contract.expressions import body_expression
from lookalike.contract.inference.raw_operation import RawOperation, is_file
from lookalike.contract.inference.resource_operation import Extension, ResourceOperation, keys_of_shown
from lookalike.contract.inference.rules.changes import members_in_query, set_member, steps_named_in_body
from lookalike.contract.inference.rules.creation import location_of
from lookalike.contract.inference.rules.deletion import values_in_words
from lookalike.contract.inference.rules.links import list_change
from lookalike.contract.inference.rules.reading import download
from lookalike.contract.inference.rules.rule import Inference, answer_keyword
from lookalike.contract.inference.states import states_of
from lookalike.contract.inference.verbs import (
    counts_of_action,
    effects_of_action,
    gives_what_is_sent,
    is_change_of_state,
    is_restoring,
    leads_to,
    member_given,
    renewed_secret,
    taken_back,
    told_about_action,
    verb_of,
)
from lookalike.contract.path_segments import last_segment, parameter
from lookalike.naming.keys import is_unique
from lookalike.naming.members import is_of_a_later_state, is_slug, is_state, is_time, is_time_of_change, is_url_of_file
from lookalike.naming.words import normalised, words_of
from lookalike.schema.view import SchemaView

# Words that stand for no thing between an item and a verb, as in `/users/{id}/lifecycle/suspend`.
_BEFORE_VERBS = frozenset({"actions", "action", "lifecycle", "state", "status", "transitions"})
_ACTING = frozenset({"post", "put", "patch", "delete"})


def act_on_item(on: ResourceOperation, undone: RawOperation | None = None) -> Inference | None:
    """An action on an item, such as `POST /pets/{petId}/cancel`, that shows the item as it is afterwards.

    Evidence: the path ends in a verb, and the item has the state, flag or date that the verb leads to, or the members
    that are sent to `/resize` and the like; or the example of the response has a state that no other has; or the schema
    of the response is the item's own. A 201 may tell of a new thing, as of a copy, unless the verb leads to a state:
    some frameworks answer it to each POST. The members that an action sets are those that the one which undoes it takes
    back (`/attach` and `/detach`).
    """
    item_path, status = on.collection.item_path.rstrip("/"), on.operation.success_status
    above, _, word = on.operation.path.rstrip("/").rpartition("/")
    verb = verb_of(word)
    if parameter(word) or not status:
        return None
    is_of_item = above == item_path or above.removeprefix(f"{item_path}/") in _BEFORE_VERBS
    by_name = _act_by_name(on) if is_of_item else None
    by_verb = (
        list_change(on, verb) or copy_of_item(on, verb) or _new_file(on, verb) or _act_by_verb(on, verb, undone)
        if is_of_item
        else None
    )
    return set_member(on, on.operation.path.removeprefix(item_path)) or by_name or by_verb


def _act_by_name(on: ResourceOperation) -> Inference | None:
    """An action that the body names, as `{"event": "APPROVE"}` to `/reviews/{id}/events`."""
    steps = steps_named_in_body(on)
    if not steps or on.operation.method not in _ACTING or on.resource.is_single:
        return None
    answer = answer_keyword(on.response(on.operation.success_status, _template(on)))
    extension = {"select": on.selector(), "apply": [*_sent_with_action(on), *steps], **answer}
    return extension, f"acts on {on.noun_phrase} as the body says"


def _new_file(on: ResourceOperation, verb: str) -> Inference | None:
    """A new file in place of that of an item, such as `POST /files/{id}/content` of a form or of a file alone.

    Evidence: GET there downloads the file, and the answer shows the item.
    """
    template = _template(on)
    is_form = any(one.startswith("multipart/") for one in on.operation.media_types)
    is_sent = on.operation.method in ("post", "put") and (is_form or on.operation.uploads)
    is_such = is_sent and is_file(verb) and "get" in on.siblings and template is not None
    if not is_such or on.resource.is_single:
        return None
    changes = on.item_in_body() if is_form else None
    merge = [{"merge": {"with": changes[0], "unfit": "ignored"}}] if changes is not None else []
    answer = answer_keyword(on.response(on.operation.success_status, template))
    applied = {"apply": merge} if merge else {}
    return {"select": on.selector(), **applied, **answer}, f"stores the file of {on.noun_phrase}"


def copy_of_item(on: ResourceOperation, verb: str) -> Inference | None:
    """A copy of an item, such as `POST /campaigns/{id}/duplicate`. Evidence: the verb, and the answer shows an item.

    The copy is a new item: in the state that such have, made now, and by another name where names are unique.
    """
    template = on.item_template(on.operation.success_status)
    is_copy = on.operation.method == "post" and not _COPYING.isdisjoint(words_of(verb)[:1])
    if not is_copy or template is None or on.resource.shown_at or on.resource.is_single:
        return None
    members = on.resource.schema.members
    own = [name for name in members if any(is_own(name) for is_own in _OF_ONE_ITEM)]
    create = {"resource": on.resource.name, "copy-without": own}
    changes = on.item_in_body()
    merge = {"with": changes[0], "unfit": "ignored"} if changes is not None else None
    answer = on.response(on.operation.success_status, template)
    if location := location_of(on):
        answer["location"] = location
    steps = [{"create": create}, *([{"merge": merge}] if merge else [])]
    return {"select": on.selector(), "apply": steps, **answer_keyword(answer)}, f"copies {on.noun_phrase}"


# What an item has alone, so that a copy of it begins anew.
_OF_ONE_ITEM = (is_state, is_time, is_slug, is_unique, is_of_a_later_state)
_COPYING = frozenset({"copy", "clone", "duplicate", "replicate"})


class _VerbEffect(NamedTuple):
    """The effect of an action: the values of members, the members that it counts, and whether it sets those sent.

    Or it brings deleted items back.
    """

    values: Mapping[str, Any]
    counts: Mapping[str, int]
    sets_sent: bool
    is_restored: bool = False

    def in_words(self, noun_phrase: str) -> str:
        """The effect on an item, in words."""
        parts = ["restores"] if self.is_restored else []
        parts += [f"sets {values_in_words(self.values)}"] if self.values else []
        parts += [f"counts {name} {'up' if number > 0 else 'down'}" for name, number in self.counts.items()]
        if parts:
            return f"{' and '.join(parts)} of {noun_phrase}"
        return f"changes {noun_phrase}" if self.sets_sent else f"shows {noun_phrase} as it is"


def _act_by_verb(on: ResourceOperation, verb: str, undone: RawOperation | None) -> Inference | None:
    if on.operation.method == "get":
        return download(on) if on.operation.downloads or is_file(verb) else _tells_whether_done(on, verb)
    if on.operation.method not in _ACTING:
        return None
    example = _example_of_answer(on)
    effect = _effect_of_verb(on, verb, undone, example)
    if not any(effect) and not _shows_item_alone(on, example) and not _is_sent_picture(on, verb):
        return None
    item = on.resource.schema
    told = told_about_action(item, verb, on.operation.request_schema) | members_in_query(on)
    changed = {**effect.values, **told}
    effect = effect._replace(values={**(dict(_times_of_change(item)) if changed else {}), **changed})
    answer = answer_keyword(on.response(on.operation.success_status, _template(on)))
    select = {**on.selector(), **_refused(on.operation, effect.values)}
    return {"select": select, **_steps(on, effect), **answer}, effect.in_words(on.noun_phrase)


def _tells_whether_done(on: ResourceOperation, verb: str) -> Inference | None:
    """GET that tells by 204 or 404 whether an action on an item was done, such as `/pulls/{number}/merge`."""
    operation, members = on.operation, on.resource.schema.members
    is_such = {"204", "404"} <= {*operation.statuses} and operation.success_schema is None
    done = effects_of_action(on.resource.schema, verb, False) if is_such else {}
    undone = {name: False for name, value in done.items() if value is True and "boolean" in members[name].types}
    if not undone:
        return None
    select = {**on.selector(), "refused": {"status": "404", "where": undone}}
    return {"select": select}, f"tells whether {', '.join(undone)} is true of {on.noun_phrase}"


def _effect_of_verb(on: ResourceOperation, verb: str, undone: RawOperation | None, example: Any) -> _VerbEffect:
    """The effect that the verb, the example of the response, or the opposite action is evidence of."""
    item, is_undone = on.resource.schema, on.operation.method == "delete"
    shown = _states_in(on, verb, _item_in(_template(on), example))
    values = shown | effects_of_action(item, verb, is_undone)
    # Where no state is listed, an example of the answer says its word and spelling; the verb alone says neither.
    known = {name for one in on.resource.examples if isinstance(one, Mapping) for name in one}
    values |= {
        name: state
        for name, state in shown.items()
        if not states_of(name, item.members[name]) and (name in known or leads_to(verb, state))
    }
    values |= dict.fromkeys(renewed_secret(item, verb, on.operation.text), "$generated.uuid") if not is_undone else {}
    values |= taken_back(item, undone.request_schema, keys_of_shown(item.members)) if undone is not None else {}
    sets_sent = bool(_sent_with_action(on)) and gives_what_is_sent(verb) and not is_undone
    values |= {} if sets_sent or is_undone else member_given(item, verb, on.operation.request_schema)
    counts = counts_of_action(item, verb, is_undone)
    return _VerbEffect(values, counts, sets_sent, is_restoring(item, verb) and not is_undone)


def _steps(on: ResourceOperation, effect: _VerbEffect) -> Extension:
    """The steps that apply an effect, those for what is sent along first. A time that is sent is not set to now."""
    sent = on.operation.request_schema.members if on.operation.request_schema is not None else ()
    dated = {name: now for name, now in effect.values.items() if name in sent and str(now).startswith("$generated")}
    values = {name: value for name, value in effect.values.items() if name not in dated}
    setting = {name: found for name, found in (("fields", values), ("counts", effect.counts)) if found}
    restored: list[Extension] = [{"restore": {}}] if effect.is_restored else []
    steps = [*restored, *_sent_with_action(on), *([{"set": setting}] if setting else [])]
    unless_sent = {name: body_expression(name) for name in dated}
    steps += [{"set": {"fields": {name: dated[name]}}, "unless": place} for name, place in unless_sent.items()]
    return {"apply": steps} if steps else {}


def _times_of_change(item: SchemaView) -> Iterator[tuple[str, str]]:
    """The members with the time of the last change, each with the expression for now."""
    for name, member in item.members.items():
        if is_time_of_change(name) and "string" in member.types and member.keyword("format") == "date-time":
            yield name, "$generated.now"


def _template(on: ResourceOperation) -> Any:
    has_schema = on.operation.success_schema is not None
    return on.item_template(on.operation.success_status) if has_schema else None


def _shows_item(on: ResourceOperation) -> bool:
    schema = on.operation.success_schema
    return schema is not None and schema.pointer == on.resource.schema.pointer


def _shows_item_alone(on: ResourceOperation, example: Any) -> bool:
    """Whether the response has the item's own schema, and nothing says that the action is about something else."""
    is_new = on.operation.success_status == "201" and not is_change_of_state(last_segment(on.operation.path))
    return _shows_item(on) and example is None and on.operation.method != "delete" and not is_new


def _is_sent_picture(on: ResourceOperation, verb: str) -> bool:
    """Whether the file that an item shows the URL of is sent in a form, as to `/photo` where it has a `photoUrl`."""
    is_form = any(one.startswith("multipart/") for one in on.operation.media_types)
    return (
        is_form
        and _shows_item(on)
        and any(is_url_of_file(name, normalised(verb)) for name in on.resource.schema.members)
    )


def _example_of_answer(on: ResourceOperation) -> Any:
    """The example of the response; None where it is that of the item's schema, which shows any item."""
    example, schema = (
        next(on.operation.response_examples(on.operation.success_status), None),
        on.operation.success_schema,
    )
    is_of_any_item = _shows_item(on) and schema is not None and example == schema.example
    return None if is_of_any_item else example


def _refused(operation: RawOperation, changed: Mapping[str, Any]) -> Extension:
    """The refusal of an action that was done already. Evidence: a 409, or an error whose text says "already"."""
    if operation.method == "delete":
        return {}
    errors = [status for status in operation.statuses if status[0] == "4"]
    stated = (status for status in errors if _ALREADY.search(operation.text_of_status(status)))
    status = next(stated, "409" if "409" in errors and operation.method in ("post", "put") else "")
    done = {name: value for name, value in changed.items() if not str(value).startswith("$")}
    return {"refused": {"status": status, "where": done}} if status.isdigit() and done else {}


_ALREADY = re.compile(r"\balready\b", re.IGNORECASE)


def _item_in(template: Any, body: Any) -> Any:
    """The item in a body that a template describes; None if there is none."""
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


def _object_given(on: ResourceOperation) -> str:
    """The object of an item whose members are sent to an action, as `protection` to `/change_protection`."""
    sent, verb = on.operation.request_schema, last_segment(on.operation.path)
    noun = "".join(words_of(verb)[1:]) if gives_what_is_sent(verb) else ""
    if sent is None or not sent.members or not noun:
        return ""
    named = {name: one for name, one in on.resource.schema.members.items() if normalised(name) == noun}
    return next((name for name, one in named.items() if sent.members.keys() <= one.members.keys()), "")


def _sent_with_action(on: ResourceOperation) -> list[Extension]:
    """The merge of what is sent along, as the reason of a cancellation, where items have such members."""
    schema, item = on.operation.request_schema, on.resource.schema
    if field := _object_given(on):
        return [{"merge": {"field": field, "with": "$request.body"}}]
    told = {*told_about_action(item, last_segment(on.operation.path), schema).values()}
    shown = keys_of_shown(item.members)
    sent = schema.members if schema is not None else ()
    names = [name for name in sent if name in item.members or normalised(name) in shown]
    if all(body_expression(name) in told for name in names):
        return []
    return [{"merge": {"with": "$request.body", "depth": "deep", "null": "deletes", "unfit": "ignored"}}]
