"""The segments of path templates, and the parameters that are whole segments (OpenAPI 3.1 section 4.8.8)."""

import re
from functools import lru_cache

from lookalike.naming.words import normalised

# Formats that APIs write at the end of paths, such as `/messages/{sid}.json` and `/containers/{id}/json`.
_SUFFIX = re.compile(r"\.(?:json|xml|yaml|csv)\Z|(?<=[^/])/json\Z")
# The key of an item in OData, `Products({ID})` or `Products('{ID}')` (OData 4.01 URL conventions, section 4.3.1).
# `Nearest(lat={lat},lon={lon})` is a function: without the metadata, its arguments look like a key of several parts.
_KEY_IN_PARENTHESES = re.compile(r"(?<=[^/])\('?(\{[^{}]+\})'?\)(?=/|\Z)")


@lru_cache(maxsize=8192)
def segments(path: str) -> tuple[str, ...]:
    """The segments of a path, without the empty one behind a slash at its end and without a suffix (`.json`).

    A key in parentheses is a segment of its own: `/Products({ID})` is read as `/Products/{ID}`.
    """
    plain = _SUFFIX.sub("", path.rstrip("/"))
    plain = _KEY_IN_PARENTHESES.sub(r"/\1", plain) if "({" in plain or "('" in plain else plain
    return tuple(plain.split("/")[1:])


def last_segment(path: str) -> str:
    """The last segment of a path, which is empty for the root."""
    return segments(path)[-1] if segments(path) else ""


def last_word(path: str) -> str:
    """The last segment of a path, without case and signs."""
    return normalised(next(reversed(segments(path)), ""))


def suffix(path: str) -> str:
    """The suffix at the end of a path that names a format, such as `.json`, or nothing."""
    found = _SUFFIX.search(path.rstrip("/"))
    return found[0] if found else ""


@lru_cache(maxsize=8192)
def same_path(path: str) -> str:
    """The normal form of a path: without a suffix, a final slash, and the names of parameters.

    Templates with different names are the same path (OpenAPI 3.1 section 4.8.8), as `/spaces/{name}` and the start of
    `/spaces/{space}/maps`.
    """
    return "".join(f"/{'{}' if parameter(segment) else segment}" for segment in segments(path))


@lru_cache(maxsize=8192)
def parameter(segment: str) -> str:
    """The name of the parameter that is all of a segment, else nothing."""
    is_parameter = segment.startswith("{") and segment.endswith("}") and segment.count("{") == 1
    return segment[1:-1] if is_parameter else ""


def parameters_of(path: str) -> tuple[str, ...]:
    """The names of the parameters that are whole segments of a path, in order."""
    return tuple(filter(None, map(parameter, segments(path))))
