"""Values for requests: bodies, members and keys that fit their schemas, drawn from the seed of a run.

Everything but the names and keys of items is decided by the seed alone, so that the same seed sends the same requests.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID
from zlib import crc32

from lookalike.codecs.forms import urlencodable_members
from lookalike.codecs.media_types import is_form, is_multipart, is_writable
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.requests import MediaType, Parameter
from lookalike.http import is_sequence
from lookalike.json_values import ABSENT, Pointer, find, object_at
from lookalike.naming.keys import is_like_key
from lookalike.schema.directions import READ_ONLY
from lookalike.schema.generation.random_source import DETERMINISTIC, SeededRandomness
from lookalike.schema.generation.sampler import Sampler
from lookalike.schema.generation.work import Exhausted, StepBudget
from lookalike.schema.value_types import ValueType
from lookalike.schema.vocabulary import KEYWORD
from lookalike.verify.requests.edge_values import EdgeValues, edge_values, with_edge_values
from lookalike.verify.requests.item_bodies import item_pointer, item_sent, item_type, with_item
from lookalike.verify.requests.marks import Marks
from lookalike.verify.requests.raw_bodies import is_raw, raw_values
from lookalike.verify.requests.run_names import RunKeys

_RULES = ("enum", "const", "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "items", "minItems")
_TEXT_RULES = ("pattern", "minLength", "maxLength")
_VARIATIONS = 4
_DRAWN = 8
_DEEPEST_PARAMETER = 3  # styles write objects in objects at most so deep
_STRONG, _LETTERS_OF_PASSWORD = "Lk7!", 12
_MOST = 2**31 - 1  # what fits into any integer that a server may have


class NameStyle(Enum):
    """The style in which the names in a body are written."""

    MARKED = "with the mark of the run"
    SLUG = "as the mark of the run, in lower-case letters and hyphens"
    UNMARKED = "without a mark"


class ProposedBody(NamedTuple):
    """A body for a creation, its variety, and the style of its names."""

    value: Any
    is_varied: bool
    names: NameStyle
    is_least: bool = False
    """Whether it has no member that may be left out, where others have."""


class _AcceptedBodies(NamedTuple):
    """The style of names that the server accepted, and the kinds of bodies that it refused, by operation.

    `whole` has the body that a server accepted after it had refused others.
    """

    names: dict[str, NameStyle]
    only_plain: set[str]
    only_least: set[str]
    whole: dict[str, ProposedBody]


class ValueGenerator:
    """Generates values for the requests of a contract from a `seed`; marks in names, and new keys, are of one `run`.

    `run` is the id of the run (`new_run_id`). Without one, names have no marks, as for a mock of one's own. `story` is
    the id of a story, whose values do not depend on what other stories drew before. When it is run again, in a later
    `attempt`, only marks and new keys are others: names that must be unique may be taken by then.
    """

    def __init__(self, contract: Contract, seed: int, run: str = "", story: str = "", attempt: int = 0) -> None:
        self._contract = contract
        self._run = run
        self._run_seed = seed
        self.budget = StepBudget()
        self._seed = f"{seed}/{story}" if story else str(seed)
        self._number = 0
        named = f"{story}#{attempt}" if attempt else story
        self._keys = RunKeys(run, named)
        self.marks = Marks(run, named)
        self.accepted_bodies = _AcceptedBodies({}, set(), set(), {})

    @cached_property
    def _root(self) -> dict[str, Any]:
        """The document as requests have to fit it: without `readOnly` members."""
        root: dict[str, Any] = self._contract.schemas.document_for(READ_ONLY)
        return root

    def for_story(self, story: str, attempt: int = 0) -> "ValueGenerator":
        """The generator of one story of the same run; it knows which kinds of bodies were accepted so far.

        All share the `budget` of the document.
        """
        generator = ValueGenerator(self._contract, self._run_seed, self._run, story, attempt)
        generator.budget = self.budget
        known = self.accepted_bodies
        generator.accepted_bodies = _AcceptedBodies(
            {**known.names}, {*known.only_plain}, {*known.only_least}, {**known.whole}
        )
        return generator

    def body_with_edge_values(
        self, operation: Operation, body: Any, kept: frozenset[str], edges: EdgeValues = edge_values
    ) -> Any:
        """A valid body with values that a careless server does not keep; `ABSENT` if none fits.

        Members that name items are `kept`.
        """
        media = self.media(operation)
        if media is None or media.schema is None or not isinstance(body, dict):
            return ABSENT
        item = with_edge_values(
            item_type(operation, media),
            item_sent(operation, body),
            kept,
            lambda item: self.is_valid(operation, with_item(operation, body, item)),
            edges,
        )
        told = with_item(operation, body, item)
        told = self.marked(told, media) if self._run and self.marks.in_value(body) else told
        return told if told != body and self.sendable(operation, told) == told else ABSENT

    def with_choices(self, operation: Operation, body: Any) -> Iterator[Any]:
        """Valid bodies with each kind of object that a member of the item, or of a list in it, may be one of."""
        media, item = self.media(operation), item_sent(operation, body)
        if media is None:
            return
        kind = item_type(operation, media)
        for name in kind.properties:
            member = kind.member(name)
            one = member.item() if "array" in (member.types or ()) else member
            if member.keyword(READ_ONLY) is True:
                continue
            for choice in one.choices:
                value = without_read_only(self.varied(choice), one)
                told = with_item(operation, body, {**item, name: value if one is member else [value]})
                if value is not ABSENT and self.is_valid(operation, told) and self.sendable(operation, told) == told:
                    yield self.marks.renewed(told)

    def is_choosy(self, operation: Operation) -> bool:
        """Whether the server accepts only some of the bodies that fit the schema of an operation."""
        return operation.id in self.accepted_bodies.whole

    def is_valid(self, operation: Operation, body: Any) -> bool:
        """Whether a body fits the schema of an operation's body."""
        media = self.media(operation)
        return media is None or media.schema is None or media.schema.accepts(body)

    def around_item(self, operation: Operation, item: Any) -> Any:
        """The body that has an item, with what else a valid body has around it."""
        if not item_pointer(operation):
            return item
        return with_item(operation, next(self.bodies(operation), {}), item)

    def take_over(self, other: "ValueGenerator") -> None:
        """Send first what was accepted in another story, since a server that refuses a kind of body does so in any."""
        self.accepted_bodies.names.update(other.accepted_bodies.names)
        self.accepted_bodies.only_plain.update(other.accepted_bodies.only_plain)
        self.accepted_bodies.only_least.update(other.accepted_bodies.only_least)
        self.accepted_bodies.whole.update(other.accepted_bodies.whole)

    def media(self, operation: Operation) -> MediaType | None:
        """The media type for an operation's body, or None: JSON, forms, sequences, multipart, text, then files.

        Never JSON Patch, nor XML.
        """
        every = sorted(operation.body.content.items(), key=_is_range) if operation.body else ()
        known = sorted(every, key=_preference)
        return next((one for name, one in known if _can_be_sent(name)), None)

    def sendable(self, operation: Operation, value: Any) -> Any:
        """A value for the body of an operation, without the members that its media type cannot hold."""
        media = self.media(operation)
        if media is not None and is_form(media.media_type) and isinstance(value, Mapping):
            return urlencodable_members(value, media)
        return value

    def bodies(self, operation: Operation, varied: bool = False) -> Iterator[Any]:
        """The values of the proposed bodies."""
        return (body.value for body in self.proposed_bodies(operation, varied))

    def proposed_bodies(self, operation: Operation, varied: bool = False) -> Iterator[ProposedBody]:
        """The same as `_bodies`, each with new values in the members that only one item may have, then as it is."""
        for one in self._bodies(operation, varied):
            new = self._with_new_values(operation, one.value) if operation.unique else one.value
            yield from (one._replace(value=new), *((one,) if new != one.value else ()))

    def _with_new_values(self, operation: Operation, body: Any) -> Any:
        """A body with a new value in each member that only one item may have, unless a mark makes it new."""
        item, media = item_sent(operation, body), self.media(operation)
        for one in operation.unique if media is not None else ():
            value = item.get(one.field)
            if media is None or not isinstance(value, str | int) or self.marks.in_value(value):
                continue
            kind = item_type(operation, media).member(one.field)
            told = ({**item, one.field: new} for new in self.new_keys_like(kind, value))
            item = next((new for new in told if self.is_valid(operation, with_item(operation, body, new))), item)
        return with_item(operation, body, item) if item else body

    def _bodies(self, operation: Operation, varied: bool) -> Iterator[ProposedBody]:
        """Bodies that fit the schema, the document's example first, without members that only the server sets.

        If `varied`, those come first that look like what people send, other ones at each call. A server may accept only
        some values, members and names: so the example comes in any case, also without the members that may be left out,
        and each body with the mark of this run in its names, with names of lower-case letters and hyphens alone, and
        without a mark. The kind that was `accepted` of an operation before comes first.
        """
        media = self.media(operation)
        if media is not None and is_raw(media.media_type):
            for text in raw_values(media):
                yield ProposedBody(text, is_varied=varied, names=NameStyle.UNMARKED)
            return
        if media is None:
            if operation.body is None:
                yield ProposedBody(ABSENT, is_varied=varied, names=NameStyle.UNMARKED)
            return
        accepted = self.accepted_bodies.whole.get(operation.id)
        if accepted is not None and not varied:
            yield accepted._replace(value=self.marks.renewed(accepted.value))
        for value, is_varied, is_least in self._kinds(operation, media, varied):
            whole = without_read_only(value, media.value_type)
            sent = self.sendable(operation, whole)
            if sent == whole or media.schema is None or media.schema.accepts(sent):
                for body in self._with_marks(operation, sent, media):
                    yield body._replace(is_varied=is_varied, is_least=is_least)

    def _kinds(self, operation: Operation, media: MediaType, varied: bool) -> Iterator[tuple[Any, bool, bool]]:
        """Values for a body, each with whether it is varied, and whether it has no member that may be left out."""
        accepted, plain = self.accepted_bodies, self._plain(operation, media)
        first = next(plain, ABSENT)
        least = ((value, False, True) for value in (self.least(operation, first),) if value != first)
        if operation.id in accepted.only_least:
            yield from least
        elif varied and operation.id not in accepted.only_plain:
            yield from ((value, True, False) for value in self._varied(operation, media))
        if first is not ABSENT:
            yield first, False, False
        yield from least
        yield from ((value, False, False) for value in chain(plain, self._varied(operation, media)))

    def least(self, operation: Operation, body: Any) -> Any:
        """A body whose item lacks each member that may be left out; as it is where it has no item."""
        whole = least = item_sent(operation, body)
        for name in whole:
            rest = {other: value for other, value in least.items() if other != name}
            least = rest if self.is_valid(operation, with_item(operation, body, rest)) else least
        return with_item(operation, body, least) if whole else body

    def needed_body(self, operation: Operation) -> Any:
        """The least body of an operation that must have one, as the reason for a deletion; `ABSENT` if none may do.

        A made-up key in it could name an item of others.
        """
        if operation.body is None or not operation.body.required:
            return ABSENT
        least = self.least(operation, next(self.bodies(operation), ABSENT))
        names_items = isinstance(least, Mapping) and any(map(is_like_key, least))
        return ABSENT if names_items else least

    def accepted(self, operation: Operation, body: ProposedBody, varied: bool, is_first: bool = True) -> None:
        """Let bodies of an operation come first in the kind that the server accepted.

        One that was not the first to be sent comes itself: a server may accept only few of those that fit.
        """
        self.accepted_bodies.names[operation.id] = body.names
        if not is_first:
            self.accepted_bodies.whole.setdefault(operation.id, body)
        if varied and not body.is_varied:
            self.accepted_bodies.only_plain.add(operation.id)
        if body.is_least:
            self.accepted_bodies.only_least.add(operation.id)

    def _with_marks(self, operation: Operation, body: Any, media: MediaType) -> Iterator[ProposedBody]:
        marked = self.marked(body, media) if self._run else body
        if marked == body:
            yield ProposedBody(body, is_varied=False, names=NameStyle.UNMARKED)
            return
        first = self.accepted_bodies.names.get(operation.id, NameStyle.MARKED)
        for style in (first, *(one for one in NameStyle if one is not first)):
            named = {NameStyle.MARKED: marked, NameStyle.UNMARKED: body}.get(style)
            yield ProposedBody(named or self.marked(body, media, as_slug=True), is_varied=False, names=style)

    def marked(self, body: Any, media: MediaType, as_slug: bool = False) -> Any:
        """A body with the mark of this run in its names, if it fits its schema then too."""
        schema = media.schema
        return self.marks.marked(body, media.value_type, lambda value: schema is None or schema.accepts(value), as_slug)

    def proposed(self, operation: Operation, media: MediaType) -> Iterator[Any]:
        """Values that fit a media type of an operation's body, the document's example first; for any media type."""
        yield from self._plain(operation, media)
        yield from self._varied(operation, media)

    def _plain(self, operation: Operation, media: MediaType) -> Iterator[Any]:
        """The document's example, and the simplest value."""
        example = operation.request_example.get("", ABSENT)
        if example is not ABSENT and (media.schema is None or media.schema.accepts(example)):
            yield example
        value = self._sampled(self._schema_of(operation, media), DETERMINISTIC)
        if value is not ABSENT:
            yield value

    def _varied(self, operation: Operation, media: MediaType) -> Iterator[Any]:
        schema = self._schema_of(operation, media)
        for _ in range(_VARIATIONS):
            value = self._sampled(schema, SeededRandomness(self._next()))
            if value is not ABSENT:
                yield value

    def other_member_value(self, schema: Any, place: Pointer, other_than: Any) -> Any:
        """Another value for a member at a place in what fits a schema, or `ABSENT`."""
        for _ in range(6):
            value = self._sampled(schema, SeededRandomness(self._next()))
            found = find(value, place)
            if found is not ABSENT and found != other_than and found not in (None, "", [], {}):
                return found
        return ABSENT

    def marked_member(self, operation: Operation, name: str, value: Any) -> Any:
        """A value for a member of the item in an operation's body, with a mark if it is a name."""
        media = self.media(operation)
        return (
            self.marks.marked_text(name, value, item_type(operation, media).member(name))
            if media and isinstance(value, str)
            else value
        )

    def member_schemas(
        self, operation: Operation, create: Operation | None, resource: str
    ) -> Iterator[tuple[Any, Pointer]]:
        """The schemas in which the members of an item are described, and where: of bodies, and its own."""
        for one in (operation, create):
            media = self.media(one) if one is not None else None
            if one is not None and media is not None:
                yield self._schema_of(one, media), item_pointer(one)
        yield self._root[KEYWORD]["resources"][resource]["schema"], ()

    def parameter(self, operation: Operation, parameter: Parameter, made_up: bool) -> Any:
        """The document's example, default or choice of a parameter; else, if it may be made up, a value that fits."""
        if parameter.name in operation.request_example:
            return operation.request_example[parameter.name]
        if parameter.default is not ABSENT:
            return parameter.default
        return self._sampled(_schema(parameter), DETERMINISTIC) if made_up or has_choices(parameter) else ABSENT

    def fitting(self, schema: Any) -> Any:
        """The simplest value that fits a schema without references, or `ABSENT`."""
        return self._sampled(schema, DETERMINISTIC)

    def varied(self, schema: Any) -> Any:
        """Another value at each call that fits a schema without references, or `ABSENT`."""
        return self._sampled(schema, SeededRandomness(self._next()))

    def new_key(self, parameter: Parameter) -> Any:
        """A key that no item has, or `ABSENT` where a parameter leaves no room for one."""
        schema, types = _schema(parameter), parameter.value_type.types
        if "enum" in schema:
            return ABSENT
        if types is not None and "string" not in types:
            proposals: Iterator[Any] = iter((self._new_number(schema),))
        elif schema.get("format") == "uuid":
            proposals = iter((self._keys.uuid(),))
        else:
            proposals = self._new_texts(schema)
        fit = (one for one in proposals if one is not ABSENT)
        return next((one for one in fit if parameter.accepts(one)), ABSENT)

    def _new_texts(self, schema: Any) -> Iterator[Any]:
        """Texts that no item has as its key, at last the longest of some that fit a schema: servers count upwards."""
        yield f"lookalike-{self._keys.text()}"
        yield from (self._keys.uuid(), self._keys.hexadecimal(), self._keys.text())
        sampled = (self._sampled(schema, SeededRandomness(self._keys.text())) for _ in range(_DRAWN))
        yield max((one for one in sampled if one is not ABSENT), key=lambda one: len(str(one)), default=ABSENT)

    def password(self) -> str:
        """A password that was never sent, with a character of each kind that servers ask for."""
        return _STRONG + self._keys.text()[-_LETTERS_OF_PASSWORD:]

    def idempotency_key(self, like: str) -> str:
        """A key that was never sent, of the form of another: a UUID, or a text that begins with it."""
        try:
            UUID(like)
        except ValueError:
            return f"{like}-{self._keys.text()}"
        return self._keys.uuid()

    def new_keys_like(self, value_type: ValueType, like: Any) -> Iterator[Any]:
        """Keys that no item has, for a member that must be sent: in the form of another key, then shorter ones."""
        if not isinstance(like, str):
            yield self._new_number({})
        elif value_type.keyword("format") == "uuid":
            yield self._keys.uuid()
        else:
            number, most = str(self._new_number({})), value_type.keyword("maxLength")
            yield f"{like}-{number}"
            yield f"{like[: max(most - len(number) - 1, 0)]}-{number}" if isinstance(most, int) else number
            yield from (self._keys.text(), self._keys.hexadecimal(), number)
            yield from self._texts_like(value_type)

    def _texts_like(self, value_type: ValueType) -> Iterator[Any]:
        """Texts that fit the pattern of a key; as many as may be needed to find one that is free."""
        rules = {name: value for name in _TEXT_RULES if (value := value_type.keyword(name)) is not None}
        for _ in range(_VARIATIONS if "pattern" in rules else 0):
            value = self._sampled({"type": "string", **rules}, SeededRandomness(self._keys.text()))
            yield from () if value is ABSENT else (value,)

    def _new_number(self, schema: Mapping[str, Any]) -> int:
        """A number from the upper half of those that a schema allows: keys that are counted begin below."""
        most = schema.get("maximum", _MOST)
        most = min(most, _MOST) if isinstance(most, int) else _MOST
        least = schema.get("minimum", 0)
        return self._keys.integer(max(most // 2, least if isinstance(least, int) and least <= most else 0), most)

    def _schema_of(self, operation: Operation, media: MediaType) -> Any:
        path, _ = object_at(self._root, ("paths", operation.path))
        body, _ = object_at(self._root, (*path, operation.method.lower(), "requestBody"))
        _, content = object_at(self._root, (*body, "content", media.media_type))
        return content.get("schema", {})

    def _sampled(self, schema: Any, variety: Any) -> Any:
        try:
            return Sampler({**self._root, "sampled": schema}, self.budget).sample(("sampled",), variety)
        except Exhausted:
            return ABSENT

    def _next(self) -> str:
        self._number += 1
        return f"{self._seed}/{self._number}"


def seed_of(seed: int, story: str) -> int:
    """The seed of one story or search of a run, which does not depend on the hash seed of Python."""
    return crc32(f"{seed}/{story}".encode())


def _is_range(item: tuple[str, MediaType]) -> bool:
    """Whether a media type is a range, such as application/*."""
    return "*" in item[0]


def _can_be_sent(media_type: str) -> bool:
    is_known = is_writable(media_type) or is_multipart(media_type) or is_raw(media_type)
    return is_known and "json-patch" not in media_type


def _preference(item: tuple[str, MediaType]) -> tuple[bool, ...]:
    """JSON first, then forms, sequences, multipart forms, text, and files."""
    name = item[0]
    return (
        is_raw(name) and not name.startswith("text/"),
        is_raw(name),
        is_multipart(name),
        is_sequence(name),
        is_form(name),
    )


def without_read_only(value: Any, kind: ValueType) -> Any:
    """A value without the members that only the server sets, at any depth."""
    if isinstance(value, list):
        return [without_read_only(one, kind.item(index)) for index, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    members = ((name, one, kind.member(name)) for name, one in value.items())
    return {name: without_read_only(one, of) for name, one, of in members if of.keyword(READ_ONLY) is not True}


def has_choices(parameter: Parameter) -> bool:
    """Whether the document lists the values of a parameter, so that none has to be made up."""
    return parameter.value_type.keyword("enum") is not None


def _schema(parameter: Parameter) -> dict[str, Any]:
    """The rules of a parameter, put together from wherever its schema has them."""
    return _rules(parameter.value_type, _DEEPEST_PARAMETER)


def _rules(kind: ValueType, depth: int) -> dict[str, Any]:
    """The rules of a value; of an object, those of the members that have to be there."""
    rules = {name: rule for name in _RULES if (rule := kind.keyword(name, ABSENT)) is not ABSENT}
    required = kind.keyword("required", ())
    if required and depth:
        rules |= {"required": required, "properties": {name: _rules(kind.member(name), depth - 1) for name in required}}
    return {**rules, **({"type": sorted(kind.types)} if kind.types else {})}
