"""Verification as functions: judge a server by a contract, and get the results as values.

They need the extra `lookalike[verify]`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from lookalike.contract.contract import Contract
from lookalike.contract.profile import Profile
from lookalike.errors import UsageError, VerificationError
from lookalike.verify.access import Access, check_host, client_for, environment_for, opened, with_base_path
from lookalike.verify.calibration import calibrate as calibration
from lookalike.verify.clauses import clauses_of
from lookalike.verify.defaults import LAYERS
from lookalike.verify.environment import Environment
from lookalike.verify.events import Event, ignore
from lookalike.verify.execution.options import Options
from lookalike.verify.results import Report
from lookalike.verify.run import Run
from lookalike.verify.server.target import load_target


class Calibration(NamedTuple):
    """The choices that a server follows, by reading, and the report of the run that found those of stated readings.

    The `profile` has the same choices, and the body of errors that the document does not describe. Where a document
    states no readings, there is no report.
    """

    readings: Mapping[str, str]
    report: Report | None
    profile: Profile


def verify(
    url: str,
    contract: Contract,
    *,
    target: Path | str | None = None,
    access: Access | None = None,
    layers: Sequence[str] = LAYERS,
    clauses: Sequence[str] = (),
    require: Sequence[str] = (),
    min_coverage: float = 0.0,
    fail_on: str = "",
    examples: int = 60,
    exit_first: bool = False,
    seed: int = 1,
    on_event: Callable[[Event], None] = ignore,
) -> Report:
    """Judge the server at a URL by a contract. Provisional: the arguments may change.

    `target` is a target file; a Lookalike mock needs none. Of the `clauses` all are judged where none is named, and
    those in `require` must be held. `min_coverage` is the share, from 0 to 1, of documented responses to be seen.
    `examples` is the number of generated inputs of each kind, drawn from `seed`. `on_event` is called with each step.

    The verdict is in the report, also where the server could not be judged. Raises `UsageError` and `DocumentError`.
    """
    known = clauses_of(contract)
    unknown = [id for id in (*clauses, *require) if id not in known and id != "all"]
    if unknown:
        raise UsageError(f"there is no clause {unknown[0]!r}; {contract.document.name} has: {', '.join(known)}")
    options = Options(
        layers=tuple(layers),
        clauses=tuple(clauses),
        require=tuple(require),
        min_coverage=min_coverage,
        seed=seed,
        examples=examples,
        exit_first=exit_first,
        fail_on=fail_on,
    )
    with _environment(url, contract, target, access or Access(), seed) as environment:
        return Run(environment, options, on_event).report()


def calibrate(
    url: str,
    contract: Contract,
    *,
    target: Path | str | None = None,
    access: Access | None = None,
    seed: int = 1,
) -> Calibration:
    """Find out which choice of each reading a server follows. Provisional: the arguments may change.

    The readings are those of the document and the built-in ones of its operations and resources. A mock with them
    behaves like the server; a reading that could not be decided is not among them.

    Raises `VerificationError` if the server could not be judged, `UsageError` and `DocumentError`.
    """
    with _environment(url, contract, target, access or Access(), seed) as environment:
        found = calibration.calibrate(environment, seed)
    if found.problem:
        raise VerificationError(f"{url} could not be judged: {found.problem}")
    return Calibration(found.profile.readings, found.report, found.profile)


@contextmanager
def _environment(
    url: str, contract: Contract, target_file: Path | str | None, access: Access, seed: int
) -> Iterator[Environment]:
    target = load_target(Path(target_file), contract) if target_file is not None else None
    check_host(client_for(with_base_path(url, target), access).host, target, access, "pass allow_remote=True")
    with opened(url, contract, target, access) as server:
        yield environment_for(server, access, seed)
