"""Example bodies: the value of a representation, from the examples of a document or else from its schema."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from lookalike.codecs.encoding import encode
from lookalike.codecs.media_types import is_json, is_multipart, is_xml
from lookalike.codecs.multipart import to_multipart
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.inference.envelopes import counter_place
from lookalike.contract.inference.kinds import kinds_of
from lookalike.contract.responses import DEFAULT, DocumentedResponse, Representation
from lookalike.contract.routing import Router
from lookalike.json_values import ABSENT, Pointer, find, resolve, with_scalars, with_value_at, without_value_at
from lookalike.model.response.error_codes import words_of_success
from lookalike.model.response.problem_details import lists_violations_alone
from lookalike.naming.lists import leads_to_other_page
from lookalike.naming.words import normalised
from lookalike.schema.directions import WRITE_ONLY
from lookalike.schema.formats import FormatCheck
from lookalike.schema.generation.believable import TYPICAL
from lookalike.schema.generation.random_source import Randomness, SeededRandomness
from lookalike.schema.generation.sampler import Sampler
from lookalike.schema.generation.work import Exhausted
from lookalike.schema.regexes import matches
from lookalike.schema.validator import Schema, Violation
from lookalike.schema.view import SchemaView

NO_FITTING_BODY = "no body was found that fits the documented schema"

# Stands for the origin and base path of the mock in stored values, and is replaced when a response is sent. The domain
# is reserved (RFC 2606 section 2), so that no client's own value is meant.
ORIGIN = "https://origin.lookalike.invalid"

_JSON = "application/json"
_ERRORS = ("error", "apierror", "errorresponse", "errormodel", "problem", "problemdetails", "fault", "status")

_THIS_MACHINE = {"localhost", "127.0.0.1", "0.0.0.0", "::1"}  # noqa: S104  # as in documents; no address to bind

_DEEPEST_COUNTERS = 2  # below the body

Accepts = Callable[[Any], bool]


class ResponseBody(NamedTuple):
    """The value of a body, `ABSENT` if nothing is described; and what is wrong with it, if anything.

    `refused` is the schema that asks for more than is generated.
    """

    value: Any
    issue: str = ""
    refused: Mapping[str, Any] | None = None


class ResponseBodies:
    """The bodies of all representations of a contract, each made when it is first asked for."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        # By identity, since schemas have no hash. The representation is kept too, so that its id is not used again.
        self._default_bodies: dict[int, tuple[Representation, ResponseBody]] = {}

    @cached_property
    def root(self) -> Any:
        """The document as responses have to fit it: without `writeOnly` members."""
        return self._contract.response_document

    @cached_property
    def sampler(self) -> Sampler:
        """The generator of values that responses may have."""
        return Sampler(self.root)

    @cached_property
    def usual_error(self) -> DocumentedResponse | None:
        """The error that most operations describe, in JSON, without examples, which tell of one cause.

        Those that only list violations are for no other cause. Where none describes any, it is the schema that is named
        as one. None if there is none.
        """
        found: dict[Pointer, list[Representation]] = {}
        for operation in self._contract.operations:
            for status, response in operation.responses.items():
                shown = response.default_representation
                is_error = status[:1] in ("4", "5") or (status == DEFAULT != operation.success_status)
                if is_error and response.template is None and shown.schema is not None and is_json(shown.media_type):
                    view = SchemaView(self.root, shown.schema_pointer)
                    if not lists_violations_alone(view):
                        found.setdefault(view.pointer, []).append(shown)
        usual = max(found.values(), key=len)[0] if found else self._error_by_name()
        if usual is None:
            return None
        usual = replace(usual, examples={})
        return DocumentedResponse("usual", {usual.media_type: usual}, (), None, False, ())

    def _error_by_name(self) -> Representation | None:
        """The schema that is named as an error and has a message, as `Error`, `ApiError` or `Status`."""
        schemas = find(self.root, ("components", "schemas"), {})
        plain = {normalised(name.rpartition(".")[2]): name for name in reversed([*schemas])}
        for name in (plain[one] for one in _ERRORS if one in plain):
            pointer = ("components", "schemas", name)
            members = SchemaView(self.root, pointer).members
            if "message" in members and "string" in members["message"].types:
                return Representation(_JSON, pointer, self._contract.schemas.at(*pointer, unsent=WRITE_ONLY))
        return None

    def of(self, representation: Representation, example: str = "", seed: str | None = None) -> ResponseBody:
        """The example of a name; else a body drawn from a seed; else the default, which is always the same."""
        if example in representation.examples:
            return ResponseBody(representation.examples[example])
        if seed is not None and representation.schema is not None:
            with suppress(Exhausted):
                drawn = self._generated(representation, SeededRandomness(seed))
                if drawn is not None:
                    return drawn
        if id(representation) not in self._default_bodies:
            self._default_bodies[id(representation)] = representation, self._default(representation)
        return self._default_bodies[id(representation)][1]

    def accepts_lean(self, representation: Representation) -> bool:
        """Whether a representation accepts a body without optional members, which takes little to find out."""
        schema = representation.schema
        lean = ABSENT if schema is None else self.sampler.lean(representation.schema_pointer)
        return schema is not None and lean is not ABSENT and is_valid_for_some_choice(schema, lean)

    def sampled(self, view: SchemaView, randomness: Randomness = TYPICAL) -> Any:
        """A value that fits a schema of the document, or comes as close as was found.

        URLs of the document's servers lead to the mock.
        """
        try:
            value = self.sampler.sample(view.pointer, randomness)
        except Exhausted:
            value = self.sampler.closest(view.pointer)
        return self.at_origin(value)

    def at_origin(self, value: Any) -> Any:
        """A value in which URLs of the document's servers lead to the mock.

        Where it names none but relative ones or those of a developer, URLs on any host that name an operation do, too.
        """
        return with_scalars(value, self._at_origin)

    def _at_origin(self, url: Any) -> Any:
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            return url
        server = next((one for one in self._servers if url.startswith(one)), None)
        if server is not None:
            return ORIGIN + url.removeprefix(server)
        if not all(map(_is_on_this_machine, self._servers)):
            return url  # of another site, since the document says where the API is
        rest = "/" + url.partition("://")[2].partition("/")[2]
        path, question, query = rest.partition("?")
        base = self._contract.base_path
        below = path.removeprefix(base) if path.startswith(f"{base}/") else path
        return f"{ORIGIN}{below}{question}{query}" if self._names_operation(below) else url

    def _names_operation(self, path: str) -> bool:
        """Whether an operation reads at a path. One whose path begins with a parameter would be at any path."""
        match = self._readable.match(path)
        return match is not None and not match.target.path.startswith("/{")

    @cached_property
    def _readable(self) -> Router[Operation]:
        return Router((one.path, one) for one in self._contract.operations if one.method == "GET" and one.path != "/")

    @cached_property
    def _servers(self) -> tuple[str, ...]:
        urls = (str(one.get("url", "")).rstrip("/") for one in self._contract.document.data.get("servers", ()))
        return tuple(url for url in urls if url.startswith(("http://", "https://")) and "{" not in url)

    def in_format(self, pointer: Pointer, value: Any) -> Any:
        """A value of the schema at a pointer, with other texts for those that are not in the format named there."""
        schema = self._contract.schemas.at(*pointer, unsent=WRITE_ONLY, formats=FormatCheck.STRICT)
        for place, named, _ in schema.format_errors(value):
            try:
                value = _with(value, place, self.sampler.fitting({**named, "type": "string"}))
            except Exhausted:
                continue
        return value

    def encoded(self, representation: Representation, sent_as: str, value: Any) -> bytes:
        """The bytes of a value, in `sent_as` where the representation is described by a range of media types."""
        media_type = sent_as or representation.media_type
        if is_multipart(media_type):
            return to_multipart(value, media_type, self._part_types(representation))

        def to_xml(value: Any) -> str:
            return self._xml(representation, value)

        return encode(value, media_type, to_xml)

    def _part_types(self, representation: Representation) -> dict[str, str]:
        """The media types of the members of a multipart body, where they are described and no ranges."""
        pointer = representation.schema_pointer
        described = find(self.root, pointer[:-1], {}) if pointer else {}
        listed = {name: one.get("contentType", "") for name, one in described.get("encoding", {}).items()}
        first = {name: text.partition(",")[0].strip() for name, text in listed.items()}
        return {name: media_type for name, media_type in first.items() if media_type and "*" not in media_type}

    def _xml(self, representation: Representation, value: Any) -> str:
        from lookalike.codecs.xml_text import to_xml  # here, since few documents have XML

        pointer = representation.schema_pointer
        schema = find(self.root, pointer, {}) if pointer else {}
        return to_xml(value, schema, self._resolve, matches)

    def _resolve(self, reference: str) -> Any:
        return resolve(self.root, reference)

    def _default(self, representation: Representation) -> ResponseBody:
        """The first valid example, else a generated value, else an invalid example, which is better than none."""
        schema = representation.schema
        if schema is None:
            return ResponseBody(next(iter(representation.examples.values()), ABSENT))
        for example in representation.examples.values():
            if is_xml(representation.media_type) and isinstance(example, str) and example.lstrip().startswith("<"):
                return ResponseBody(example)  # XML as it is sent, which the schema of its value does not describe
            for value in _readings_of(example):
                visible = without_hidden(schema, value)
                if is_valid_for_some_choice(schema, visible):
                    led_here = self._led_here(schema, self.in_format(representation.schema_pointer, visible))
                    return ResponseBody(as_only_page(schema, led_here))
        try:
            generated, why = self._generated(representation, TYPICAL), Exhausted()
        except Exhausted as error:
            generated, why = None, error
        issue = f"{NO_FITTING_BODY}: {why.why}" if why.why else NO_FITTING_BODY
        return generated or ResponseBody(self._closest(representation), issue, why.schema)

    def _led_here(self, schema: Schema, value: Any) -> Any:
        """A value whose URLs of the document's servers lead to the mock, unless its schema wants them as they are.

        A client that follows the link to the next page would send its credentials to the vendor.
        """
        led = self.at_origin(value)
        return led if led == value or is_valid_for_some_choice(schema, led) else value

    def _generated(self, representation: Representation, randomness: Any) -> ResponseBody | None:
        """A body of a schema, None where what was found does not fit it; raises `Exhausted`."""
        value = self.sampler.sample(representation.schema_pointer, randomness)
        schema = representation.schema
        if schema is None:
            return ResponseBody(value)
        if not is_valid_for_some_choice(schema, value):
            return None
        view = SchemaView(self.root, representation.schema_pointer)
        if isinstance(value, dict):
            told = {name: word for name, word in words_of_success(view).items() if name in value}
            value = {**value, **kinds_of(view), **told}
        return ResponseBody(naming_its_list(schema, as_only_page(schema, value)))

    def _closest(self, representation: Representation) -> Any:
        if representation.examples:
            return next(iter(representation.examples.values()))
        return self.sampler.closest(representation.schema_pointer)


