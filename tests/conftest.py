import os
import signal
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from tests.support.databases import PostgresqlServer

IN_CI = "LOOKALIKE_CI"

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


# Here and not in tests/contract, whose conftest.py is read too late for options unless it is named on the command line.
def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--base-url", metavar="URL", help="the server that tests/contract is pointed at, not the mock")


def pytest_configure() -> None:
    """Let the programs that are started be interrupted: a shell has its background jobs ignore SIGINT, and theirs."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
