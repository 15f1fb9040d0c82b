import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
from coverage import Coverage

if TYPE_CHECKING:
    from tests.support.databases import PostgresqlServer

IN_CI = "LOOKALIKE_CI"

IS_ALL_MEASURED = os.environ.get("LOOKALIKE_COVERAGE") == "all"
MODULES = Path(__file__).parent / "lookalike"
MEASURES_PROCESSES = "COVERAGE_PROCESS_CONFIG"  # coverage's own variable: a process that sees it is measured

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


# Here and not in tests/contract, whose conftest.py is read too late for options unless it is named on the command line.
def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--base-url", metavar="URL", help="the server that tests/contract is pointed at, not the mock")


def pytest_configure() -> None:
    """Let the programs that are started be interrupted: a shell has its background jobs ignore SIGINT, and theirs."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers() -> int:
    """Half as many workers again as processors: many tests wait for processes that they have started."""
    return (os.cpu_count() or 1) * 3 // 2


# Only the tests of single modules count for coverage: measuring doubles the time of a test, and the proofs beside them
# (whole runs of `verify`, catalogues, real servers, the commands of the docs) run mostly what those tests have covered.
# So do tests that repeat the same lines, by inputs of Hypothesis or by work of a great size.
# `make coverage` measures all.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    is_measured = MODULES in item.path.parents and not any(map(item.get_closest_marker, ("hypothesis", "repetitive")))
    measuring = Coverage.current()
    if measuring is None or IS_ALL_MEASURED or is_measured:
        return (yield)
    processes = os.environ.pop(MEASURES_PROCESSES, None)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()
        if processes is not None:
            os.environ[MEASURES_PROCESSES] = processes


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _fail_if_skipped((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _fail_if_skipped((yield))


def _fail_if_skipped(report: Report) -> Report:
    # An expected failure is reported as skipped too, but it ran.
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get(IN_CI):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: nothing may be skipped in CI. {reason}"
    return report


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator["PostgresqlServer"]:
    """A PostgreSQL server; where the programs are missing its tests are skipped, which fails in CI."""
    from tests.support.databases import postgresql

    try:
        with postgresql() as server:
            yield server
    except FileNotFoundError as error:
        pytest.skip(str(error))
