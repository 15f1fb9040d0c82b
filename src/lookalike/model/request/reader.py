"""The request reader: the values of a request's parameters and body, and what is wrong with them.

Clients send the same requests again and again, so a request that comes a second time is cached, and not parsed again.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from lookalike.cache import Cache
from lookalike.codecs.json_text import DecodedValue, plain_numbers
from lookalike.codecs.media_types import is_json_patch
from lookalike.contract.contract import Operation
from lookalike.contract.extension import HttpPolicies
from lookalike.contract.inference.descriptions import default_told
from lookalike.contract.requests import MediaType, Parameter
from lookalike.contract.security import BEARER
from lookalike.http import Request
from lookalike.json_values import ABSENT, with_value_at
from lookalike.model.context import RequestContext
from lookalike.model.rejections import INVALID, Rejection
from lookalike.model.request.body import compile_body_reader, compile_body_validator, valid_members
from lookalike.model.request.parameters import compile_parameters
from lookalike.naming.accounts import TOKENS
from lookalike.naming.keys import KEYS
from lookalike.naming.lists import leaves_out
from lookalike.naming.members import is_out_of_sight, is_state
from lookalike.naming.words import normalised
from lookalike.readings import Choose

# Bounds of the cache: 2,048 requests of at most 1,024 bytes each, in all that their values are read from.
_MAX_REQUESTS = 2048
_MAX_LENGTH = 1024

ParameterOrMedia = TypeVar("ParameterOrMedia", Parameter, MediaType)
PathTexts = tuple[str, ...]
# The operation, the texts of its path parameters, and the other parts of a request that its values are read from.
CacheKey = tuple[Any, ...]


class RequestIssues(NamedTuple):
    """The issues of a request.

    `rejection` says why it is invalid, `not_found` that a value in its path cannot be the key of anything (a document
    may say 404 for that). `has_valid_path` tells whether the path, at least, is valid, so that it names an item.
    """

    rejection: Rejection | None = None
    not_found: Rejection | None = None
    is_unparsable: bool = False
    has_valid_path: bool = True


NO_ISSUES = RequestIssues()


class ParsedRequest(NamedTuple):
    """The values of a request, as `RequestContext` has them, and what is wrong with it."""

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    header: Mapping[str, Any]
    cookie: Mapping[str, Any]
    body: Any
    media: str
    issues: RequestIssues


class ParsedRequestCache:
    """The requests to a model that came more than once lately.

    Only a hash is kept of a request that came once, so requests that never come again do not push out those that do.
    """

    def __init__(self) -> None:
        self._parsed: Cache[CacheKey, ParsedRequest] = Cache(_MAX_REQUESTS)
        self._hashes: Cache[int, bool] = Cache(_MAX_REQUESTS)
        self.get = self._parsed.get
        self.keep = self._parsed.keep

    def came_before(self, key: CacheKey) -> bool:
        """Whether this is not the first request with a key lately."""
        mark = hash(key)
        return mark in self._hashes or not self._hashes.keep(mark, True)


class RequestReader:
    """Reads the requests of one operation."""

    def __init__(
        self, operation: Operation, policies: HttpPolicies, cache: ParsedRequestCache, tolerates_types: bool = False
    ) -> None:
        """With `tolerates_types`, media types and times that servers usually accept are taken as documented ones."""
        if tolerates_types:
            operation = _with_told_defaults(_with_lenient_formats(_without_second_credentials(operation)))
        self._cache = cache
        self._cached = cache.get
        self._documented_body = operation.body
        self._key_of = _compile_cache_key(operation)
        self._validate = compile_body_validator(operation.body, policies, tolerates_types)
        names = (name for place, name in operation.parameters if place == "path") if tolerates_types else ()
        self._in_path = {normalised(name): name for name in names}
        self._flags = _flags_in_query(operation) if tolerates_types else None
        self.body = compile_body_reader(operation, policies, tolerates_types)
        self.parameters = compile_parameters(operation, policies)

    def read(self, context: RequestContext, texts: PathTexts) -> RequestIssues:
        """Parse and validate a request, put its values into the context, and return its issues.

        `texts` are the path parameters as they were sent, in order. A valid request gives `NO_ISSUES` itself.
        """
        key = self._key_of(context.request, texts)
        parsed = self._cached(key)
        if parsed is not None:
            context.path, context.query, context.header, context.cookie, context.body, context.media, issues = parsed
            return issues
        if _is_short(key) and self._cache.came_before(key):
            return self._read_and_keep(context, texts, key)
        return self._read(context, texts)

    def unchecked_body(self, context: RequestContext) -> Any:
        """The decoded body as it is, for a server that does not check the rule which it breaks."""
        decoded = self.body(context)
        return plain_numbers(decoded.value) if isinstance(decoded, DecodedValue) else ABSENT

    def valid_members(self, context: RequestContext, rejection: Rejection) -> Any:
        """The valid members of the body, for a request that is answered in spite of its violations."""
        return valid_members(self._documented_body, context, self.body(context), rejection.violations)

    def _read_and_keep(self, context: RequestContext, texts: PathTexts, key: CacheKey) -> RequestIssues:
        """The same, kept in the cache unless a reading was asked for: its choice may differ the next time."""
        choose = context.choose
        context.choose = observed = _ObservedChoices(choose)
        issues = self._read(context, texts)
        context.choose = choose
        if not observed.was_asked:
            parsed = ParsedRequest(
                context.path, context.query, context.header, context.cookie, context.body, context.media, issues
            )
            self._cache.keep(key, parsed)
        return issues

    def _read(self, context: RequestContext, texts: PathTexts) -> RequestIssues:
        if self._flags is not None and _CAPITAL.search(context.request.query):
            query = self._flags.sub(lambda match: f"{match[1]}={match[2].lower()}", context.request.query)
            context.request = context.request._replace(query=query)
        body = self.body(context)
        malformed = self.parameters(context, texts)
        if malformed is None and not isinstance(body, Rejection):
            invalid = self._invalid(context, body)
            return NO_ISSUES if invalid is None else RequestIssues(invalid)
        not_found = malformed if malformed is not None and malformed.status == "404" else None
        rejection = self._combined(context, body, malformed if not_found is None else None)
        has_valid_path = malformed is None or all(violation.where != "path" for violation in malformed.violations)
        return RequestIssues(rejection, not_found, isinstance(body, Rejection), has_valid_path)

    def _invalid(self, context: RequestContext, body: DecodedValue) -> Rejection | None:
        """The rejection of a body; one that lacks but what the path tells, as the `project` of a section, is completed.

        Official clients send it once.
        """
        invalid = self._validate(context, body)
        if invalid is None or not self._in_path or not isinstance(body.value, Mapping):
            return invalid
        value = body.value
        for one in invalid.violations:
            name = self._told_in_path(one.missing) if one.keyword == "required" else ""
            if not name or not all(isinstance(part, str) for part in one.pointer):
                return invalid
            value = with_value_at(value, one.member, context.path[name])
        return self._validate(context, body._replace(value=value))

    def _told_in_path(self, member: str) -> str:
        """The path parameter that tells a member or its key, such as `project_id` the `project`; else nothing."""
        plain = normalised(member)
        if not plain or plain in KEYS:
            return ""
        endings = {name: one.removeprefix(plain) for one, name in self._in_path.items() if one.startswith(plain)}
        return next((name for name, rest in endings.items() if not rest or rest in (*KEYS, "gid", "sid")), "")

    def _combined(
        self, context: RequestContext, body: Rejection | DecodedValue, malformed: Rejection | None
    ) -> Rejection | None:
        """The rejection of parameters and body together; that of the body's syntax comes before all others."""
        if isinstance(body, Rejection):
            are_alike = malformed is not None and malformed.status == body.status
            return malformed.combined_with(body) if malformed is not None and are_alike else body
        if malformed is not None and malformed.status != INVALID:
            return malformed
        invalid = self._invalid(context, body)
        return invalid if malformed is None else malformed.combined_with(invalid)


