"""Uniqueness: members whose value no second item may have, as the text of an operation or of its refusal says.

Such as "A recipe with this title exists" (409) and "Email already registered" (422), or "Must be unique" of a member. A
sentence about some items alone, as active ones, or about several members together says nothing.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lookalike.contract.inference.descriptions import says, sentences_of
from lookalike.contract.inference.inferred import OperationKey
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resources.resource_guess import Paths
from lookalike.contract.inference.rules.rule import Inference
from lookalike.contract.inference.sent_items import item_sent
from lookalike.naming.keys import names_one_alone
from lookalike.naming.words import words_of
from lookalike.schema.view import SchemaView

_CONFLICT = "409"
_STATUSES = (_CONFLICT, "422", "400")
_LONGEST = 2000  # characters of a text
_BOUND = ("enum", "const", "default")
_THE = r"(?:(?:an?|the|this|that|these|same|given|such|specified|provided|identical|requested) )*"
_IS = r"(?:(?:(?:is|are|was|has|have|must|been|be) )*(?:already )?)"
_TAKEN = r"(?:exists?|existing|taken|in use|used|registered|unique|not unique|occupied|a duplicate|duplicated)\b"
# Each with NOUN for the name of a member.
_CONFLICTS = (
    rf"\b(?:with|under|by|having|has|uses|using) {_THE}NOUN (?:(?:in|within|for|of) {_THE}\w+ )?{_IS}{_TAKEN}",
    rf"\b(?:exists?|existing) (?:already )?(?:with|under|by|for) {_THE}NOUN\b",
    rf"^\W*{_THE}(?:\w+ )?NOUN {_IS}{_TAKEN}",
    rf"\b(?:or|and|since|because|as|if|when|whether|conflict|error|invalid)\b,? {_THE}(?:\w+ )?NOUN {_IS}{_TAKEN}",
    r"\b(?:duplicated?|non-unique) NOUN\b",
)
_ALONE = re.compile(
    r"\b(?:active|open|pending|running|published|enabled|unpaid|verified|scheduled|ongoing|current|deleted|archived"
    r"|unless|except|only|overlap\w*|combination|pair|together|both|and|another user|other users?|version"
    r"|updat\w+|replac\w+|overwrit\w+|upsert\w*|ignored|instead|returned|optional(?:ly)?|may|can|could|might)\b",
    re.IGNORECASE,
)
_SAYS_NOTHING = re.compile(
    r"(?:\W|_|\d|\b(?:conflict|errors?|response|already|exists?|duplicated?|resource|entity|item|the|an?|http)\b)*",
    re.IGNORECASE,
)
_REFUSES = re.compile(
    r"\b(?:409|422|400|conflict|refus\w+|reject\w+|fails?|failed|error|must be unique)\b", re.IGNORECASE
)
_MUST_BE = re.compile(r"\W*(?:[\w-]+ ){0,3}must be unique\W*", re.IGNORECASE)
_IGNORES_CASE = re.compile(
    r"\bcase[- ]?insensitiv\w*|\b(?:without regard to|regardless of|ignor(?:es?|ing)) (?:the )?(?:letter )?case\b",
    re.IGNORECASE,
)


def operations_with_unique_members(
    paths: Paths, found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """The operations whose texts tell of members that only one item may have a value of, with those."""
    for (path, method), (extension, words) in found.items():
        operation = paths[path][method]
        item = item_sent(operation, extension) if any(one in operation.statuses for one in _STATUSES) else None
        unique = _unique(operation, item.members) if item is not None else {}
        if unique:
            told = f", refused if another has the same {' or '.join(unique)}"
            yield (path, method), ({**extension, "unique": unique}, words + told)


def operations_with_possibly_unique_members(
    paths: Paths, found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """The creations with a 409 of which no text says more: no two items have the same email, user name or code.

    Where the client chooses the key, the 409 is about that.
    """
    for (path, method), (extension, words) in found.items():
        operation = paths[path][method]
        if _CONFLICT not in operation.statuses or "unique" in extension or not extension.get("apply"):
            continue
        create, told = extension["apply"][0].get("create"), operation.text_of_status(_CONFLICT)[:_LONGEST]
        is_open = create is not None and "taken" not in create and _SAYS_NOTHING.fullmatch(told) is not None
        item = item_sent(operation, extension) if is_open else None
        members = item.members.items() if item is not None else ()
        names = [name for name, view in members if names_one_alone(name) and _may_be_unique(view)]
        if names:
            told = f", perhaps refused if another has the same {' or '.join(names)}"
            yield (
                (path, method),
                ({**extension, "unique": {one: {"refused": _CONFLICT} for one in names}}, words + told),
            )


def _unique(operation: RawOperation, members: Mapping[str, SchemaView]) -> dict[str, Any]:
    """The members that must be unique, each with the status of the refusal, and whether case makes no difference."""
    names = {name: _name(name) for name, view in members.items() if _may_be_unique(view)}
    found: dict[str, Any] = {}
    told = [name for name in names if _says_unique(members[name])]
    for status in (one for one in _STATUSES if one in operation.statuses):
        text = operation.text_of_status(status)[:_LONGEST]
        own = [one for one in sentences_of(operation.text[:_LONGEST]) if _REFUSES.search(one)]
        for sentence in (*sentences_of(text), *own):
            for name in _named_in(sentence.strip(), names):
                folded = {"ignores-case": True} if _IGNORES_CASE.search(f"{text} {operation.text}") else {}
                found.setdefault(name, {"refused": status, **folded})
        found = {**{name: {"refused": status} for name in told}, **found}
    return found


def _says_unique(view: SchemaView) -> bool:
    """Whether the description of a member says that it must be unique, and not of what."""
    sentences = sentences_of(str(view.keyword("description") or "")[:_LONGEST])
    return any(_MUST_BE.fullmatch(one) and not _ALONE.search(one) for one in sentences)


def _may_be_unique(view: SchemaView) -> bool:
    """Whether a member has a value of its own in each item: a text or a whole number, and no choice of few."""
    is_free = all(view.keyword(rule) is None for rule in _BOUND) and not view.is_marked("readOnly")
    return is_free and view.types - {"null"} in ({"string"}, {"integer"})


def _name(member: str) -> str:
    return r"[ _-]?".join(map(re.escape, words_of(member))) + "s?"


def _named_in(sentence: str, names: Mapping[str, str]) -> Collection[str]:
    """The members of which a sentence says that their values are taken; of those in one another, the longest."""
    if _ALONE.search(sentence):
        return ()
    named = {name: re.search(rf"\b{pattern}\b", sentence, re.IGNORECASE) for name, pattern in names.items()}
    spans = {
        name: match.span()
        for name, match in named.items()
        if match is not None and says(_CONFLICTS, names[name], sentence)
    }
    return [
        name
        for name, (start, end) in spans.items()
        if not any(one <= start and end <= other and (one, other) != (start, end) for one, other in spans.values())
    ]
