"""The shapes of paths: those of items, and those of collections with the nouns in them."""

from collections.abc import Sequence
from functools import lru_cache

from lookalike.contract.path_segments import parameter, segments
from lookalike.naming.words import singular


def is_item_path(path: str) -> bool:
    """Whether a path ends in a literal and a parameter (`/pets/{petId}`)."""
    parts = segments(path)
    return len(parts) > 1 and bool(parameter(parts[-1])) and not parameter(parts[-2]) and "{" not in parts[-2]


def is_composite_path(path: str) -> bool:
    """Whether a path is of literals and then of several parameters (`/repos/{owner}/{repo}`)."""
    literals, parameters = composite_parts(path)
    return bool(literals) and len(parameters) > 1 and not any("{" in one for one in literals)


def composite_parts(path: str) -> tuple[Sequence[str], Sequence[str]]:
    """The segments of a path before the parameters at its end, and these."""
    parts = segments(path)
    end = len(parts)
    while end and parameter(parts[end - 1]):
        end -= 1
    return parts[:end], parts[end:]


def is_right_below(collection_path: str) -> bool:
    """Whether a collection stands directly below an item, or has no parameter before it."""
    above = segments(collection_path)[:-1]
    return not any(map(parameter, above)) or bool(parameter(above[-1]))


def with_singular(path: str) -> str:
    """A path whose last segment is a noun in lower case and in the singular."""
    *above, noun = segments(path) or [""]  # the root has none
    return "/".join((*above, singular(noun).lower()))


@lru_cache(maxsize=8192)
def last_literal(path: str) -> str:
    """The last segment of a path that is not a parameter; nothing where all are."""
    return next((part for part in reversed(segments(path)) if not parameter(part)), "")


def nouns_before_parameters(path: str) -> dict[str, str]:
    """The singular of the literal before each parameter of a path, empty where another parameter is before it."""
    parts = segments(path)
    return {
        parameter(part): singular(parts[index - 1]) if index and not parameter(parts[index - 1]) else ""
        for index, part in enumerate(parts)
        if parameter(part)
    }
