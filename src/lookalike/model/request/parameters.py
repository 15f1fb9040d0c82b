"""Parameters: the values of path, query, header and cookie, decoded by their styles and checked by their schemas.

While a parameter is read, a tuple holds the violations found in it: no value is a tuple.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from lookalike.codecs import parameter_styles as styles
from lookalike.codecs.coercion import coerce, coerce_scalar, has_string_items, parse_integer
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
from lookalike.model.request.body import accept_anything, violations_in_force
from lookalike.model.request.numbers import MAX_SAFE_INTEGER, as_double
from lookalike.schema.validator import Violation

Violations = tuple[Violation, ...]
ReadParameters = Callable[[RequestContext, tuple[str, ...]], Rejection | None]
# From a raw value (a text, or lists and objects of texts) to the value of a parameter, or to violations.
CheckValue = Callable[[RequestContext, Any], Any]
# From one text to the value of a parameter, or to violations.
ReadText = Callable[[RequestContext, str], Any]


_NOTHING = ("none", "null", "undefined")

# --- All parameters of an operation ---


def compile_parameters(operation: Operation, policies: HttpPolicies) -> ReadParameters:
    """The function that puts the values of all parameters into the context, or says what is wrong with them.

    Its `texts` are those of the templates of the path, in order.
    """
    read_path = _compile_path(operation, policies)
    readers = [(source, _FIELDS_OF[source], _compile_source(operation, source, policies)) for source in _FIELDS_OF]
    used = tuple(reader for reader in readers if reader[2])
    if not used:
        return read_path

    def read_parameters(context: RequestContext, texts: tuple[str, ...]) -> Rejection | None:
        malformed = read_path(context, texts)
        found: Violations = ()
        for source, fields_of, parameters in used:
            values: dict[str, Any] = {}
            fields = fields_of(context)
            for name, read in parameters:
                value = read(context, fields)
                if isinstance(value, tuple):
                    found += value
                elif value is not ABSENT:
                    values[name] = value
            setattr(context, source, values)
        invalid = Rejection(INVALID, found, readings_behind(found)) if found else None
        return malformed.combined_with(invalid) if malformed is not None else invalid

    return read_parameters


# --- Path ---


def _compile_path(operation: Operation, policies: HttpPolicies) -> ReadParameters:
    """The function that reads the parameters of the path; an invalid one has a status of its own (`path-parameter`)."""
    declared = {name: parameter for (source, name), parameter in operation.parameters.items() if source == "path"}
    readers = tuple(
        (name, _compile_path_parameter(declared[name], policies) if name in declared else _read_undeclared)
        for name in parameter_names(plain_path(operation.path))
    )
    policy = policies.path_parameter

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
        return Rejection(policy.under(context.choose), found, (*readings_of(policy), *readings_behind(found)))

    return read_path


def _read_undeclared(context: RequestContext, text: str) -> str:
    return styles.percent_decoded(text)


def _compile_path_parameter(parameter: Parameter, policies: HttpPolicies) -> ReadText:
    check = _compile_check(parameter, policies)
    if parameter.media_type:
        return _compile_content(parameter, check)
    split = _PATH_STYLES.get(parameter.style, styles.simple)
    has_commas = _splits_at_encoded_commas(parameter)
    choose_reading = _compile_ambiguous(parameter, check, styles.percent_decoded)

    def read_scalar(context: RequestContext, text: str) -> Any:
        return check(context, styles.percent_decoded(text) if "%" in text else text)

    def read_styled(context: RequestContext, text: str) -> Any:
        if has_commas:
            text = styles.with_literal_commas(text)
        try:
            parts = split(text, parameter.name, parameter.explode)
        except StyleError as error:
            return _violation(parameter, "style", str(error))
        return choose_reading(context, parts)

    return read_scalar if parameter.style == "simple" and parameter.value_type.is_scalar else read_styled


def _compile_delimited(style: str) -> Callable[[str, str, bool], SplitValue]:
    """The split at a delimiter that Swagger 2.0 allows in paths and header fields too (`collectionFormat`)."""

    def split(text: str, name: str, explode: bool) -> SplitValue:
        return styles.form([text], False, styles.DELIMITERS[style])

    return split


def _splits_at_encoded_commas(parameter: Parameter) -> bool:
    types = parameter.value_type.types
    return types == frozenset({"array"}) and not has_string_items(parameter.value_type)


_PATH_STYLES: dict[str, Callable[[str, str, bool], SplitValue]] = {
    "simple": styles.simple,
    "label": styles.label,
    "matrix": styles.matrix,
    **{style: _compile_delimited(style) for style in ("spaceDelimited", "pipeDelimited", "tabDelimited")},
}


# --- Query, header and cookie ---


class SourceFields(NamedTuple):
    """The fields of a query or cookie: names with their undecoded texts in order, and the texts of each name."""

    fields: Sequence[NameAndText]
    texts: dict[str, list[str]]


ReadParameter = Callable[[RequestContext, SourceFields], Any]
_NO_FIELDS = SourceFields((), {})


def _by_name(fields: Sequence[NameAndText]) -> SourceFields:
    texts: dict[str, list[str]] = {}
    for name, text in fields:
        texts.setdefault(name, []).append(text)
    return SourceFields(fields, texts)


def _query_fields(context: RequestContext) -> SourceFields:
    query = context.request.query
    return _by_name(styles.query_fields(query)) if query else _NO_FIELDS


def _cookie_fields(context: RequestContext) -> SourceFields:
    field = context.request.headers.get("cookie")
    return _by_name(styles.cookie_fields(field)) if field else _NO_FIELDS


def _header_fields(context: RequestContext) -> SourceFields:
    return _NO_FIELDS  # each is looked up by its name, since a request has many header fields and few are declared


_FIELDS_OF: dict[str, Callable[[RequestContext], SourceFields]] = {
    "query": _query_fields,
    "header": _header_fields,
    "cookie": _cookie_fields,
}


def _compile_source(operation: Operation, source: str, policies: HttpPolicies) -> tuple[tuple[str, ReadParameter], ...]:
    """The functions that read the parameters of one source, each with the parameter's name."""
    declared = {name: parameter for (where, name), parameter in operation.parameters.items() if where == source}
    names = frozenset(declared)
    return tuple((name, _compile_optional(parameter, names, policies)) for name, parameter in declared.items())


