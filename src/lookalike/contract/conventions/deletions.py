"""Deletions of what is answered by example: nothing is remembered of such a thing but that it is gone.

The resource of a path holds the keys of what was deleted there. What is in it is answered 404, until it is made anew.
"""

from collections.abc import Collection, Mapping
from itertools import chain, count
from typing import Any, NamedTuple

from lookalike.contract.actions import ACCEPTED, CREATE
from lookalike.contract.conventions import naming
from lookalike.contract.conventions.asked import Asked, selected
from lookalike.contract.conventions.described import Described, parameter, segments
from lookalike.contract.conventions.wrapping import elements

Raw = dict[str, Any]
Methods = Mapping[str, Described]

_GONE = "404"
_KEYS = frozenset({"string", "integer"})


class Deletions(NamedTuple):
    """What is remembered of deletions on one path; `by` are the parameters that name what was deleted."""

    name: str
    path: str
    by: tuple[str, ...]
    owner: str = ""

    def resource(self) -> Raw:
        """The resource that holds what was deleted."""
        *outer, own = self.by or ("",)
        parent = {"resource": self.owner} if self.owner else {}
        key = {"key": own} if own else {}
        return {"schema": {"type": "object"}, **key, **({"parent": {**parent, "by": outer}} if outer else {})}

    def said_of(self, operation: Described) -> tuple[Raw, str]:
        """What an operation on the path, or below it, has to do with that, and the same in words."""
        is_here = operation.path == self.path
        if is_here and operation.method == "delete":
            return {
                "select": selected(self.name, self.by, absent=CREATE, present=_GONE)
            }, "and what was deleted is gone"
        if is_here and _makes(operation):
            return {
                "select": selected(self.name, self.by, absent=ACCEPTED),
                "apply": [{"delete": {}}],
            }, "and what was deleted is back"
        return {"select": selected(self.name, self.by, present=_GONE)}, "until it is deleted"


def deletions_on(
    path: str, methods: Methods, collection: Methods, above: Asked | None, taken: Collection[str]
) -> Deletions | None:
    """What is remembered of deletions on a path, all of whose operations are answered by example.

    `above` asks about the item that the path is below. None where nobody would know what was deleted: on the path of a
    list, or where a creation that is answered by example tells of what it makes, which may be any of those.
    """
    own = tuple(filter(None, map(parameter, segments(path))))
    are_all = len(own) == path.count("{") and all(_is_key(one, name) for one in methods.values() for name in own)
    if not are_all or not _is_known(path, methods, collection) or (above is not None and not _leads_to(above, own)):
        return None
    name = _unused(next((part for part in reversed(segments(path)) if not parameter(part)), "item"), taken)
    if above is None:
        return Deletions(name, path, own)
    return Deletions(name, path, (*above.names, own[-1]), above.kind.name)


def _unused(noun: str, taken: Collection[str]) -> str:
    name = f"deleted-{naming.singular(noun)}"
    return next(one for one in chain((name,), (f"{name}-{number}" for number in count(2))) if one not in taken)


def _is_known(path: str, methods: Methods, collection: Methods) -> bool:
    """Whether a path is that of one thing, and of which of them is known."""
    if any(map(parameter, segments(path)[-1:])):
        return not _tells_of_one(collection.get("post"))
    return not _is_list(methods.get("get"))


def _leads_to(above: Asked, own: tuple[str, ...]) -> bool:
    """Whether the parameters of a path are those of the item that it is below, and at most one more."""
    is_keyed = above.kind.scoped or not above.kind.by
    return is_keyed and above.names in (own, own[:-1])


def _is_key(operation: Described, name: str) -> bool:
    view = operation.path_parameter(name)
    return view is not None and view.types <= _KEYS


def _makes(operation: Described) -> bool:
    return operation.method == "post" or (operation.method == "put" and "201" in operation.statuses)


def _is_list(operation: Described | None) -> bool:
    return operation is not None and any(True for _ in elements(operation.answer(operation.success)))


def _tells_of_one(operation: Described | None) -> bool:
    """Whether what is sent to an operation, or what it answers, tells of one thing; nobody knows of which."""
    if operation is None or _is_list(operation):
        return False
    return any(view is not None and view.members for view in (operation.body, operation.answer(operation.success)))
