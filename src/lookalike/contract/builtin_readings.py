"""Built-in readings: the questions that every plain document leaves open.

The id of a reading is `SCOPE.SUBJECT`. The scope is `http`, the name of an operation, the name of a resource, or that
of a resource and a member of its items: `http.order`, `createPet.refusal`, `pet.put-unknown`, `pet.name.kept`. A choice
is a word, or a text of the pattern that the reading gives.
"""

import re
from collections.abc import Iterator, Mapping
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits
from typing import NamedTuple

from lookalike.contract.contract import Contract
from lookalike.contract.derivations import AT_FIRST, CHANGES, KEY_WAYS, PLACE, TIMES, WAYS
from lookalike.contract.extension import HTTP_POLICY_DEFAULTS
from lookalike.readings import Reading
from lookalike.schema.view import SchemaView
from lookalike.schema.vocabulary import KEYWORD

_STATUS = "4[0-9][0-9]"
SUCCESS = "2[0-9][0-9]"
_JSON = r"null|true|false|-?[0-9].*|[\[{\"](?:.|\n)*"
DEFAULT = "default"
ABSENT_WORD = "absent"
MADE = "made"
AT_CREATION = "at-creation"
NORMALISATIONS = {
    "trimmed": "spaces around a text are removed",
    "lower-case": "letters become lower case",
    "upper-case": "letters become upper case",
    "without-duplicates": "of equal elements of a list, one is kept",
    **{f"rounded-{places}": f"numbers are rounded to {places} decimals" for places in range(2, 9)},
    "rounded-to-multiple": "numbers are rounded to the documented multipleOf",
    "sorted": "the elements of a list are sorted",
}
MASKED = "masked "
_KEPT = re.compile(rf"(?:{'|'.join(NORMALISATIONS)})(?: (?:{'|'.join(NORMALISATIONS)}))*|{MASKED}\".*\"")
KEY_FORMS = {
    "uuid": "UUIDs (RFC 9562)",
    "number": "numbers, counted",
    "hex-24": "24 hexadecimal digits",
    "hex-32": "32 hexadecimal digits",
}

# The letters of keys by their name in a pattern, the fewest first.
KEY_LETTERS: Mapping[str, str] = {
    "0-9": digits,
    "0-9a-f": f"{digits}abcdef",
    "0-9a-z": digits + ascii_lowercase,
    "0-9A-Z": digits + ascii_uppercase,
    "0-9A-Za-z": digits + ascii_letters,
    "0-9A-Za-z_-": f"{digits}{ascii_letters}_-",
}
KEY_PATTERN = rf"(?P<prefix>[^\s\[]*)\[(?P<letters>{'|'.join(KEY_LETTERS)})\]\{{(?P<length>[1-9][0-9]?)\}}"
KEY_NUMBER = r"number from (?P<first>[1-9][0-9]{0,11})"

OF_HTTP: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "method": (
        "Which status does a method get that a path does not have?",
        {"405": "Method Not Allowed", "404": "Not Found"},
    ),
    "options": (
        "How is OPTIONS answered, where it is not documented?",
        {"204": "with the documented methods", "undocumented": "as any other method that is not documented"},
    ),
    "accept": (
        "Is a request refused that accepts no documented media type?",
        {DEFAULT: "only where 406 is documented", "406": "yes", "ignored": "no"},
    ),
    "media-type": (
        "How is a body of an undocumented media type taken?",
        {
            DEFAULT: "as its kin, or refused with 415",
            "415": "it is refused with 415",
            "400": "it is refused with 400",
            "ignored": "as if it were of the documented type",
            "body-ignored": "as an empty object",
        },
    ),
    "empty-body": (
        "How is a missing body taken?",
        {"400": "it is refused", "as-empty-object": "as an empty object"},
    ),
    "order": (
        "Which comes first for an invalid request about an unknown item?",
        {
            "validate-first": "the refusal of the request",
            "lookup-first": "the 404",
            "parse-first": "the refusal, if the body cannot be parsed, else the 404",
        },
    ),
    "path-parameter": (
        "How is a path parameter of the wrong type answered?",
        {"invalid": "as invalid input", "404": "with 404", "400": "with 400"},
    ),
    "null-member": (
        "How is null taken in place of a documented member?",
        {"rejected": "it is refused, where the schema does not allow it", "absent": "as if it were not sent"},
    ),
}