def _compile_optional(parameter: Parameter, declared: frozenset[str], policies: HttpPolicies) -> ReadParameter:
    """The function that reads a parameter, which may be missing: then it gives the default or `ABSENT`."""
    check = _compile_check(parameter, policies)
    is_header = parameter.location == "header"
    default = ABSENT if _stands_for_nothing(parameter) else parameter.default
    read = _compile_header(parameter, check) if is_header else _compile_named(parameter, declared, check)

    def read_optional(context: RequestContext, fields: SourceFields) -> Any:
        try:
            value = read(context, fields)
        except StyleError as error:
            return _violation(parameter, "style", str(error))
        if value is not ABSENT:
            return value
        if parameter.required:
            return _violation(parameter, "required", f"is required in the {parameter.location}")
        return default

    return read_optional


def _stands_for_nothing(parameter: Parameter) -> bool:
    """Whether the default of a parameter says that it has no value, as a word that is none of its values."""
    values = parameter.value_type.keyword("enum") or ()
    return parameter.default in _NOTHING and parameter.default not in values


def _compile_header(parameter: Parameter, check: CheckValue) -> ReadParameter:
    name = parameter.name.lower()
    read_text = _compile_content(parameter, check) if parameter.media_type else check
    choose_reading = _compile_ambiguous(parameter, check, styles.not_encoded)
    is_one_text = bool(parameter.media_type) or parameter.value_type.is_scalar
    split = styles.header if parameter.style == "simple" else _compile_delimited(parameter.style)

    def read_header(context: RequestContext, fields: SourceFields) -> Any:
        text = context.request.headers.get(name)
        if text is None:
            return ABSENT
        if is_one_text:
            return read_text(context, text.strip(" \t"))
        return choose_reading(context, split(text, name, parameter.explode))

    return read_header


