"""Actions: the state, flag or date of an item that a verb at the end of a path leads to, as `canceled` for `/cancel`.

The evidence is the name alone, and that the item has such a word, boolean or date; so nothing here accuses a server.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lookalike.contract.expressions import body_expression
from lookalike.contract.inference.states import states_of
from lookalike.naming.keys import names_of_key_of
from lookalike.naming.members import (
    initial_state,
    is_issued_secret,
    is_mark_of_deletion,
    is_plain_state,
    is_stage,
    is_state,
    is_time,
)
from lookalike.naming.words import normalised, singular, words_of
from lookalike.schema.view import SchemaView, holds_objects

# The words for the state that a verb leads to, where it is not the participle of the verb, or not that alone.
_RESULTS: Mapping[str, tuple[str, ...]] = {
    "activate": ("active",),
    "begin": ("begun", "running", "inprogress"),
    "capture": ("captured", "succeeded"),
    "complete": ("completed", "complete", "done"),
    "confirm": ("confirmed", "succeeded", "processing"),
    "deactivate": ("inactive",),
    "do": ("done",),
    "enable": ("enabled", "active"),
    "disable": ("disabled", "inactive"),
    "finalize": ("finalized", "open"),
    "finish": ("finished", "done", "completed"),
    "freeze": ("frozen",),
    "hide": ("hidden",),
    "hold": ("onhold", "held"),
    "lose": ("lost",),
    "merge": ("merged", "closed"),
    "open": ("open", "opened"),
    "pay": ("paid",),
    "poweroff": ("off", "stopped", "shutoff"),
    "poweron": ("on", "running", "active"),
    "publish": ("published", "public"),
    "reopen": ("reopened", "open", "opened"),
    "restart": ("running", "active"),
    "resume": ("resumed", "active", "running"),
    "sell": ("sold",),
    "send": ("sent", "open"),
    "shutdown": ("off", "stopped", "shutoff"),
    "start": ("started", "running", "inprogress", "active"),
    "stop": ("stopped", "off"),
    "void": ("void", "voided"),
    "win": ("won",),
    "withdraw": ("withdrawn",),
}
# The state after a verb, where a document says of a state but that it is a text. Verbs without one may be nouns.
_PLAIN_STATES: Mapping[str, str] = {
    "activate": "active",
    "cancel": "cancelled",
    "deactivate": "inactive",
    "pay": "paid",
    "resume": "active",
    "send": "sent",
    "ship": "shipped",
    "submit": "submitted",
}
# Verbs after which that state is their participle.
_PLAIN_VERBS = frozenset(
    (
        *("accept", "approve", "archive", "block", "close", "complete", "confirm", "decline", "deliver", "finish"),
        *("pause", "publish", "refund", "reject", "resolve", "return", "revoke", "suspend", "verify"),
    )
)
# Nouns for actions, which some paths end in: `/orders/{id}/cancellation`.
_NOUNS: Mapping[str, str] = {
    "acceptance": "accept",
    "activation": "activate",
    "approval": "approve",
    "archival": "archive",
    "cancelation": "cancel",
    "cancellation": "cancel",
    "closure": "close",
    "completion": "complete",
    "confirmation": "confirm",
    "deactivation": "deactivate",
    "finalization": "finalize",
    "publication": "publish",
    "reactivation": "activate",
    "refusal": "refuse",
    "rejection": "reject",
    "reopening": "reopen",
    "restoration": "restore",
    "resumption": "resume",
    "revocation": "revoke",
    "submission": "submit",
    "suspension": "suspend",
    "termination": "terminate",
    "verification": "verify",
    "withdrawal": "withdraw",
}
# Verbs that undo another: the flag of that one becomes false, and its date null.
_UNDOING: Mapping[str, str] = {
    "reopen": "close",
    "enable": "disable",
    "resume": "pause",
    "restore": "delete",
    "deactivate": "activate",
    "disable": "enable",
    "detach": "attach",
    "disconnect": "connect",
}
_OPENS: Mapping[str, bool] = {"open": True, "reopen": True, "close": False}
_STATE_AFTER_UNDOING = ("open", "active", "draft", "enabled", "available")
# Verbs that give an item what is sent with them, as `/resize` its size.
_GIVING = frozenset(("assign", "attach", "change", "move", "rename", "resize", "set", "update"))
# What a verb may have behind it, as in `check-in`, or before it, as in `mark-as-read` and `set-default`.
_PARTICLES = ("in", "out", "up", "off", "down", "on")
_MARKING = ("markas", "mark", "setas", "set", "make", "reportas", "report", "declare")
# Words for one state: items that are done have a `completed_at`.
_SAME_STATES = (("completed", "complete", "done", "finished"), ("canceled", "cancelled"))
_STEM = 4  # letters that `cancel`, `cancelled` and `cancellation` share
# Members that name an action, as the `event` of a review or the `state_event` of an issue.
_NAMING_ACTIONS = frozenset({"event", "action", "transition", "stateevent", "statusevent", "command"})
_DATE_ENDINGS = ("at", "on", "date", "time", "ts")


def verb_of(word: str) -> str:
    """The verb of an action that a word at the end of a path names, as `cancel` for `cancellation`."""
    return _NOUNS.get(normalised(word), word)


def effects_of_action(item: SchemaView, verb: str, is_undone: bool = False) -> dict[str, Any]:
    """The members of an item that an action sets, with the value of each, or an expression for the time.

    `is_undone` says that the method takes the action back, such as `DELETE /issues/{number}/lock`.
    """
    words, verb = words_of(verb), normalised(verb)
    if not verb:
        return {}
    undone = verb if is_undone else undone_action(verb)
    found: dict[str, Any] = {}
    if not is_undone:
        found |= {**dict(_plainly_done(item, verb)), **dict(_done(item, [*_words_of(verb)]))}
        found |= dict.fromkeys(_renewed(item, words), "$generated.uuid")
        found |= dict(_closed_or_opened(item, words))
    if undone:
        found = {**dict(_not_done(item, [*_words_of(undone)])), **found}
    return found


def _closed_or_opened(item: SchemaView, words: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The flags that say whether what has the noun behind a verb is open, as `cfp_open` of `/close-cfp`."""
    verb, *noun = words or [""]
    for name, member in item.members.items() if noun and verb in _OPENS else ():
        flag = [word for word in words_of(name) if word != "is"]
        is_meant = flag in ([*noun, "open"], ["open", *noun])
        if is_meant and member.is_flag:
            yield name, _OPENS[verb]


