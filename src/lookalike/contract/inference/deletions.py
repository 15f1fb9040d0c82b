"""Deletions of what is answered by example: nothing is remembered of such a thing but that it is gone.

The resource of a path holds the keys of what was deleted there. What is in it is answered 404, with all that is below,
until it is made anew. Which thing a creation makes that is answered by example, nobody knows: it may be any of those
that were deleted there, and all of them are back.
"""

from collections.abc import Collection, Mapping
from itertools import chain, count
from typing import Any, NamedTuple

from lookalike.contract.inference import vocabulary as naming
from lookalike.contract.inference.envelopes import elements
from lookalike.contract.inference.raw_operation import RawOperation, parameter, segments
from lookalike.contract.inference.resource_operation import ResourceOperation, selected
from lookalike.contract.semantics import ACCEPTED, CREATE

Raw = dict[str, Any]
Methods = Mapping[str, RawOperation]

_GONE = "404"
_KEYS = frozenset({"string", "integer"})


class Deletions(NamedTuple):
    """What is remembered of deletions on one path; `by` are the parameters that name what was deleted.

    It is below what `owner` remembers, if anything, and below what `outer` remembers deletions of.
    """

    name: str
    path: str
    by: tuple[str, ...]
    owner: str = ""
    outer: "Deletions | None" = None

    @property
    def is_of_many(self) -> bool:
        """Whether the path names one of several things."""
        return any(map(parameter, segments(self.path)[-1:]))

    def resource(self) -> Raw:
        """The resource that holds what was deleted."""
        *outer, own = self.by or ("",)
        parent = {"resource": self.owner} if self.owner else {}
        key = {"key": own} if own else {}
        return {"schema": {"type": "object"}, **key, **({"parent": {**parent, "by": outer}} if outer else {})}

    def said_of(self, operation: RawOperation) -> tuple[Raw, str]:
        """What an operation on the path, or below it, has to do with that, and the same in words."""
        is_here = operation.path == self.path
        if is_here and operation.method == "delete":
            return {"select": self._selected(absent=CREATE)}, "and what was deleted is gone"
        if is_here and _makes(operation):
            return {
                "select": selected(self.name, self.by, absent=ACCEPTED),
                "apply": [{"delete": {}}],
            }, "and what was deleted is back"
        return {"select": self._selected()}, "until it is deleted"

    def _selected(self, **more: str) -> Raw:
        """What must not have been deleted, nor what that is below."""
        others, outer = [], self.outer
        while outer is not None:
            others.append(selected(outer.name, outer.by))
            outer = outer.outer
        return {**selected(self.name, self.by, present=_GONE, **more), **({"nor": others} if others else {})}

    def all_back(self) -> Raw:
        """The step of a creation beside what was deleted, which may have made any of that."""
        is_within = len(self.by) > 1 and not self.owner  # which is selected
        within = selected(self.name, self.by)["by"][:-1] if is_within else []
        return {"clear": {"resource": self.name, **({"within": within} if within else {})}}


def deletions_on(
    path: str, methods: Methods, above: "ResourceOperation | Deletions | None", taken: Collection[str]
) -> Deletions | None:
    """What is remembered of deletions on a path, all of whose operations are answered by example.

    `above` asks about the item that the path is below, or is what is remembered of deletions there. None on the path of
    a list, where nobody would know what was deleted.
    """
    own = tuple(filter(None, map(parameter, segments(path))))
    are_all = len(own) == path.count("{") and all(_is_key(one, name) for one in methods.values() for name in own)
    if (
        not are_all
        or _is_of_list(path, methods)
        or (isinstance(above, ResourceOperation) and not _leads_to(above, own))
    ):
        return None
    name = _unused(next((part for part in reversed(segments(path)) if not parameter(part)), "item"), taken)
    if not isinstance(above, ResourceOperation):
        return Deletions(name, path, own, outer=above)
    return Deletions(name, path, (*above.names, own[-1]), above.kind.name)


def _unused(noun: str, taken: Collection[str]) -> str:
    name = f"deleted-{naming.singular(noun)}"
    return next(one for one in chain((name,), (f"{name}-{number}" for number in count(2))) if one not in taken)


def _is_of_list(path: str, methods: Methods) -> bool:
    return not any(map(parameter, segments(path)[-1:])) and is_list(methods.get("get"))


def _leads_to(above: ResourceOperation, own: tuple[str, ...]) -> bool:
    """Whether the parameters of a path are those of the item that it is below, and at most one more."""
    is_keyed = above.kind.scoped or not above.kind.by
    return is_keyed and above.names in (own, own[:-1])


def _is_key(operation: RawOperation, name: str) -> bool:
    view = operation.path_parameter(name)
    return view is not None and view.types <= _KEYS


def _makes(operation: RawOperation) -> bool:
    return operation.method == "post" or (operation.method == "put" and "201" in operation.statuses)


def is_list(operation: RawOperation | None) -> bool:
    """Whether an operation answers with a list."""
    return operation is not None and any(True for _ in elements(operation.answer(operation.success)))
