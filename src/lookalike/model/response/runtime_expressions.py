"""Runtime expressions: values of an exchange that callbacks and links are made of."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lookalike.codecs.json_text import DecodeError, parse_json, plain_numbers
from lookalike.codecs.parameter_styles import form_decoded, percent_decoded, query_fields
from lookalike.http import Request, Response, origin_of
from lookalike.json_values import ABSENT, find, parse_pointer

# `$request.body#/url`, `$response.header.Location`, `$request.query.url`, `$request.path.id`.
_EXPRESSION = re.compile(r"\$(request|response)\.(?:body(?:#(/.*)?)?|(header|query|path)\.(.+))\Z")


class RuntimeExpressions(NamedTuple):
    """The values that runtime expressions have of an exchange (OpenAPI 3.1 section 4.8.20.4); `path` is a template."""

    request: Request
    response: Response
    path: str

    @property
    def request_body(self) -> Any:
        """The JSON value of the body of the request, `ABSENT` if it is none."""
        return _json_of(self.request.body)

    @property
    def response_body(self) -> Any:
        """The JSON value of the body of the response, `ABSENT` if it is none."""
        return _json_of(self.response.body)

    def text(self, expression: str) -> str:
        """The value of an expression as a text; raises `LookupError` if there is none."""
        whole = {"$method": self.request.method, "$statusCode": str(self.response.status), "$url": self._url()}
        if expression in whole:
            return whole[expression]
        match = _EXPRESSION.match(expression)
        if match is None:
            raise LookupError(expression)
        side, pointer, source, name = match.groups()
        value = self._named(side, source, name) if source else self._in_body(side, pointer or "")
        if value is ABSENT or value is None or isinstance(value, dict | list):
            raise LookupError(expression)
        return value if isinstance(value, str) else str(value)

    def _url(self) -> str:
        query = f"?{self.request.query}" if self.request.query else ""
        return f"{origin_of(self.request)}{self.request.base_path}{self.request.path}{query}"

    def _in_body(self, side: str, pointer: str) -> Any:
        body = self.request_body if side == "request" else self.response_body
        if body is ABSENT and side == "request":
            body = {name: form_decoded(value) for name, value in query_fields(self.request.body.decode("latin-1"))}
        return find(body, parse_pointer(pointer))

    def _named(self, side: str, source: str, name: str) -> Any:
        if source == "header":
            found = self.request.headers.get(name.lower()) if side == "request" else self.response.header(name)
            return ABSENT if found is None else found
        if source == "query":
            given = {key: form_decoded(value) for key, value in query_fields(self.request.query)}
            return given.get(name, ABSENT)
        return dict(self._path_parameters()).get(name, ABSENT)

    def _path_parameters(self) -> Iterator[tuple[str, str]]:
        templates, sent = self.path.split("/"), self.request.path.split("/")
        for template, text in zip(templates, sent, strict=False):
            if template.startswith("{") and template.endswith("}"):
                yield template[1:-1], percent_decoded(text)


def _json_of(body: bytes) -> Any:
    try:
        return plain_numbers(parse_json(body).value)
    except DecodeError:
        return ABSENT