# A text of `contract.derivations`.
DERIVATION = rf"(?:{'|'.join((*WAYS, *TIMES))}) of \S+(?: {AT_FIRST})?|(?:{PLACE}|{CHANGES}) from [01]"


class Subject(NamedTuple):
    """A subject of readings: the question, the default, the choices, and a pattern of further ones."""

    question: str
    default: str
    choices: Mapping[str, str]
    other: str = ""


OF_OPERATION: Mapping[str, Subject] = {
    "success": Subject("Which success does it answer with?", DEFAULT, {DEFAULT: "the first documented"}, SUCCESS),
    "answer": Subject("What does it answer, where that depends on no item?", DEFAULT, {DEFAULT: "its example"}, _JSON),
    "created": Subject("Which success does a creating PUT get?", DEFAULT, {DEFAULT: "the documented 201"}, SUCCESS),
    "effect": Subject(
        "Is its change seen afterwards?", "seen", {"seen": "it is", "unseen": "everything stays as it was"}
    ),
    "refusal": Subject("Which status does invalid input get?", DEFAULT, {DEFAULT: "a documented one"}, _STATUS),
    "refusals": Subject(
        "Which rules are refused with a status of their own?",
        "none",
        {"none": "all of them get that of invalid input"},
        rf"[^ =]*:[A-Za-z]+={_STATUS}(?: [^ =]*:[A-Za-z]+={_STATUS})*",
    ),
    "unparsable": Subject("Which status does a body get that is no JSON?", DEFAULT, {DEFAULT: "400"}, _STATUS),
    "no-body": Subject("Which status does a missing body get?", DEFAULT, {DEFAULT: "that of invalid input"}, _STATUS),
    "unknown": Subject(
        "Is it refused if there is no such item?",
        "refused",
        {"refused": "it is", "ignored": "it is answered as if there were one"},
    ),
    "unchecked": Subject(
        "Which documented rules does it not check?",
        "none",
        {"none": "it checks all of them"},
        r"[^ :]+:[A-Za-z]+(?: [^ :]+:[A-Za-z]+)*",
    ),
    "required": Subject(
        "Which further members does it insist on?",
        "none",
        {"none": "those that the document requires"},
        r"\S+(?: \S+)*",
    ),
    "unknown-members": Subject(
        "Does it take members that the document does not have?",
        "taken",
        {"taken": "where the schema allows them", "refused": "it refuses them"},
    ),
    "deleted": Subject(
        "Which status does it give once its item was deleted?",
        DEFAULT,
        {DEFAULT: "that of any deleted item", "ignored": "a success, as if there were one"},
        _STATUS,
    ),
    "deleted-parent": Subject(
        "Which status does it give once the parent of its item was deleted?",
        DEFAULT,
        {DEFAULT: "that of the parent"},
        _STATUS,
    ),
    "ignored": Subject(
        "Which documented parameters of a list have no effect?", "none", {"none": "none of them"}, r"\S+(?: \S+)*"
    ),
    "location": Subject(
        "Does it tell where a new item is, by Location?",
        DEFAULT,
        {DEFAULT: "where a path leads to it", ABSENT_WORD: "it does not"},
    ),
    "page-size": Subject(
        "How many items has a page of which the size is not asked for?",
        DEFAULT,
        {DEFAULT: "the documented number, else all"},
        "[1-9][0-9]{0,5}",
    ),
}
OF_RESOURCE: Mapping[str, Subject] = {
    "unknown": Subject("Which status does an unknown key get?", "404", {"404": "Not Found", "410": "Gone"}, _STATUS),
    "put-unknown": Subject(
        "What does a PUT on an unknown key do?",
        DEFAULT,
        {DEFAULT: "it creates, where 201 is documented", "creates": "it creates", "refused": "it is refused"},
    ),
    "delete-unknown": Subject(
        "How is a DELETE of an unknown key answered?",
        "refused",
        {"refused": "as any unknown key", "succeeds": "as a deletion"},
    ),
    "put-unsent": Subject(
        "What becomes of members that a PUT does not send?",
        "removed",
        {"removed": "they are removed, or get their default", "kept": "they stay"},
    ),
    "patch-null": Subject(
        "What does null do in a PATCH?",
        "deletes",
        {"deletes": "it removes the member (RFC 7396)", "stored": "it is stored"},
    ),
    "patch-depth": Subject(
        "How does a PATCH change an object in an item?",
        "deep",
        {"deep": "member by member (RFC 7396)", "shallow": "it is replaced"},
    ),
    "deletion": Subject(
        "What becomes of an item that is deleted?",
        "gone",
        {"gone": "it can be neither read nor listed"},
        r"marked [^\s=]+=\S.*|unlisted [^\s=]+=\S.*",
    ),
    "deleted": Subject("Which status does the key of a deleted item get?", DEFAULT, {DEFAULT: "that of any"}, _STATUS),
    "children": Subject(
        "What becomes of the items below one that is deleted?",
        DEFAULT,
        {DEFAULT: "as the document says, else they are deleted", "deleted": "they are deleted", "kept": "they stay"},
        _STATUS,
    ),
    "key-reuse": Subject(
        "Is the key of a deleted item given again?",
        DEFAULT,
        {
            DEFAULT: "a client may give it again, the server does not",
            "never": "a client may not give it again: it is a conflict",
            "server": "the server gives the lowest free number",
        },
    ),
    "lag": Subject(
        "When is a creation or deletion seen?", "none", {"none": "at once"}, r"[0-9]{1,3}(?:\.[0-9]{1,3})?s"
    ),
    "unknown-members": Subject(
        "What becomes of members that the document does not have?",
        "kept",
        {"kept": "they are kept, where the schema allows them", "dropped": "they are dropped"},
    ),
    "order": Subject(
        "In which order are items listed?",
        DEFAULT,
        {
            DEFAULT: "as the document says, else as they were created",
            "oldest-first": "as they were created",
            "newest-first": "the newest first",
        },
        "by -?.+",
    ),
    "conflict": Subject("Which status does a conflict get?", DEFAULT, {DEFAULT: "a documented one"}, _STATUS),
    "unique": Subject("Which members must be unique?", "none", {"none": "none of them"}, r"\S+(?: \S+)*"),
    "key-form": Subject(
        "How are the keys written that the server makes?",
        DEFAULT,
        {DEFAULT: "by schema", **KEY_FORMS},
        rf"{KEY_NUMBER}|{KEY_PATTERN}|(?:{'|'.join(KEY_WAYS)}) of \S+",
    ),
}
OF_MEMBER: Mapping[str, Subject] = {
    "kept": Subject(
        "How is its value kept?", "as-sent", {"as-sent": "as it was sent", **NORMALISATIONS}, _KEPT.pattern
    ),
    "shown": Subject("Is it shown?", "yes", {"yes": "it is", "no": "it is withheld"}),
    "sent": Subject(
        "Who sets it?",
        "taken",
        {
            "taken": "the client, if it sends it",
            AT_CREATION: "the client, if it creates the item with it; it cannot be changed",
            "ignored": "the server alone",
        },
    ),
    "unsent": Subject(
        "What is its value if it was not sent?",
        DEFAULT,
        {
            DEFAULT: "its default, or one that the server makes",
            ABSENT_WORD: "it has none",
            MADE: "one that the server makes",
        },
        _JSON,
    ),
    "derived": Subject("What does the server make it of?", DEFAULT, {DEFAULT: "of nothing that is known"}, DERIVATION),
}


def builtin_reading(contract: Contract, id: str) -> Reading | None:
    """The built-in reading of an id, or None where a contract has no such."""
    scope, _, subject = id.rpartition(".")
    if scope == "http" and subject in OF_HTTP:
        question, choices = OF_HTTP[subject]
        default = HTTP_POLICY_DEFAULTS[subject]
        default = DEFAULT if DEFAULT in choices else default
        return Reading(id, question, default, choices)
    for known, subjects in _scopes(contract, scope):
        if known and subject in subjects:
            found = subjects[subject]
            return Reading(id, f"{scope}: {found.question}", found.default, found.choices, found.other)
    return None


def _scopes(contract: Contract, scope: str) -> Iterator[tuple[bool, Mapping[str, Subject]]]:
    yield any(one.name == scope for one in contract.operations), OF_OPERATION
    yield scope in contract.resources, OF_RESOURCE
    resource, _, member = scope.partition(".")
    yield resource in contract.resources and member in members_of(contract, resource), OF_MEMBER


def members_of(contract: Contract, resource: str) -> Mapping[str, SchemaView]:
    """The members of the items of a resource."""
    return SchemaView(contract.document.data, (KEYWORD, "resources", resource, "schema")).members
