"""Kinds: members that hold the name of the schema of the object that they are in, as `kind` in those of Kubernetes.

Or the one word that their description tells, as `The object type: "playlist"` does.
"""

import re
from collections.abc import Mapping

from lookalike.naming.members import is_kind, is_type
from lookalike.schema.view import SchemaView

_SCHEMA_NAME = re.compile(r"[A-Z][A-Za-z0-9]*\Z")  # of `io.k8s.api.core.v1.Pod`
_NARROWING = ("enum", "const", "pattern")
# The whole text: one that tells of more may tell of other words too.
_TOLD = re.compile(
    r"""(?:\w+ ){0,4}(?:kind|type)\b(?: of (?:\w+ ){0,3}\w+)?(?:[:.]| is| is always)?\s*"""
    r"""(?:(?:[Aa]lways|[Vv]alue|the fixed string):?\s*){0,3}(?:"([\w.#-]+)"|`([\w.#-]+)`|'([\w.#-]+)')\.?\s*"""
)


def kinds_of(view: SchemaView) -> Mapping[str, str]:
    """The members with the name of an object's schema, and that name; and those whose description tells one word.

    Evidence: the description of such a member speaks of the resource that the object is; the schema has a name.
    """
    return {**_named_kinds(view), **_told_kinds(view)}


def _told_kinds(view: SchemaView) -> dict[str, str]:
    found = {}
    for name, member in view.members.items():
        is_kind_of_thing = is_kind(name) or is_type(name)
        told = _TOLD.fullmatch(str(member.keyword("description") or "")) if is_kind_of_thing else None
        if told and member.types == {"string"} and not any(map(member.keyword, _NARROWING)) and not member.example:
            found[name] = next(filter(None, told.groups()))
    return found


def _named_kinds(view: SchemaView) -> dict[str, str]:
    if "schemas" not in view.pointer[-2:-1]:
        return {}
    name = _SCHEMA_NAME.search(str(view.pointer[-1]))
    return {member: name[0] for member, one in view.members.items() if name and is_kind(member) and _is_free(one)}


def _is_free(member: SchemaView) -> bool:
    is_any_text = member.types == {"string"} and not any(map(member.keyword, _NARROWING))
    is_told = "resource" in str(member.keyword("description", "")).lower()
    return is_any_text and is_told and member.example is None
