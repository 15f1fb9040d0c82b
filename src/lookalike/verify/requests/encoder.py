"""The encoder: turns parameter values, a body and credentials into the request of any operation."""

import base64
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from lookalike.codecs.decoding import decoder_for
from lookalike.codecs.encoding import encode
from lookalike.codecs.forms import from_urlencoded, simple_text, to_urlencoded
from lookalike.codecs.media_types import concrete_json_type, is_form, is_multipart
from lookalike.contract.contract import Operation
from lookalike.contract.requests import MediaType, Parameter
from lookalike.contract.routing import plain_path, query_behind
from lookalike.contract.security import API_KEY, BASIC, BEARER, MUTUAL_TLS, Requirement, SecurityScheme
from lookalike.errors import LookalikeError
from lookalike.http import Headers, Request, essence, is_sequence
from lookalike.json_values import ABSENT
from lookalike.verify.requests.raw_bodies import (
    BOUNDARY,
    concrete_raw_type,
    encode_multipart,
    encode_raw,
    is_raw,
)

# By location (`in`) and name, which together identify a parameter (OpenAPI 3.1 section 4.8.12).
ParameterValues = Mapping[tuple[str, str], Any]

_DOT_SEGMENTS = frozenset({"", ".", ".."})


class NotEncodable(LookalikeError):
    """A request cannot be encoded; the message gives the reason."""


class RequestEncoder:
    """Encodes requests; `tokens` are the credentials by security scheme, those of basic as NAME:PASSWORD."""

    def __init__(self, tokens: Mapping[str, str], instead: Mapping[str, str] | None = None) -> None:
        """With `instead`, only these credentials are sent, where the `tokens` would be."""
        self._tokens = tokens
        self._sent = tokens if instead is None else instead

    def sending(self, credentials: Mapping[str, str]) -> "RequestEncoder":
        """An encoder that sends other credentials, and none for the schemes that they leave out."""
        return RequestEncoder(self._tokens, credentials)

    def request(
        self,
        operation: Operation,
        values: ParameterValues,
        body: Any = ABSENT,
        media: MediaType | None = None,
        guarded: bool = True,
    ) -> Request:
        """A request of an operation; its body is encoded as `media`, and credentials are added if it is `guarded`.

        Raises `NotEncodable` if credentials are missing, or a value fits neither the path nor the body.
        """
        path, query = plain_path(operation.path), query_behind(operation.path)
        headers: dict[str, str] = {}
        cookies: list[tuple[str, str]] = []
        for (source, name), value in values.items():
            parameter = operation.parameters.get((source, name))
            if source == "path":
                path = path.replace("{" + name + "}", _segment(name, simple_text(value)))
            elif source == "query":
                query += _pairs(name, value, parameter)
            elif source == "header":
                headers[name] = simple_text(value)
            else:
                cookies.append((name, simple_text(value)))
        if guarded:
            for scheme in self.schemes(operation):
                if scheme.name in self._sent or self._sent is self._tokens:
                    _add_credentials(scheme, self._sent.get(scheme.name, ""), headers, query, cookies)
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies)
        sent = b""
        if body is not ABSENT and media is not None:
            headers["Content-Type"], sent = content_type(media.media_type), encode_body(body, media)
        return Request(operation.method, path, urlencode(query), Headers(headers), sent, time.time())

    def schemes(self, operation: Operation) -> tuple[SecurityScheme, ...]:
        """The schemes of the first alternative for which there are credentials; raises `NotEncodable`."""
        for alternative in operation.security:
            if all(self._has_credentials(requirement) for requirement in alternative):
                return tuple(requirement.scheme for requirement in alternative)
        if not operation.security:
            return ()
        names = " + ".join(requirement.scheme.name for requirement in operation.security[0])
        raise NotEncodable(f"the target file gives no credentials for {names}; add them under credentials")

    def _has_credentials(self, requirement: Requirement) -> bool:
        scheme = requirement.scheme
        return scheme.kind == MUTUAL_TLS or scheme.name in self._tokens


