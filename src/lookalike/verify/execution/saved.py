"""The layer `stories`: the stories of a saved report are run again."""

from collections.abc import Mapping

from lookalike.verify.clauses import DOCUMENTED
from lookalike.verify.events import StoryStarted
from lookalike.verify.execution.engine import Engine
from lookalike.verify.execution.findings import StoryResult
from lookalike.verify.oracle.worlds import World
from lookalike.verify.run_state import SavedOutcome
from lookalike.verify.stories.inferred import stories
from lookalike.verify.stories.story import Story, scripted

_KNOWN_THEN = "wrong only if the readings are decided as in the report, so run verify to decide them again"
_UNANSWERED = "the server did not answer, although the story was run several times"


def run_saved_stories(engine: Engine) -> None:
    """Run each story under the choices of its report; a failure that depends on them is not judged."""
    progress = engine.progress
    for saved in progress.options.stories:
        progress.listen(StoryStarted(saved.story.clause, saved.story.title))
        story = _bound(engine, saved.story)
        ending = _run_as_saved(engine, story, saved.known)
        if ending is None:
            progress.state.outcomes.append(SavedOutcome(saved, doubt=_UNANSWERED))
            continue
        progress.learn_from(ending)
        found = [one for one in ending.findings if story.script is not None or one.clause == story.clause]
        for finding in found[:1]:
            progress.state.outcomes.append(SavedOutcome(saved, finding.expected, finding.got))
            engine.failures.note(story, finding._replace(clause=story.clause), ending.before)
        if not found:
            progress.state.outcomes.append(SavedOutcome(saved, doubt=ending.skipped))
    if progress.options.stories and not engine.environment.stated:
        _run_until_accepted(engine)


def _bound(engine: Engine, story: Story) -> Story:
    """A saved story of fixed requests, with the form of keys in paths that the preflight found."""
    if story.script is None:
        return story
    ids = {one.compose.operation.id: one for one in engine.environment.stated}
    stated = ids.get(story.stated.compose.operation.id) if story.stated is not None else None
    return scripted(stated, story.script) if stated is not None else story


def _run_as_saved(engine: Engine, story: Story, known: Mapping[str, str]) -> StoryResult | None:
    """The ending of a saved story, run once more in all worlds if it fails under the choices of its report."""
    stated, executor = story.stated, engine.stories
    if stated is None:
        most = story.recipe.get("concurrency", 1)
        return executor.run_beside_itself(story, most) if most > 1 else executor.run_until_answered(story)
    session, kept = stated.session, stated.session.worlds
    session.worlds = tuple(World({**known, **world.choices}, world.items) for world in kept)
    ending = executor.run_until_answered(story)
    session.worlds = kept
    if ending is not None and ending.findings:
        ending = executor.run_until_answered(story)
        session.worlds = kept
        if ending is not None and not ending.findings:
            return ending._replace(skipped=_KNOWN_THEN)
    return ending


def _run_until_accepted(engine: Engine) -> None:
    """Run plain stories until a request is accepted: a server that refuses everything does not hold its clauses."""
    for story in stories(engine.environment.contract):
        if not engine.environment.is_accepted and story.clause.endswith(DOCUMENTED):
            ending = engine.stories.run_until_answered(story)
            if ending is not None:
                engine.progress.learn_from(ending)
