"""The layers `probes` and `sweep`: requests that tell the choices of stated readings apart."""

from lookalike.verify.environment import StatedOperation
from lookalike.verify.execution.engine import Engine
from lookalike.verify.execution.findings import StoryResult
from lookalike.verify.runner.scripts import Script
from lookalike.verify.stories.probes import Probe, probes, sweep
from lookalike.verify.stories.story import Story, scripted


def run_probes(engine: Engine) -> None:
    """Send the probes of each stated operation, the harmless ones first."""
    engine.progress.state.probed = True
    for stated in engine.environment.stated:
        for probe in probes(stated.compose, stated.session, stated.home, engine.environment.contract.readings):
            title = f"a request that tells the choices of {probe.reading} apart"
            story = scripted(stated, Script("", title, probe.requests))
            for _, ending in engine.groups.run(stated, [story]):
                _note_probe(engine, stated, probe, story, ending)


def _note_probe(engine: Engine, stated: StatedOperation, probe: Probe, story: Story, ending: StoryResult) -> None:
    if not ending.findings:
        return
    finding = ending.findings[0]
    if probe.doubtful:
        stated.session.worlds = ending.before
        return
    shown = engine.environment.client.shown(*finding.exchanges[-1])
    engine.progress.state.contradicted[probe.reading] = f"{shown.curl} -> {shown.status}"
    if not engine.failures.is_known(finding, story):
        engine.failures.note(story, finding._replace(clause=finding.clause or probe.reading), ending.before)


def run_sweep(engine: Engine) -> None:
    """Send requests whose responses depend on readings, beyond those that decide them."""
    for stated in engine.environment.stated:
        title = "a request whose response depends on a reading"
        swept = (scripted(stated, Script("", title, requests)) for requests in sweep(stated.compose))
        for story, ending in engine.groups.run(stated, swept):
            engine.failures.note_news(story, ending)
