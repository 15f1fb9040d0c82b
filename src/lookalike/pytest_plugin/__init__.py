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
_SUMMARY = pytest.StashKey[list[str]]()  # the lines of the suite; with pytest-xdist, they come from a worker
_SENT = "lookalike"  # the name of these lines in the output of a worker
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
    """Make the marker known and, where a server is named, its suite; raises `pytest.UsageError`."""
    config.addinivalue_line("markers", _MARK)
    if config.getoption("--lookalike-url") is None:
        return
    try:
        from lookalike.pytest_plugin.conformance import is_of_suite, suite_of
    except ModuleNotFoundError as error:
        remedy = "run: pip install 'lookalike[verify]'"
        raise pytest.UsageError(f"--lookalike-url needs {error.name}, which is not installed; {remedy}") from None

    # Also in the main process of pytest-xdist, which runs no test: it does not show mistakes that its workers find.
    config.stash[_SUITE] = suite_of(config, config.getini(_DOCUMENT))
    if not config.getoption("numprocesses", None):  # the workers get the arguments of the main process
        config.args = [argument for argument in config.args if not is_of_suite(argument)]  # pytest takes them for files


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
    suite = collector.config.stash.get(_SUITE, None)
    if isinstance(collector, pytest.Session) and suite is not None:
        report.result = [*(report.result or ()), suite.node(collector)]
    return report


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Note which tests of the suite were selected: the run asks for nothing else."""
    suite = session.config.stash.get(_SUITE, None)
    if suite is not None:
        suite.select(session.items)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep what a run of the suite found beside its clauses; a worker of pytest-xdist sends it to the main process."""
    suite = session.config.stash.get(_SUITE, None)
    if suite is not None and suite.has_judged:
        session.config.stash[_SUMMARY] = list(suite.summary())
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[_SENT] = session.config.stash[_SUMMARY]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over the lines of the worker that judged the server."""
    sent = getattr(node, "workeroutput", {})
    if _SENT in sent:
        node.config.stash[_SUMMARY] = sent[_SENT]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what a run of the suite found beside its clauses: readings, notes, and the verdict."""
    for line in config.stash.get(_SUMMARY, ()):
        terminalreporter.write_line(line)
