"""Replay: a story of another run, built again from the recipe of its failure.

The requests of that run cannot be sent again: the server gives other keys to the items that this run creates.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lookalike.contract.contract import Contract
from lookalike.errors import UsageError
from lookalike.json_values import ABSENT
from lookalike.verify.roles import roles_of
from lookalike.verify.stories import generated as generating
from lookalike.verify.stories import sequences
from lookalike.verify.stories.generated import GeneratedInput
from lookalike.verify.stories.inferred import roles_for, stories
from lookalike.verify.stories.sequences import SequenceMove
from lookalike.verify.stories.story import Story

Recipe = Mapping[str, Any]


def story_of(recipe: Recipe, contract: Contract) -> Story:
    """The story of a recipe; raises `UsageError` if the document no longer has its clause, operation or resource."""
    story = _AGAIN[recipe["layer"]](recipe, contract)
    if story is None:
        raise UsageError(f"the story is about {recipe['about']}, which {contract.document.name} does not have")
    beside = {"concurrency": recipe["concurrency"]} if "concurrency" in recipe else {}
    return replace(story, recipe={**story.recipe, **beside})


def _of_clause(recipe: Recipe, contract: Contract) -> Story | None:
    return next((story for story in stories(contract) if story.clause == recipe["about"]), None)


def _of_input(recipe: Recipe, contract: Contract) -> Story | None:
    operation = next((one for one in contract.operations if one.id == recipe["about"]), None)
    if operation is None:
        return None
    made = GeneratedInput(tuple((name, value) for name, value in recipe["query"]), recipe.get("body", ABSENT))
    return generating.story_of(operation, roles_for(operation, roles_of(contract)), made)


def _of_moves(recipe: Recipe, contract: Contract) -> Story | None:
    roles = roles_of(contract).get(recipe["about"])
    return (
        sequences.story_of(roles, tuple(SequenceMove(*move) for move in recipe["moves"])) if roles is not None else None
    )


_AGAIN: Mapping[str, Callable[[Recipe, Contract], Story | None]] = {
    "clauses": _of_clause,
    "generated": _of_input,
    "sequences": _of_moves,
}