# --- Examples and schemas ---


def is_valid_for_some_choice(schema: Schema, value: Any) -> bool:
    """Whether a value is valid under some choices of the readings, but for rules that refuse their own example."""
    try:
        return schema.accepts(value) or all(one.when or one.is_doubtful for one in _violations(schema, value))
    except ValueError:  # the validator takes no lone surrogate
        return False


def breaks_doubtful_rules_alone(schema: Schema, value: Any) -> bool:
    """Whether all rules that a value breaks are such as refuse the document's own example."""
    return all(one.is_doubtful for one in _violations(schema, value))


def without_hidden(schema: Schema, value: Any) -> Any:
    """An example without `writeOnly` members, which the schema of responses does not allow."""
    try:
        hidden = [one.pointer for one in _violations(schema, value) if one.keyword == "falseSchema" and one.pointer]
    except ValueError:
        return value
    for pointer in hidden:
        value = without_value_at(value, pointer)
    return value


def as_only_page(schema: Schema, value: Any) -> Any:
    """A list in an object without the links, cursors and flags that lead to other pages, as far as its schema allows.

    An example is all that there is: a client that asks for the next page would get the same one without end.
    """
    if not isinstance(value, dict):
        return value
    around = [*_objects_around(value)]
    if not any(isinstance(one, list) for _, holder in around for one in holder.values()):
        return value
    for place, holder in around:
        for name, shown in holder.items():
            if shown and leads_to_other_page(name) and not isinstance(shown, dict | list):
                nothing = False if shown is True else None
                value = _with_nothing(schema, value, (*place, name), nothing)
    return value


