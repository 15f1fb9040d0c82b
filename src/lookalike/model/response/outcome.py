"""Outcomes: the decisions of the model as values, with the reasons for a response and the form that it has."""

from typing import NamedTuple

from lookalike.http import Response
from lookalike.model.state import Change, Item
from lookalike.schema.validator import Violation

BODILESS = frozenset({*range(100, 200), 204, 205, 304})
"""The statuses of responses without content (RFC 9110 sections 6.4.1 and 15.3.6)."""

_MAX_FIELD = 1000  # characters of a reason in a header field


class Outcome(NamedTuple):
    """A decision of the model: the response, the changes to commit, and the violations, clauses and readings behind.

    `before` has, for each change once it is committed, the item that it replaced or deleted, or None. Where a fault
    changes the response of a request that is committed all the same, `usual` is the outcome without it.
    """

    response: Response
    changes: tuple[Change, ...] = ()
    violations: tuple[Violation, ...] = ()
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    operation: str = ""
    usual: "Outcome | None" = None
    before: tuple[Item | None, ...] = ()


class Reason(NamedTuple):
    """The reasons for a response: sentences, clauses and readings. `refuses` is true if the request is refused."""

    texts: tuple[str, ...]
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()
    refuses: bool = False


class File(NamedTuple):
    """The bytes of a file, and their media type."""

    media_type: str
    content: bytes


class ResponseForm(NamedTuple):
    """The form in which a client wants a response: its media type, its example, and the seed that it is drawn from.

    The document decides what is empty or None. `media_type` is one that the document lists; `sent_as` is the media type
    to send where that one is a range.
    """

    media_type: str = ""
    sent_as: str = ""
    example: str = ""
    seed: str | None = None

    @property
    def is_one_of_few(self) -> bool:
        """Whether clients cannot make up ever new forms like this, so that a response may be cached by it."""
        return self.seed is None and not self.sent_as


DEFAULT_FORM = ResponseForm()


def header_text(text: str) -> str:
    """A text as a header field can hold it (RFC 9110 section 5.5): others than visible ASCII and spaces are escaped.

    Cut at 1,000 characters.
    """
    escaped = text
    if not (text.isascii() and text.isprintable()):
        ascii_only = text.encode("ascii", "backslashreplace").decode()
        escaped = "".join(c if " " <= c <= "~" else repr(c)[1:-1] for c in ascii_only)
    return escaped if len(escaped) <= _MAX_FIELD else escaped[: _MAX_FIELD - 3] + "..."