def _without_second_credentials(operation: Operation) -> Operation:
    """The operation, which does not require a parameter for the token that it requires in the Authorization field too.

    Official clients send it once.
    """
    is_in_field = all(any(one.scheme.kind == BEARER for one in those) for those in operation.security)
    if not operation.security or not is_in_field:
        return operation
    parameters = {
        key: replace(one, required=False) if key[0] != "path" and normalised(one.name) in TOKENS else one
        for key, one in operation.parameters.items()
    }
    return replace(operation, parameters=parameters)


def _with_told_defaults(operation: Operation) -> Operation:
    """The operation, whose parameters for a state, or for what is out of sight, have the default that is told."""
    parameters = dict(operation.parameters)
    for key, one in operation.parameters.items() if operation.method == "GET" else ():
        is_flag = "boolean" in (one.value_type.types or ()) and is_out_of_sight(one.name)
        if key[0] == "query" and one.default is ABSENT and (is_flag or is_state(one.name)):
            told = default_told(one.description, one.value_type.types or ())
            told = False if is_flag and leaves_out(one.description) else told
            if told is not None and one.accepts(told):
                parameters[key] = replace(one, default=told)
    return replace(operation, parameters=parameters)


def _with_lenient_formats(operation: Operation) -> Operation:
    """The operation, which takes a time without a zone where a format asks for one, and any JSON Patch.

    Tools describe the `value` of its operations as an object, where it may be any. It is checked as it is applied.
    """

    def lenient(one: ParameterOrMedia) -> ParameterOrMedia:
        return one if one.schema is None else replace(one, schema=one.schema.lenient)

    def lenient_body(media: MediaType) -> MediaType:
        return replace(media, schema=None) if is_json_patch(media.media_type) else lenient(media)

    parameters = {key: lenient(one) for key, one in operation.parameters.items()}
    body = operation.body
    if body is not None:
        body = replace(body, content={name: lenient_body(one) for name, one in body.content.items()})
    return replace(operation, parameters=parameters, body=body)


