"""`lookalike calibrate` at work."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lookalike.cli.output import tell
from lookalike.cli.runs.server_access import ServerOptions, environment_for, opened
from lookalike.contract.builtin_readings import builtin_reading
from lookalike.contract.contract import Contract
from lookalike.contract.profile import Profile, load_profile
from lookalike.errors import UsageError
from lookalike.openapi.yaml_text import write_yaml
from lookalike.reports.summary import in_one_line
from lookalike.verify.calibration.calibrate import UNDECIDED, CalibrationResult, Drift, calibrate, drifts
from lookalike.verify.environment import Environment
from lookalike.verify.results import ReadingStatus, redacted


def run(output: Path, check: Path | None, **options: Any) -> int:
    """Ask the server, and write the profile or tell of what has changed; the exit code of the command."""
    chosen = ServerOptions(**options)
    if check is None:
        _check_writable(output)
    with opened(chosen) as server:
        known = load_profile(check, server.contract) if check is not None else None
        environment = environment_for(server, chosen)
        found = redacted(calibrate(environment, chosen.seed), environment.client.redacted)
        drifted = drifts(known, found.profile) if known is not None else []
        if known is not None and drifted and not (found.problem or found.stopped or found.interrupted):
            found, drifted = _confirmed(environment_for(server, chosen), chosen.seed, known, found)
    for item in found.left_behind:
        tell(f"lookalike: not deleted: {in_one_line(item)}", err=True)
    if found.interrupted:
        raise KeyboardInterrupt
    if found.problem:
        tell(f"lookalike: {environment.client.url} could not be judged: {found.problem}", err=True)
        return 3
    if found.stopped:
        tell(f"lookalike: not all was asked: {found.stopped}", err=True)
    if known is not None:
        has_changed = _tell_of_drifts(drifted, known, str(check), found)
        return 1 if has_changed else 3 if found.stopped else 0
    write_yaml(output, found.profile.as_data())
    tell("\n".join([*_lines(server.contract, found), _summary(environment.client.sent, found, output)]))
    if found.stopped:
        return 3
    return 1 if found.report is not None and found.report.failures else 0


def _check_writable(output: Path) -> None:
    """Raise `UsageError` before anything is sent where the profile could not be written."""
    if not os.access(output if output.exists() else output.absolute().parent, os.W_OK):
        raise UsageError(f"--output {output}: no file can be written there")


def _confirmed(
    environment: Environment, seed: int, known: Profile, first: CalibrationResult
) -> tuple[CalibrationResult, list[Drift]]:
    """The result of a second calibration, and the drifts that both have.

    What others change on the server meanwhile, or chance, may look like a drift once.
    """
    again = redacted(calibrate(environment, seed), environment.client.redacted)
    seen = {one.id for one in drifts(known, first.profile)}
    both = [one for one in drifts(known, again.profile) if one.id in seen]
    return again._replace(left_behind=(*first.left_behind, *again.left_behind)), both


def _tell_of_drifts(drifted: Sequence[Drift], known: Profile, name: str, found: CalibrationResult) -> bool:
    """Say which readings are decided otherwise than in a profile; whether any is."""
    changed = [one for one in drifted if one.now != UNDECIDED]
    lines = [line for one in changed for line in _lines_of_drift(one, name, found.evidence)]
    undecided = [one for one in drifted if one.now == UNDECIDED]
    if undecided and not found.stopped:
        lines += [f"{one.id}: {one.before} in {name}, no answer decides it now" for one in undecided]
        changed = [*drifted]
    tell("\n".join([*lines, f"{len(changed)} of {len(known.readings)} readings have changed"]))
    return bool(changed)


def _lines_of_drift(drift: Drift, profile: str, evidence: Mapping[str, str]) -> Iterator[str]:
    yield f"{drift.id}: {drift.before} in {profile}, {drift.now} now"
    if drift.id in evidence:
        yield f"  {evidence[drift.id]}"


_LONGEST_SHOWN = 200  # characters of a choice, which may be a whole answer


def _lines(contract: Contract, found: CalibrationResult) -> Iterator[str]:
    """The stated readings, built-in ones that are decided otherwise than by default, and what breaks the document."""
    for reading in found.report.readings if found.report is not None else ():
        yield f"{reading.id}: {reading.choice} ({reading.status})"
    for id, choice in found.profile.readings.items():
        builtin = builtin_reading(contract, id) if id not in contract.readings else None
        if builtin is not None and builtin.default != choice:
            shown = choice if len(choice) <= _LONGEST_SHOWN else f"{choice[:_LONGEST_SHOWN]}…"
            yield f"{id}: {shown} ({ReadingStatus.DECIDED})"
    for failure in found.report.failures if found.report is not None else ():
        yield f"breaks the document, whatever is decided: {failure.expected}"


def _summary(requests: int, found: CalibrationResult, output: Path) -> str:
    return f"{len(found.profile.readings)} readings decided by {requests} requests; written to {output}"
