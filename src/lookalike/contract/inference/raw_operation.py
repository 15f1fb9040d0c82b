"""Reads an operation of a plain document as far as inference needs it: schemas, examples, parameters and links.

The document has been recovered but not compiled into a contract, so everything is read where it is asked for; a media
type, a header or an example that is missing is not an error here.
"""

import json
from collections.abc import Iterator, Mapping
from copy import copy
from functools import cached_property
from typing import Any

from lookalike.contract.inference.sketches import SKETCHES, completed_schema
from lookalike.contract.path_segments import last_segment
from lookalike.http import essence, is_sequence
from lookalike.json_values import Pointer, object_at
from lookalike.naming.paths import is_adding
from lookalike.openapi.recovery import UNSAID_SUCCESS
from lookalike.openapi.walk import METHODS
from lookalike.schema.view import SchemaView, SchemaViews
from lookalike.schema.vocabulary import KEYWORD

_FILES = frozenset({"content", "contents", "download", "file", "raw", "data", "blob", "media", "binary", "bytes"})
_ANNOTATIONS = frozenset({"title", "description", "example", "examples", "deprecated"})
_PICTURES = frozenset({"avatar", "icon", "image", "logo", "photo", "picture", "preview", "thumbnail", "view"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class RawOperation:
    """An operation as it is written, behind its references."""

    def __init__(self, views: SchemaViews, path: str, method: str) -> None:
        self.data: Mapping[str, Any] = views.root
        self._views = views
        self.path = path
        self.method = method
        self._pointer, self._raw = object_at(self.data, ("paths", path, method))
        self._responses: dict[str, tuple[Pointer, Mapping[str, Any]]] = {}
        self._response_schemas: dict[str, SchemaView | None] = {}

    def described_at(self, path: str) -> "RawOperation":
        """The same operation, read as if it stood at another path."""
        other = copy(self)
        other.path = path
        return other

    @property
    def has_extension(self) -> bool:
        """Whether the document states with `x-lookalike` what the operation does, so that nothing is inferred."""
        return KEYWORD in self._raw

    @property
    def operation_id(self) -> str:
        """The `operationId`, or nothing."""
        return str(self._raw.get("operationId", ""))

    @property
    def title(self) -> str:
        """The summary, else the `operationId`."""
        return str(self._raw.get("summary") or self.operation_id)

    @property
    def is_adding(self) -> bool:
        """Whether the summary or the `operationId` says that the operation adds something new."""
        return is_adding(self.title) or is_adding(self.operation_id)

    @property
    def text(self) -> str:
        """The summary and the description."""
        return f"{self._raw.get('summary', '')} {self._raw.get('description', '')}"

    @cached_property
    def statuses(self) -> tuple[str, ...]:
        """The documented statuses, also ranges (`2XX`) and `default`."""
        responses = self._raw.get("responses")
        return tuple(map(str, responses)) if isinstance(responses, Mapping) else ()

    def text_of_status(self, status: str) -> str:
        """The description of a response; empty if there is none."""
        _, response = self._response(status)
        return str(response.get("description", ""))

    @cached_property
    def success_status(self) -> str:
        """The lowest 2xx that is documented, else `2XX`, else `default`, else nothing."""
        numbers = sorted(status for status in self.statuses if status.isdigit() and status[0] == "2")
        others = [status for status in self.statuses if status.upper() == "2XX"]
        others += [status for status in self.statuses if status == "default"]
        return next(iter((*numbers, *others)), "")

    @cached_property
    def success_schema(self) -> SchemaView | None:
        """The schema of the JSON that a success is answered with."""
        return self.response_schema(self.success_status)

    @property
    def success_is_unsaid(self) -> bool:
        """Whether the document has responses, but none of success."""
        _, response = self._response(self.success_status)
        return response.get("description") == UNSAID_SUCCESS

    @property
    def creates_unsaid(self) -> bool:
        """Whether a 201 is all that the document says: neither what is sent, nor what is answered."""
        return self.success_status == "201" and not self.media_types and self.answers_unsaid

    @property
    def answers_unsaid(self) -> bool:
        """Whether the document says nothing of the body of a success, though its status may have one."""
        _, response = self._response(self.success_status)
        return self.success_status not in ("", "204", "205") and not response.get("content")

    @property
    def answers_any_json(self) -> bool:
        """Whether a success is JSON of which nothing is said, as frameworks write it where no type is declared."""
        _, response = self._response(self.success_status)
        is_json = _json_type(response.get("content")) is not None
        return (
            is_json and self._says_nothing(self.success_schema) and not any(self._written_examples(self.success_status))
        )

    @staticmethod
    def _says_nothing(schema: SchemaView | None) -> bool:
        return schema is None or all(part.keys() <= _ANNOTATIONS for part in schema.parts)

    def response_schema(self, status: str) -> SchemaView | None:
        """The schema of the JSON that a status is answered with, completed by an example where it describes nothing."""
        if status not in self._response_schemas:
            self._response_schemas[status] = self._completed_response_schema(status)
        return self._response_schemas[status]

    def _completed_response_schema(self, status: str) -> SchemaView | None:
        pointer, response = self._response(status)
        written = self._schema_of(pointer, response, _json_type(response.get("content")))
        completed = completed_schema(written, next(self.response_examples(status), None))
        if completed is None:
            return written
        place = f"{self.method} {self.path} {status}"
        return SchemaView({**self.data, SKETCHES: {place: completed}}, (SKETCHES, place))

    @property
    def downloads(self) -> bool:
        """Whether a success is a file: no JSON, or the text of something that is called `content` or `download`."""
        _, response = self._response(self.success_status)
        content = response.get("content")
        if not isinstance(content, Mapping) or not content:
            return False
        schema = self.success_schema
        if schema is None:
            return not any(is_text(essence(name)) for name in content)
        is_binary = "binary" in (schema.keyword("format"), schema.keyword("contentEncoding"))
        return schema.types == {"string"} and (is_binary or last_segment(self.path).lower() in _FILES)

    @property
    def uploads(self) -> bool:
        """Whether the whole body of a request is a file."""
        return bool(self.media_types) and not any(is_text(one) or one in _FORMS for one in self.media_types)

    def response_headers(self, status: str) -> Iterator[tuple[str, SchemaView]]:
        """The header fields that a status is answered with: the name and the schema of each."""
        pointer, response = self._response(status)
        for name in response.get("headers", {}):
            header, _ = object_at(self.data, (*pointer, "headers", name))
            yield name, self._views.at((*header, "schema"))

    def response_header_text(self, status: str, name: str) -> str:
        """The description of a header field that a status is answered with."""
        pointer, _ = self._response(status)
        return str(object_at(self.data, (*pointer, "headers", name))[1].get("description", ""))

    def response_examples(self, status: str) -> Iterator[Any]:
        """The example bodies of a status: of its media type first, then of its schema.

        Many documents write JSON as a text, whose value is the example.
        """
        yield from map(_value_of_example, self._written_examples(status))

    def _written_examples(self, status: str) -> Iterator[Any]:
        yield from self._examples_in(*self._response(status))

    def _examples_in(self, pointer: Pointer, raw: Mapping[str, Any]) -> Iterator[Any]:
        """The examples of the JSON in a response or the body of a request."""
        name = _json_type(raw.get("content"))
        if name is None:
            return
        pointer, media = object_at(self.data, (*pointer, "content", name))
        if "example" in media:
            yield media["example"]
        for one in media.get("examples", {}):
            _, example = object_at(self.data, (*pointer, "examples", one))
            if "value" in example:
                yield example["value"]
        if (example := self._views.at((*pointer, "schema")).example) is not None:
            yield example

    @cached_property
    def links(self) -> tuple[Mapping[str, Any], ...]:
        """The links of the response of success (OpenAPI 3.1 section 4.8.20)."""
        pointer, response = self._response(self.success_status)
        return tuple(object_at(self.data, (*pointer, "links", name))[1] for name in response.get("links", {}))

    @cached_property
    def request_schema(self) -> SchemaView | None:
        """The schema of the JSON that is sent, or of the form where no JSON may be."""
        pointer, body = object_at(self.data, (*self._pointer, "requestBody"))
        return self._schema_of(pointer, body, _json_type(body.get("content")) or _form_type(body.get("content")))

    @cached_property
    def sent_schema(self) -> SchemaView | None:
        """The schema of what is sent, which its example completes where it describes nothing."""
        pointer, body = object_at(self.data, (*self._pointer, "requestBody"))
        written = self.request_schema
        example = next(map(_value_of_example, self._examples_in(pointer, body)), None)
        completed = completed_schema(written, example)
        if completed is None:
            return written
        place = f"{self.method} {self.path}"
        return SchemaView({**self.data, SKETCHES: {place: completed}}, (SKETCHES, place))

    @cached_property
    def media_types(self) -> tuple[str, ...]:
        """The media types that may be sent."""
        _, body = object_at(self.data, (*self._pointer, "requestBody"))
        content = body.get("content")
        return tuple(map(essence, content)) if isinstance(content, Mapping) else ()

    @cached_property
    def query_parameters(self) -> dict[str, tuple[SchemaView, bool]]:
        """The query parameters by name: the schema of each, and whether it is required.

        An object is written as its members (OpenAPI 3.1 section 4.8.12.3), as Spring's `pageable`: they are parameters.
        """
        found: dict[str, tuple[SchemaView, bool]] = {}
        for pointer, raw in self._parameters:
            if raw.get("in") != "query" or not isinstance(raw.get("name"), str):
                continue
            view, is_required = self._views.at((*pointer, "schema")), raw.get("required") is True
            is_exploded = raw.get("style", "form") == "form" and raw.get("explode") is not False
            if is_exploded and "content" not in raw and view.types == {"object"} and view.members:
                found |= {
                    name: (member, is_required and name in view.required) for name, member in view.members.items()
                }
            else:
                found[raw["name"]] = view, is_required
        return found

    def parameter_text(self, location: str, name: str) -> str:
        """The description of a parameter, or of its schema."""
        found = (one for one in self._parameters if (one[1].get("in"), one[1].get("name")) == (location, name))
        for pointer, raw in found:
            written = raw.get("description") or SchemaView(self.data, (*pointer, "schema")).keyword("description")
            return str(written or "")
        return ""

    def path_parameter_schema(self, name: str) -> SchemaView | None:
        """The schema of a path parameter."""
        pointers = (pointer for pointer, raw in self._parameters if (raw.get("in"), raw.get("name")) == ("path", name))
        return next((self._views.at((*pointer, "schema")) for pointer in pointers), None)

    def _response(self, status: str) -> tuple[Pointer, Mapping[str, Any]]:
        if status not in self._responses:
            self._responses[status] = object_at(self.data, (*self._pointer, "responses", status))
        return self._responses[status]

    @cached_property
    def _parameters(self) -> tuple[tuple[Pointer, Mapping[str, Any]], ...]:
        """The parameters of the path item, then those of the operation (OpenAPI 3.1 section 4.8.9)."""
        parents = [object_at(self.data, parent) for parent in (("paths", self.path), self._pointer)]
        return tuple(
            object_at(self.data, (*pointer, "parameters", index))
            for pointer, raw in parents
            for index, _ in enumerate(raw.get("parameters", ()))
        )

    def _schema_of(self, pointer: Pointer, raw: Mapping[str, Any], media_type: str | None) -> SchemaView | None:
        if media_type is None:
            return None
        pointer, media = object_at(self.data, (*pointer, "content", media_type))
        return self._views.at((*pointer, "schema")) if "schema" in media else None


def operations_of(data: Mapping[str, Any]) -> dict[str, dict[str, RawOperation]]:
    """Every operation of a document by path and method."""
    by_path: dict[str, dict[str, RawOperation]] = {}
    views = SchemaViews(data)
    for path in data.get("paths", {}):
        if path.startswith("x-"):
            continue
        _, item = object_at(data, ("paths", path))
        by_path[path] = {method: RawOperation(views, path, method) for method in METHODS if method in item}
    return by_path


def is_file(word: str) -> bool:
    """Whether a word at the end of a path names the file of an item, such as `content` or `icon`."""
    return word.lower() in _FILES | _PICTURES


def is_text(media_type: str) -> bool:
    """Whether a media type is read by programs as JSON, XML, HTML or a sequence, rather than kept as a file."""
    is_structured = media_type.endswith(("/json", "+json", "/xml", "+xml")) or is_sequence(media_type)
    return is_structured or media_type in ("text/html", "*/*")


def _value_of_example(example: Any) -> Any:
    """The value of an example: that of the text where it is an object or a list in JSON, else the example itself."""
    if not isinstance(example, str) or not example.lstrip().startswith(("{", "[")):
        return example
    try:
        return json.loads(example)
    except (ValueError, RecursionError):
        return example


def _form_type(content: Any) -> str | None:
    names = content if isinstance(content, Mapping) else ()
    return next((name for name in names if essence(name) in _FORMS), None)


def _json_type(content: Any) -> str | None:
    """The media type that is JSON: `application/json`, else one of its kin, else any type, else a sequence of JSON.

    A JSON Patch is JSON too, but its schema describes changes rather than the item.
    """
    names = [name for name in content if isinstance(name, str)] if isinstance(content, Mapping) else []
    if names[:1] == ["application/json"]:  # nearly always, so it skips all of the below
        return names[0]
    ranked = (
        [name for name in names if essence(name) == "application/json"],
        [name for name in names if essence(name).endswith("+json") and "json-patch" not in name],
        [name for name in names if name == "*/*"],
        filter(is_sequence, names),
    )
    return next((name for rank in ranked for name in rank), None)