def _compile_named(parameter: Parameter, declared: frozenset[str], check: CheckValue) -> ReadParameter:
    """The function that reads a parameter of query or cookie, whose texts come under names."""
    name, value_type, decode = parameter.name, parameter.value_type, _decoding_of(parameter)
    if parameter.style == "deepObject" and not parameter.media_type:
        return _compile_deep_object(parameter, check, decode)
    read_text = _compile_content(parameter, check) if parameter.media_type else check
    choose_reading = _compile_ambiguous(parameter, check, decode)
    is_one_text = bool(parameter.media_type) or value_type.is_scalar
    delimiter = styles.DELIMITERS.get(parameter.style, ",")
    has_commas = _splits_at_encoded_commas(parameter)
    is_exploded_object = (
        parameter.explode and value_type.types is not None and "object" in value_type.types and not is_one_text
    )
    read_members = _compile_exploded_object(parameter, declared, check, decode) if is_exploded_object else _read_nothing

    def read_named(context: RequestContext, fields: SourceFields) -> Any:
        texts = fields.texts.get(name)
        if texts is None:
            return read_members(context, fields)
        if parameter.allow_empty and texts == [""]:
            return ""
        if not is_one_text:
            if has_commas and not parameter.explode:
                texts = [styles.with_literal_commas(text) for text in texts]
            return choose_reading(context, styles.form(texts, parameter.explode, delimiter))
        if len(texts) > 1:
            return _violation(parameter, "maxItems", "must come once")
        return read_text(context, texts[0] if parameter.media_type else decode(texts[0]))

    return read_named


def _compile_deep_object(parameter: Parameter, check: CheckValue, decode: styles.Decode) -> ReadParameter:
    def read_deep_object(context: RequestContext, fields: SourceFields) -> Any:
        found = styles.deep_object(fields.fields, parameter.name)
        return ABSENT if found is None else check(context, styles.decode_leaves(found, decode))

    return read_deep_object


def _compile_exploded_object(
    parameter: Parameter, declared: frozenset[str], check: CheckValue, decode: styles.Decode
) -> ReadParameter:
    """The function that reads an exploded object, whose own name does not appear (OpenAPI 3.1 section 4.8.12.3)."""
    name, value_type = parameter.name, parameter.value_type
    described = value_type.properties
    accepts = parameter.schema.accepts if parameter.schema else accept_anything

    def read_members(context: RequestContext, fields: SourceFields) -> Any:
        members = {
            member: [decode(text) for text in texts]
            for member, texts in fields.texts.items()
            if member in described or (value_type.is_open and member not in declared)
        }
        if members:
            return check(context, members)
        # An object without members is written as nothing, so that a required one is there where it may be empty.
        return {} if parameter.required and accepts({name: {}}) else ABSENT

    return read_members


def _read_nothing(context: RequestContext, fields: SourceFields) -> Any:
    return ABSENT


def _decoding_of(parameter: Parameter) -> styles.Decode:
    """The function that decodes texts; with `allowReserved` a plus sign in a query stands for itself."""
    if parameter.location == "query":
        return styles.percent_decoded if parameter.allow_reserved else styles.form_decoded
    return styles.not_encoded if parameter.style == "cookie" else styles.percent_decoded


# --- From texts to a value ---


def _compile_content(parameter: Parameter, check: CheckValue) -> ReadText:
    """The function that reads a parameter whose text is of a media type (`content`, OpenAPI 3.1 section 4.8.12.2)."""
    decode = {"header": styles.not_encoded, "query": styles.form_decoded}.get(
        parameter.location, styles.percent_decoded
    )

    def read_content(context: RequestContext, text: str) -> Any:
        text = decode(text)
        if not is_json(parameter.media_type):
            return check(context, text)
        try:
            value = parse_json(text.encode("utf-8", "surrogatepass")).value
        except DecodeError as error:
            return _violation(parameter, "syntax", f"is not valid JSON: {error}")
        return check(context, plain_numbers(value))

    return read_content


