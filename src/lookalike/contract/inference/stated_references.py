"""Stated references: members of a body that must name an item which exists, as texts say.

Such as "Customer not found" (404) of a creation with a `customer_id`, and "The author must exist". A documented 404 of
a creation whose path names nothing is a hint alone.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from lookalike.contract.expressions import body_expression
from lookalike.contract.inference.descriptions import says, sentences_of
from lookalike.contract.inference.inferred import OperationKey
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resources.collection_paths import last_literal
from lookalike.contract.inference.resources.references import naming_member
from lookalike.contract.inference.resources.resource_guess import Paths, ResourceGuess
from lookalike.contract.inference.rules.rule import Inference
from lookalike.contract.inference.sent_items import item_sent, source_of_item
from lookalike.json_values import Pointer, values_within
from lookalike.naming.words import normalised, singular, words_of
from lookalike.schema.view import SchemaView

_STATUSES = ("404", "422", "400", "409")
_LONGEST = 2000  # characters of a text
_ABSENT = (
    r"(?:not (?:be )?found|(?:not|n['’]t) exist|(?:not|n['’]t) be found|unknown|not known|non-?exist\w*"
    r"|no longer exists?)\b"
)
_DEMANDED = (
    r"NOUN(?:[ ,]+\w+){0,4} (?:must|has to|have to|needs? to) (?:already )?exist\b",
    r"\bmust (?:\w+ ){0,6}existing (?:\w+ )?NOUN",
)
_REFUSED = (
    rf"NOUN(?:[ ,/]+\w+){{0,6}}? {_ABSENT}",
    r"\b(?:unknown|no such|non-?exist\w*) (?:\w+ or )?NOUN",
    r"\bno NOUN (?:exists|with)\b",
    *_DEMANDED,
)
_REFUSES = re.compile(r"\b(?:404|422|400|409|refus\w+|reject\w+|fails?|failed|errors?)\b", re.IGNORECASE)
_OTHERWISE = re.compile(
    r"\b(?:ignor\w+|instead|skipped|dropped|null|defaults?|unless|except|may|might|optional(?:ly)?|automatic\w*"
    r"|(?:is|are|be|gets?) (?:\w+ )?(?:created|added|made|inserted)|creates? (?:it|them|one))\b",
    re.IGNORECASE,
)


class References(NamedTuple):
    """The operations whose bodies name items that must exist: as their texts state, and as may be."""

    stated: Mapping[OperationKey, Inference]
    possible: Mapping[OperationKey, Inference]


def references(
    paths: Paths, found: Mapping[OperationKey, Inference], guesses: Mapping[str, ResourceGuess]
) -> References:
    """The operations that refuse to name an item which does not exist, with the references to such items.

    A creation with a 404 and no parameter in its path, whose texts are silent, may be about items that its body names.
    """
    stated, possible = {}, {}
    targets = {one: last_literal(one.home.path) for one in guesses.values() if _can_be_named(one)}
    for key, operation, inference in _writing(paths, found):
        named = list(_named_by_body(operation, inference[0], guesses, targets))
        told = [{**one, "refused": status} for one, to, member in named if (status := _status(operation, to, member))]
        may_be_told = "create" in inference[0]["apply"][0] and "404" in operation.statuses and "{" not in operation.path
        if told:
            stated[key] = _with(inference, told)
        elif named and may_be_told:
            possible[key] = _with(inference, [{**one, "refused": "404"} for one, _, _ in named])
    return References(stated, possible)


def _can_be_named(resource: ResourceGuess) -> bool:
    return bool(resource.is_creatable and resource.key and not resource.key_is_scoped)


def _writing(
    paths: Paths, found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, RawOperation, Inference]]:
    """The operations that store an object of the body, and have a refusal."""
    for (path, method), inference in found.items():
        operation = paths[path][method]
        if source_of_item(inference[0]) is not None and any(one in operation.statuses for one in _STATUSES):
            yield (path, method), operation, inference


def _with(inference: Inference, references: list[dict[str, Any]]) -> Inference:
    extension, words = inference
    named = " and ".join(dict.fromkeys(one["resource"] for one in references))
    return {**extension, "references": references}, f"{words}, refused if there is no {named} that is named"


def _named_by_body(
    operation: RawOperation,
    extension: Mapping[str, Any],
    guesses: Mapping[str, ResourceGuess],
    targets: Mapping[ResourceGuess, str],
) -> Iterator[tuple[dict[str, Any], ResourceGuess, SchemaView]]:
    """The members that name an item of a resource, apart from those that the path names: as references, and schemas.

    `targets` are resources with their nouns. A text that is called as the noun alone may say something else, as the
    `image` of a container or a `status` do.
    """
    source, item = source_of_item(extension), item_sent(operation, extension)
    selected = guesses.get(extension.get("select", {}).get("resource", ""))
    in_path = [*selected.lineage()] if selected is not None else []
    own = guesses.get(extension["apply"][0].get("create", {}).get("resource", ""))
    if source is None or item is None:
        return
    member_for = naming_member(item.members)
    for other, noun in targets.items():
        if other in in_path or f"/{noun}/{{" in operation.path:
            continue
        member, _ = member_for(other, "" if other is own else other.home.key_parameter)
        kind = item.members.get(member)
        if kind is None or kind.is_marked("readOnly") or (other is own and member == other.key):
            continue
        if other is own and _names_others(kind, noun, targets.values()):
            continue  # the parent of an attachment is a task or a project
        if "string" not in kind.types or kind.keyword("format") == "uuid" or not _is_noun(member, noun):
            place = (*source.pointer, member, *_key_inside(kind, other))
            yield {"resource": other.name, "key": body_expression(*place)}, other, kind


def _names_others(member: SchemaView, noun: str, nouns: Collection[str]) -> bool:
    """Whether the description of a member names things of other kinds, and not one of its own."""
    words = {singular(word) for word in re.findall(r"[a-z_]+", str(member.keyword("description") or "").lower())}
    return singular(noun.lower()) not in words and any(singular(one.lower()) in words for one in nouns)


def _is_noun(member: str, noun: str) -> bool:
    """Whether a member is called as a noun, without `id`."""
    return normalised(singular(member)) == normalised(singular(noun))


def _key_inside(kind: SchemaView, other: ResourceGuess) -> Pointer:
    """The way to the key in an object that names an item."""
    return (other.key,) if "object" in kind.types else ()


def _status(operation: RawOperation, to: ResourceGuess, member: SchemaView) -> str:
    """The status by which an operation refuses to name an item that does not exist, as its texts say; else nothing."""
    noun = _noun(to)
    documented = [one for one in _STATUSES if one in operation.statuses]
    for status in documented:
        shown = (text for example in operation.response_examples(status) for text in values_within(example))
        texts = (operation.text_of_status(status), *(text for text in shown if isinstance(text, str)))
        if any(says(_REFUSED, noun, one) for text in texts for one in sentences_of(text[:_LONGEST])):
            return status
    for sentence in sentences_of(operation.text[:_LONGEST]):
        is_told = _REFUSES.search(sentence) and says(_REFUSED, noun, sentence)
        if (is_told or says(_DEMANDED, noun, sentence)) and not _OTHERWISE.search(sentence):
            return next((one for one in documented if one in sentence), documented[0])
    text = str(member.keyword("description") or "")[:_LONGEST]
    return documented[0] if says(_DEMANDED, noun, text) and not _OTHERWISE.search(text) else ""


def _noun(resource: ResourceGuess) -> str:
    """A pattern of the noun for an item of a resource."""
    return rf"\b{r'[ _-]?'.join(words_of(singular(last_literal(resource.home.path))))}s?\b"
