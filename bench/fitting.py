"""Whether a request fits the operation that it was made for, judged by the package jsonschema.

A check of Schemathesis says what the mock should have done; this says whether the request is what the check takes it
for. Only what is plain is judged: parameters of scalar types, bodies in JSON, and bodies of any bytes.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import jsonschema
from referencing.exceptions import Unresolvable

from bench.as_standards import IGNORED, end_of, with_patterns
from lookalike.contract.contract import Contract
from lookalike.contract.routing import plain_path
from lookalike.openapi.walk import METHODS
from lookalike.schema.directions import READ_ONLY, for_direction

FITS, BREAKS, UNKNOWN = "fits", "breaks", "unknown"

# What a request is, where the mock was right to refuse it, or to take it.
_RIGHT = {"positive_data_acceptance": BREAKS, "negative_data_rejection": FITS}
_SCALARS = frozenset({"string", "integer", "number", "boolean", "null"})
_FAILED = 500
_UNKNOWN_PATH, _UNKNOWN_METHOD = 404, 405
# A JSON Patch (RFC 6902 section 4), which a body of that media type is whatever else a document says of it.
_OPERATION = {
    "type": "object",
    "required": ["op", "path"],
    "properties": {"op": {"enum": ["add", "remove", "replace", "move", "copy", "test"]}, "path": {"type": "string"}},
}
_STANDARDS: Mapping[str, Any] = {"application/json-patch+json": {"type": "array", "items": _OPERATION}}
# A JSON Web Token in its compact form, signed or encrypted (RFC 7515 section 7.1, RFC 7516 section 7.1).
_SYNTAXES = {"application/jwt": re.compile(rb"[\w-]*(\.[\w-]*){2}|[\w-]*(\.[\w-]*){4}", re.ASCII)}
_TEMPLATES = re.compile(r"(\{[^{}]+\})")
# Keywords that take any bytes.
_SAY_NOTHING = frozenset({"type", "format", "description", "title", "example", "contentMediaType", "contentEncoding"})
_UNREADABLE = (re.error, RecursionError, Unresolvable, TypeError, ValueError, jsonschema.SchemaError)
_FORMATS = jsonschema.Draft202012Validator.FORMAT_CHECKER


class Fitting:
    """The operations of a contract, as its document describes requests."""

    def __init__(self, contract: Contract) -> None:
        self._document = with_patterns(for_direction(contract.document.data, READ_ONLY))
        self._base_path = contract.base_path.rstrip("/")
        self._base_paths = {(one.path, one.method.lower()): one.base_path for one in contract.operations}

    def is_right(self, check: str, operation: tuple[str, str], sent: Mapping[str, Any], exchange: Any) -> bool:
        """Whether the mock was right where a check failed: the request is not what it was meant to be.

        `sent` holds the parameters of the path by name; request and response are as Schemathesis recorded them. A
        status that a check does not know is right where the document has it and not the one that is expected.
        """
        status: int = exchange.response.status_code
        if status >= _FAILED or operation[1] not in self._document["paths"].get(operation[0], {}):
            return False
        path = urlsplit(exchange.request.uri).path
        if self._is_of_another(operation[0], path.removeprefix(self._base_path)):
            return True
        if not _is_at(self._base_paths.get(operation, self._base_path) + operation[0], path):
            return status == _UNKNOWN_PATH or (status == _UNKNOWN_METHOD and self._lacks(operation[1], path))
        if check == "allow_header_conformance":
            allowed = {*str(exchange.response.headers.get("allow", [""])[0]).split(", ")}
            return self._methods_at(operation[0]) == allowed
        if check == "missing_required_header":
            statuses = {*self._document["paths"][operation[0]][operation[1]].get("responses", {})}
            return str(status) in statuses and "401" not in statuses
        return check in _RIGHT and self.of(*operation, sent, exchange.request) == _RIGHT[check]

    def _is_of_another(self, path: str, sent: str) -> bool:
        """Whether a path with parameters was filled so that it is one without, which comes first then."""
        return "{" in path and sent in self._document["paths"]

    def _lacks(self, method: str, path: str) -> bool:
        """Whether the document has a path, but not with a method: as where a client takes `/./` out of another."""
        found = [item for other, item in self._document["paths"].items() if _is_at(self._base_path + other, path)]
        return bool(found) and not any(method in item for item in found)

    def _methods_at(self, path: str) -> set[str]:
        """The methods that Allow has to name on a path, which are those of each path that differs only in its query."""
        alike = (item for other, item in self._document["paths"].items() if plain_path(other) == plain_path(path))
        named = {method.upper() for item in alike for method in METHODS if method in item}
        return {*named, "OPTIONS", *(["HEAD"] if "GET" in named else [])}

    def of(self, path: str, method: str, sent: Mapping[str, Any], request: Any) -> str:
        """Whether a request `fits`, `breaks` what is described, or nobody knows."""
        found = {*self._of_parameters(path, method, sent, request), self._of_body(path, method, request)}
        return BREAKS if BREAKS in found else UNKNOWN if UNKNOWN in found else FITS

    def _of_parameters(self, path: str, method: str, sent: Mapping[str, Any], request: Any) -> Iterator[str]:
        pairs = parse_qsl(urlsplit(request.uri).query, keep_blank_values=True)
        query, times = dict(pairs), Counter(name for name, _ in pairs)
        headers = {name.lower(): values[0] for name, values in request.headers.items()}
        item = self._document["paths"][path]
        for raw in (*item.get("parameters", ()), *item[method].get("parameters", ())):
            parameter = end_of(self._document, raw)
            source, name = parameter.get("in"), str(parameter.get("name"))
            texts = {"path": sent, "query": query, "header": headers}.get(source)
            if texts is None:
                yield UNKNOWN if source == "cookie" else FITS  # a form of Swagger 2.0 is a body
                continue
            text = texts.get(name.lower() if source == "header" else name)
            if source == "header" and name.lower() in IGNORED:
                yield FITS
            elif text is None:
                yield BREAKS if parameter.get("required") else FITS
            elif source == "query" and times[name] == 1 and self._is_list(parameter):
                yield self._of_only_item(text, end_of(self._document, parameter["schema"]))
            else:
                yield self._of_text(text, parameter)

    def _is_list(self, parameter: Mapping[str, Any]) -> bool:
        is_form = parameter.get("style", "form") == "form" and "content" not in parameter
        return is_form and _types_of(end_of(self._document, parameter.get("schema", {}))) == {"array"}

    def _of_only_item(self, text: str, schema: Mapping[str, Any]) -> str:
        """Whether the only text of a list fits; an empty one cannot be told from an empty list."""
        if text == "":
            return FITS if self._judged([], schema) == FITS else UNKNOWN
        item = self._of_text(text, {"schema": schema.get("items", {})})
        return BREAKS if item == BREAKS and "," not in text else UNKNOWN

    def _of_text(self, text: Any, parameter: Mapping[str, Any]) -> str:
        schema = end_of(self._document, parameter.get("schema", parameter if "type" in parameter else {}))
        if not schema:
            return FITS
        if not _types_of(schema) or not _types_of(schema) <= _SCALARS or not isinstance(text, str | int | float):
            return UNKNOWN
        return self._judged(_read(unquote(str(text)), _types_of(schema)), schema)

    def _of_body(self, path: str, method: str, request: Any) -> str:
        described = end_of(self._document, self._document["paths"][path][method].get("requestBody", {}))
        if not described:
            return FITS
        sent_as = request.headers.get("Content-Type", request.headers.get("content-type", [""]))[0]
        media = described.get("content", {}).get(sent_as)
        if media is None or request.body is None:
            return UNKNOWN
        if sent_as in _SYNTAXES and not _SYNTAXES[sent_as].fullmatch(request.body):
            return BREAKS
        if "json" in sent_as:
            return self._of_json(request.body, (media.get("schema", {}), _STANDARDS.get(sent_as, {})))
        schema = end_of(self._document, media.get("schema", {}))
        if "urlencoded" in sent_as:  # what is not there cannot be read otherwise, as an empty list cannot
            names = {name.partition("[")[0] for name, _ in parse_qsl(request.body.decode(), keep_blank_values=True)}
            return UNKNOWN if {*schema.get("required", ())} <= names else BREAKS
        is_of_bytes = not sent_as.startswith(("text/", "multipart/")) and schema.keys() <= _SAY_NOTHING
        return FITS if is_of_bytes and _types_of(schema) <= {"string", "null"} else UNKNOWN

    def _of_json(self, body: bytes, schemas: Iterable[Any]) -> str:
        try:
            found = {self._judged(json.loads(body), schema) for schema in schemas}
        except ValueError:
            return BREAKS
        return BREAKS if BREAKS in found else UNKNOWN if UNKNOWN in found else FITS

    def _judged(self, value: Any, schema: Any) -> str:
        judge = jsonschema.Draft202012Validator({**self._document, **schema}, format_checker=_FORMATS)
        try:
            return FITS if judge.is_valid(value) else BREAKS
        except _UNREADABLE:
            return UNKNOWN


def _is_at(path: str, sent: str) -> bool:
    """Whether a path is that of a template with the base path of its servers; no parameter may be empty."""
    parts = _TEMPLATES.split(plain_path(path))
    return bool(re.fullmatch("".join("[^/]+" if part[:1] == "{" else re.escape(part) for part in parts), sent))


def _types_of(schema: Mapping[str, Any]) -> frozenset[str]:
    """The types that a schema names."""
    named = schema.get("type", ())
    return frozenset((named,) if isinstance(named, str) else named)


def _read(text: str, types: frozenset[str]) -> Any:
    """The value of a parameter, as far as it is one of its types."""
    if "string" in types:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
