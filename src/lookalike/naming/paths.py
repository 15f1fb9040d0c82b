"""Words in paths and titles that say what an operation does, or what is below an item."""

import re

from lookalike.naming.words import normalised, singular, words_of

_MANY = frozenset(("batch", "bulk", "many", "multi", "multiple", "mass"))
_READINGS = frozenset(("fetch", "get", "list", "lookup", "read", "retrieve"))
_CHANGES = frozenset(("change", "edit", "modify", "patch", "update"))
_DELETIONS = frozenset(("delete", "destroy", "remove"))


_VERBS_BEFORE_KEYS = frozenset(
    (
        *("get", "fetch", "read", "show", "view", "find", "retrieve", "edit", "update", "modify", "change"),
        *_DELETIONS,
    )
)
DETAILS = ("details", "detail", "info", "inspect", "describe")
"""The words behind the path of an item at which all of it is shown."""

_ABOUT_ONE = frozenset({"by", "id", "detail", "one", "single", "info", "data"})


_MAKING = re.compile(
    r"(?:\b|_)(?:add|create|set|upsert|insert|save|store|assign|grant|follow|block|invite|enable)(?![a-z]*ing\b)",
    re.IGNORECASE,
)

_ADDING = re.compile(r"(?:\b|_)(?:add|append|create|insert)(?![a-z]*ing\b)", re.IGNORECASE)

_MAKING_OR_CHANGING = re.compile(
    r"\b(?:create|add|insert|set)s?\b.{0,40}?\bor\b.{0,20}?\b(?:update|replace|modif|change|edit)|\bupsert"
)

_CHANGING_VERBS = frozenset(("update", "updates", "modify", "modifies", "edit", "edits", "change", "changes"))
_MAKING_VERBS = frozenset(("add", "create", "import", "insert", "register", "save", "send", "submit", "upload"))


def is_about_many(end: str) -> bool:
    """Whether the end of a path speaks of many items, as `/batch-retrieve`, `/bulk` or `/bulk/delete`."""
    return not _MANY.isdisjoint(words_of(end))


def is_reading_of_many(end: str) -> bool:
    """Whether such an end speaks of reading."""
    return not _READINGS.isdisjoint(words_of(end))


def is_change_of_many(end: str) -> bool:
    """Whether such an end speaks of changes."""
    return not _CHANGES.isdisjoint(words_of(end))


def verb_for_many(end: str) -> str:
    """The verb in such an end, as `check-in` in `/bulk-check-in`."""
    return "-".join(word for word in words_of(end) if word not in _MANY)


def is_deletion_of_many(end: str) -> bool:
    """Whether such an end speaks of deleting."""
    return not _DELETIONS.isdisjoint(words_of(end))


def is_below_own_kind(noun: str, collection: str) -> bool:
    """Whether a noun below an item names items of its own kind, such as `subtasks` of the tasks, or `children`."""
    name = normalised(singular(noun))
    return name in ("child", "reply") or name.removeprefix("sub") == normalised(singular(collection)) != name


def is_verb_before_key(word: str, noun: str) -> bool:
    """Whether a word before a key says no more than the method does, as `edit` in `/cars/edit/{id}`, or `getById`."""
    first, *others = words_of(word) or [""]
    fillers = {*_ABOUT_ONE, normalised(noun), normalised(singular(noun))}
    return first in _VERBS_BEFORE_KEYS and all(one in fillers or singular(one) in fillers for one in others)


def is_making(title: str) -> bool:
    """Whether the name of an operation says that it makes a thing, if only if there is none: "Add a member"."""
    return _MAKING.search(title) is not None


def is_adding(name: str) -> bool:
    """Whether the name of an operation says that it adds something new: "Add a member", not "Set the members"."""
    return _ADDING.search(name) is not None


def is_making_verb(word: str) -> bool:
    """Whether a word in a path begins with a verb that makes a thing, as `send` or `create_draft`."""
    return next(iter(words_of(word)), "") in _MAKING_VERBS


def is_changing(title: str) -> bool:
    """Whether the name of an operation begins with a verb of changing: "Update an issue"."""
    return next(iter(words_of(title)), "") in _CHANGING_VERBS


def is_making_or_changing(title: str) -> bool:
    """Whether the name of an operation says that it makes a thing or changes it: "Add or update a member"."""
    return _MAKING_OR_CHANGING.search(" ".join(words_of(title))) is not None