def _add_credentials(
    scheme: SecurityScheme, token: str, headers: dict[str, str], query: list[Any], cookies: list[Any]
) -> None:
    """Add the credentials of a scheme to the header, query or cookies (OpenAPI 3.1 section 4.8.27)."""
    if scheme.kind == BEARER:
        headers["Authorization"] = f"Bearer {token}"
    elif scheme.kind == BASIC:
        headers["Authorization"] = f"Basic {basic_credentials(token)}"
    elif scheme.kind == API_KEY and scheme.location == "header":
        headers[scheme.parameter] = token
    elif scheme.kind == API_KEY:
        (query if scheme.location == "query" else cookies).append((scheme.parameter, token))
    elif scheme.kind != MUTUAL_TLS:
        headers["Authorization"] = f"{scheme.kind.title()} {token}"


def content_type(media_type: str) -> str:
    """The Content-Type to send for a documented media type, which may be a range."""
    if is_multipart(media_type):
        return f"{essence(media_type).replace('/*', '/form-data')}; boundary={BOUNDARY}"
    return concrete_raw_type(media_type) if is_raw(media_type) else concrete_json_type(media_type)


def encode_body(value: Any, media: MediaType) -> bytes:
    """A body in a media type; raises `NotEncodable` if that is a form, and the value no object of plain members."""
    if is_sequence(media.media_type):
        return encode(value, media.media_type, str)
    if is_multipart(media.media_type):
        return encode_multipart(value if isinstance(value, Mapping) else {}, media)
    if is_raw(media.media_type):
        return encode_raw(value, concrete_raw_type(media.media_type))
    sent = to_urlencoded(value, media) if is_form(media.media_type) else json.dumps(value).encode()
    if sent is None:
        raise NotEncodable("its body is a form, which cannot hold nested values")
    return sent


def can_encode(value: Any, media: MediaType) -> bool:
    """Whether a body in a media type can hold a value."""
    return not is_form(media.media_type) or to_urlencoded(value, media) is not None


def decode_body(body: bytes, media: MediaType) -> Any:
    """The value of a body that `encode_body` made."""
    if is_sequence(media.media_type):
        return decoder_for(essence(media.media_type))(body, media.media_type, media).value
    if is_multipart(media.media_type) or is_raw(media.media_type):
        name = content_type(media.media_type)
        return decoder_for(essence(name))(body, name, media).value
    return from_urlencoded(body, media) if is_form(media.media_type) else json.loads(body)


def basic_credentials(credentials: str) -> str:
    """NAME:PASSWORD as the basic scheme sends it (RFC 7617 section 2)."""
    return base64.b64encode(credentials.encode()).decode()


def _segment(name: str, text: str) -> str:
    """A value as a segment of a path; raises `NotEncodable` for one that would lead elsewhere.

    Keys may come from the server. Servers and gateways remove dot segments (RFC 3986 section 5.2.4), some also behind a
    slash that is percent-encoded, so that deleting the item `..` deletes its collection; so does an empty segment.
    """
    if not _DOT_SEGMENTS.isdisjoint(text.replace("\\", "/").split("/")):
        raise NotEncodable(f"{name} is {text[:80]!r}, which cannot stand in a path without leading elsewhere")
    return quote(text, safe="")


def _pairs(name: str, value: Any, parameter: Parameter | None) -> Iterator[tuple[str, str]]:
    """The names and values of a query parameter, by its style (OpenAPI 3.1 section 4.8.12.3)."""
    exploded = parameter is None or parameter.explode
    if parameter is not None and parameter.media_type:
        yield name, json.dumps(value)
    elif isinstance(value, list) and exploded:
        yield from ((name, simple_text(one)) for one in value)
    elif isinstance(value, Mapping) and parameter is not None and parameter.style == "deepObject":
        yield from ((f"{name}[{member}]", simple_text(one)) for member, one in value.items())
    elif isinstance(value, Mapping) and exploded:
        yield from ((member, simple_text(one)) for member, one in value.items())
    else:
        yield name, simple_text(value)