def _renewed(item: SchemaView, words: Sequence[str]) -> Iterator[str]:
    """The members that an action makes anew, as `stream_key` of `/reset-stream-key`, or the secret by `/rotate`."""
    first, *noun = words or [""]  # words without Latin letters have none
    for name, member in item.members.items() if first in _RENEWING else ():
        is_meant = normalised(name) == "".join(noun) if noun else is_issued_secret(name)
        if is_meant and _is_free_text(member):
            yield name


def renewed_secret(item: SchemaView, noun: str, text: str) -> list[str]:
    """The member that an action named after it makes anew, as `apiKey` of `/apiKey`: "Reset the key of a project"."""
    is_told = not _RENEWING.isdisjoint(words_of(text)[:2])
    names = item.members if is_told else ()
    return [one for one in names if normalised(one) == normalised(noun) and _is_free_text(item.members[one])]


def _is_free_text(member: SchemaView) -> bool:
    is_narrowed = not _NARROWED.isdisjoint(one for part in member.parts for one in part)
    return member.types - {"null"} == {"string"} and not is_narrowed


_RENEWING = frozenset({"reset", "rotate", "regenerate", "renew", "roll", "reissue"})
_NARROWED = frozenset({"enum", "const", "pattern", "format", "maxLength"})


def actions_in_body(item: SchemaView, sent: SchemaView) -> Iterator[tuple[str, str | bool, dict[str, Any]]]:
    """The actions that a body may name: its member, the word, and the members of the item that this sets.

    As `{"event": "APPROVE"}` makes a review `APPROVED`. Evidence: the member is called so, and lists the actions. Or
    `{"disabled": true}` makes the status `disabled`, where items have such a state and no flag of that name.
    """
    for name, member in sent.members.items():
        words = states_of(name, member) if normalised(name) in _NAMING_ACTIONS and name not in item.members else ()
        for word in words:
            if values := {**dict(_state_after(item, word, words)), **effects_of_action(item, word)}:
                yield name, word, values
        is_flag = "boolean" in member.types and name not in item.members
        values = values_of(item, name) if is_flag else {}
        if states := {one: value for one, value in values.items() if is_state(one)}:
            yield name, True, states


