"""Versions in paths: one thing may be made at `/v13/deployments` and listed at `/v6/deployments`.

Vendors who raise the version of each operation by itself write such documents. Where two versions have the same
operation, they are two APIs, and stay as they are.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from lookalike.contract.grounds import EFFECT, Ground, Grounds
from lookalike.contract.inference.inferred import Inferred, OperationKey
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resource_operation import Extension
from lookalike.contract.inference.resources.resource_guess import Paths
from lookalike.contract.path_segments import parameter, same_path, segments

_VERSION = re.compile(r"v\d+(?:\.\d+)*(?:(?:alpha|beta|rc)\d*)?|\d{4}-\d\d-\d\d")

_Noun = tuple[tuple[str, ...], str]
"""The segments before the version, and the first one behind it."""


class _Versioned(NamedTuple):
    """The noun that a path is about, and its version, which is the segment at that position."""

    noun: _Noun
    version: str
    position: int


def in_one_version(paths: Paths) -> tuple[Paths, Mapping[OperationKey, OperationKey]]:
    """The operations as if those of a noun had one version, with the written path of each that has another one.

    That is the version of most of them, the last in the document of several.
    """
    places = {path: place for path in paths if (place := _place(path)) is not None}
    versions = {noun: version for noun, members in _nouns(places) if (version := _common(members, paths))}
    moved: dict[str, dict[str, RawOperation]] = {}
    written: dict[OperationKey, OperationKey] = {}
    for path, methods in paths.items():
        place = places.get(path)
        target = path if place is None else _at_version(path, place, versions.get(place.noun, place.version))
        for method, operation in methods.items():
            moved.setdefault(target, {})[method] = operation if target == path else operation.described_at(target)
            if target != path:
                written[target, method] = path, method
    return (moved, written) if written else (paths, written)


def as_written(inferred: Inferred, written: Mapping[OperationKey, OperationKey]) -> Inferred:
    """The inferences by the paths that the document has; that another version is of the same items is a guess."""
    if not written:
        return inferred

    reads = {same_path(target): path for (target, method), (path, _) in written.items() if method == "get"}

    def grounds_of(key: OperationKey, grounds: Grounds) -> Grounds:
        return {**grounds, EFFECT: Ground.GUESSED} if key in written else grounds

    return inferred._replace(
        operations={written.get(key, key): _located(one, reads) for key, one in inferred.operations.items()},
        words={written.get(key, key): one for key, one in inferred.words.items()},
        grounds={written.get(key, key): grounds_of(key, one) for key, one in inferred.grounds.items()},
    )


def _located(extension: Extension, reads: Mapping[str, str]) -> Extension:
    """What an operation does, with the version in its Location at which the item is read."""
    answer = extension.get("answer", {})
    read = reads.get(same_path(answer.get("location", "")), "")
    place = _place(read)
    return (
        extension
        if place is None
        else {**extension, "answer": {**answer, "location": _at_version(answer["location"], place, place.version)}}
    )


def _place(path: str) -> _Versioned | None:
    """The place of a path among the versions; None where it names none before a noun."""
    parts = segments(path)
    for position, (part, noun) in enumerate(pairwise(parts)):
        if parameter(part):
            return None
        if _VERSION.fullmatch(part):
            return None if "{" in noun else _Versioned((parts[:position], noun), part, position)
    return None


def _nouns(places: Mapping[str, _Versioned]) -> Iterator[tuple[_Noun, Mapping[str, _Versioned]]]:
    """The paths of each noun of which there are several versions."""
    found: dict[_Noun, dict[str, _Versioned]] = {}
    for path, place in places.items():
        found.setdefault(place.noun, {})[path] = place
    for noun, members in found.items():
        if len({place.version for place in members.values()}) > 1:
            yield noun, members


def _common(members: Mapping[str, _Versioned], paths: Paths) -> str:
    """The version of most operations of a noun; empty where two versions have the same operation."""
    operations = [(path, method) for path in members for method in paths[path]]
    places = Counter((same_path(_at_version(path, members[path], "")), method) for path, method in operations)
    if max(places.values(), default=0) > 1:
        return ""
    return _most_common([members[path].version for path, _ in operations])


def _most_common(versions: Sequence[str]) -> str:
    counts = Counter(versions)
    return max(reversed(versions), key=counts.__getitem__)


def _at_version(path: str, place: _Versioned, version: str) -> str:
    """A path with another version, and otherwise as it is written."""
    parts = path.split("/")
    parts[place.position + 1] = version
    return "/".join(parts)
