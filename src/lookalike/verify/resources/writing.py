"""Writing: a request of any operation, from the values of its parameters, a body, and credentials."""

import base64
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from lookalike.contract.contract import Operation
from lookalike.contract.expressions import ABSENT
from lookalike.contract.requests import Parameter
from lookalike.contract.routing import plain_path, query_behind
from lookalike.contract.security import API_KEY, BASIC, BEARER, MUTUAL_TLS, Requirement, Scheme
from lookalike.errors import LookalikeError
from lookalike.http import Headers, Request

Pairs = tuple[tuple[str, str], ...]
Values = Mapping[tuple[str, str], Any]


class Unwritable(LookalikeError):
    """A request cannot be written; the message says what is not known."""


class Writer:
    """Writes requests; `tokens` are the credentials by security scheme, those of basic as NAME:PASSWORD."""

    def __init__(self, tokens: Mapping[str, str]) -> None:
        self._tokens = tokens

    def request(
        self, operation: Operation, values: Values, body: Any = ABSENT, media_type: str = "", guarded: bool = True
    ) -> Request:
        """A request; the body is a JSON value, or bytes. Raises `Unwritable`."""
        path, query = plain_path(operation.path), query_behind(operation.path)
        headers: dict[str, str] = {}
        cookies: list[tuple[str, str]] = []
        for (source, name), value in values.items():
            parameter = operation.parameters.get((source, name))
            if source == "path":
                path = path.replace("{" + name + "}", quote(text_of(value), safe=""))
            elif source == "query":
                query += _pairs(name, value, parameter)
            elif source == "header":
                headers[name] = text_of(value)
            else:
                cookies.append((name, text_of(value)))
        if guarded:
            for scheme in self._schemes(operation):
                self._present(scheme, headers, query, cookies)
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies)
        if body is not ABSENT:
            headers["Content-Type"] = _concrete(media_type)
        sent = b"" if body is ABSENT else body if isinstance(body, bytes) else json.dumps(body).encode()
        return Request(operation.method, path, urlencode(query), Headers(headers), sent, time.time())

    def _schemes(self, operation: Operation) -> tuple[Scheme, ...]:
        """The schemes of the first alternative that there are credentials for."""
        for alternative in operation.security:
            if all(self._has(requirement) for requirement in alternative):
                return tuple(requirement.scheme for requirement in alternative)
        if not operation.security:
            return ()
        names = " + ".join(requirement.scheme.name for requirement in operation.security[0])
        raise Unwritable(f"the target file gives no credentials for {names}")

    def _has(self, requirement: Requirement) -> bool:
        scheme = requirement.scheme
        return scheme.kind == MUTUAL_TLS or scheme.name in self._tokens

    def _present(self, scheme: Scheme, headers: dict[str, str], query: list[Any], cookies: list[Any]) -> None:
        """Put the credentials of a scheme where it has them."""
        token = self._tokens.get(scheme.name, "")
        if scheme.kind == BEARER:
            headers["Authorization"] = f"Bearer {token}"
        elif scheme.kind == BASIC:
            headers["Authorization"] = f"Basic {encoded(token)}"
        elif scheme.kind == API_KEY and scheme.source == "header":
            headers[scheme.key] = token
        elif scheme.kind == API_KEY:
            (query if scheme.source == "query" else cookies).append((scheme.key, token))
        elif scheme.kind != MUTUAL_TLS:
            headers["Authorization"] = f"{scheme.kind.title()} {token}"


def _concrete(media_type: str) -> str:
    """A media type of a range of those that are JSON."""
    return (
        media_type if "*" not in media_type else "application/vnd.api+json" if "+" in media_type else "application/json"
    )


def encoded(credentials: str) -> str:
    """NAME:PASSWORD as the scheme basic sends it (RFC 7617)."""
    return base64.b64encode(credentials.encode()).decode()


def text_of(value: Any) -> str:
    """A value as the text of a parameter: lists by commas, as the style `simple` has it."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, list):
        return ",".join(map(text_of, value))
    if isinstance(value, Mapping):
        return ",".join(f"{name},{text_of(one)}" for name, one in value.items())
    return str(value)


def _pairs(name: str, value: Any, parameter: Parameter | None) -> Iterator[tuple[str, str]]:
    """The fields of a query parameter (OpenAPI 3.1 section 4.8.12.3)."""
    exploded = parameter is None or parameter.explode
    if parameter is not None and parameter.media_type:
        yield name, json.dumps(value)
    elif isinstance(value, list) and exploded:
        yield from ((name, text_of(one)) for one in value)
    elif isinstance(value, Mapping) and parameter is not None and parameter.style == "deepObject":
        yield from ((f"{name}[{member}]", text_of(one)) for member, one in value.items())
    elif isinstance(value, Mapping) and exploded:
        yield from ((member, text_of(one)) for member, one in value.items())
    else:
        yield name, text_of(value)
