"""Writing: a request of any operation, from the values of its parameters, a body, and credentials."""

import base64
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from lookalike.codecs.decoding import decoder_for
from lookalike.codecs.encoding import encode
from lookalike.codecs.forms import from_urlencoded, simple_text, to_urlencoded
from lookalike.codecs.media_types import concrete_json_type, is_form
from lookalike.contract.contract import Operation
from lookalike.contract.requests import MediaType, Parameter
from lookalike.contract.routing import plain_path, query_behind
from lookalike.contract.security import API_KEY, BASIC, BEARER, MUTUAL_TLS, Requirement, SecurityScheme
from lookalike.errors import LookalikeError
from lookalike.http import Headers, Request, essence, is_sequence
from lookalike.json_values import ABSENT

Pairs = tuple[tuple[str, str], ...]
ParameterValues = Mapping[tuple[str, str], Any]


class NotEncodable(LookalikeError):
    """A request cannot be written; the message says what is not known."""


class RequestEncoder:
    """Writes requests; `tokens` are the credentials by security scheme, those of basic as NAME:PASSWORD."""

    def __init__(self, tokens: Mapping[str, str]) -> None:
        self._tokens = tokens

    def request(
        self,
        operation: Operation,
        values: ParameterValues,
        body: Any = ABSENT,
        media: MediaType | None = None,
        guarded: bool = True,
    ) -> Request:
        """A request, whose body is written in a media type where it has one. Raises `NotEncodable`."""
        path, query = plain_path(operation.path), query_behind(operation.path)
        headers: dict[str, str] = {}
        cookies: list[tuple[str, str]] = []
        for (source, name), value in values.items():
            parameter = operation.parameters.get((source, name))
            if source == "path":
                path = path.replace("{" + name + "}", quote(simple_text(value), safe=""))
            elif source == "query":
                query += _pairs(name, value, parameter)
            elif source == "header":
                headers[name] = simple_text(value)
            else:
                cookies.append((name, simple_text(value)))
        if guarded:
            for scheme in self._schemes(operation):
                self._present(scheme, headers, query, cookies)
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies)
        sent = b""
        if body is not ABSENT and media is not None:
            headers["Content-Type"], sent = concrete_json_type(media.media_type), encode_body(body, media)
        return Request(operation.method, path, urlencode(query), Headers(headers), sent, time.time())

    def _schemes(self, operation: Operation) -> tuple[SecurityScheme, ...]:
        """The schemes of the first alternative that there are credentials for."""
        for alternative in operation.security:
            if all(self._has(requirement) for requirement in alternative):
                return tuple(requirement.scheme for requirement in alternative)
        if not operation.security:
            return ()
        names = " + ".join(requirement.scheme.name for requirement in operation.security[0])
        raise NotEncodable(f"the target file gives no credentials for {names}")

    def _has(self, requirement: Requirement) -> bool:
        scheme = requirement.scheme
        return scheme.kind == MUTUAL_TLS or scheme.name in self._tokens

    def _present(self, scheme: SecurityScheme, headers: dict[str, str], query: list[Any], cookies: list[Any]) -> None:
        """Put the credentials of a scheme where it has them."""
        token = self._tokens.get(scheme.name, "")
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


def encode_body(value: Any, media: MediaType) -> bytes:
    """A body; raises `NotEncodable` where it is a form that cannot hold the value."""
    if is_sequence(media.media_type):
        return encode(value, media.media_type, str)
    sent = to_urlencoded(value, media) if is_form(media.media_type) else json.dumps(value).encode()
    if sent is None:
        raise NotEncodable("its body is a form, which cannot hold what was to be sent")
    return sent


def can_encode(value: Any, media: MediaType) -> bool:
    """Whether a body can hold a value."""
    return not is_form(media.media_type) or to_urlencoded(value, media) is not None


def decode_body(body: bytes, media: MediaType) -> Any:
    """The value of a body that was written."""
    if is_sequence(media.media_type):
        return decoder_for(essence(media.media_type))(body, media.media_type, media).value
    return from_urlencoded(body, media) if is_form(media.media_type) else json.loads(body)


def basic_credentials(credentials: str) -> str:
    """NAME:PASSWORD as the scheme basic sends it (RFC 7617)."""
    return base64.b64encode(credentials.encode()).decode()


def _pairs(name: str, value: Any, parameter: Parameter | None) -> Iterator[tuple[str, str]]:
    """The fields of a query parameter (OpenAPI 3.1 section 4.8.12.3)."""
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