def _compile_ambiguous(
    parameter: Parameter, check: CheckValue, decode: styles.Decode
) -> Callable[[RequestContext, SplitValue], Any]:
    """The function that decides whether a split text is one value, an array or an object.

    Where the schema allows several of them, the first that it accepts counts, else the first.
    """
    types = parameter.value_type.types or frozenset()
    accepts = parameter.schema.accepts if parameter.schema else accept_anything

    def raw_values(parts: SplitValue) -> Iterator[Any]:
        if types - {"array", "object"} and parts.whole is not None:
            yield decode(parts.whole)
        if "array" in types and (parts.items or parts.fields is None):
            yield [decode(item) for item in parts.items]
            if parts.whole == "":
                yield []
        if "object" in types and parts.fields is not None:
            yield _object(parts.fields, decode)

    def choose_reading(context: RequestContext, parts: SplitValue) -> Any:
        raws = list(raw_values(parts))
        if not raws:
            return _violation(parameter, "style", f"must be written in the style {parameter.style}")
        for raw in raws:
            value = coerce(raw, parameter.value_type)
            if accepts({parameter.name: value}):
                return value
        return check(context, raws[0])

    return choose_reading


def _object(fields: Sequence[NameAndText], decode: styles.Decode) -> dict[str, Any]:
    """The members of an object, each a list of the texts that came under its name."""
    found: dict[str, Any] = {}
    for name, text in fields:
        found.setdefault(decode(name), []).append(decode(text))
    return found


def _compile_check(parameter: Parameter, policies: HttpPolicies) -> CheckValue:
    """The function from a raw value to one that the schema accepts, or to violations."""
    check = _ValueCheck(parameter, policies)
    if is_json(parameter.media_type):
        return check.value
    return check.integer if parameter.value_type.types == frozenset({"integer"}) else check.scalar_or_nested


class _ValueCheck:
    """Checks the values of one parameter; its schema judges an object with the value as its one member."""

    def __init__(self, parameter: Parameter, policies: HttpPolicies) -> None:
        self._parameter = parameter
        self._name = parameter.name
        self._value_type = parameter.value_type
        self._schema = parameter.schema
        self._accepts = parameter.schema.accepts if parameter.schema else accept_anything
        self._precision = policies.precision

    def integer(self, context: RequestContext, raw: Any) -> Any:
        if type(raw) is not str:
            return self.value(context, coerce(raw, self._value_type))
        value = parse_integer(raw)
        if value is None:
            return _violation(
                self._parameter, "type", "must be an integer, written in plain digits without leading zeros"
            )
        return self._number_or_text(context, value, raw)

    def scalar_or_nested(self, context: RequestContext, raw: Any) -> Any:
        if type(raw) is not str:
            return self.value(context, coerce(raw, self._value_type))
        return self._number_or_text(context, coerce_scalar(raw, self._value_type), raw)

    def value(self, context: RequestContext, value: Any) -> Any:
        """The value, or its violations; where those of no choice in force are left, the value."""
        if self._schema is None or self._accepts({self._name: value}):
            return value
        found = self._schema.violations({self._name: value}, self._parameter.location, self._name)
        return violations_in_force(found, context.choose) or value

    def _number_or_text(self, context: RequestContext, value: Any, text: str) -> Any:
        if type(value) is int and value > MAX_SAFE_INTEGER:
            return self._beyond_doubles(context, value)
        if self._accepts({self._name: value}):
            return value
        types = self._value_type.types
        if text != value and (types is None or "string" in types) and self._accepts({self._name: text}):
            return text  # "12" where a schema allows integers, but this value only as a string
        return self.value(context, value)

    def _beyond_doubles(self, context: RequestContext, value: int) -> Any:
        precision = self._precision.under(context.choose)
        if precision == "rejected":
            when = dict.fromkeys(readings_of(self._precision), frozenset({precision}))
            message = f"{self._name} must not be beyond 2^53"
            return (Violation(self._parameter.location, (self._name,), "maximum", message, (), when),)
        return self.value(context, as_double(value) if precision == "double" else value)


def _violation(parameter: Parameter, keyword: str, message: str) -> Violations:
    return (Violation(parameter.location, (parameter.name,), keyword, f"{parameter.name} {message}"),)
