"""Messages for violations of a schema: what must hold, for which member, and what was there instead.

One short function per kind of error of jsonschema-rs, in a table. Its own messages quote the whole value, which may
be a megabyte, or a password.
"""

import difflib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from lookalike.schema.regexes import UNMATCHED

Error = Any  # a jsonschema_rs.ValidationError; its stubs do not say what each kind of error holds
Parents = Sequence[Mapping[str, Any]]

_LONGEST = 4_000  # characters of what a message lists

_TYPE_WORDS = {
    "array": "an array",
    "boolean": "a boolean",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}


def describe(error: Error, parents: Parents, subject: str) -> str:
    """A sentence for an error; `parents` are the schemas from the root to the one whose keyword failed."""
    say = _MESSAGES.get(error.kind.name)
    return say(error, parents, subject) if say else f"{_place(error, subject)}: {error.message}"


def type_word(value: Any) -> str:
    """The type of a JSON value, with its article."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "a boolean"
    words = ((str, "a string"), (list, "an array"), (dict, "an object"), (int, "an integer"))
    return next((word for python_type, word in words if isinstance(value, python_type)), "a number")


def name_of(path: Sequence[str | int], subject: str) -> str:
    """`add_tags[0].id` for a path into a value; the subject for the value itself."""
    if not path:
        return subject
    name = "".join(f"[{token}]" if isinstance(token, int) else f".{token}" for token in path)
    return name.removeprefix(".")


def _place(error: Error, subject: str) -> str:
    return name_of(error.instance_path, subject)


def _member(error: Error, name: str) -> str:
    return name_of([*error.instance_path, name], "")


def _type(error: Error, _: Parents, subject: str) -> str:
    wanted = " or ".join(_TYPE_WORDS[name] for name in error.kind.types)
    return f"{_place(error, subject)} must be {wanted}, not {_instead(error.instance)}"


def _instead(value: Any) -> str:
    is_fraction = not isinstance(value, (bool, int, str, list, dict)) and value is not None
    return "a number with a fraction" if is_fraction else type_word(value)


def _required(error: Error, parents: Parents, _: str) -> str:
    return f"{_member(error, error.kind.property)} is required{_condition(parents)}"


def _condition(parents: Parents) -> str:
    """The condition under which a rule inside `then` holds, where that is a list of members."""
    for outer, inner in pairwise(parents):
        condition = outer.get("if")
        if outer.get("then") is inner and isinstance(condition, Mapping) and [*condition] == ["required"]:
            return " when " + " and ".join(condition["required"]) + " is present"
    return ""


def _any_of(error: Error, parents: Parents, subject: str) -> str:
    """The ways to meet `anyOf`: all of them where each lacks one thing, else the branch that is closest."""
    branches = error.kind.context
    single = [branch[0] for branch in branches if len(branch) == 1 and branch[0].kind.name == "required"]
    if len(single) == len(branches):
        return f"{_either([_member(one, one.kind.property) for one in single])} is required"
    if (allowed := _allowed_discriminators(branches)) is not None:
        return allowed
    if any(len(branch) > 1 for branch in branches):
        closest = min(branches, key=lambda branch: _distance(branch, error))
        what = " and ".join(describe(one, (), subject) for one in closest)
        return f"{_place(error, subject)} matches none of its {len(branches)} alternatives; for the closest, {what}"
    ways = [*dict.fromkeys(describe(one, (), subject) for branch in branches for one in branch)]
    return ways[0] if len(ways) == 1 else f"either {', or '.join(ways)}"


def _allowed_discriminators(branches: Sequence[Sequence[Error]]) -> str | None:
    """The allowed values of a member that each branch fixes by `const` or `enum`, where none was sent."""
    fixed = [{tuple(one.instance_path): one for one in branch if one.kind.name in _FIXED} for branch in branches]
    place = next((place for place in fixed[0] if place and all(place in others for others in fixed)), None)
    if place is None:
        return None
    values = [value for found in fixed for value in _fixed_values(found[place].kind)]
    return f"{name_of(place, '')} must be one of {_listed(dict.fromkeys(map(_json, values)))}"


_FIXED = frozenset({"const", "enum"})


def _fixed_values(kind: Any) -> Sequence[Any]:
    values: Sequence[Any] = [kind.expected_value] if kind.name == "const" else kind.options
    return values


def _distance(branch: Sequence[Error], whole: Error) -> tuple[int, ...]:
    """The distance of a value from a branch: another type weighs most, then another `const` or `enum`."""
    at_whole = [one for one in branch if len(one.instance_path) == len(whole.instance_path)]
    other_type = sum(one.kind.name == "type" for one in at_whole)
    other_constant = sum(one.kind.name in ("const", "enum") for one in branch)
    return other_type, other_constant, len(branch)


def _either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]


ONE_OF_OVERLAP = "matches more than one of the alternatives of which it must match exactly one"


def _one_of(error: Error, parents: Parents, subject: str) -> str:
    if all(error.kind.context):
        return _any_of(error, parents, subject)
    branches = parents[-1].get("oneOf", ()) if parents else ()
    names = [branch["required"][0] for branch in branches if _requires_one_member(branch)]
    if names and len(names) == len(error.kind.context):
        return f"only one of {' and '.join(_member(error, name) for name in names)} is allowed"
    return f"{_place(error, subject)} {ONE_OF_OVERLAP}"


def _requires_one_member(schema: Any) -> bool:
    return isinstance(schema, Mapping) and list(schema) == ["required"] and len(schema["required"]) == 1


def _enum(error: Error, _: Parents, subject: str) -> str:
    return f"{_place(error, subject)} must be one of {_listed(map(_json, error.kind.options))}"


def _const(error: Error, _: Parents, subject: str) -> str:
    return f"{_place(error, subject)} must be {_listed([_json(error.kind.expected_value)])}"


def _property_names(error: Error, parents: Parents, subject: str) -> str:
    name, inner = error.kind.error.instance, error.kind.error.kind
    if inner.name == "enum":
        return f"{_member(error, name)} is not a known member; known: {_listed(map(str, inner.options))}"
    return f"{_member(error, name)} is not allowed as a name here"


def _additional(error: Error, parents: Parents, subject: str) -> str:
    names = _listed(_member(error, name) for name in error.kind.unexpected)
    return f"unknown member of {_place(error, subject)}: {names}{_did_you_mean(error.kind.unexpected[0], parents)}"


def _did_you_mean(name: str, parents: Parents) -> str:
    """The known member that was probably meant."""
    known = parents[-1].get("properties", {}) if parents else {}
    close = difflib.get_close_matches(name, known, 1)
    return f" (did you mean {close[0]}?)" if close else ""


def _not(error: Error, parents: Parents, subject: str) -> str:
    if parents and parents[-1].keys().isdisjoint(("not", "anyOf", "oneOf")):  # stands for a reference, and what follows
        return f"{_place(error, subject)} breaks its schema; why is not explained at this depth"
    if parents and "not" not in parents[-1]:  # stands for alternatives that were not explained
        why = "why it matches none is not explained at this depth"
        return f"{_place(error, subject)} must match one of the alternatives of its schema; {why}"
    together = parents[-1]["not"].get("required") if parents and isinstance(parents[-1]["not"], Mapping) else None
    if together and len(parents[-1]["not"]) == 1:
        names = " and ".join(_member(error, name) for name in together)
        return f"{names} {'are not allowed together' if len(together) > 1 else 'is not allowed'}"
    return f"{_place(error, subject)} has a value that is not allowed"


def _unexplained(error: Error, _: Parents, subject: str) -> str:
    return f"{_place(error, subject)} breaks a rule of its schema; it is too large to find out which one"


def _unique(error: Error, _: Parents, subject: str) -> str:
    return f"{_place(error, subject)} must not hold the same item twice"


def _pattern(error: Error, parents: Parents, subject: str) -> str:
    told = getattr(error.kind, "message", "")  # of an error of `costly_patterns`
    pattern = told.removeprefix(UNMATCHED) if told.startswith(UNMATCHED) else getattr(error.kind, "pattern", None)
    if pattern is not None:
        return f"{_place(error, subject)} must match the pattern {pattern}"
    # The limit on steps was reached, which says nothing of the pattern: of a string, or of the names in an object.
    known = told or (parents[-1].get("pattern") if parents else None)
    if isinstance(known, str):
        return f"{_place(error, subject)} takes too many steps to match against the pattern {known}; shorten it"
    return f"{_place(error, subject)} has a name that takes too many steps to match against a pattern; shorten it"


def _format(error: Error, _: Parents, subject: str) -> str:
    return f"{_place(error, subject)} must be in the format {error.kind.format}"


def _false(error: Error, _: Parents, subject: str) -> str:
    if error.evaluation_path[-1:] == ["additionalProperties"]:  # the place is then that of the object
        return f"{_place(error, subject)} must have no members"
    return f"{_place(error, subject)} is not allowed"


def _limit(phrase: str, unit: str = "") -> Callable[[Error, Parents, str], str]:
    """The message for a limit of numbers, or of so many of a unit."""

    def say(error: Error, _: Parents, subject: str) -> str:
        return f"{_place(error, subject)} must {phrase} {_count(error.kind.limit, unit)}"

    return say


def _count(number: object, unit: str) -> str:
    return f"{number} {unit}{'s' if number != 1 else ''}" if unit else str(number)


def _multiple(error: Error, _: Parents, subject: str) -> str:
    return f"{_place(error, subject)} must be a multiple of {error.kind.multiple_of}"


def _contains(error: Error, parents: Parents, subject: str) -> str:
    rule = parents[-1] if parents else {}
    is_most = "maxContains" in error.evaluation_path[-1:]
    number = rule.get("maxContains") if is_most else rule.get("minContains", 1)
    limit = f"{'at most' if is_most else 'at least'} {_count(number, 'item')} that match{'es' if number == 1 else ''}"
    return f"{_place(error, subject)} must hold {limit} its contains rule"


def _unevaluated_items(error: Error, _: Parents, subject: str) -> str:
    return f"{_place(error, subject)} holds items beyond those that are allowed"


def _listed(texts: Iterable[str]) -> str:
    """Texts with commas between them; of many, the beginning, since a message may come hundreds of times."""
    beginning, length = [], 0
    for text in texts:
        beginning.append(text)
        length += len(text)
        if length > _LONGEST:
            break
    whole = ", ".join(beginning)
    return whole if length <= _LONGEST else f"{whole[:_LONGEST]}…"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


_MESSAGES: dict[str, Callable[[Error, Parents, str], str]] = {
    "type": _type,
    "required": _required,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "enum": _enum,
    "const": _const,
    "not": _not,
    "propertyNames": _property_names,
    "additionalProperties": _additional,
    "unevaluatedProperties": _additional,
    "uniqueItems": _unique,
    "unexplained": _unexplained,
    "pattern": _pattern,
    "patternProperties": _pattern,
    "format": _format,
    "falseSchema": _false,
    "multipleOf": _multiple,
    "minimum": _limit("be at least"),
    "maximum": _limit("be at most"),
    "exclusiveMinimum": _limit("be greater than"),
    "exclusiveMaximum": _limit("be less than"),
    "minLength": _limit("have at least", "character"),
    "maxLength": _limit("have at most", "character"),
    "minItems": _limit("hold at least", "item"),
    "maxItems": _limit("hold at most", "item"),
    "minProperties": _limit("hold at least", "member"),
    "maxProperties": _limit("hold at most", "member"),
    "contains": _contains,
    "unevaluatedItems": _unevaluated_items,
}
