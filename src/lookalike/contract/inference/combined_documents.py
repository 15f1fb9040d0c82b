"""Inference for several combined documents: each is read alone, since an order in one is not an order in another.

Where two documents have a resource of the same name, it gets the name of its document in front.
"""

from collections.abc import Mapping
from typing import Any

from lookalike.contract.inference.infer import infer
from lookalike.contract.inference.inferred import Inferred
from lookalike.openapi.document import MountedDocument
from lookalike.schema.vocabulary import KEYWORD

_NAMING = frozenset({"resource", "of"})  # the members of x-lookalike that hold the name of a resource


def infer_apart(data: Mapping[str, Any], mounts: tuple[MountedDocument, ...], populated: bool = False) -> Inferred:
    """The semantics that each of the combined documents implies, as `infer` has them of one."""
    together = Inferred({}, {}, {}, {}, {})
    stated = frozenset(data.get(KEYWORD, {}).get("resources", {}))
    for mount in mounts:
        found = infer(_alone(data, mount), populated)
        taken = stated.union(together.resources) & found.resources.keys()
        together = _joined(together, _renamed(found, {name: f"{mount.label}.{name}" for name in taken}))
    return together


def _alone(data: Mapping[str, Any], mount: MountedDocument) -> dict[str, Any]:
    """The document with the paths of one of those that it was combined of.

    It has `x-lookalike` only if its operations do, since what another document states is not about it.
    """
    paths = {path: item for path, item in data["paths"].items() if path in mount.paths}
    has_extension = any(KEYWORD in one for item in paths.values() for one in item.values() if isinstance(one, dict))
    return {name: value for name, value in {**data, "paths": paths}.items() if has_extension or name != KEYWORD}


def _joined(one: Inferred, other: Inferred) -> Inferred:
    return Inferred(
        {**one.resources, **other.resources},
        {**one.operations, **other.operations},
        {**one.words, **other.words},
        {**one.grounds, **other.grounds},
        {**one.resource_grounds, **other.resource_grounds},
    )


def _renamed(found: Inferred, names: Mapping[str, str]) -> Inferred:
    """The same with other names for some resources."""
    if not names:
        return found
    return found._replace(
        resources={names.get(name, name): _with_names(one, names) for name, one in found.resources.items()},
        operations={key: _with_names(one, names) for key, one in found.operations.items()},
        resource_grounds={names.get(name, name): one for name, one in found.resource_grounds.items()},
    )


def _with_names(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_with_names(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: names.get(one, one) if key in _NAMING and isinstance(one, str) else _with_names(one, names)
        for key, one in value.items()
    }
