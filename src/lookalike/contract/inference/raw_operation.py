"""Operations as a document without extension describes them, as far as conventions ask."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from lookalike.http import is_sequence
from lookalike.json_values import Pointer, object_at
from lookalike.openapi.walk import METHODS
from lookalike.schema.view import SchemaView
from lookalike.schema.vocabulary import KEYWORD

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_TEMPLATE = ("{", "}")


class RawOperation:
    """One operation of a document."""

    def __init__(self, data: Mapping[str, Any], path: str, method: str) -> None:
        self.data = data
        self.path = path
        self.method = method
        self._here, self._raw = object_at(data, ("paths", path, method))

    @property
    def is_ours(self) -> bool:
        """Whether the document says itself what the operation does."""
        return KEYWORD in self._raw

    @property
    def id(self) -> str:
        """The operation's id, or nothing."""
        return str(self._raw.get("operationId", ""))

    @cached_property
    def statuses(self) -> tuple[str, ...]:
        """The statuses that are documented."""
        responses = self._raw.get("responses")
        return tuple(map(str, responses)) if isinstance(responses, Mapping) else ()

    @cached_property
    def success(self) -> str:
        """The answer of success: the lowest 2xx, else the range or the default; nothing where there is none."""
        numbers = sorted(status for status in self.statuses if status.isdigit() and status[0] == "2")
        rest = [status for status in self.statuses if status.upper() == "2XX"]
        rest += [status for status in self.statuses if status == "default"]
        return next(iter((*numbers, *rest)), "")

    def answer(self, status: str) -> SchemaView | None:
        """The schema of the JSON that a status is answered with."""
        here, raw = object_at(self.data, (*self._here, "responses", status))
        return self._described(here, raw, _json_type(raw.get("content")))

    def headers(self, status: str) -> Iterator[tuple[str, SchemaView]]:
        """The header fields that a status is answered with, and the schema of each."""
        here, raw = object_at(self.data, (*self._here, "responses", status))
        for name in raw.get("headers", {}):
            place, _ = object_at(self.data, (*here, "headers", name))
            yield name, SchemaView(self.data, (*place, "schema"))

    @cached_property
    def links(self) -> tuple[Mapping[str, Any], ...]:
        """The links of the answer of success."""
        here, raw = object_at(self.data, (*self._here, "responses", self.success))
        names = raw.get("links", {})
        return tuple(object_at(self.data, (*here, "links", name))[1] for name in names)

    @cached_property
    def body(self) -> SchemaView | None:
        """The schema of the JSON or, where none is, of the form that is sent."""
        here, raw = object_at(self.data, (*self._here, "requestBody"))
        return self._described(here, raw, _json_type(raw.get("content")) or _form_type(raw.get("content")))

    @cached_property
    def media_types(self) -> tuple[str, ...]:
        """The media types that may be sent."""
        _, raw = object_at(self.data, (*self._here, "requestBody"))
        content = raw.get("content")
        return tuple(map(_essence, content)) if isinstance(content, Mapping) else ()

    @cached_property
    def queries(self) -> dict[str, tuple[SchemaView, bool]]:
        """The parameters in the query: the schema of each, and whether it is required."""
        return {
            raw["name"]: (SchemaView(self.data, (*here, "schema")), raw.get("required") is True)
            for here, raw in self._parameters()
            if raw.get("in") == "query" and isinstance(raw.get("name"), str)
        }

    def path_parameter(self, name: str) -> SchemaView | None:
        """The schema of a parameter in the path."""
        found = (here for here, raw in self._parameters() if (raw.get("in"), raw.get("name")) == ("path", name))
        return next((SchemaView(self.data, (*here, "schema")) for here in found), None)

    def examples(self, status: str) -> Iterator[Any]:
        """The example bodies of an answer."""
        here, raw = object_at(self.data, (*self._here, "responses", status))
        name = _json_type(raw.get("content"))
        if name is None:
            return
        place, media = object_at(self.data, (*here, "content", name))
        if "example" in media:
            yield media["example"]
        for one in media.get("examples", {}):
            _, example = object_at(self.data, (*place, "examples", one))
            if "value" in example:
                yield example["value"]
        view = SchemaView(self.data, (*place, "schema"))
        if (example := view.keyword("example")) is not None:
            yield example

    def _parameters(self) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
        for parent in (("paths", self.path), self._here):
            here, raw = object_at(self.data, parent)
            for index, _ in enumerate(raw.get("parameters", ())):
                yield object_at(self.data, (*here, "parameters", index))

    def _described(self, here: Pointer, raw: Mapping[str, Any], name: str | None) -> SchemaView | None:
        """The schema of one of the media types of a body."""
        if name is None:
            return None
        place, media = object_at(self.data, (*here, "content", name))
        return SchemaView(self.data, (*place, "schema")) if "schema" in media else None


def operations_of(data: Mapping[str, Any]) -> dict[str, dict[str, RawOperation]]:
    """Every operation by path and method."""
    found: dict[str, dict[str, RawOperation]] = {}
    for path in data.get("paths", {}):
        if path.startswith("x-"):
            continue
        _, item = object_at(data, ("paths", path))
        found[path] = {method: RawOperation(data, path, method) for method in METHODS if method in item}
    return found


def segments(path: str) -> list[str]:
    """The segments of a path, a slash at its end left out."""
    return path.rstrip("/").split("/")[1:]


def parameter(segment: str) -> str:
    """The name of a segment that is a template, or nothing."""
    is_template = segment.startswith(_TEMPLATE[0]) and segment.endswith(_TEMPLATE[1]) and segment.count("{") == 1
    return segment[1:-1] if is_template else ""


def _form_type(content: Any) -> str | None:
    names = content if isinstance(content, Mapping) else ()
    return next((name for name in names if _essence(name) in _FORMS), None)


def _json_type(content: Any) -> str | None:
    """The media type that is JSON, the plainest first, or a sequence of it."""
    names = [name for name in content if isinstance(name, str)] if isinstance(content, Mapping) else []
    plain = [name for name in names if name.partition(";")[0].strip().lower() == "application/json"]
    kin = [
        name for name in names if name.partition(";")[0].strip().lower().endswith("+json") and "json-patch" not in name
    ]
    rest = [name for name in names if name == "*/*"]
    return next(iter((*plain, *kin, *rest, *filter(is_sequence, names))), None)


def _essence(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()
