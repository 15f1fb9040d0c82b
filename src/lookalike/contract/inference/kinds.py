"""Kinds: members that hold the name of the schema of the object that they are in, as `kind` in those of Kubernetes."""

import re
from collections.abc import Mapping

from lookalike.naming.members import is_kind
from lookalike.schema.view import SchemaView

_SCHEMA_NAME = re.compile(r"[A-Z][A-Za-z0-9]*\Z")  # of `io.k8s.api.core.v1.Pod`


def kinds_of(view: SchemaView) -> Mapping[str, str]:
    """The members with the name of an object's schema, and that name.

    Evidence: the description of such a member speaks of the resource that the object is; the schema has a name.
    """
    if "schemas" not in view.pointer[-2:-1]:
        return {}
    name = _SCHEMA_NAME.search(str(view.pointer[-1]))
    return {member: name[0] for member, one in view.members.items() if name and is_kind(member) and _is_free(one)}


def _is_free(member: SchemaView) -> bool:
    is_any_text = member.types == {"string"} and not any(map(member.keyword, ("enum", "const", "pattern")))
    is_told = "resource" in str(member.keyword("description", "")).lower()
    return is_any_text and is_told and member.example is None
