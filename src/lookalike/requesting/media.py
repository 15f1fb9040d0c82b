"""Media types in which requests are written; a range of them stands for one that is JSON."""

from lookalike.http import essence, is_sequence

_FORM = "application/x-www-form-urlencoded"


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON, by its name or its suffix."""
    kind = essence(media_type)
    return kind in ("application/json", "*/*", "application/*") or kind.endswith("+json")


def is_form(media_type: str) -> bool:
    """Whether bodies of a media type are URL-encoded."""
    return essence(media_type) == _FORM


def is_writable(media_type: str) -> bool:
    """Whether bodies of a media type can be written."""
    return is_json(media_type) or is_form(media_type) or is_sequence(media_type)


def concrete(media_type: str) -> str:
    """A media type of a range of those that are JSON."""
    return (
        media_type if "*" not in media_type else "application/vnd.api+json" if "+" in media_type else "application/json"
    )
