"""HTTP messages as values: the input and the output of a handler."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

# Safe methods (RFC 9110 section 9.2.1) by IANA's registry, without TRACE, since no operation has it.
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND", "QUERY", "REPORT", "SEARCH"})


class Headers(Mapping[str, str]):
    """Header fields by lower-case name.

    Names may be given in any case (RFC 9110 section 5.1); several fields of one name are one, joined with commas
    (section 5.3).
    """

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
    """An HTTP request, and the time of its arrival.

    `path` is percent-encoded, as it was sent, and below the `base_path`, if any; `query` is without its question mark;
    the names in `headers` are in lower case; `at` is in seconds since 1970, so that nothing behind the handler needs a
    clock.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = Headers()
    body: bytes = b""
    at: float = 0.0
    base_path: str = ""
    scheme: str = "http"


class BodySource(Protocol):
    """A body that is made while it is sent, such as a stream of events, or that of another server.

    Its methods are called in the event loop. One that `is_endless` has no use once the client sends no more.
    """

    is_endless: bool

    def next(self, then: Callable[[bytes | None], None]) -> None:
        """Call a function with the next piece: later, in the same event loop.

        The piece is empty at the end of the body, and None where the body breaks off.
        """
        ...

    def close(self) -> None:
        """Release everything: no further piece is wanted. Called once, at the end too."""
        ...


class Transmission(NamedTuple):
    """The transmission of a response that is not sent whole and at once: as a fault of the network has it, or streamed.

    After `length` bytes of the body, the connection is closed; None sends all of them. `duration` is the time in
    seconds over which the body is spread. With `is_reset`, the connection is reset before anything is sent. A `source`
    gives the body piece by piece, in place of the body of the response.
    """

    length: int | None = None
    duration: float = 0.0
    is_reset: bool = False
    source: BodySource | None = None


class Response(NamedTuple):
    """An HTTP response: status code, header fields in order, content, and a delay in seconds before it is sent.

    `transmission` is None for one that is sent whole and at once.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    delay: float = 0.0
    transmission: Transmission | None = None

    def header(self, name: str) -> str | None:
        """The value of the first field of a name, in any case; None if there is none."""
        wanted = name.lower()
        return next((value for field, value in self.headers if field.lower() == wanted), None)

    def json(self) -> Any:
        """The content as a JSON value; raises `ValueError` if it is none."""
        return json.loads(self.body)


class ObservedExchange(NamedTuple):
    """A request that some client sent, and its response, as they were recorded on their way.

    `number` counts from 1, and `origin` is that of the server; the path of the request is whole. There is no response
    where none came. It took so many `seconds`. `missing` names the parts that were sent and are not in the record,
    `request.body` or `response.body`.
    """

    number: int
    origin: str
    request: Request
    response: Response | None
    seconds: float = 0.0
    missing: frozenset[str] = frozenset()

    @property
    def size(self) -> int:
        """The bytes of both bodies."""
        return len(self.request.body) + (len(self.response.body) if self.response is not None else 0)


Handler = Callable[[Request], Response]
"""Anything that answers requests: a mock, or a server at a URL."""


def origin_of(request: Request) -> str:
    """The origin (RFC 6454) that a request was sent to, by its Host."""
    return f"{request.scheme}://{request.headers.get('host', 'localhost')}"


def is_sequence(media_type: str) -> bool:
    """Whether a media type is a sequence of JSON values or events (OpenAPI 3.2 section 4.14.1)."""
    return essence(media_type) in _SEQUENCES or essence(media_type).endswith("+json-seq")


def is_watch(media_type: str) -> bool:
    """Whether a media type is that of a list of Kubernetes which goes on with events about what changes."""
    return media_type.endswith(";stream=watch")


_SEQUENCES = frozenset(
    (
        *("application/jsonl", "application/x-jsonlines", "application/ndjson", "application/x-ndjson"),
        *("application/json-seq", "text/event-stream"),
    )
)


def essence(media_type: str) -> str:
    """`type/subtype` in lower case, without parameters (RFC 9110 section 8.3.1)."""
    return media_type.partition(";")[0].strip().lower()
