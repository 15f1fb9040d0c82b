"""The layer `clauses`: the stories of each clause, stated or inferred, and its status after them."""

from collections.abc import Sequence
from functools import partial
from itertools import product

from lookalike.http import Request
from lookalike.readings import Choose
from lookalike.verify.environment import Environment, StatedOperation
from lookalike.verify.events import StoryStarted
from lookalike.verify.execution.engine import Engine
from lookalike.verify.execution.findings import StoryResult
from lookalike.verify.oracle.worlds import Exploration, World, WorldState, distinct
from lookalike.verify.stories.inferred import about_presence, stories
from lookalike.verify.stories.schedule import may_affect_all
from lookalike.verify.stories.single_operation import table
from lookalike.verify.stories.story import Story, scripted


def run_clause_table(engine: Engine) -> None:
    """Run the stories of each clause that is to be tested."""
    includes = engine.progress.options.includes
    for stated in engine.environment.stated:
        scripts = table(stated.compose, partial(_refusals, stated))
        wanted = (scripted(stated, script) for script in scripts if includes(script.clause))
        for story, ending in engine.groups.run(stated, wanted):
            _note(engine, story, ending)
    inferred = [story for story in stories(engine.environment.contract) if includes(story.clause)]
    # An operation that is missing breaks many clauses, and is reported once: whether it is there is looked at first.
    early = about_presence(engine.environment.contract)
    later = len(inferred)
    for is_unknown, is_late in product((False, True), repeat=2):
        phase = [one for one in inferred if (may_affect_all(one), one.clause not in early) == (is_unknown, is_late)]
        later -= len(phase)
        engine.batches.run(phase, partial(_run_story, engine), partial(_note, engine), later=later)


def _run_story(engine: Engine, story: Story, base: Environment) -> StoryResult | None:
    engine.progress.listen(StoryStarted(story.clause, story.title, engine.progress.left))
    return engine.stories.run_until_answered(story, base)


def _refusals(stated: StatedOperation, request: Request) -> Sequence[str]:
    """The clauses for which a request is refused with a 400 in every world that is left; empty if it is not."""
    setting = stated.session.setting

    def run(choose: Choose) -> tuple[int, tuple[str, ...]]:
        state = WorldState(setting.model, stated.home, setting.around, choose)
        outcome = setting.model.respond(state, request, choose)
        return outcome.response.status, outcome.clauses

    choices = distinct(World(world.choices, ()) for world in stated.session.worlds)
    explored = Exploration(setting.questions, run)
    found = [branch.value for world in choices for branch in explored.under(world.choices)]
    return found[0][1] if all(status == 400 for status, _ in found) else ()


def _note(engine: Engine, story: Story, ending: StoryResult) -> None:
    """Count the result of a story, and note its failures."""
    tally = engine.progress.state.tallies[story.clause]
    tally.requests += ending.requests
    tally.skipped = tally.skipped or ending.skipped
    tally.unseen = tally.unseen or ending.unseen
    tally.remark = tally.remark or ending.remark
    # An answer that the document does not have is a failure of its own clause; the story went on all the same.
    about_it = [one for one in ending.findings if not one.is_undocumented or one.clause == story.clause]
    tally.passed += not (about_it or ending.skipped or ending.unseen)
    for finding in ending.findings:
        if finding.cause is not None and finding.clause != story.clause and finding.cause.part == "body":
            tally.passed += 1
        masked = engine.failures.masked_by(finding, story)
        tally.masked = masked or tally.masked
        if not masked:
            engine.failures.note(story, finding, ending.before)
