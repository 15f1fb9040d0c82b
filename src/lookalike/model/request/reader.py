"""What a request says: the values of its parameters and of its body, and what is wrong with them.

Requests that say the same are read once, where no reading has a part in it: clients send the same ones again and again.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lookalike.cache import Cache
from lookalike.codecs.json_text import DecodedValue
from lookalike.contract.contract import Operation
from lookalike.contract.extension import HttpPolicies
from lookalike.http import Request
from lookalike.model.context import RequestContext
from lookalike.model.rejections import INVALID, Rejection
from lookalike.model.request.body import compile_body_reader, compile_body_validator, valid_members
from lookalike.model.request.parameters import compile_parameters
from lookalike.readings import Choose

_MOST = 2048  # requests that are remembered, ...
_LONGEST = 1024  # ... and bytes of each, in all that its values are read from

PathTexts = tuple[str, ...]
# The operation, the texts in its path, and what else of a request its values are read from.
CacheKey = tuple[Any, ...]


class RequestIssues(NamedTuple):
    """What is wrong with a request: `fault` is what makes it invalid, `unknown` that its path names nothing.

    `names_item` tells whether the path, at least, is as it must be, so that it says which item is meant.
    """

    fault: Rejection | None = None
    unknown: Rejection | None = None
    is_unreadable: bool = False
    names_item: bool = True


NO_ISSUES = RequestIssues()


class ParsedRequest(NamedTuple):
    """What a request says: its values, as `RequestContext` has them, and what is wrong with it."""

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    header: Mapping[str, Any]
    cookie: Mapping[str, Any]
    body: Any
    media: str
    flaws: RequestIssues


class ParsedRequestCache:
    """What was said lately, and more than once, to the operations of a model; what never comes again is not kept."""

    def __init__(self) -> None:
        self._kept: Cache[CacheKey, ParsedRequest] = Cache(_MOST)
        self._came: Cache[int, bool] = Cache(_MOST)
        self.recall = self._kept.get
        self.keep = self._kept.keep

    def came_before(self, key: CacheKey) -> bool:
        """Whether it came lately already."""
        mark = hash(key)
        return mark in self._came or not self._came.keep(mark, True)


class RequestReader:
    """Reads the requests of one operation; `texts` are those of the templates of the path."""

    def __init__(self, operation: Operation, decide: HttpPolicies, sayings: ParsedRequestCache) -> None:
        self._sayings = sayings
        self._recall = sayings.recall
        self._described = operation.body
        self._key_of = _compile_key(operation)
        self._validate = compile_body_validator(operation.body, decide)
        self.body = compile_body_reader(operation.body, decide)
        self.parameters = compile_parameters(operation, decide)

    def read(self, context: RequestContext, texts: PathTexts) -> RequestIssues:
        """What is wrong with a request, whose values are left in the scope."""
        key = self._key_of(context.request, texts)
        said = self._recall(key)
        if said is not None:
            context.path, context.query, context.header, context.cookie, context.body, context.media, flaws = said
            return flaws
        if _is_short(key) and self._sayings.came_before(key):
            return self._read_to_keep(context, texts, key)
        return self._flaws(context, texts)

    def valid_members(self, context: RequestContext, fault: Rejection) -> Any:
        """The members of the body that break no rule, of a request that is let through with its faults."""
        return valid_members(self._described, context, self.body(context), fault.violations)

    def _read_to_keep(self, context: RequestContext, texts: PathTexts, key: CacheKey) -> RequestIssues:
        """The same, kept where no reading had a part in it."""
        choose = context.choose
        context.choose = listening = _Listening(choose)
        flaws = self._flaws(context, texts)
        context.choose = choose
        if not listening.asked:
            said = ParsedRequest(
                context.path, context.query, context.header, context.cookie, context.body, context.media, flaws
            )
            self._sayings.keep(key, said)
        return flaws

    def _flaws(self, context: RequestContext, texts: PathTexts) -> RequestIssues:
        parsed = self.body(context)
        malformed = self.parameters(context, texts)
        if malformed is None and not isinstance(parsed, Rejection):
            invalid = self._validate(context, parsed)
            return NO_ISSUES if invalid is None else RequestIssues(invalid)
        unknown = malformed if malformed is not None and malformed.status == "404" else None
        fault = self._fault(context, parsed, malformed if unknown is None else None)
        names_item = malformed is None or all(violation.where != "path" for violation in malformed.violations)
        return RequestIssues(fault, unknown, isinstance(parsed, Rejection), names_item)

    def _fault(
        self, context: RequestContext, parsed: Rejection | DecodedValue, malformed: Rejection | None
    ) -> Rejection | None:
        """What is wrong with body and parameters: everything of the same kind at once."""
        if isinstance(parsed, Rejection):
            return parsed if malformed is None or malformed.status != parsed.status else malformed.combined_with(parsed)
        if malformed is not None and malformed.status != INVALID:
            return malformed
        invalid = self._validate(context, parsed)
        return invalid if malformed is None else malformed.combined_with(invalid)


class _Listening:
    """Choices, and whether anyone asked for one."""

    def __init__(self, choose: Choose) -> None:
        self._choose = choose
        self.asked = False

    def __call__(self, reading: str) -> str:
        self.asked = True
        return self._choose(reading)


def _is_short(key: CacheKey) -> bool:
    _, texts, *parts = key
    return sum(map(len, texts)) + sum([len(part) for part in parts if part]) <= _LONGEST


def _compile_key(operation: Operation) -> Callable[[Request, PathTexts], CacheKey]:
    """The function to all of a request that its values are read from."""
    declared = {name for source, name in operation.parameters if source == "header"}
    cookies = {"cookie"} if any(source == "cookie" for source, _ in operation.parameters) else set[str]()
    names = ("content-type", *declared, *cookies)
    own = object()  # operations may be asked the same

    def of_fields(request: Request, texts: PathTexts) -> CacheKey:
        get = request.headers.get
        return (own, texts, request.query, request.body, *[get(name) for name in names])

    def of_body(request: Request, texts: PathTexts) -> CacheKey:
        return own, texts, request.query, request.body, request.headers.get("content-type")

    return of_body if len(names) == 1 else of_fields
