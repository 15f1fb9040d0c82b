"""Dependents: what the text of a DELETE says of the items that name the deleted one, or are below it.

They are deleted too ("Deletes the project and all of its tasks"), or prevent the deletion ("A team cannot be deleted
while it has players"). Nothing else tells which of both. A sentence with a condition or an exception that is not
understood says nothing.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lookalike.contract.inference.descriptions import says
from lookalike.contract.inference.inferred import OperationKey
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resources.references import member_naming
from lookalike.contract.inference.resources.resource_guess import Paths, ResourceGuess
from lookalike.contract.inference.rules.rule import Inference
from lookalike.contract.path_segments import last_segment
from lookalike.naming.words import singular, words_of

CONFLICT = "409"
_CASCADE = "cascade"

_ALL = (
    r"(?:(?:all|any|each|every|some|one or more|at least one|other|more|still|of|the|its|their|this|that|\w+'s|related"
    r"|associated|dependent|remaining|existing|assigned|attached|linked|child|nested|contained|belonging) )*"
)
_DELETES = r"(?:(?:delet|remov|eras)(?:es?|ing)|destroy(?:s|ing)?)"
_DELETED = r"(?:deleted|removed|destroyed|erased)"
_NEVER = r"(?:cannot|can not|can't|can’t|may not|must not|will not|won't|is not|are not|not be|never)"
_IF = r"(?:while|if|when|as long as|until|unless|because|since|that|which|whose|with|still)"
_HAS = r"(?:has|have|having|contains?|containing|owns?|there (?:is|are)|includes?|referenced by|used by)"
_NAME_IT = r"(?:belong|exist|refer|use|depend|remain|(?:are|is) (?:assigned|left|in it|attached|linked))"
_AND = r"(?:and|with|including|plus|as well as)"
_WITH = rf"(?:with|{_HAS})"
_REFUSES = rf"(?:{_NEVER}\b.*\b{_DELETED}|\b(?:{CONFLICT}|conflict|refus\w+|reject\w+|fails?))\b"
# Each with NOUN for the noun of the dependents.
_DELETED_TOO = (
    rf"\b{_DELETES}\b.*\b{_AND} (?:also )?(?:all|its|their|any|every|each|the) {_ALL}NOUN",
    rf"\balso {_DELETES} {_ALL}NOUN",
    rf"NOUN(?: \w+){{0,4}} (?:are|is|will be|get|gets)(?: also| then| automatically| permanently| all)* {_DELETED}\b",
    r"\bcascad\w*\b.*NOUN",
)
_REFUSED = (
    rf"{_NEVER}\b.*\b{_DELETED}\b.*\b{_IF}\b.*\b{_HAS} {_ALL}NOUN",
    rf"{_NEVER}\b.*\b{_DELETED}\b.*\b(?:until|unless|before) {_ALL}NOUN",
    rf"\b{_WITH} {_ALL}NOUN.*{_NEVER}\b.*\b{_DELETED}\b",
    rf"\bonly be {_DELETED}\b.*\b(?:no|without|all) {_ALL}NOUN",
    rf"\b(?:{CONFLICT}|conflict|refus\w+|reject\w+|fails?|error)\b.*\b{_IF}\b.*\b{_HAS} {_ALL}NOUN",
    rf"{_REFUSES}.*\b(?:while|if|when|as long as) {_ALL}NOUN (?:still )?{_NAME_IT}",
)
_REFUSED_SINCE = (rf"\b{_WITH} {_ALL}NOUN",)
# A noun before another one, as in "task assignments", is not that of the items.
_END_OF_NOUN = (
    r"(?=$|[,:)(]| (?:and|or|are|is|will|that|which|in|of|on|below|under|inside|it|belonging|associated|assigned"
    r"|attached|linked|belongs?|exists?|refers?|use|depends?|remains?|still|too|also|as|get|gets|with|have|has|cannot|can"
    r"|may|for|left)\b)"
)
_OTHERWISE = re.compile(
    r"\b(?:not|no|never|none|cannot|without|unless|except|only|if|when|while|may|might|can|could|should|must|before|first"
    r"|from|keeps?|kept|remains?|stays?|optional(?:ly)?|instead|default)\b|n't\b",
    re.IGNORECASE,
)
_LONGEST = 2000  # characters of a text; what becomes of other items is told in its first sentences
_SENTENCE = re.compile(r"[.;\n!?](?=\s|$)")
_DECIDING = frozenset({"cascade", "force", "recursive", "recurse", "orphan", "deletechildren", "propagationpolicy"})


def deletions_with_dependents(
    paths: Paths, found: Mapping[OperationKey, Inference], guesses: Mapping[str, ResourceGuess]
) -> Iterator[tuple[OperationKey, Inference]]:
    """The deletions of items whose texts tell what becomes of other items, with that."""
    nouns = [(guess, _first_word(guess)) for guess in guesses.values()]
    for (path, method), (extension, words) in found.items():
        steps = extension.get("apply", [])
        deleted = guesses.get(extension.get("select", {}).get("resource", ""))
        operation = paths[path][method]
        if deleted is None or steps != [{"delete": {}}] or _is_decided_by_request(operation):
            continue
        options, told = _options(operation, deleted, nouns)
        if options:
            yield (path, method), ({**extension, "apply": [{"delete": options}]}, words + told)


def _is_decided_by_request(operation: RawOperation) -> bool:
    names = {"".join(words_of(name)) for name in operation.query_parameters}
    return bool(names & _DECIDING)


def _options(
    operation: RawOperation, deleted: ResourceGuess, nouns: Collection[tuple[ResourceGuess, str]]
) -> tuple[dict[str, Any], str]:
    """The options of the step `delete`, and what they say in words.

    `nouns` are the resources, each with the first word of the noun for its items: most texts have that of few.
    """
    options: dict[str, Any] = {}
    dependents: dict[str, dict[str, str]] = {}
    text, told = f"{operation.text} {operation.text_of_status(CONFLICT)}".lower(), ""
    for other in (one for one, first in nouns if one is not deleted and first and first in text):
        is_child = other.parent is not None and other.parent.name == deleted.name
        by = "" if is_child or other.parent_fields else _member_naming(other, deleted)
        policy = _told(operation, other) if is_child or by else ""
        if not policy:
            continue
        told += f", {'and the' if policy == _CASCADE else 'unless there are'} {other.name} items that name it"
        if is_child:
            options["children"] = policy
        else:
            dependents[other.name] = {"by": by} | ({} if policy == _CASCADE else {"refused": policy})
    return options | ({"dependents": dependents} if dependents else {}), told


def _first_word(resource: ResourceGuess) -> str:
    return next(iter(words_of(singular(last_segment(resource.home.path)))), "")


def _member_naming(other: ResourceGuess, deleted: ResourceGuess) -> str:
    """The member in which items name one of those that are deleted; nothing if there is none, or it is a list."""
    member, is_list = member_naming(other, deleted, deleted.home.key_parameter)
    is_plain = member in other.schema.members and not other.schema.members[member].types & {"object", "array"}
    return member if is_plain and not is_list and member != other.key else ""


def _told(operation: RawOperation, other: ResourceGuess) -> str:
    """The status by which items of a resource prevent a deletion, `cascade` where they are deleted, or nothing."""
    noun = _noun(other)
    for sentence in map(str.strip, _SENTENCE.split(operation.text[:_LONGEST])):
        if CONFLICT in operation.statuses and says(_REFUSED, noun, sentence):
            return CONFLICT
        if says(_DELETED_TOO, noun, sentence) and not _OTHERWISE.search(sentence):
            return _CASCADE
    is_refused = CONFLICT in operation.statuses and says(
        _REFUSED_SINCE, noun, operation.text_of_status(CONFLICT)[:_LONGEST]
    )
    return CONFLICT if is_refused else ""


def _noun(resource: ResourceGuess) -> str:
    """A pattern of the noun for items of a resource, in singular and plural: `line-items` are line items."""
    last = last_segment(resource.home.path)
    spelt = dict.fromkeys(r"[ _-]?".join(words_of(word)) for word in (last, singular(last)))
    return rf"\b(?:{'|'.join(spelt)}){_END_OF_NOUN}"
