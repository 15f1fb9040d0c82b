"""Presence: flags that are only set or unset, such as a star on a gist or the membership of a user; and stored files.

`PUT` makes such a thing be, `DELETE` ends it, and `GET` tells by 204 or 404 which it is; there is nothing else to show.
Evidence: these three on one path, a GET without a body, and its documented 404.
"""

from collections.abc import Mapping

from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resource_operation import Extension, selector
from lookalike.contract.inference.tombstones import Tombstones
from lookalike.contract.semantics import ACCEPTED, CREATE, FILE

_EFFECTS: Mapping[str, Extension] = {"get": {"answer": {"body": FILE}}, "delete": {"apply": [{"delete": {}}]}}
_METHODS = frozenset({"get", "put", "delete"})


def is_presence(methods: Mapping[str, RawOperation]) -> bool:
    """Whether the operations on a path tell of nothing but whether a thing is there."""
    if not methods.keys() >= _METHODS or any(one.has_extension for one in methods.values()):
        return False
    statuses = {*methods["get"].statuses}
    return {"204", "404"} <= statuses and "200" not in statuses and methods["get"].response_schema("204") is None


def presence_of(keys: Tombstones, operation: RawOperation) -> tuple[Extension, str] | None:
    """The effect of an operation on such things, whose keys are remembered as those of deleted ones are."""
    name, parameters, method = keys.name, keys.key_parameters, operation.method
    noun = name.removeprefix("present-")
    if method == "get":
        return {"select": selector(name, parameters)}, f"tells whether there is a {noun}"
    if method == "put":
        return {"select": selector(name, parameters, absent=CREATE)}, f"makes a {noun} be there"
    if method == "delete":
        select = selector(name, parameters, absent=ACCEPTED)
        return {"select": select, "apply": [{"delete": {}}]}, f"ends a {noun}"
    return None


def is_stored_file(methods: Mapping[str, RawOperation]) -> bool:
    """Whether the operations on a path store a file under its name and send it back, as those of an object store."""
    if not methods.keys() >= {"get", "put"} or any(one.has_extension for one in methods.values()):
        return False
    return methods["put"].uploads and methods["get"].downloads


def stored_file_of(keys: Tombstones, operation: RawOperation) -> tuple[Extension, str] | None:
    """The effect of an operation on stored files, of which nothing but the key and the file is known."""
    name, parameters, method = keys.name, keys.key_parameters, operation.method
    noun = name.removeprefix("stored-")
    if method == "put":
        created = {"answer": {"created": "201"}} if {"200", "201"} <= {*operation.statuses} else {}
        return {"select": selector(name, parameters, absent=CREATE), **created}, f"stores a {noun}"
    if method in ("get", "head", "delete"):
        words = {"get": "sends", "head": "tells of", "delete": "deletes"}[method]
        return {"select": selector(name, parameters), **_EFFECTS.get(method, {})}, f"{words} a {noun}"
    return None