def without_elements(view: SchemaView, schema: Schema, value: Any) -> Any:
    """A list that no example of the document shows, without the samples in it; alone or with what is told about it."""
    if isinstance(value, list):
        return [] if _is_unshown(view) and schema.accepts([]) else value
    lists = [name for name, one in value.items() if isinstance(one, list)] if isinstance(value, dict) else []
    others = [name for name, one in value.items() if not isinstance(one, list | dict)] if lists else []
    told = [name for name in others if leads_to_other_page(name) or counter_place(name, view.members.get(name, view))]
    if len(lists) != 1 or told != others or lists[0] not in view.members or not _is_unshown(view.members[lists[0]]):
        return value
    emptied = {**value, lists[0]: []}
    return emptied if schema.accepts(emptied) else value


def _is_unshown(view: SchemaView) -> bool:
    """Whether a list is of objects, of which no example is shown."""
    return view.items is not None and bool(view.items.members) and view.example is None and view.items.example is None


def naming_its_list(schema: Schema, value: Any) -> Any:
    """An object whose only list is named by a `key` in what it tells about that, as `meta` of Twilio does."""
    lists = [name for name, one in value.items() if isinstance(one, list)] if isinstance(value, dict) else []
    for name, told in value.items() if len(lists) == 1 else ():
        if normalised(name) in _ABOUT_LISTS and isinstance(told, dict) and isinstance(told.get("key"), str):
            named = with_value_at(value, (name, "key"), lists[0])
            return named if is_valid_for_some_choice(schema, named) else value
    return value


