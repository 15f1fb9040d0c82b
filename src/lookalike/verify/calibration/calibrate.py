"""Calibration: how a server does what its document leaves open, learned from its answers.

Stated readings are decided by probes, as `verify` does it, and the built-in ones by measurements. Whatever was created
is deleted again.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from lookalike.contract.builtin_readings import KEY_NUMBER
from lookalike.contract.contract import Operation
from lookalike.contract.extension import ErrorTemplate
from lookalike.contract.profile import Profile
from lookalike.errors import VerificationError
from lookalike.verify.calibration import deletions, derived, items, operations, values
from lookalike.verify.calibration.calibrator import Calibrator, Decisions, Measurement, may_make_more
from lookalike.verify.clauses import stated_operations
from lookalike.verify.environment import Environment
from lookalike.verify.execution.options import Options
from lookalike.verify.interruption import deferred
from lookalike.verify.results import ReadingStatus, Report
from lookalike.verify.roles import Roles
from lookalike.verify.run import Run
from lookalike.verify.run_state import nothing_accepted
from lookalike.verify.runner.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.safety.cleanup import clean_up, not_cleaned_up
from lookalike.verify.server.client import NoResponse, OutOfBudget
from lookalike.verify.stories.inferred import roles_for

_INTERRUPTED = 130  # the exit code of a report


class CalibrationResult(NamedTuple):
    """The profile of a server, an exchange for each decision, and the report of the run that decided stated readings.

    `problem` tells why the server could not be calibrated, and `left_behind` which items could not be deleted. If a
    limit or a signal ended it before all was asked, `stopped` tells so; the profile holds what was decided by then.
    """

    profile: Profile
    evidence: Mapping[str, str]
    report: Report | None
    problem: str
    left_behind: tuple[str, ...]
    stopped: str = ""
    interrupted: bool = False


def _ignore(name: str) -> None:
    """Tell no one of a measurement."""


def calibrate(environment: Environment, seed: int, listen: Callable[[str], None] = _ignore) -> CalibrationResult:
    """Learn how a server decides the readings that its document states, and the built-in ones.

    `listen` is called with the name of each measurement.
    """
    contract, report = environment.contract, None
    stated = stated_operations(contract)
    measurements = _Measurements(environment, listen)
    if len(stated) < len(contract.operations):
        measurements.take()
    may_go_on = not (measurements.problem or measurements.stopped or measurements.interrupted)
    if contract.readings and may_go_on:
        report = Run(environment, Options(("probes" if stated else "clauses",), seed=seed)).report()
    left_behind = report.left_behind if report is not None else measurements.cleaned_up()
    readings = [one for one in report.readings if one.id in contract.readings] if report is not None else []
    decided = {one.id: one.choice for one in readings if one.status is ReadingStatus.DECIDED}
    found = measurements.decisions.profile
    evidence = {**measurements.decisions.evidence, **{one.id: one.evidence for one in readings}}
    problem = measurements.problem or (report.problem if report is not None and stated else "")
    interrupted = measurements.interrupted or (report is not None and report.exit_code == _INTERRUPTED)
    if not (problem or interrupted or environment.is_accepted):
        problem = nothing_accepted(environment)
    profile = Profile({**decided, **found.readings}, found.errors)
    return CalibrationResult(profile, evidence, report, problem, left_behind, measurements.stopped, interrupted)


class Drift(NamedTuple):
    """A reading that a profile has another choice for than the server now has; `now` is `UNDECIDED` where it has none.

    `id` is `errors` for the body of undocumented errors.
    """

    id: str
    before: str
    now: str


UNDECIDED = "undecided"
_NONE = "none"
# Asking could change what the server holds: DELETE of a list may delete all of it, documented or not.
_NOT_ASKED = frozenset({"http.method", "http.options"})
_OF_THE_MOMENT = ".answer"  # such as how long a server has been up


def drifts(before: Profile, now: Profile) -> list[Drift]:
    """The readings that were decided otherwise before, or that no answer decides any more.

    Where a calibration ended early, one that is undecided says nothing.
    """
    compared = (id for id in before.readings if id not in _NOT_ASKED and not id.endswith(_OF_THE_MOMENT))
    readings = {id: now.readings.get(id, UNDECIDED) for id in compared}
    found = [
        Drift(id, choice, readings[id])
        for id, choice in before.readings.items()
        if id in readings and not _is_same(id, choice, readings[id])
    ]
    if before.errors != now.errors:
        found.append(Drift("errors", _body_of(before.errors), _body_of(now.errors)))
    return found


def _body_of(errors: ErrorTemplate | None) -> str:
    return json.dumps(errors.body) if errors is not None else _NONE


def _is_same(id: str, before: str, now: str) -> bool:
    """Whether two choices of a reading are the same; of a lag, no two measurements are, and keys are counted on."""
    is_counted = all(re.fullmatch(KEY_NUMBER, one) for one in (before, now))
    return before == now or is_counted or (id.endswith(".lag") and {_NONE, UNDECIDED}.isdisjoint((before, now)))


class _Measurements:
    """All measurements, one after the other, until all are taken, or one of them cannot go on.

    `problem` tells why nothing can be learned from the server, `stopped` which limit was reached.
    """

    def __init__(self, environment: Environment, listen: Callable[[str], None]) -> None:
        self.decisions = Decisions(environment.contract)
        self.problem = ""
        self.stopped = ""
        self.interrupted = False
        self._environment = environment
        self._listen = listen
        self._calibrator: Calibrator | None = None

    def take(self) -> None:
        """Take every measurement, and conclude what all of them say."""
        try:
            with deferred(self._environment.client.interruption):
                for name, measurement in self._measurements():
                    self._listen(name)
                    self._take_one(measurement)
        except OutOfBudget as error:
            self.stopped = str(error)
        except VerificationError as error:
            self.problem = str(error)
        except KeyboardInterrupt:
            self.interrupted = True
        self.decisions.conclude()

    def cleaned_up(self) -> tuple[str, ...]:
        """Delete what is left, within the time for cleaning up; the names of the items that stay."""
        environment = self._environment
        environment.client.lift_limits()
        try:
            with deferred(environment.client.interruption):
                if self._calibrator is not None:
                    self._calibrator.deletion.clean_up()
                return tuple(clean_up(environment))
        except (VerificationError, NoResponse, OutOfBudget) as error:
            return tuple(not_cleaned_up(environment, error))

    def _measurements(self) -> Iterator[tuple[str, Measurement]]:
        environment = self._environment
        stated = stated_operations(environment.contract)
        for name, roles in environment.roles.items():
            if any(operation in stated for operation in (roles.create, roles.read, *roles.changes)):
                continue
            for subject, measurement in _OF_ITEMS.items():
                # Where nothing deletes items, every further one would stay behind.
                if measurement in _FEW_ITEMS or may_make_more(environment, roles):
                    yield f"{subject} of {name}", _about(measurement, roles)
        for operation in environment.contract.operations:
            if operation in stated:
                continue
            found = roles_for(operation, environment.roles)
            if found is None or operation is not found.create or found.delete is not None or environment.disposable:
                yield f"unknown keys of {operation.name}", _about(operations.unknown_item, operation, found)
            for subject, about_operation in _OF_OPERATIONS.items():
                yield f"{subject} of {operation.name}", _about(about_operation, operation, found)
        yield "errors", operations.undocumented_path

    def _take_one(self, measurement: Measurement) -> None:
        """Take a measurement, and delete its items; one that cannot be taken decides nothing.

        A broken clause is for `verify` to report. Raises `VerificationError` if the server never answered.
        """
        # By now, reads show the changes of the measurements before.
        settle = max(self._environment.settle, 2 * self.decisions.lag)
        calibrator = self._calibrator = Calibrator(replace(self._environment, settle=settle), self.decisions)
        try:
            with suppress(Skipped, NotObservable, ClauseBroken):
                measurement(calibrator)
        except NoResponse as error:
            if not self._environment.statuses:
                raise VerificationError(str(error)) from None
        self.decisions.results += calibrator.results
        calibrator.deletion.clean_up()
        self._calibrator = None


_OF_ITEMS: Mapping[str, Callable[[Calibrator, Roles], None]] = {
    "lag": items.lag,
    "values": values.normalisations,
    "members": items.members,
    "nulls": items.nulls,
    "unknown members": items.unknown_members,
    "replacement": items.replacement,
    "change": items.change,
    "lists": items.listing,
    "unique members": items.unique,
    "effects": items.effects,
    "deletion": items.deletion,
    "items below": deletions.children,
    "requests after deletion": deletions.after_deletion,
    "keys": items.key_reuse,
    "derived members": derived.members,
}
_FEW_ITEMS = (items.members, values.normalisations)
_OF_OPERATIONS: Mapping[str, Callable[[Calibrator, Operation, Roles | None], None]] = {
    "paths": operations.path_parameters,
    "invalid input": operations.invalid_input,
    "further members": operations.unknown_members,
    "media types": operations.media_types,
    "answer": operations.answer,
}


def _about(measurement: Callable[..., None], *subject: Any) -> Measurement:
    """A measurement about a subject: the roles of a resource, or an operation and the roles of its resource."""

    def about(calibrator: Calibrator) -> None:
        measurement(calibrator, *subject)

    return about
