"""Search by Hypothesis, and generated inputs and sequences of a stated operation.

Hypothesis searches and shrinks; what it shrinks to is the shortest story that it found.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from tempfile import gettempdir
from threading import Lock
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.errors import FlakyFailure, Unsatisfiable
from hypothesis.internal.cache import LRUCache
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from lookalike.contract.requests import MediaType
from lookalike.contract.semantics import Merge, Subtract, Union
from lookalike.errors import LookalikeError
from lookalike.http import Request
from lookalike.json_values import ABSENT, is_number
from lookalike.verify.requests.builder import RequestBuilder
from lookalike.verify.runner.scripts import source_of
from lookalike.verify.stories.generated import inputs

# Hypothesis keeps tables of characters in a folder; it is not the user's.
set_hypothesis_home_dir(Path(gettempdir()) / "lookalike-hypothesis")

RequestSequence = tuple[Request, ...]
T = TypeVar("T")

# Hypothesis reads numbers and texts out of the source of every loaded module that is not an installed package, as the
# user's own, and draws them too: the same seed would draw other values beside another module. It has no setting for
# this, and a backend of its own (`settings.backend`) would neither mutate inputs nor tell equal ones apart.
_SEED_ALONE = {"_get_local_constants": Constants, "CONSTANTS_CACHE": LRUCache(1024)}
_WITH_MODULES = {name: value for name, value in vars(providers).items() if name in _SEED_ALONE}


class _Generation:
    """Held while values are generated, by the seed alone, and not while a story runs.

    Searches may run in several threads, and what Hypothesis does to describe its strategies is not safe there: Python
    3.11 may end it with "AST constructor recursion depth mismatch" (python/cpython#106905). Generating takes the one
    interpreter lock anyway. The user's own tests with Hypothesis, in the same process, draw as they always do.
    """

    def __init__(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        self._lock.acquire()
        vars(providers).update(_SEED_ALONE)

    def __exit__(self, *error: object) -> None:
        vars(providers).update(_WITH_MODULES)
        self._lock.release()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let others generate."""
        self.__exit__()
        try:
            yield
        finally:
            self.__enter__()


_GENERATION = _Generation()


class Counterexample(Exception):
    """A story with a finding; Hypothesis shrinks towards the smallest story that raises it."""


class _Ended(BaseException):
    """The run has to end. It is no `Exception`, which Hypothesis would take for a failure and try again."""

    def __init__(self, why: LookalikeError) -> None:
        self.why = why


def search(
    generated: Callable[[], st.SearchStrategy[T]], judge: Callable[[T], None], examples: int, number: int
) -> T | None:
    """The smallest story for which `judge` raises `Counterexample`, or None; any other error ends the search."""
    with _GENERATION:
        return _searched(generated(), judge, examples, number)


def _searched(stories: st.SearchStrategy[T], judge: Callable[[T], None], examples: int, number: int) -> T | None:
    last: list[T] = []

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(stories)
    def run(story: T) -> None:
        try:
            with _GENERATION.paused():
                judge(story)
        except Counterexample:
            last.append(story)
            raise
        except LookalikeError as error:
            raise _Ended(error) from None

    try:
        run()
    except _Ended as ended:
        raise ended.why from None
    except Unsatisfiable:  # there is no such story, as of invalid input where a body may be any bytes
        return None
    except (Counterexample, FlakyFailure):
        # A counterexample that did not show again counts too; the report says how often it does.
        if not last:
            raise
    return last[-1] if last else None


def sequences_of(compose: RequestBuilder) -> st.SearchStrategy[RequestSequence]:
    """Sequences of a few requests over few items and values, so that the same ones meet."""
    keys = [*compose.owned[:2], *compose.usable.spare[:2], *compose.usable.absent[:1]]
    request = st.builds(compose.request, st.sampled_from(keys), _bodies(compose))
    return st.lists(request, min_size=1, max_size=6).map(tuple)


def _bodies(compose: RequestBuilder) -> st.SearchStrategy[dict[str, Any]]:
    members = dict(_members(compose))
    plain = st.fixed_dictionaries({}, optional=members).map(lambda body: {**compose.base(), **body})
    if not compose.may_move:
        return plain
    targets = [*compose.usable.spare[:2], *compose.owned[:2]]
    moves = st.sampled_from(targets).map(compose.move)
    return plain | st.builds(lambda body, move: {**body, **move}, plain, moves)


def _members(compose: RequestBuilder) -> Iterator[tuple[str, st.SearchStrategy[Any]]]:
    tags = st.lists(st.sampled_from(compose.tags), max_size=3) if compose.tags else st.just([])
    values = st.sampled_from([0, "", "text", None, True, 1.5, [1], {}, {"a": 1}, {"a": {"b": 2}}, {"b": None}])
    data = st.dictionaries(st.sampled_from(compose.data_keys), values, min_size=1, max_size=2)
    for step in compose.operation.steps:
        match step.action:
            case Union() | Subtract():
                yield step.action.source.pointer[0], tags
            case Merge():
                yield step.action.source.pointer[0], data


def generated_bodies(
    compose: RequestBuilder, document: Any, media: MediaType | None, positive: bool
) -> st.SearchStrategy[RequestSequence]:
    """Bodies that Schemathesis generates from the document, valid or not, made safe for the items of the server."""
    bodies = inputs(document, compose.operation, media, positive).filter(lambda made: made.body is not ABSENT)
    return bodies.map(lambda made: (compose.request(compose.first, _safe(compose, made.body)),))


def _safe(compose: RequestBuilder, body: Any) -> Any:
    """The body with only those keys and values that the target file allows to be written."""
    if not isinstance(body, dict):
        return body
    safe = dict(body)
    move = compose.move(next(iter(compose.usable.spare), compose.first))
    for name in move.keys() & safe.keys():
        if not compose.may_move:
            del safe[name]
        elif is_number(safe[name]):
            safe[name] = move[name]
    return safe if compose.usable.resettable else {name: _known(compose, name, value) for name, value in safe.items()}


def _known(compose: RequestBuilder, name: str, value: Any) -> Any:
    """The value of a member with known tags and known member names in place of generated ones."""
    action = next((step.action for step in compose.operation.steps if source_of(step) == name), None)
    if isinstance(action, Merge) and isinstance(value, dict):
        return dict(zip(compose.data_keys, value.values(), strict=False))
    if isinstance(action, (Union, Subtract)) and isinstance(value, list):
        known = cycle(compose.tags or (0,))
        return [next(known) if is_number(item) else item for item in value]
    return value
