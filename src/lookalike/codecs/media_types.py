"""Content negotiation: which of the media types that there are suits a client best (RFC 9110 section 12.5.1)."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from lookalike.http import essence, is_sequence

# What stands for a range where a document offers one.
_OF_RANGE = {"*/*": "application/json", "application/*": "application/json", "text/*": "text/plain"}
_OTHERWISE = "application/octet-stream"
NOT_ACCEPTED = (0.0, 0)
# What a client sends that takes whatever there is.
ANYTHING = frozenset({"*/*", ""})


class MediaRange(NamedTuple):
    """A range of an Accept field; a weight of 0 excludes."""

    name: str
    parameters: Mapping[str, str]
    weight: float


def best_offer(field: str, offers: Iterable[str]) -> str | None:
    """The offer that a client likes best, the first of those that it likes as well; None where nothing suits.

    The most specific range that covers an offer decides; of two with the same weight, the one that is named more
    closely is liked better. `application/json` covers `application/hal+json` too, less closely than any range that
    names it; parameters that an offer does not have are of no account.
    """
    return _best(field, tuple(offers))


@lru_cache(maxsize=1000)
def _best(field: str, offered: tuple[str, ...]) -> str | None:
    ranges = _ranges(field)
    if field in ANYTHING or not ranges:  # what names no range at all asks for nothing
        return offered[0] if offered else None
    liking = {offer: _liking(offer, ranges) for offer in offered}
    most = max(liking.values(), default=NOT_ACCEPTED)
    return next(offer for offer in offered if liking[offer] == most) if most[0] > 0 else None


def concrete_type(media_type: str, field: str | None) -> str:
    """A media type to send where a document offers a range: one that the client names, else a usual one."""
    if "*" not in media_type:
        return media_type
    wanted = [wish.name for wish in _ranges(field or "") if wish.weight > 0 and "*" not in wish.name]
    usual = _OF_RANGE.get(essence(media_type), _OTHERWISE)
    return next((name for name in wanted if any(covers(name, essence(media_type)) for covers in _LEVELS)), usual)


def _liking(offer: str, ranges: tuple[MediaRange, ...]) -> tuple[float, int]:
    """How much a client likes an offer: the weight of the most specific range that covers it, and how specific."""
    (name, parameters, _) = _range(offer)
    found = ((_specificity(wish, name, parameters), wish.weight) for wish in ranges)
    fitting = [(closeness, weight) for closeness, weight in found if closeness is not None]
    closest = max((closeness for closeness, _ in fitting), default=None)
    return next(((weight, closeness[0]) for closeness, weight in fitting if closeness == closest), NOT_ACCEPTED)


def _specificity(wish: MediaRange, name: str, parameters: Mapping[str, str]) -> tuple[int, int] | None:
    """How closely a range describes an offer; None where it does not cover it."""
    shared = wish.parameters.keys() & parameters.keys()
    if any(wish.parameters[key] != parameters[key] for key in shared):
        return None
    level = next((level for level, covers in enumerate(_LEVELS) if covers(wish.name, name)), None)
    return None if level is None else (-level, len(shared))


def _with_suffix(wish: str, name: str) -> bool:
    """`application/*+json`, which no RFC knows but some clients send."""
    start, _, suffix = wish.partition("*")
    return suffix.startswith("+") and name.startswith(start) and name.endswith(suffix)


# From the most to the least specific; an offer may be a range too, which any type in it fits.
_LEVELS: tuple[Callable[[str, str], bool], ...] = (
    lambda wish, name: wish == name,
    _with_suffix,
    lambda wish, name: wish == "application/json" and name.endswith("+json"),
    lambda wish, name: name.endswith("/*") and wish.startswith(name[:-1]),
    lambda wish, name: wish.endswith("/*") and name.startswith(wish[:-1]),
    lambda wish, name: "*/*" in (wish, name),
)


@lru_cache(maxsize=256)
def _ranges(field: str) -> tuple[MediaRange, ...]:
    return tuple(wish for wish in map(_range, field.split(",")) if "/" in wish.name)


def _range(text: str) -> MediaRange:
    name, *rest = (part.strip().lower() for part in text.split(";"))
    parameters = {key.strip(): value.strip().strip('"') for key, _, value in (part.partition("=") for part in rest)}
    return MediaRange(name, {key: value for key, value in parameters.items() if key != "q"}, _quality(parameters))


def _quality(parameters: Mapping[str, str]) -> float:
    try:
        return float(parameters.get("q", "1"))
    except ValueError:
        return 1.0


_FORM = "application/x-www-form-urlencoded"


def may_be_json(media_type: str) -> bool:
    """Whether a media type is JSON, by its name or its suffix."""
    kind = essence(media_type)
    return kind in ("application/json", "*/*", "application/*") or kind.endswith("+json")


def is_form(media_type: str) -> bool:
    """Whether bodies of a media type are URL-encoded."""
    return essence(media_type) == _FORM


def is_writable(media_type: str) -> bool:
    """Whether bodies of a media type can be written."""
    return may_be_json(media_type) or is_form(media_type) or is_sequence(media_type)


def concrete_json_type(media_type: str) -> str:
    """A media type of a range of those that are JSON."""
    return (
        media_type if "*" not in media_type else "application/vnd.api+json" if "+" in media_type else "application/json"
    )