def _state_after(item: SchemaView, action: str, actions: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The state after an action of several words, as `CHANGES_REQUESTED` after `REQUEST_CHANGES`, if that is listed.

    Or in the form of an example that is the state after another action: if a review may be `CHANGES_REQUESTED`, it is
    `COMMENTED` after `COMMENT`.
    """
    for name, member in item.members.items():
        if not is_state(name):
            continue
        listed = states_of(name, member)
        example = "" if listed else str(member.example or "")
        by_word = {normalised(one): one for one in listed}
        for ends_in_verb in (True, False):
            after = [*_words_after(action, ends_in_verb)]
            known = {"".join(one) for other in actions for one in _words_after(other, ends_in_verb)}
            if found := [by_word["".join(one)] for one in after if "".join(one) in by_word]:
                yield name, found[0]
            elif normalised(example) in known:
                state = next((one for one in example if not one.isalnum()), "_").join(after[0])
                yield name, state.upper() if example.isupper() else state


def _words_after(action: str, ends_in_verb: bool) -> Iterator[list[str]]:
    """The words of the states after an action such as `request_changes`, with its verb first or last."""
    verb, *others = words_of(action) or [""]
    for participle in (*filter(None, [_PLAIN_STATES.get(verb)]), *_participles(verb)):
        yield [*others, participle] if ends_in_verb else [participle, *others]


def values_of(item: SchemaView, word: str) -> dict[str, Any]:
    """The state or flag of the items that a word describes, as those of `/orders/pending` or `/todos/completed`."""
    return {name: value for name, value in _done(item, [normalised(word)]) if not str(value).startswith("$")}


def counts_of_action(item: SchemaView, verb: str, is_undone: bool = False) -> dict[str, int]:
    """The counters of an item that an action adds 1 to or takes 1 from, as `likes_count` for `/like` and `/unlike`."""
    verb = normalised(verb)
    if singular(verb) != verb:
        return {}  # a noun: how many tags are sent to `/tags`, the word does not tell
    undone = verb if is_undone else _undone_by(verb)
    stem = undone or verb
    names = {f"{stem}{one}count" for one in ("", "r", "er", "al")}
    names |= {f"{stem}{many}{ending}" for many in ("s", "rs", "ers", "als") for ending in ("", "count")}
    return {
        name: -1 if undone else 1
        for name, member in item.members.items()
        if normalised(name) in names and "integer" in member.types
    }


def leads_to(verb: str, state: str) -> bool:
    """Whether the name of an action says that it leads to a state, such as `complete` to `COMPLETED`."""
    return normalised(state) in _words_of(normalised(verb))


def is_restoring(item: SchemaView, verb: str) -> bool:
    """Whether an action brings deleted items back: by its name, and as items have a member that says they are deleted.

    A backup that has none is restored otherwise.
    """
    is_named_so = normalised(verb) in {"restore", "undelete", "untrash", "recover"}
    return is_named_so and any(is_mark_of_deletion(name) for name in item.members)


def is_change_of_state(verb: str) -> bool:
    """Whether an action changes the state of an item by its name, and so makes no new one."""
    plain = normalised(verb)
    return any(plain in verbs for verbs in (_RESULTS, _PLAIN_STATES, _PLAIN_VERBS, _UNDOING))


def gives_what_is_sent(verb: str) -> bool:
    """Whether an action is to change members of an item to what is sent with it, as `/resize` or `/change_type`."""
    return not _GIVING.isdisjoint(words_of(verb)[:1])


def told_about_action(item: SchemaView, verb: str, sent: SchemaView | None) -> dict[str, str]:
    """The members of an item that keep what is sent with an action under names of its own.

    As `cancellation_reason` for the `reason` of `/cancel`, or `lost_reason` for that of `/lose`: they begin as the verb
    does, or with the state that it leads to. Items may have a `reason` too, which is another one. Or as
    `active_lock_reason` for the `lock_reason` of `/lock`.
    """
    stems = (normalised(verb)[:_STEM], *_words_of(normalised(verb)))
    found = {}
    for sent_name in sent.members if sent is not None else ():
        ending = normalised(sent_name)
        for name in item.members:
            plain, more = normalised(name), len(words_of(name)) - len(words_of(sent_name))
            is_longer = plain != ending and plain.endswith(ending)
            is_new = sent_name not in item.members
            is_begun = plain.startswith(stems) and (more == 1 or is_new)
            is_named_whole = words_of(sent_name)[:1] == [normalised(verb)] and more == 1 and is_new
            if is_longer and (is_begun or is_named_whole):
                found[name] = body_expression(sent_name)
    return found


def member_given(item: SchemaView, verb: str, sent: SchemaView | None) -> dict[str, str]:
    """The member of an item that gets the one value that is sent with an action, as `assignee` by `/assign`.

    It begins as the verb does, while the value may have any name, such as `userId`; or it shows what the verb has
    behind it, as `currentVehicle` by `/assign-vehicle`.
    """
    if sent is None or len(sent.members) != 1 or not gives_what_is_sent(verb):
        return {}
    sent_name, stem = next(iter(sent.members)), words_of(verb)[0]
    fitting = [*_of_noun_behind(verb, sent_name, item)] or [
        name
        for name, member in item.members.items()
        if normalised(name).startswith(stem)
        and member.possible_types & {"string", "integer", "object"}
        and not normalised(name).endswith(_DATE_ENDINGS)
    ]
    return {fitting[0]: body_expression(sent_name)} if len(fitting) == 1 else {}


def _of_noun_behind(verb: str, sent_name: str, item: SchemaView) -> Iterator[str]:
    """The members that show what an action gives by its key, as `currentVehicle` of `/assign-vehicle`."""
    noun = words_of(verb)[1:]
    is_key = noun and normalised(sent_name) in names_of_key_of("".join(noun), is_list=False)
    for name, member in item.members.items() if is_key else ():
        if words_of(name)[-len(noun) :] == noun and holds_objects(member) and "array" not in member.types:
            yield name


def undone_action(verb: str) -> str:
    """The verb of the action that another one undoes, such as `attach` for `detach`; else nothing."""
    verb = normalised(verb)
    return _UNDOING.get(verb) or _undone_by(verb)


def taken_back(item: SchemaView, sent: SchemaView | None, shown: Mapping[str, str]) -> dict[str, None]:
    """The members of an item that an action sets to what is sent, and that are null once another one undoes it.

    As `assignee`, where its `assigneeId` was sent: `shown` has the members by the names for the keys of what they show.
    """
    names = {shown.get(normalised(name), name) for name in (sent.members if sent is not None else ())}
    return {name: None for name in item.members if name in names and item.members[name].may_be_null}


def _done(item: SchemaView, words: list[str]) -> Iterator[tuple[str, Any]]:
    for name, member in item.members.items():
        plain = normalised(name)
        if is_state(name) and (state := _choice(name, member, words)) is not None:
            yield name, state
        elif (flag := _flag(member)) and plain.removeprefix("is") in words:
            yield name, flag[1]
        elif _is_date_of(plain, words) or (plain in words and member.keyword("format") in ("date", "date-time")):
            if "integer" in member.possible_types:
                yield name, "$generated.seconds"
            elif "string" in member.possible_types:
                yield name, "$generated.today" if member.keyword("format") == "date" else "$generated.now"


def _flag(member: SchemaView) -> tuple[Any, Any] | None:
    """The values of a flag that is not set and of one that is, which some documents have as 0 and 1; else None."""
    is_number = member.types - {"null"} == {"integer"} and sorted(member.keyword("enum") or ()) == [0, 1]
    return (False, True) if "boolean" in member.types else (0, 1) if is_number else None


def _plainly_done(item: SchemaView, verb: str) -> Iterator[tuple[str, str]]:
    """The states of which the document names none, in capitals where the example has such."""
    state = _participles(verb)[0] if verb in _PLAIN_VERBS else _PLAIN_STATES.get(verb)
    members = [*item.members.items()] if state or verb == "merge" else []
    if verb == "merge" and any(normalised(name).startswith("merged") for name in item.members):
        state = "closed"  # that it was merged is shown beside the state; a `mergeable_state` is another
        members = [(name, member) for name, member in members if is_plain_state(name)]
    for name, member in members:
        is_open = member.types == {"string"} and not any(map(member.keyword, ("enum", "pattern", "format", "const")))
        if state and is_open and is_state(name) and not is_stage(name) and not states_of(name, member):
            yield name, state.upper() if str(member.example or "").isupper() else state


def _not_done(item: SchemaView, words: list[str]) -> Iterator[tuple[str, Any]]:
    for name, member in item.members.items():
        plain = normalised(name)
        if (flag := _flag(member)) and plain.removeprefix("is") in words:
            yield name, flag[0]
        elif _is_date_of(plain, words) and member.may_be_null:
            yield name, None
        elif is_state(name) and _choice(name, member, words) is not None:
            before = _choice(name, member, [*_STATE_AFTER_UNDOING]) or _state_of_new(name, member)
            if before is not None and before != _choice(name, member, words):
                yield name, before


def _state_of_new(name: str, member: SchemaView) -> Any:
    """The state of a new item, to which undoing leads back: the one that is known as such, else the first."""
    states = states_of(name, member)
    return initial_state(states) or next(iter(states), None)


def dates_of_states(item: SchemaView) -> dict[str, str]:
    """The members with the date at which an item came into a state, by that state: `closed_at` by `closed`."""
    members = item.members.items()
    missable = [(normalised(name), name) for name, one in members if one.may_be_null or name not in item.required]
    found = {
        plain.removesuffix(ending): name
        for plain, name in missable
        for ending in _DATE_ENDINGS
        if plain.endswith(ending) and not is_time(name)
    }
    others = {other: found[state] for same in _SAME_STATES for state in same if state in found for other in same}
    return {**others, **found}


def _choice(name: str, member: SchemaView, words: list[str]) -> Any:
    """The value of a state that one of the words names, the first word first."""
    by_word = {normalised(one): one for one in states_of(name, member)}
    return next((by_word[word] for word in words if word in by_word), None)


def _is_date_of(plain_name: str, words: list[str]) -> bool:
    return any(plain_name == word + ending for word in words for ending in _DATE_ENDINGS)


def _words_of(verb: str) -> Iterator[str]:
    """The words for the state that a verb leads to, the likeliest first: its participle, then others."""
    yield from _participles(verb)
    yield from _RESULTS.get(verb, ())
    yield f"{verb.removesuffix('e')}ing"  # the flag `following` of a profile
    yield verb  # an adjective: `/rooms/{number}/clean`
    for particle in _PARTICLES:
        if verb.endswith(particle) and len(verb) > len(particle) + 2:
            yield from (one + particle for one in _participles(verb.removesuffix(particle)))
    yield from (verb.removeprefix(before) for before in _MARKING if verb.startswith(before) and verb != before)
    for ending in ("order", "request", "invoice", "payment"):  # `/cancelOrder`
        if verb.endswith(ending) and len(verb) > len(ending):
            yield from _words_of(verb.removesuffix(ending))


def participles_of(verb: str) -> set[str]:
    """The participles of a verb: the regular ones, and the words for the state that it leads to, such as `paid`."""
    return {*_participles(verb), *_RESULTS.get(verb, ())}


def _participles(verb: str) -> list[str]:
    """The regular participles of a verb, in British and American spelling."""
    if verb.endswith("e"):
        return [verb + "d"]
    if re.search(r"[^aeiou]y\Z", verb):
        return [verb[:-1] + "ied"]
    return [verb + "ed", verb + verb[-1:] + "ed"]


def _undone_by(verb: str) -> str:
    """The verb that one with `un` before it undoes, such as `unlock`; else nothing."""
    return verb.removeprefix("un") if verb.startswith("un") and len(verb) > len("unit") else ""
