"""Media types: which of them are JSON or forms, and content negotiation (RFC 9110 sections 8.3.1 and 12.5.1)."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from lookalike.http import essence, is_sequence

# --- Kinds of media types ---

_JSON = frozenset({"application/json", "text/json"})
_JSON_RANGES = frozenset({"application/*", "*/*"})
_XML = frozenset({"application/xml", "text/xml"})
_MARKUP = frozenset({"text/html", "application/xhtml+xml"})
_FORM = "application/x-www-form-urlencoded"


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON by its name or by its suffix (RFC 6839 section 3.1)."""
    name = essence(media_type)
    return name in _JSON or name.endswith("+json")


def may_be_json(media_type: str) -> bool:
    """Whether a media type is JSON, or a range that JSON is in."""
    return is_json(media_type) or essence(media_type) in _JSON_RANGES


def is_json_patch(media_type: str) -> bool:
    """Whether bodies of a media type are JSON Patches, which are arrays (RFC 6902 section 6)."""
    return essence(media_type) == "application/json-patch+json"


def is_xml(media_type: str) -> bool:
    """Whether a media type is XML by its name or by its suffix (RFC 7303 sections 4.1 and 8.1)."""
    name = essence(media_type)
    return name in _XML or name.endswith("+xml")


def is_form(media_type: str) -> bool:
    """Whether bodies of a media type are URL-encoded forms."""
    return essence(media_type) == _FORM


def is_multipart(media_type: str) -> bool:
    """Whether bodies of a media type have parts (RFC 2046 section 5.1)."""
    return media_type[:10].lower() == "multipart/"


def is_writable(media_type: str) -> bool:
    """Whether request bodies of a media type can be generated."""
    return may_be_json(media_type) or is_form(media_type) or is_sequence(media_type)


def concrete_json_type(media_type: str) -> str:
    """A media type without wildcard for a range that JSON is in."""
    if "*" not in media_type:
        return media_type
    return "application/vnd.api+json" if "+" in media_type else "application/json"


def can_hold(media_type: str, value: Any) -> bool:
    """Whether the codecs write a value so that it is of a media type: HTML and bytes are made of text only."""
    name = essence(media_type)
    if name in _MARKUP:
        return isinstance(value, str) and value.lstrip().startswith("<")
    if is_json(name) or is_xml(name) or is_form(name) or is_multipart(name) or is_sequence(name):
        return True
    return isinstance(value, str)


# --- Negotiation ---

# The media type to send where a document offers a range and the client names none within it.
_CONCRETE = {"*/*": "application/json", "application/*": "application/json", "text/*": "text/plain"}
_UNKNOWN_BYTES = "application/octet-stream"
# Weight, level of coverage, and how many parameters are shared, and are not asked for: the greatest is preferred.
_Preference = tuple[float, int, int, int]
_NOT_ACCEPTED: _Preference = (0.0, 0, 0, 0)
# Values of Accept with which a client takes any representation.
ANYTHING = frozenset({"*/*", ""})


class MediaRange(NamedTuple):
    """One range of an Accept field; a weight of 0 excludes it."""

    name: str
    parameters: Mapping[str, str]
    weight: float


def best_offer(accept: str, offers: Iterable[str]) -> str | None:
    """The offered media type that an Accept field prefers, None if it accepts no offer.

    The most specific range that covers an offer decides its weight. Of two offers with the same weight, the one that is
    covered more specifically wins, then the one with more of the parameters that are asked for and fewer others, then
    the first. Two rules go beyond RFC 9110: `application/json` also covers `application/hal+json`, less specifically
    than any range that names it, since clients of such APIs send it; and a parameter that an offer does not have is
    ignored, as in `application/json;odata=verbose`.
    """
    return _best_offer(accept, tuple(offers))


@lru_cache(maxsize=1000)
def _best_offer(accept: str, offers: tuple[str, ...]) -> str | None:
    ranges = _ranges(accept)
    if accept in ANYTHING or not ranges:  # a field without any media range states no preference
        return offers[0] if offers else None
    preferences = {offer: _preference(offer, ranges) for offer in offers}
    highest = max(preferences.values(), default=_NOT_ACCEPTED)
    return next(offer for offer in offers if preferences[offer] == highest) if highest[0] > 0 else None


