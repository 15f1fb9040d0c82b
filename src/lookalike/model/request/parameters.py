"""Parameters: text to values, in path, query, header and cookie, checked against their schemas."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from lookalike.codecs import parameter_styles as styles
from lookalike.codecs.coercion import coerce, coerce_scalar, parse_integer
from lookalike.codecs.json_text import DecodeError, parse_json, plain_numbers
from lookalike.codecs.media_types import is_json
from lookalike.codecs.parameter_styles import NameAndText, SplitValue, StyleError
from lookalike.contract.contract import Operation
from lookalike.contract.extension import HttpPolicies
from lookalike.contract.requests import Parameter
from lookalike.contract.routing import parameter_names, plain_path
from lookalike.json_values import ABSENT
from lookalike.model.context import RequestContext
from lookalike.model.rejections import INVALID, Rejection, readings_behind, readings_of
from lookalike.model.request.body import violations_in_force
from lookalike.model.request.numbers import MAX_SAFE_INTEGER, as_double
from lookalike.schema.validator import Violation

ReadParameters = Callable[[RequestContext, tuple[str, ...]], Rejection | None]
CheckValue = Callable[[RequestContext, Any], Any]
Violations = tuple[Violation, ...]


def compile_parameters(operation: Operation, decide: HttpPolicies) -> ReadParameters:
    """The function that reads all parameters into the scope; `texts` are those of the templates of the path."""
    read_path = _compile_path(operation, decide)
    sources = {name: _of_source(operation, name, decide) for name in _SENT}
    readers = tuple((name, _SENT[name], known) for name, known in sources.items() if known)
    if not readers:
        return read_path

    def read_parameters(context: RequestContext, texts: tuple[str, ...]) -> Rejection | None:
        malformed = read_path(context, texts)
        found: Violations = ()
        for source, sent_of, known in readers:
            values: dict[str, Any] = {}
            sent = sent_of(context)
            for name, read in known:
                value = read(context, sent)
                if isinstance(value, tuple):
                    found += value
                elif value is not ABSENT:
                    values[name] = value
            setattr(context, source, values)
        fault = Rejection(INVALID, found, readings_behind(found)) if found else None
        return malformed.combined_with(fault) if malformed is not None else fault

    return read_parameters


def _compile_path(operation: Operation, decide: HttpPolicies) -> ReadParameters:
    """The function that reads the templates of a path, in order."""
    known = {name: parameter for (source, name), parameter in operation.parameters.items() if source == "path"}
    readers = tuple(
        (name, _compile_in_path(known[name], decide) if name in known else _undeclared)
        for name in parameter_names(plain_path(operation.path))
    )

    def read_path(context: RequestContext, texts: tuple[str, ...]) -> Rejection | None:
        found: Violations = ()
        values: dict[str, Any] = {}
        for (name, read), text in zip(readers, texts, strict=True):
            value = read(context, text)
            if isinstance(value, tuple):
                found += value
                value = text
            values[name] = value
        context.path = values
        if not found:
            return None
        status = decide.path_parameter.under(context.choose)
        return Rejection(status, found, (*readings_of(decide.path_parameter), *readings_behind(found)))

    return read_path


def _undeclared(context: RequestContext, text: str) -> str:
    return styles.percent_decoded(text)


def _compile_in_path(parameter: Parameter, decide: HttpPolicies) -> Callable[[RequestContext, str], Any]:
    """The function from the text of a template to a value, or to a tuple of violations (no value is a tuple)."""
    judge = _compile_judge(parameter, decide)
    if parameter.media_type:
        return _compile_content(parameter, judge)
    take_apart = _IN_PATH.get(parameter.style, styles.simple)
    if parameter.style == "simple" and parameter.value_type.is_scalar:
        return lambda context, text: judge(context, styles.percent_decoded(text) if "%" in text else text)
    several = _compile_several(parameter, judge, styles.percent_decoded)

    def read(context: RequestContext, text: str) -> Any:
        try:
            written = take_apart(text, parameter.name, parameter.explode)
        except StyleError as error:
            return _misfit(parameter, "style", str(error))
        return several(context, written)

    return read


_IN_PATH: dict[str, Callable[[str, str, bool], SplitValue]] = {
    "simple": styles.simple,
    "label": styles.label,
    "matrix": styles.matrix,
}


class SourceFields(NamedTuple):
    """What came from one source: its fields as name and undecoded value, and the texts of each name."""

    pairs: Sequence[NameAndText]
    texts: dict[str, list[str]]


ReadParameter = Callable[[RequestContext, SourceFields], Any]


def _sent(pairs: Sequence[NameAndText]) -> SourceFields:
    texts: dict[str, list[str]] = {}
    for name, text in pairs:
        texts.setdefault(name, []).append(text)
    return SourceFields(pairs, texts)


_NOTHING = SourceFields((), {})


def _of_query(context: RequestContext) -> SourceFields:
    query = context.request.query
    return _sent(styles.query_fields(query)) if query else _NOTHING


def _of_cookie(context: RequestContext) -> SourceFields:
    field = context.request.headers.get("cookie")
    return _sent(styles.cookie_fields(field)) if field else _NOTHING


def _of_header(context: RequestContext) -> SourceFields:
    return _NOTHING  # fields are looked up by name, since most requests have many and few are declared


_SENT: dict[str, Callable[[RequestContext], SourceFields]] = {
    "query": _of_query,
    "header": _of_header,
    "cookie": _of_cookie,
}


def _of_source(operation: Operation, source: str, decide: HttpPolicies) -> tuple[tuple[str, ReadParameter], ...]:
    """The readers of the parameters in one part of the request, each with the name that its value gets."""
    known = {name: parameter for (where, name), parameter in operation.parameters.items() if where == source}
    return tuple((name, _compile_optional(parameter, frozenset(known), decide)) for name, parameter in known.items())


def _compile_optional(parameter: Parameter, known: frozenset[str], decide: HttpPolicies) -> ReadParameter:
    """The function from what came to a value, the default or `ABSENT`, or a tuple of violations."""
    judge = _compile_judge(parameter, decide)
    read = (
        _compile_header(parameter, judge) if parameter.location == "header" else _compile_named(parameter, known, judge)
    )

    def read_optional(context: RequestContext, sent: SourceFields) -> Any:
        try:
            value = read(context, sent)
        except StyleError as error:
            return _misfit(parameter, "style", str(error))
        if value is not ABSENT:
            return value
        if parameter.required:
            return _misfit(parameter, "required", f"is required in the {parameter.location}")
        return parameter.default

    return read_optional


def _compile_header(parameter: Parameter, judge: CheckValue) -> ReadParameter:
    name = parameter.name.lower()
    one = _compile_content(parameter, judge) if parameter.media_type else judge
    several = _compile_several(parameter, judge, styles.not_encoded)
    as_one = bool(parameter.media_type) or parameter.value_type.is_scalar

    def read(context: RequestContext, sent: SourceFields) -> Any:
        text = context.request.headers.get(name)
        if text is None:
            return ABSENT
        if as_one:
            return one(context, text.strip(" \t"))
        return several(context, styles.header(text, name, parameter.explode))

    return read


def _compile_named(parameter: Parameter, known: frozenset[str], judge: CheckValue) -> ReadParameter:
    """For query and cookie, where values come under names."""
    name, kind, decode = parameter.name, parameter.value_type, _decoding(parameter)
    if parameter.style == "deepObject" and not parameter.media_type:
        return _compile_deep(parameter, judge, decode)
    one = _compile_content(parameter, judge) if parameter.media_type else judge
    several = _compile_several(parameter, judge, decode)
    as_one = bool(parameter.media_type) or kind.is_scalar
    delimiter = _DELIMITERS.get(parameter.style, ",")
    is_object = parameter.explode and kind.types is not None and "object" in kind.types

    def read(context: RequestContext, sent: SourceFields) -> Any:
        texts = sent.texts.get(name)
        if texts is None:
            members = _members_of(sent, parameter, known, decode) if is_object and not as_one else None
            return judge(context, members) if members else ABSENT
        if parameter.allow_empty and texts == [""]:
            return ""
        if not as_one:
            return several(context, styles.form(texts, parameter.explode, delimiter))
        if len(texts) > 1:
            return _misfit(parameter, "maxItems", "must come once")
        return one(context, texts[0] if parameter.media_type else decode(texts[0]))

    return read


def _compile_deep(parameter: Parameter, judge: CheckValue, decode: styles.Decode) -> ReadParameter:
    def read(context: RequestContext, sent: SourceFields) -> Any:
        found = styles.deep_object(sent.pairs, parameter.name)
        return ABSENT if found is None else judge(context, styles.decode_leaves(found, decode))

    return read


def _members_of(
    sent: SourceFields, parameter: Parameter, known: frozenset[str], decode: styles.Decode
) -> dict[str, Any]:
    """The members of an exploded object, each of which came under its own name."""
    described = parameter.value_type.properties
    return {
        name: [decode(text) for text in texts]
        for name, texts in sent.texts.items()
        if name in described or (parameter.value_type.is_open and name not in known)
    }


_DELIMITERS = {"spaceDelimited": r"%20|\+| ", "pipeDelimited": r"\||%7[Cc]"}


def _decoding(parameter: Parameter) -> styles.Decode:
    """A plus sign in a query is a space, unless it may stand there for itself."""
    if parameter.location == "query":
        return styles.percent_decoded if parameter.allow_reserved else styles.form_decoded
    return styles.not_encoded if parameter.style == "cookie" else styles.percent_decoded


def _compile_content(parameter: Parameter, judge: CheckValue) -> Callable[[RequestContext, str], Any]:
    """For a parameter whose text is of a media type (OpenAPI 3.1 section 4.8.12.3)."""
    decode = {"header": styles.not_encoded, "query": styles.form_decoded}.get(
        parameter.location, styles.percent_decoded
    )

    def read(context: RequestContext, text: str) -> Any:
        text = decode(text)
        if not is_json(parameter.media_type):
            return judge(context, text)
        try:
            value = parse_json(text.encode("utf-8", "surrogatepass")).value
        except DecodeError as error:
            return _misfit(parameter, "syntax", f"is not valid JSON: {error}")
        return judge(context, plain_numbers(value))

    return read


def _compile_several(
    parameter: Parameter, judge: CheckValue, decode: styles.Decode
) -> Callable[[RequestContext, SplitValue], Any]:
    """For a value that may be an array or object: the first way to read it that its schema accepts, else the first."""
    types = parameter.value_type.types or frozenset()
    accepts = parameter.schema.accepts if parameter.schema else _anything

    def readings(written: SplitValue) -> Iterator[Any]:
        if types - {"array", "object"} and written.whole is not None:
            yield decode(written.whole)
        if "array" in types and (written.items or written.fields is None):
            yield [decode(item) for item in written.items]
            if written.whole == "":
                yield []
        if "object" in types and written.fields is not None:
            yield _object(written.fields, decode)

    def several(context: RequestContext, written: SplitValue) -> Any:
        raws = list(readings(written))
        if not raws:
            return _misfit(parameter, "style", "is not written as its style says")
        for raw in raws:
            value = coerce(raw, parameter.value_type)
            if accepts({parameter.name: value}):
                return value
        return judge(context, raws[0])

    return several


def _object(fields: Sequence[NameAndText], decode: styles.Decode) -> dict[str, Any]:
    """Members by name, each a list of the texts that came under it."""
    found: dict[str, Any] = {}
    for name, text in fields:
        found.setdefault(decode(name), []).append(decode(text))
    return found


def _compile_judge(parameter: Parameter, decide: HttpPolicies) -> CheckValue:
    """The function from a raw value to one that fits the schema, or to a tuple of violations."""
    name, kind, schema = parameter.name, parameter.value_type, parameter.schema
    accepts = schema.accepts if schema else _anything
    is_integer = kind.types == frozenset({"integer"})
    is_scalar, is_value = kind.is_scalar, is_json(parameter.media_type)

    def judge(context: RequestContext, raw: Any) -> Any:
        if is_value:
            return checked(context, raw)
        if type(raw) is not str:
            return checked(context, coerce(raw, kind))
        value = parse_integer(raw) if is_integer else coerce_scalar(raw, kind) if is_scalar else coerce(raw, kind)
        if is_integer and value is None:
            return _misfit(parameter, "type", "must be an integer, written in plain digits without leading zeros")
        if type(value) is int and value > MAX_SAFE_INTEGER:
            return beyond_doubles(context, value)
        return value if accepts({name: value}) else checked(context, value, raw)

    def beyond_doubles(context: RequestContext, value: int) -> Any:
        precision = decide.precision.under(context.choose)
        if precision == "rejected":
            when = dict.fromkeys(readings_of(decide.precision), frozenset({precision}))
            why = f"{name} must not be beyond 2^53"
            return (Violation(parameter.location, (name,), "maximum", why, (), when),)
        return checked(context, as_double(value) if precision == "double" else value)

    def checked(context: RequestContext, value: Any, text: str | None = None) -> Any:
        if schema is None or accepts({name: value}):
            return value
        if text is not None and text != value and accepts({name: text}):
            return text  # "12" where a schema allows numbers, but this only as a text
        found = schema.violations({name: value}, parameter.location, name)
        return violations_in_force(found, context.choose) or value

    return judge


def _anything(value: Any) -> bool:
    return True


def _misfit(parameter: Parameter, keyword: str, what: str) -> Violations:
    return (Violation(parameter.location, (parameter.name,), keyword, f"{parameter.name} {what}"),)
