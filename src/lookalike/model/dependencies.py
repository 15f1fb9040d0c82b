"""The values that the handlers of all operations of a model share."""

from collections.abc import Mapping
from typing import NamedTuple

from lookalike.contract.contract import Contract
from lookalike.model.request.reader import ParsedRequestCache
from lookalike.model.request.tokens import TokenTable
from lookalike.model.resources.item_registry import ItemRegistry
from lookalike.model.response.examples import ResponseBodies
from lookalike.model.response.prefer import Variation
from lookalike.model.strictness import Strictness


class Dependencies(NamedTuple):
    """The values that the handlers of all operations of a model share."""

    contract: Contract
    tokens: Mapping[str, TokenTable]
    items: ItemRegistry
    bodies: ResponseBodies
    strictness: Strictness
    variation: Variation
    parsed_requests: ParsedRequestCache
    is_mock: bool
    status_of_invalid: str
    pairs_examples: bool = False
