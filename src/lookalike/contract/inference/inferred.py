"""The result of inference: the resources and the effects of operations, in terms of `x-lookalike`."""

import copy
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from lookalike.contract.grounds import EFFECT, Ground, Grounds
from lookalike.contract.inference.grounds import grounds_of_resource
from lookalike.contract.inference.resource_operation import Extension
from lookalike.contract.inference.resources.resource_guess import Paths, ResourceGuess
from lookalike.contract.inference.rules.rule import Inference
from lookalike.contract.inference.sketches import SKETCHES
from lookalike.contract.inference.tombstones import Tombstones
from lookalike.json_values import format_fragment, format_pointer
from lookalike.openapi.document import Document
from lookalike.openapi.walk import METHODS
from lookalike.schema.view import SchemaView
from lookalike.schema.vocabulary import KEYWORD

OperationKey = tuple[str, str]
"""The path and the method of an operation."""


BY_EXAMPLE = "answers by example"


class Inferred(NamedTuple):
    """Everything that was inferred: resources by name, and what operations do, as `x-lookalike` and in words.

    `words` has every operation of the document, also those of which nothing was inferred. `grounds` tells why each
    fact about an operation is believed, `resource_grounds` the same of resources.
    """

    resources: Mapping[str, Extension]
    operations: Mapping[OperationKey, Extension]
    words: Mapping[OperationKey, str]
    grounds: Mapping[OperationKey, Grounds]
    resource_grounds: Mapping[str, Grounds]


def with_inferred_semantics(document: Document, inferred: Inferred) -> Document:
    """The document with everything inferred written into it; itself where nothing was inferred."""
    if not inferred.operations:
        return document
    stated = document.data.get(KEYWORD, {})
    extended = copy.copy(document)
    extended.data = {
        **document.data,
        KEYWORD: {**stated, "resources": {**inferred.resources, **stated.get("resources", {})}},
        "paths": {path: _extended(path, item, inferred.operations) for path, item in document.data["paths"].items()},
    }
    return extended


def _extended(path: str, item: Mapping[str, Any], operations: Mapping[OperationKey, Extension]) -> Mapping[str, Any]:
    added = {
        method: {**item[method], KEYWORD: operations[path, method]}
        for method in METHODS
        if (path, method) in operations
    }
    return {**item, **added} if added else item


class Inferences:
    """The inferences so far: the effects of operations with their grounds, and the resources that they are about.

    `guesses` are the recognised resources by name; of those in `keys_alone`, nothing but keys is known.
    """

    def __init__(self, paths: Paths, stated_resources: Collection[str]) -> None:
        self.paths = paths
        self.effects: dict[OperationKey, Inference] = {}
        self.grounds: dict[OperationKey, Grounds] = {}
        self.guesses: dict[str, ResourceGuess] = {}
        self.keys_alone: dict[str, Tombstones] = {}
        self._stated_resources = stated_resources

    @property
    def names(self) -> set[str]:
        """The names of all resources, those that the document states among them."""
        return {*self.guesses, *self.keys_alone, *self._stated_resources}

    def add_guessed(self, effects: Iterable[tuple[OperationKey, Inference]]) -> None:
        """Add effects that only names suggest."""
        added = dict(effects)
        self.effects |= added
        self.grounds |= {key: {EFFECT: Ground.GUESSED} for key in added}

    def add_told(
        self, effects: Iterable[tuple[OperationKey, Inference]], fact: str, ground: Ground = Ground.STATED
    ) -> None:
        """Put effects with a fact that the text of an operation states in the place of those that were found."""
        added = dict(effects)
        self.effects |= added
        self.grounds |= {key: {**self.grounds.get(key, {}), fact: ground} for key in added}

    def replace_guessed(self, effects: Iterable[tuple[OperationKey, Inference]]) -> None:
        """Put effects in the place of those that were found, unless the document states them."""
        self.add_guessed(one for one in effects if not self.paths[one[0][0]][one[0][1]].has_extension)

    def add_resource(self, resource: ResourceGuess) -> None:
        """Add a resource with those that it is below."""
        self.guesses |= {one.name: one for one in reversed([*resource.lineage()])}

    def result(self) -> Inferred:
        """Everything that was found, in words too."""
        words = {}
        for path, methods in self.paths.items():
            for method, operation in methods.items():
                otherwise = f"as {KEYWORD} says" if operation.has_extension else BY_EXAMPLE
                _, words[path, method] = self.effects.get((path, method), ({}, otherwise))
        recognised = {name: guess for name, guess in self.guesses.items() if name not in self._stated_resources}
        return Inferred(
            {name: _resource(guess) for name, guess in recognised.items()}
            | {name: keys.resource() for name, keys in self.keys_alone.items()},
            {key: extension for key, (extension, _) in self.effects.items()},
            words,
            self.grounds,
            {name: grounds_of_resource(guess) for name, guess in recognised.items()},
        )


def _schema(schema: SchemaView) -> Extension:
    """A schema as a resource refers to it; a sketch, which the document does not have, as a whole."""
    is_sketch = schema.pointer[:1] == (SKETCHES,)
    return dict(schema.parts[0]) if is_sketch else {"$ref": format_fragment(schema.pointer)}


def _resource(resource: ResourceGuess) -> Extension:
    """A resource as `x-lookalike` declares it."""
    extension: Extension = {"schema": _schema(resource.schema)}
    if not resource.is_single:
        extension["key"] = resource.key
    if resource.parent_fields:
        parent = {"resource": resource.parent.name} if resource.parent else {}
        keys = {} if resource.key_is_scoped else {"keys": "global"}
        extension["parent"] = {**parent, "by": list(resource.parent_fields), **keys}
    if resource.shown_at:
        extension["shown-at"] = {name: format_pointer(place) for name, place in resource.shown_at.items()}
    return extension | ({"examples": resource.examples} if resource.examples else {})
