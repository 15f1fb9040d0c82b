"""The request that a fresh mock proposes to its user: one that it answers with a success.

No rule tells which request of any document succeeds, so that the mock itself is asked: candidates are answered in
process, none of their changes is kept, and the first success is taken.
"""

import time
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import quote

from lookalike.codecs.encoding import encode
from lookalike.codecs.media_types import concrete_type, is_multipart, is_writable
from lookalike.codecs.multipart import to_multipart, with_boundary
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.expressions import Expression
from lookalike.contract.requests import MediaType
from lookalike.contract.security import BASIC, BEARER, SecurityScheme
from lookalike.contract.semantics import Clear, Create, DeleteItem
from lookalike.http import SAFE, Headers, Request
from lookalike.json_values import ABSENT
from lookalike.model.minting import mint
from lookalike.model.state import Item
from lookalike.service import MockService
from lookalike.verify.requests.encoder import NotEncodable, RequestEncoder, encode_body
from lookalike.verify.requests.values import ValueGenerator

_DAY = 86400.0
_SEED = 1
# Bounds of the search, so that a large document of which nothing succeeds does not keep its user waiting.
_OPERATIONS, _ITEMS, _BODIES = 60, 3, 3
_LONG_LIST = 1000  # items, of which a list without pages would show all
# Every sub-delimiter and what else RFC 3986 section 3.3 allows in a path, and percent signs that are there already.
_PATH_CHARACTERS = "/%:@!$&'()*+,;=~-._"

ValuesByParameter = dict[tuple[str, str], Any]


class Body(NamedTuple):
    """A body: its value, which multipart forms are shown by, and its bytes in a media type."""

    value: Any
    media: MediaType
    content_type: str
    content: bytes


class Candidate(NamedTuple):
    """A request to an operation; its path is below the base path of the mock."""

    operation: Operation
    request: Request
    body: Body | None = None


class Proposal(NamedTuple):
    """A candidate that succeeds, or the reason in a few words why there is none."""

    found: Candidate | None
    why: str = ""


def credentials_for(
    schemes: Mapping[str, SecurityScheme], known: Mapping[str, Mapping[str, str]], token: str
) -> dict[str, str]:
    """Credentials that a mock accepts by security scheme: those of its tokens file, else any of the right form.

    `token` is a bearer token that is valid for every scheme of that kind; of basic, they are NAME:PASSWORD.
    """
    usual = {BEARER: token, BASIC: "user:password"}
    found = {name: known.get(name, {}).get("valid", "") for name in schemes}
    any_will_do = {name: usual.get(scheme.kind, "key") for name, scheme in schemes.items()}
    # With a table of keys, or of names and passwords, those of the table alone are accepted.
    return {
        name: text or any_will_do[name]
        for name, text in found.items()
        if text or name not in known or schemes[name].kind == BEARER
    }


def bearer_token(known: str) -> str:
    """The token of a tokens file that is known to be valid, else one that is signed by the development key."""
    return known or mint(time.time(), _DAY)


def first_request(mock: MockService, credentials: Mapping[str, str], guarded: bool) -> Proposal:
    """Find a request that the mock answers with a success, without changing its state.

    Reads of what is there come first, then creations, other reads, and other changes; deletions are never proposed.
    `guarded` says whether credentials are asked for.
    """
    contract = mock.model.contract
    harmless = [operation for operation in contract.operations if not _deletes(operation)]
    if not harmless:
        return Proposal(None, "every operation deletes something" if contract.operations else "there is no operation")
    finder = _Finder(mock, RequestEncoder(credentials), guarded)
    why = ""
    for operation in islice(sorted(harmless, key=finder.rank), _OPERATIONS):
        for candidate in finder.candidates(operation):
            response = mock.preview(candidate.request).response
            if 200 <= response.status < 300:
                return Proposal(candidate)
            why = why or f"{operation.method} {operation.path} answers {response.status}"
            why += _reason_of(response.header("Lookalike-Reason"), why)
    return Proposal(None, why or "no request could be written that fits the document")


def _reason_of(reason: str | None, before: str) -> str:
    return f": {reason}" if reason and ": " not in before else ""


def _deletes(operation: Operation) -> bool:
    return operation.method == "DELETE" or any(isinstance(step.action, DeleteItem | Clear) for step in operation.steps)


