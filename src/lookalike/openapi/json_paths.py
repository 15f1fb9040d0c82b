"""JSONPath (RFC 9535) with a bound on its steps: values that are visited, and comparisons.

Each `..` of `$..*..*..*` goes through all that is below each value that the one before has selected, and so do ten
thousand queries. Its `match` and `search` take linear time, or a limited number of steps; those of the package
backtrack: `^(a+)+$` takes years for forty characters.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from jsonpath import JSONPathEnvironment, JSONPathError, JSONPathMatch, NodeList
from jsonpath.function_extensions import Search
from jsonpath.parse import Parser
from jsonpath.segments import JSONPathChildSegment, JSONPathRecursiveDescentSegment, JSONPathSegment
from jsonpath.stream import TokenStream

from lookalike.json_values import Pointer, children
from lookalike.schema.regexes import matches

STEPS = 300_000
STEPS_FOR_EACH_VALUE = 10
"""The steps that all queries of a document may take: so many, and for each of its values so many more."""

_STEPS_OF_A_PATTERN = 10_000  # to compile one takes up to 70 ms, as [\p{L}]{1000} does
_CHARACTERS = 20  # of a query, or of a text that is searched, which take as long as a step
_MAX_SHOWN = 200  # characters of a query that is wrong


class JsonPaths:
    """Queries of one document, which share a bound on their steps."""

    def __init__(self, data: Any) -> None:
        self._limit = _StepLimit(STEPS + STEPS_FOR_EACH_VALUE * _number_of_values(data, STEPS))
        self._environment = _CountingEnvironment(self._limit)

    def select(self, query: str, data: Any) -> Mapping[Pointer, Any]:
        """The values that a query selects, by pointer. Raises `ValueError` if it is wrong, or takes too many steps."""
        try:
            self._limit.take(1 + len(query) // _CHARACTERS)
            return {match.parts: match.obj for match in self._environment.finditer(query, data)}
        except _TooManySteps:
            text = f"the JSONPaths of the overlay take more than {self._limit.most:,} steps; name a path in place of .."
            raise ValueError(text) from None
        except JSONPathError as error:
            shown = query if len(query) <= _MAX_SHOWN else f"{query[:_MAX_SHOWN]}…"
            raise ValueError(f"{shown!r} is not a JSONPath: {str(error).partition(chr(10))[0]}") from None


class _TooManySteps(Exception):
    """Queries take more steps than they may."""


class _StepLimit:
    """The number of steps that queries may still take."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._taken = 0
        self._patterns: set[str] = set()

    def take(self, steps: int = 1) -> None:
        """Count steps; raises `_TooManySteps`."""
        self._taken += steps
        if self._taken > self.most:
            raise _TooManySteps

    def matches(self, pattern: object, text: object, form: str) -> bool:
        """Whether a text matches a pattern, which is written into a form."""
        if not isinstance(text, str) or not isinstance(pattern, str):
            return False
        self.take(1 + (len(text) + len(pattern)) // _CHARACTERS)
        if pattern not in self._patterns:
            self._patterns.add(pattern)
            self.take(_STEPS_OF_A_PATTERN)
        return matches(form.format(pattern), text)


class _LimitedSearch(Search):
    form = "{}"

    def __init__(self, limit: _StepLimit) -> None:
        super().__init__()
        self._limit = limit

    def __call__(self, value: object, pattern: object) -> bool:
        return self._limit.matches(pattern, value, self.form)


class _LimitedMatch(_LimitedSearch):
    form = "^(?:{})$"


class _CountedMatch(JSONPathMatch):
    """A match without its parent, children and path, which would fill the memory."""

    __slots__ = ("limit",)

    def __init__(self, of: JSONPathMatch, limit: _StepLimit, obj: object, parts: Pointer) -> None:
        super().__init__(filter_context=of.filter_context(), obj=obj, parent=None, path="", parts=parts, root=of.root)
        self.limit = limit

    def new_child(self, obj: object, key: int | str) -> JSONPathMatch:
        self.limit.take()
        return _CountedMatch(self, self.limit, obj, (*self.parts, key))

    def add_child(self, *children: JSONPathMatch) -> None:
        pass


def _counted(segment: JSONPathSegment, nodes: Iterable[JSONPathMatch]) -> Iterator[JSONPathMatch]:
    """The nodes that a segment starts from; the root of a query is not counted yet."""
    limit = cast("_CountingEnvironment", segment.env).limit
    for node in nodes:
        yield node if type(node) is _CountedMatch else _CountedMatch(node, limit, node.obj, ())


class _ChildSegment(JSONPathChildSegment):
    def resolve(self, nodes: Iterable[JSONPathMatch]) -> Iterable[JSONPathMatch]:
        return super().resolve(_counted(self, nodes))


class _DescendantSegment(JSONPathRecursiveDescentSegment):
    def resolve(self, nodes: Iterable[JSONPathMatch]) -> Iterable[JSONPathMatch]:
        return super().resolve(_counted(self, nodes))

    def _visit(self, node: JSONPathMatch, depth: int = 1) -> Iterator[JSONPathMatch]:
        """The objects and arrays in a value, parents first; that of the package visits all strings too."""
        waiting = [node]
        while waiting:
            one = waiting.pop()
            yield one
            entries = one.obj.items() if isinstance(one.obj, dict) else enumerate(children(one.obj))
            inner = [one.new_child(value, key) for key, value in entries if isinstance(value, (dict, list))]
            waiting.extend(reversed(inner))


class _CountingParser(Parser):
    def parse_query(self, stream: TokenStream) -> Iterable[JSONPathSegment]:
        for segment in super().parse_query(stream):
            counting = _ChildSegment if isinstance(segment, JSONPathChildSegment) else _DescendantSegment
            yield counting(env=segment.env, token=segment.token, selectors=segment.selectors)


class _CountingEnvironment(JSONPathEnvironment):
    """An environment whose segments, comparisons and patterns count their steps."""

    parser_class = _CountingParser

    def __init__(self, limit: _StepLimit) -> None:
        super().__init__(strict=True)
        self.limit = limit
        self.function_extensions |= {"search": _LimitedSearch(limit), "match": _LimitedMatch(limit)}

    def is_truthy(self, obj: object) -> bool:
        self.limit.take()
        return super().is_truthy(obj)

    def compare(self, left: object, operator: str, right: object) -> bool:
        self.limit.take(_number_of_values(left.values() if isinstance(left, NodeList) else left, self.limit.most))
        return super().compare(left, operator, right)


def _number_of_values(value: Any, most: int) -> int:
    """The number of values in a value, itself among them; no more than a limit and the entries of one of them."""
    number, waiting = 1, [value]
    while waiting and number <= most:
        inner = children(waiting.pop())
        number += len(inner)
        waiting += inner
    return number