def concrete_type(media_type: str, accept: str | None) -> str:
    """The media type to send where a document offers a range: one that the client names, else a common one."""
    if "*" not in media_type:
        return media_type
    if is_json(media_type):  # `application/*+json`
        return "application/json"
    offered = essence(media_type)
    named = (range_.name for range_ in _ranges(accept or "") if range_.weight > 0 and "*" not in range_.name)
    fitting = (name for name in named if any(covers(name, offered) for covers in _COVERAGE))
    return next(fitting, _CONCRETE.get(offered, _UNKNOWN_BYTES))


def accepts_json(accept: str) -> bool:
    """Whether an Accept field names some JSON type."""
    return any(range_.weight > 0 and is_json(range_.name) for range_ in _ranges(accept))


def _preference(offer: str, ranges: tuple[MediaRange, ...]) -> _Preference:
    """The weight of the most specific range that covers an offer, and how specific that range is."""
    name, parameters, _ = _parse_range(offer)
    covering = [
        (specificity, range_.weight)
        for range_ in ranges
        if (specificity := _specificity(range_, name, parameters)) is not None
    ]
    most_specific = max((specificity for specificity, _ in covering), default=None)
    if most_specific is None:
        return _NOT_ACCEPTED
    weight = next(weight for specificity, weight in covering if specificity == most_specific)
    level, shared = most_specific
    return weight, level, shared, shared - len(parameters)


def _specificity(range_: MediaRange, name: str, parameters: Mapping[str, str]) -> tuple[int, int] | None:
    """The level at which a range covers an offer, and the parameters that they share; None if it does not."""
    shared = range_.parameters.keys() & parameters.keys()
    if any(range_.parameters[key] != parameters[key] for key in shared):
        return None
    level = next((level for level, covers in enumerate(_COVERAGE) if covers(range_.name, name)), None)
    return None if level is None else (-level, len(shared))


def _names_it(accepted: str, offered: str) -> bool:
    return accepted == offered


def _names_its_suffix(accepted: str, offered: str) -> bool:
    """`application/*+json`, which no RFC defines but some clients send."""
    start, _, suffix = accepted.partition("*")
    return suffix.startswith("+") and offered.startswith(start) and offered.endswith(suffix)


def _is_json_for_suffix(accepted: str, offered: str) -> bool:
    return accepted == "application/json" and offered.endswith("+json")


def _is_in_offered_range(accepted: str, offered: str) -> bool:
    return offered.endswith("/*") and accepted.startswith(offered[:-1])


def _is_range_of_it(accepted: str, offered: str) -> bool:
    return accepted.endswith("/*") and offered.startswith(accepted[:-1])


def _is_anything(accepted: str, offered: str) -> bool:
    return "*/*" in (accepted, offered)


# From the most to the least specific. An offer may be a range too, which covers every type in it.
_COVERAGE: tuple[Callable[[str, str], bool], ...] = (
    _names_it,
    _names_its_suffix,
    _is_json_for_suffix,
    _is_in_offered_range,
    _is_range_of_it,
    _is_anything,
)


@lru_cache(maxsize=256)
def _ranges(accept: str) -> tuple[MediaRange, ...]:
    return tuple(range_ for range_ in map(_parse_range, accept.split(",")) if "/" in range_.name)


def _parse_range(text: str) -> MediaRange:
    name, *rest = (part.strip().lower() for part in text.split(";"))
    parameters = {key.strip(): value.strip().strip('"') for key, _, value in (part.partition("=") for part in rest)}
    return MediaRange(name, {key: value for key, value in parameters.items() if key != "q"}, _weight(parameters))


def _weight(parameters: Mapping[str, str]) -> float:
    try:
        return float(parameters.get("q", "1"))
    except ValueError:  # a weight that is not a number is ignored, as most servers do
        return 1.0