def _flags_in_query(operation: Operation) -> re.Pattern[str] | None:
    """The pattern of a flag in a query as Python writes it (`recursive=True`), which its clients send so."""
    flags = [one.name for (place, _), one in operation.parameters.items() if place == "query" and _is_flag(one)]
    names = "|".join(map(re.escape, flags))
    return re.compile(rf"(?<![^&])({names})=(True|False)(?![^&])") if flags else None


_CAPITAL = re.compile(r"=(?:True|False)\b")


def _is_flag(parameter: Parameter) -> bool:
    types = parameter.value_type.types
    return types is not None and types - {"null"} == {"boolean"}


class _ObservedChoices:
    """Choices that note whether any was asked for."""

    def __init__(self, choose: Choose) -> None:
        self._choose = choose
        self.was_asked = False

    def __call__(self, reading: str) -> str:
        self.was_asked = True
        return self._choose(reading)


def _is_short(key: CacheKey) -> bool:
    _, texts, *parts = key
    return sum(map(len, texts)) + sum([len(part) for part in parts if part]) <= _MAX_LENGTH


def _compile_cache_key(operation: Operation) -> Callable[[Request, PathTexts], CacheKey]:
    """The function that picks the parts of a request that its values are read from."""
    sources = {source for source, _ in operation.parameters}
    headers = {name for source, name in operation.parameters if source == "header"}
    names = ("content-type", *headers, *({"cookie"} if "cookie" in sources else ()))
    own = object()  # tells apart operations that get equal requests

    def with_headers(request: Request, texts: PathTexts) -> CacheKey:
        get = request.headers.get
        return (own, texts, request.query, request.body, *[get(name) for name in names])

    def without_headers(request: Request, texts: PathTexts) -> CacheKey:  # of most operations
        return own, texts, request.query, request.body, request.headers.get("content-type")

    return without_headers if len(names) == 1 else with_headers
