"""Tombstones: the keys of deleted things of which nothing else is known.

An operation without a recognised resource is answered by example. A client that deletes such a thing and reads it
again expects 404 all the same. So each path with a DELETE gets a resource of its own that holds the keys of deleted
things; what has a key in it is answered 404, with everything below, until it is made again. A creation that is answered
by example may have made any of them, so it clears them all.

Evidence: the methods on the path, and that all its parameters can be keys.
"""

from collections.abc import Collection, Mapping
from itertools import chain, count
from typing import NamedTuple

from lookalike.contract.inference.envelopes import list_item_schemas
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resource_operation import Extension, ResourceOperation, selector
from lookalike.contract.path_segments import parameter, segments
from lookalike.contract.semantics import ACCEPTED, CREATE
from lookalike.naming.words import singular

_GONE = "404"
_KEY_TYPES = frozenset({"string", "integer"})


class Tombstones(NamedTuple):
    """The resource that holds the keys of what was deleted on one path; `key_parameters` identify such a thing.

    `parent` is the recognised resource that the path is below, if any; `outer` the tombstones of a path above.
    """

    name: str
    path: str
    key_parameters: tuple[str, ...]
    parent: str = ""
    outer: "Tombstones | None" = None

    @property
    def are_of_many(self) -> bool:
        """Whether the path ends in a parameter, so that it leads to one of several things."""
        return any(map(parameter, segments(self.path)[-1:]))

    def resource(self) -> Extension:
        """The resource as `x-lookalike` declares it."""
        *outer, own = self.key_parameters or ("",)
        resource: Extension = {"schema": {"type": "object"}}
        if own:
            resource["key"] = own
        if outer:
            parent = {"resource": self.parent} if self.parent else {}
            resource["parent"] = {**parent, "by": outer}
        return resource

    def semantics_of(self, operation: RawOperation) -> tuple[Extension, str]:
        """The effect on tombstones of an operation on the path, or below it, as `x-lookalike` and in words."""
        is_here = operation.path == self.path
        if is_here and operation.method == "delete":
            return {"select": self._absence(absent=CREATE)}, "and what was deleted is gone"
        if is_here and _may_create(operation):
            select = selector(self.name, self.key_parameters, absent=ACCEPTED)
            return {"select": select, "apply": [{"delete": {}}]}, "and what was deleted is back"
        return {"select": self._absence()}, "until it is deleted"

    def _absence(self, **more: str) -> Extension:
        """The `select` that answers 404 where there is a tombstone, on the path or above it."""
        above, outer = [], self.outer
        while outer is not None:
            above.append(selector(outer.name, outer.key_parameters))
            outer = outer.outer
        select = selector(self.name, self.key_parameters, present=_GONE, **more)
        return {**select, **({"nor": above} if above else {})}

    def clearing_step(self) -> Extension:
        """The step of a creation on the collection, which may have made any of what was deleted there."""
        has_unselected_parent = len(self.key_parameters) > 1 and not self.parent
        within = selector(self.name, self.key_parameters)["by"][:-1] if has_unselected_parent else []
        return {"clear": {"resource": self.name, **({"within": within} if within else {})}}


def tombstones_on(
    path: str,
    methods: Mapping[str, RawOperation],
    above: "ResourceOperation | Tombstones | None",
    taken_names: Collection[str],
    prefix: str = "deleted",
) -> Tombstones | None:
    """The tombstones of a path all of whose operations are answered by example.

    `above` is the item that the path is below, or the tombstones there. None where the path is that of a list, since
    a DELETE there does not say what it deletes, or where not every parameter can be a key.
    """
    own = tuple(filter(None, map(parameter, segments(path))))
    has_keys = len(own) == path.count("{") and all(_is_key(one, name) for one in methods.values() for name in own)
    if not has_keys or _is_list_path(path, methods):
        return None
    if isinstance(above, ResourceOperation) and not _extends(above, own):
        return None
    noun = next((part for part in reversed(segments(path)) if not parameter(part)), "item")
    name = _unused_name(f"{prefix}-{singular(noun)}", taken_names)
    if not isinstance(above, ResourceOperation):
        return Tombstones(name, path, own, outer=above)
    return Tombstones(name, path, (*above.key_parameters, own[-1]), above.resource.name)


def is_list(operation: RawOperation | None) -> bool:
    """Whether an operation answers with a list."""
    return operation is not None and any(True for _ in list_item_schemas(operation.success_schema))


def _unused_name(name: str, taken: Collection[str]) -> str:
    return next(one for one in chain((name,), (f"{name}-{number}" for number in count(2))) if one not in taken)


def _is_list_path(path: str, methods: Mapping[str, RawOperation]) -> bool:
    return not any(map(parameter, segments(path)[-1:])) and is_list(methods.get("get"))


def _extends(above: ResourceOperation, own: tuple[str, ...]) -> bool:
    """Whether the parameters of a path are those of the item that it is below, and at most one more."""
    is_keyed = above.resource.key_is_scoped or not above.resource.parent_fields
    return is_keyed and above.key_parameters in (own, own[:-1])


def _is_key(operation: RawOperation, name: str) -> bool:
    schema = operation.path_parameter_schema(name)
    return schema is not None and schema.types <= _KEY_TYPES


def _may_create(operation: RawOperation) -> bool:
    return operation.method == "post" or (operation.method == "put" and "201" in operation.statuses)