class _Finder:
    """Makes candidates from the state of a mock, the examples of its document, and values that fit its schemas."""

    def __init__(self, mock: MockService, encoder: RequestEncoder, guarded: bool) -> None:
        self._contract: Contract = mock.model.contract
        self._mock = mock
        self._encoder = encoder
        self._guarded = guarded
        self._state = mock.first_items(_ITEMS)
        self._numbers = mock.numbers_of_items()
        self._values = ValueGenerator(self._contract, _SEED)

    def rank(self, operation: Operation) -> tuple[int, int]:
        """The place of an operation in the order of trials: by its kind, then by the number of values to be found."""
        return self._kind(operation), self._needs(operation)

    def _kind(self, operation: Operation) -> int:
        if operation.method == "GET" and not operation.steps and self._shows_items(operation):
            return 0
        if any(isinstance(step.action, Create) for step in operation.steps) and operation.selector is None:
            return 1
        if operation.method in SAFE:
            return 2 if operation.method == "GET" else 3
        return 4

    def _shows_items(self, operation: Operation) -> bool:
        shown = operation.listing or operation.selector
        is_short = operation.listing is None or self._numbers.get(operation.listing.resource, 0) <= _LONG_LIST
        return shown is not None and bool(self._state.get(shown.resource)) and operation.success.shows_item and is_short

    def _needs(self, operation: Operation) -> int:
        """The number of required parameters and bodies of which the document has no example."""
        required = [one.name for one in operation.parameters.values() if one.required]
        has_body = operation.body is None or not operation.body.required or "" in operation.request_example
        return len([name for name in required if name not in operation.request_example]) + (not has_body)

    def candidates(self, operation: Operation) -> Iterator[Candidate]:
        """Requests that may succeed, the likeliest first; none if the credentials are unknown."""
        for values in self._parameters(operation):
            for body in self._bodies(operation):
                try:
                    yield self._written(operation, values, body)
                except NotEncodable:
                    continue

    def _written(self, operation: Operation, values: ValuesByParameter, body: Body | None) -> Candidate:
        request = self._encoder.request(operation, values, guarded=self._guarded)
        elsewhere = operation.base_path if operation.base_path != self._contract.base_path else ""
        path = quote(elsewhere + request.path, safe=_PATH_CHARACTERS)
        if body is not None:
            headers = Headers({**request.headers, "Content-Type": body.content_type})
            request = request._replace(headers=headers, body=body.content)
        return Candidate(operation, request._replace(path=path), body)

    def _parameters(self, operation: Operation) -> Iterator[ValuesByParameter]:
        """Values of the required parameters: with the keys of items that are there, then as the document has them."""
        described = {
            key: value
            for key, parameter in operation.parameters.items()
            if parameter.required
            and (value := self._values.parameter(operation, parameter, made_up=True)) is not ABSENT
        }
        for keys in self._keys(operation):
            yield {**described, **keys}
        yield described

    def _keys(self, operation: Operation) -> Iterator[ValuesByParameter]:
        """The keys of some items that an operation is about, or of their parents, by the parameters that name them."""
        if operation.selector is not None:
            expressions = (*operation.selector.within, operation.selector.by)
            yield from self._keys_of(operation.selector.resource, expressions)
            return
        within = [step.action.within for step in operation.steps if isinstance(step.action, Create)]
        resource = [step.action.resource for step in operation.steps if isinstance(step.action, Create)]
        if operation.listing is not None:
            within, resource = [operation.listing.within], [operation.listing.resource]
        parent = self._contract.resources[resource[0]].parent if resource else None
        if parent is not None and within[0]:
            yield from self._keys_of(parent.resource, within[0])

    def _keys_of(self, resource: str, expressions: tuple[Expression, ...]) -> Iterator[ValuesByParameter]:
        if resource not in self._contract.resources:
            return
        items = self._mock.model.items(resource)
        for item in self._state[resource]:
            keys = [*(item.get(field) for field in items.parent_fields), self._key_of(resource, item)]
            # Counted from the end: an operation names the parents of an item only where its key needs them.
            named = zip(reversed(expressions), reversed(keys), strict=False)
            yield {
                (expression.source, expression.name): key
                for expression, key in named
                if expression.source in ("path", "query", "header", "cookie") and key is not None
            }

    def _key_of(self, resource: str, item: Item) -> Any:
        items = self._mock.model.items(resource)
        return item.get(items.key, items.keys_of(item, self._mock.choose)[0])

    def _bodies(self, operation: Operation) -> Iterator[Body | None]:
        if operation.body is None:
            yield None
            return
        if not operation.body.required and operation.method in SAFE:
            yield None
        usual = self._values.media(operation)
        is_usual = usual is not None and is_writable(usual.media_type)
        medias = [usual] if usual is not None and is_usual else list(operation.body.content.values())
        for media in medias:
            for value in islice(self._values_for(operation, media), _BODIES):
                yield from _encoded(value, media)
        if not operation.body.required:
            yield None

    def _values_for(self, operation: Operation, media: MediaType) -> Iterator[Any]:
        if is_writable(media.media_type):
            yield from self._values.bodies(operation)
            return
        example = operation.request_example.get("")
        if isinstance(example, str) and operation.body is not None and media == operation.body.first:
            yield example  # as XML that is written out is, whose schema describes an object
        yield from self._values.proposed(operation, media)


def _encoded(value: Any, media: MediaType) -> Iterator[Body]:
    """The body of a value; none if this media type cannot hold it, or a terminal could not show it."""
    content_type = concrete_type(media.media_type, None)
    if is_writable(media.media_type):
        content = encode_body(value, media)
    elif is_multipart(media.media_type):
        if not isinstance(value, Mapping):
            return
        content = to_multipart(value, media.media_type, types_of_parts(media))
        content_type = with_boundary(media.media_type, content)
    elif isinstance(value, str):
        content = encode(value, media.media_type, str)
    else:
        return
    if is_multipart(media.media_type) or _is_printable(content):
        yield Body(value, media, content_type, content)


def _is_printable(content: bytes) -> bool:
    """Whether a terminal shows bytes as they are, and a shell takes them as a word."""
    try:
        return content.decode().replace("\n", " ").isprintable()
    except UnicodeDecodeError:
        return False


def types_of_parts(media: MediaType) -> dict[str, str]:
    """The media types of the parts of a multipart form, where the document has them."""
    found = {name: one.media_types[0] for name, one in media.encoding.items() if one.media_types}
    return {name: concrete_type(type_, None) for name, type_ in found.items()}
