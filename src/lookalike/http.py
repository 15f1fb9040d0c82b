"""HTTP messages as values: what goes into a handler and what comes out of it."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

# Methods that change nothing (RFC 9110 section 9.2.1), by the registry of IANA, but for TRACE, which is no operation's.
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND", "QUERY", "REPORT", "SEARCH"})


class Headers(Mapping[str, str]):
    """Header fields by lower-case name; several fields of one name are joined with a comma (RFC 9110 section 5.3)."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, str] | None = None) -> None:
        self._fields = {name.lower(): value for name, value in (fields or {}).items()}

    def __getitem__(self, name: str) -> str:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


class Request(NamedTuple):
    """A request as it came, with the time of its arrival.

    `path` is the path as sent, percent-encoded, below the base path; `query` is without its question mark; `headers`
    has lower-case names; `at` is in seconds since 1970, so that nothing behind the handler needs a clock.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = Headers()
    body: bytes = b""
    at: float = 0.0


class Response(NamedTuple):
    """An answer: status code, header fields in order, body, and how long to hold it back, in seconds."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    delay: float = 0.0

    def header(self, name: str) -> str | None:
        """The first field of that name, in any letter case."""
        wanted = name.lower()
        return next((value for field, value in self.headers if field.lower() == wanted), None)


Handler = Callable[[Request], Response]


def origin_of(request: Request) -> str:
    """The start of the URL that a request was sent to, as far as it tells."""
    return f"http://{request.headers.get('host', 'localhost')}"


def is_sequence(media_type: str) -> bool:
    """Whether a media type is that of JSON values or events, one after the other (OpenAPI 3.2 section 4.14.1)."""
    return essence(media_type) in _SEQUENCES or essence(media_type).endswith("+json-seq")


_SEQUENCES = frozenset(
    (
        *("application/jsonl", "application/x-jsonlines", "application/ndjson", "application/x-ndjson"),
        *("application/json-seq", "text/event-stream"),
    )
)


def essence(media_type: str) -> str:
    """`type/subtype` in lower case, without parameters (RFC 9110 section 8.3.1)."""
    return media_type.partition(";")[0].strip().lower()
