"""The layers `generated` and `sequences`: searches among generated stories for one that breaks a clause."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from lookalike.http import Request
from lookalike.verify.clauses import name_of, stated_operations
from lookalike.verify.environment import Environment, StatedOperation
from lookalike.verify.events import StoryStarted
from lookalike.verify.execution.engine import Engine
from lookalike.verify.execution.failures import ignore_evidence
from lookalike.verify.execution.findings import StoryResult
from lookalike.verify.requests.values import seed_of
from lookalike.verify.roles import touched_by, with_parents
from lookalike.verify.runner.scripts import Script
from lookalike.verify.safety.reset import restore_items
from lookalike.verify.server.client import NoResponse
from lookalike.verify.stories.inferred import roles_for
from lookalike.verify.stories.schedule import may_affect_all
from lookalike.verify.stories.story import Story, scripted

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

# An operation that is judged by inferred clauses gets this fraction (one sixth) of the generated examples: there are
# many of them.
_SHARE = 6

T = TypeVar("T")


class StorySearch(NamedTuple):
    """A search among generated stories, of which up to `examples` are run.

    Its resources are those of its stories. `generated` makes the strategy, which takes longer than to ask for it.
    """

    id: str
    generated: "Callable[[], SearchStrategy[Any]]"
    story_of: Callable[[Any], Story]
    examples: int
    touches: frozenset[str] | None
    watches: frozenset[str]


class SearchResult(NamedTuple):
    """The result of a search: the smallest story that breaks a clause, if any, with its ending.

    `facts` are the clauses that plain facts broke in any of its stories, each as often as it was broken.
    """

    learned: Environment
    found: tuple[Story, StoryResult] | None
    facts: tuple[str, ...]
    plain: Request | None


def run_generated(engine: Engine) -> None:
    """Send generated inputs to each operation, valid and invalid ones."""
    from lookalike.verify.stories.search import generated_bodies

    environment = engine.environment
    for stated in _wanted(engine):
        media = environment.values.media(stated.compose.operation)
        for positive, name in ((True, "valid"), (False, "invalid")):
            engine.progress.listen(StoryStarted("", f"generated: {name} bodies"))
            title = f"a generated body that is {name} by default"
            bodies = partial(generated_bodies, stated.compose, environment.contract.document.data, media, positive)
            _search_stated(engine, stated, bodies, partial(_scripted_as, stated, title))
    searches = sorted(_input_searches(engine), key=may_affect_all)
    engine.batches.run(searches, partial(_search, engine), partial(_note, engine))


def _input_searches(engine: Engine) -> Iterator[StorySearch]:
    from lookalike.verify.stories import generated

    contract, environment = engine.environment.contract, engine.environment
    for operation in contract.operations:
        is_wanted = engine.progress.options.is_about([operation])
        if operation in stated_operations(contract) or not (is_wanted and generated.takes_input(operation)):
            continue
        roles, media = roles_for(operation, environment.roles), environment.values.media(operation)
        touches = touched_by(contract, operation, roles)
        for is_valid in (True, False):
            inputs = partial(generated.inputs, contract.document.data, operation, media, is_valid)
            story_of = partial(generated.story_of, operation, roles)
            id = f"{name_of(operation)}: {'valid' if is_valid else 'invalid'} inputs"
            yield StorySearch(id, inputs, story_of, _few_examples(engine), touches, frozenset())


def run_sequences(engine: Engine) -> None:
    """Send generated sequences of requests about the same few items."""
    from lookalike.verify.stories import sequences
    from lookalike.verify.stories.search import sequences_of

    environment = engine.environment
    for stated in _wanted(engine):
        engine.progress.listen(StoryStarted("", "sequences"))
        story_of = partial(_scripted_as, stated, "a sequence of requests")
        _search_stated(engine, stated, partial(sequences_of, stated.compose), story_of)
    searches = [
        StorySearch(
            f"{roles.resource}: sequences",
            partial(sequences.sequences, roles),
            partial(sequences.story_of, roles),
            _few_examples(engine),
            with_parents(environment.contract, roles.resource),
            frozenset({roles.resource}),
        )
        for roles in engine.environment.roles.values()
        if (roles.changes or roles.delete is not None) and engine.progress.options.is_about(roles.operations)
    ]
    engine.batches.run(searches, partial(_search, engine), partial(_note, engine))


def _wanted(engine: Engine) -> Sequence[StatedOperation]:
    """The stated operations, if a clause that the document states is to be tested."""
    asked, known = engine.progress.options.clauses, engine.environment.contract.clauses
    return engine.environment.stated if not asked or any(id in known for id in asked) else ()


def _few_examples(engine: Engine) -> int:
    return max(engine.progress.options.examples // _SHARE, 1)


def _scripted_as(stated: StatedOperation, title: str, requests: tuple[Request, ...]) -> Story:
    return scripted(stated, Script("", title, requests))


def _search_stated(
    engine: Engine,
    stated: StatedOperation,
    generated: "Callable[[], SearchStrategy[T]]",
    story_of: Callable[[T], Story],
) -> None:
    """Note the shortest generated story of a stated operation that breaks a clause without a known failure."""
    from lookalike.verify.stories.search import Counterexample, search

    known = stated.session.worlds
    found: list[tuple[Story, StoryResult]] = []

    def judge(value: T) -> None:
        engine.environment.client.check_time()
        story = story_of(value)
        if stated.reset is not None:
            stated.session.worlds = known
        try:
            if found:  # from now on, it shrinks: each story begins where the first one was found
                restore_items(stated, found[0][1].before[0].items)
            ending = engine.stories.run(story, on_explained=ignore_evidence)
        except NoResponse:
            return
        engine.progress.learn_from(ending)
        if engine.failures.is_news(story, ending):
            found.append((story, ending))
            raise Counterexample

    options = engine.progress.options
    if search(generated, judge, options.examples, options.seed) is not None:
        engine.failures.note_news(*found[-1])
    if stated.reset is not None:
        stated.session.worlds = known


def _search(engine: Engine, one: StorySearch, base: Environment) -> SearchResult:
    """The result of a search; each of its stories begins with what those before it learned."""
    from lookalike.verify.stories.search import Counterexample, search

    run: list[tuple[Story, StoryResult]] = []
    learned = [base.for_story(one.id)]

    def judge(value: Any) -> None:
        engine.environment.client.check_time()
        story = replace(one.story_of(value), name=f"{one.id} {len(run)}")
        engine.progress.listen(StoryStarted(story.clause, story.title, engine.progress.left))
        ending = engine.stories.run_until_answered(story, learned[-1])
        if ending is None or ending.learned is None:
            return
        run.append((story, ending))
        learned.append(learned[-1].joined(ending.learned) or learned[-1])
        if engine.failures.is_news(story, ending):
            raise Counterexample

    value = search(one.generated, judge, one.examples, seed_of(engine.progress.options.seed, one.id))
    news = [(story, ending) for story, ending in run if value is not None and engine.failures.is_news(story, ending)]
    facts = tuple(fact for _, ending in run for fact in ending.facts)
    plain = next((ending.plain for _, ending in run if ending.plain is not None), None)
    return SearchResult(learned[-1], news[-1] if news else None, facts, plain)


def _note(engine: Engine, one: StorySearch, result: SearchResult) -> None:
    if result.found is not None:
        engine.failures.note_news(*result.found)