_ABOUT_LISTS = frozenset({"meta", "page", "paging", "pagination"})


def _objects_around(value: dict[str, Any], place: Pointer = ()) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """An object and those inside of it, two levels deep, as in `{"meta": {"pagination": {…}}}`, with their places."""
    yield place, value
    if len(place) < _DEEPEST_COUNTERS:
        for name, one in value.items():
            if isinstance(one, dict):
                yield from _objects_around(one, (*place, name))


def _with_nothing(schema: Schema, value: dict[str, Any], place: Pointer, nothing: bool | None) -> Any:
    """The value with null or false at a place, without it, or with an empty text there: the first that fits."""
    emptied = (with_value_at(value, place, nothing), without_value_at(value, place), with_value_at(value, place, ""))
    return next((one for one in emptied if is_valid_for_some_choice(schema, one)), value)


def without_unfit_nulls(schema: Schema, value: Any) -> Any:
    """A value without the members that are null against its schema: another form of the same item may allow null."""
    for violation in [*_violations(schema, value)]:
        if violation.pointer and find(value, violation.pointer) is None:
            value = without_value_at(value, violation.pointer)
    return value


def with_sent(shown: Mapping[str, Any], sent: Mapping[str, Any], accepts: Accepts | None) -> dict[str, Any]:
    """A body, or an object in it, with the members of that name that were sent, in any spelling, as far as they fit.

    Where no schema `accepts` them, only such are taken that have the type of what is shown.
    """
    by_name = {normalised(name): value for name, value in sent.items()}
    made = dict(shown)
    others = {name: value for name, value in by_name.items() if name not in set(map(normalised, shown))}
    for name, value in shown.items():
        accepts_member = _accepts_member(accepts, made, name) if accepts is not None else None
        if normalised(name) in by_name:
            forms = _forms_of_sent(by_name[normalised(name)], value, accepts is not None)
            made[name] = next((one for one in forms if accepts_member is None or accepts_member(one)), value)
        elif isinstance(value, Mapping) and others:
            made[name] = with_sent(value, others, accepts_member)
    return made


def _forms_of_sent(sent: Any, shown: Any, is_described: bool) -> Iterator[Any]:
    """The forms in which a sent value may be shown: as it is, with more members, or a number as a text."""
    if type(sent) is type(shown):
        yield sent
        if isinstance(sent, dict):
            yield {**shown, **sent}
    elif isinstance(shown, str) and type(sent) in (int, float):
        yield str(sent)
    elif is_described and not isinstance(shown, dict | list):
        yield sent


def with_accepted_members(accepts: Accepts, fallback: Any, value: Any) -> Any:
    """A valid value with as much of another one in it as is accepted there; the very same where that is nothing.

    Used if the state does not fit the schema of a response, so that a client sees at least a part of it.
    """
    if accepts(value):
        return value
    if isinstance(fallback, dict) and isinstance(value, dict):
        for name, member in value.items():
            before = fallback.get(name, ABSENT)
            found = with_accepted_members(_accepts_member(accepts, fallback, name), before, member)
            if found is not before:
                fallback = {**fallback, name: found}
    elif isinstance(fallback, list) and isinstance(value, list) and fallback and value:
        merged = (with_accepted_members(_accepts_item(accepts), fallback[0], one) for one in value)
        kept = [one for one in merged if one is not fallback[0]]
        return kept if kept and accepts(kept) else fallback
    return fallback


def _accepts_member(accepts: Accepts, around: dict[str, Any], name: str) -> Accepts:
    def accepts_member(member: Any) -> bool:
        return accepts({**around, name: member})

    return accepts_member


def _accepts_item(accepts: Accepts) -> Accepts:
    def accepts_item(item: Any) -> bool:
        return accepts([item])

    return accepts_item


def _violations(schema: Schema, value: Any) -> Iterator[Violation]:
    return iter(()) if schema.accepts(value) else schema.violations(value, "body", "the body")


def _readings_of(example: Any) -> Iterator[Any]:
    """An example, and its value where it is JSON in a string, as many documents have it."""
    yield example
    if isinstance(example, str):
        try:
            yield json.loads(example)
        except (ValueError, RecursionError):
            return


# --- Values with one place changed ---


def _is_on_this_machine(url: str) -> bool:
    return urlsplit(url).hostname in _THIS_MACHINE


def _with(value: Any, pointer: Pointer, text: Any) -> Any:
    if not pointer:
        return text
    first, *rest = pointer
    copied = copy.copy(value)
    copied[first] = _with(value[first], tuple(rest), text)
    return copied
