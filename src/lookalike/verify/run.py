"""A run: preflight, then layer by layer the stories that judge the server; then the report."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from statistics import median

from lookalike.errors import VerificationError
from lookalike.http import Request, Response
from lookalike.verify.clauses import IN_TIME, clause_id, clauses_of, name_of
from lookalike.verify.environment import Environment, StatedOperation
from lookalike.verify.events import Listener, RunEnded, ignore
from lookalike.verify.execution.clause_table import run_clause_table
from lookalike.verify.execution.engine import Engine, engine_of
from lookalike.verify.execution.failures import EnoughFailures
from lookalike.verify.execution.options import Options
from lookalike.verify.execution.probing import run_probes, run_sweep
from lookalike.verify.execution.progress import Progress
from lookalike.verify.execution.saved import run_saved_stories
from lookalike.verify.execution.searches import run_generated, run_sequences
from lookalike.verify.interruption import deferred
from lookalike.verify.results import Failure, Report, redacted
from lookalike.verify.run_state import ClauseTally, RunGoals, RunState, SavedOutcome, report_of
from lookalike.verify.safety.cleanup import clean_up, not_cleaned_up
from lookalike.verify.safety.preflight import preflight
from lookalike.verify.safety.reset import restore_initial_state, retrying
from lookalike.verify.server.client import NoResponse, OutOfBudget, Unreachable
from lookalike.verify.side_by_side import SideBySide

_LAYERS: Mapping[str, Callable[[Engine], None]] = {
    "stories": run_saved_stories,
    "clauses": run_clause_table,
    "probes": run_probes,
    "sweep": run_sweep,
    "generated": run_generated,
    "sequences": run_sequences,
}


class Run:
    """One run in an environment; its results are in its progress, and in the worlds of the sessions."""

    def __init__(self, environment: Environment, options: Options, listen: Listener = ignore) -> None:
        threads = SideBySide(environment.concurrency, listen, environment.client.interruption)
        state = RunState({id: ClauseTally() for id in clauses_of(environment.contract)})
        self._options = options
        self._progress = Progress(environment, options, threads.emit, state)
        self._engine = engine_of(self._progress, threads)

    def report(self) -> Report:
        """Run, and return the report; a run that is cut short still reports what it found."""
        started = time.monotonic()
        with deferred(self._progress.environment.client.interruption):
            self._run()
            left_behind = self._left_behind()
        self._judge_durations()
        progress, options = self._progress, self._options
        progress.state.problem = progress.state.problem or self._unanswered_problem()
        demands = RunGoals(
            options.seed, "clauses" in options.layers, options.fail_on, options.require, options.min_coverage
        )
        seconds = time.monotonic() - started
        report = report_of(progress.state, progress.environment, demands, seconds, left_behind)
        report = redacted(report, progress.environment.client.redacted)
        progress.listen(RunEnded(report))
        return report

    @property
    def outcomes(self) -> tuple[SavedOutcome, ...]:
        """The results of the saved stories; a story that was not run to its end is missing."""
        return tuple(self._progress.state.outcomes)

    def _run(self) -> None:
        """Run the preflights and the layers, and note why they were cut short, if they were."""
        try:
            self._run_preflights()
            if not self._progress.state.problem:
                self._run_layers()
        except (VerificationError, OutOfBudget) as error:
            self._progress.state.problem = str(error)
        except KeyboardInterrupt:
            self._progress.state.interrupted = True

    def _run_preflights(self) -> None:
        """Run the preflight of each stated operation, which finds the form of keys in paths too."""
        progress, met = self._progress, []
        for stated in progress.environment.stated:
            found = preflight(stated.compose, stated.prefixes, partial(self._ask, stated))
            met.append(replace(stated, compose=found.compose))
            stated.session.take_over_observed_state()  # the preflight wrote to an owned item
            progress.state.problem = progress.state.problem or found.obstacle or ""
        progress.environment = replace(progress.environment, stated=tuple(met))

    def _ask(self, stated: StatedOperation, request: Request) -> Response:
        """The answer to a request that may be sent more than once."""
        environment = self._progress.environment
        response = retrying(lambda: stated.client.send(request))
        environment.statuses[response.status] += 1
        environment.coverage.note(stated.compose.operation, response)
        return response

    def _run_layers(self) -> None:
        with suppress(EnoughFailures):
            for name, run_layer in _LAYERS.items():
                if name in self._options.layers and self._may_go_on:
                    run_layer(self._engine)
        for stated in self._progress.environment.stated:
            self._engine.liveness.check_after(stated, 1)

    @property
    def _may_go_on(self) -> bool:
        """Whether to go on: a request was accepted, or none was sent yet; stated operations had their preflight."""
        environment = self._progress.environment
        return bool(environment.stated) or environment.is_accepted or not environment.statuses

    def _left_behind(self) -> tuple[str, ...]:
        """Bring the server back to its first state; the names of items that stay, with the reasons."""
        environment = self._progress.environment
        left = tuple(name for stated in environment.stated for name in restore_initial_state(stated))
        environment.client.lift_limits()
        try:
            self._engine.stories.end_stories()
            stays = clean_up(environment, self._progress.listen)
        except (Unreachable, NoResponse, OutOfBudget) as error:
            stays = not_cleaned_up(environment, error)
        return (*dict.fromkeys(left), *stays)

    def _judge_durations(self) -> None:
        """Note a failure for each operation that usually takes longer than it may."""
        most, environment = self._options.max_response_time, self._progress.environment
        for operation in environment.contract.operations if most is not None else ():
            taken = environment.durations.get(operation.id, [])
            usual = median(taken) if taken else 0.0
            if most is not None and usual > most:
                clause = clause_id(operation, IN_TIME)
                expected = f"a median of at most {most * 1000:.0f} ms"
                got = f"{usual * 1000:.0f} ms, the median of {len(taken)} answers"
                title = f"{name_of(operation)} answers in time"
                waived = self._progress.why_waived(clause)
                self._progress.state.failures.append(Failure(clause, title, (), expected, got, 0, 0, waived=waived))

    def _unanswered_problem(self) -> str:
        """The problem of a server that did not answer several requests, or an empty string."""
        client = self._progress.environment.client
        if client.unanswered < 2:
            return ""
        return (
            f"the connection dropped, or no answer came in time, {client.unanswered} times in {client.sent} requests; "
            "stories that were cut short were tried again, but a server that loses answers cannot be relied on"
        )
