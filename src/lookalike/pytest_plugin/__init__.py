"""The pytest plugin: the fixture `lookalike`, and the conformance suite of a server as tests.

pytest loads it in every run of a project where Lookalike is installed, so nothing but these hooks is imported before
they are used.
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lookalike.pytest_plugin.fixture import LookalikeFixture
    from lookalike.pytest_plugin.mocks import Mocks

_DOCUMENT = "lookalike_document"
_SUITE = pytest.StashKey[Any]()
_MARK = (
    "lookalike(document, *, overlays, data, tokens, readings, ...): the document of the fixture `lookalike`, and the "
    "options of its mock, by the names that lookalike.load and lookalike.Mock have for them"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options on the command line, and the setting in the configuration file."""
    group = parser.getgroup("lookalike")
    group.addoption(
        "--lookalike-document",
        metavar="DOCUMENT",
        help="OpenAPI document of the fixture `lookalike` and of --lookalike-url: a file, a URL, or `lead`",
    )
    group.addoption(
        "--lookalike-url", metavar="URL", help="add the conformance suite of this server, a test for each clause"
    )
    group.addoption("--lookalike-target", metavar="FILE", help="target file of the server at --lookalike-url")
    group.addoption(
        "--lookalike-yes", action="store_true", help="allow requests to a --lookalike-url on another machine"
    )
    group.addoption("--lookalike-control-token", metavar="TOKEN", help="control token of the mock at --lookalike-url")
    group.addoption(
        "--lookalike-journal",
        metavar="FILE",
        default="lookalike-journal.jsonl",
        help="record each change of a server with a target file here, so that `lookalike restore` can undo it",
    )
    group.addoption(
        "--lookalike-report",
        metavar="FORMAT=FILE",
        action="append",
        default=[],
        help="report on the server at --lookalike-url; FORMAT is json, junit, html, markdown or sarif; repeatable",
    )
    parser.addini(_DOCUMENT, "OpenAPI document of the fixture `lookalike`, relative to the root folder")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known; raises `pytest.UsageError` where several processes would judge one server."""
    config.addinivalue_line("markers", _MARK)
    if config.getoption("--lookalike-url") is not None and config.getoption("numprocesses", None):
        raise pytest.UsageError("--lookalike-url: one run judges all clauses, so it cannot be distributed; add -n 0")


@pytest.fixture(scope="session")
def _lookalike_mocks(pytestconfig: pytest.Config) -> Iterator["Mocks"]:
    """The mocks of this session, one for each document and set of options."""
    from lookalike.pytest_plugin.mocks import Mocks

    given = pytestconfig.getoption("--lookalike-document")
    configured = pytestconfig.getini(_DOCUMENT)
    with Mocks(pytestconfig.rootpath, pytestconfig.invocation_params.dir, given, configured) as mocks:
        yield mocks


@pytest.fixture
def lookalike(request: pytest.FixtureRequest, _lookalike_mocks: "Mocks") -> Iterator["LookalikeFixture"]:
    """A mock of an API in a sandbox of its own: what a test changes in it, no other test sees."""
    from lookalike.errors import LookalikeError

    problem = ""
    try:
        fixture = _lookalike_mocks.sandbox(request.path.parent, request.node.iter_markers("lookalike"))
    except LookalikeError as error:
        problem = f"lookalike: {error}"
    if problem:  # outside of the handler, so that the message is all that is shown
        pytest.fail(problem, pytrace=False)
    yield fixture
    fixture.close()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Show beside the traceback of a failed test what its mock was asked, and why it answered so."""
    used = getattr(item, "funcargs", {}).get("lookalike")
    if call.when == "call" and call.excinfo is not None and used is not None and hasattr(used, "told"):
        item.add_report_section("call", "lookalike", used.told())
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Add the conformance suite of the server that is named, if any, to what the session collects."""
    report = yield
    if isinstance(collector, pytest.Session) and collector.config.getoption("--lookalike-url") is not None:
        from lookalike.pytest_plugin.conformance import suite_of

        suite = suite_of(collector, collector.config.getini(_DOCUMENT))
        collector.config.stash[_SUITE] = suite
        report.result = [*(report.result or ()), suite.node]
    return report


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Note which tests of the suite were selected: the run asks for nothing else."""
    suite = session.config.stash.get(_SUITE, None)
    if suite is not None:
        suite.select(session.items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what a run of the suite found beside its clauses: readings, notes, and the verdict."""
    suite = config.stash.get(_SUITE, None)
    if suite is not None:
        for line in suite.summary():
            terminalreporter.write_line(line)
