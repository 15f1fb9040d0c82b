"""The conformance suite of a server as tests: one for each clause, and one run of `verify` for all of them."""

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from tempfile import gettempdir
from typing import NamedTuple

import pytest

from lookalike.api import load
from lookalike.assembly import bundled_document
from lookalike.contract.contract import Contract
from lookalike.contract.extension import Clause
from lookalike.errors import LookalikeError, UsageError
from lookalike.pytest_plugin.computed_once import computed_once
from lookalike.pytest_plugin.mocks import default_document
from lookalike.reports.as_text import failure_lines, remark_lines
from lookalike.reports.escaping import legible
from lookalike.reports.formats import Destination, destinations, write_reports
from lookalike.reports.summary import in_one_line, summary
from lookalike.verification import verify
from lookalike.verify.access import Access, check_host, client_for, with_base_path
from lookalike.verify.clauses import clauses_of
from lookalike.verify.defaults import LAYERS
from lookalike.verify.results import ClauseStatus, Failure, Report
from lookalike.verify.server.target import load_target

NAME = "lookalike"
"""The first part of the ids of these tests, in the place where others have their file."""


class ServerToJudge(NamedTuple):
    """The server of a suite: its URL, contract and target file, and how it is reached."""

    url: str
    contract: Contract
    target: Path | None
    access: Access


class Suite:
    """The tests of a server; the first that is run judges it, by the clauses of all that are selected."""

    def __init__(
        self, server: ServerToJudge, reports: Sequence[Destination], ids: Collection[str], shared: Path | None
    ) -> None:
        """The tests of the clauses of some ids, or of all; workers of pytest-xdist share a file, and one judges."""
        self._server = server
        self._reports = reports
        self._shared = shared
        self._selected: tuple[str, ...] = ()
        self.has_judged = False  # in this process
        self._clauses = clauses_of(server.contract)
        self._ids = ids or self._clauses
        unknown = next((id for id in self._ids if id not in self._clauses), None)
        if unknown is not None:
            document = server.contract.document.name
            raise UsageError(f"there is no clause {unknown!r} in {document}; --collect-only lists those of the suite")

    def node(self, session: pytest.Session) -> "ConformanceNode":
        """The node of the tests in a session."""
        node: ConformanceNode = ConformanceNode.from_parent(session, name=NAME, nodeid=NAME)
        node.tests = [ClauseTest.of(node, one, self) for one in self._clauses.values() if one.id in self._ids]
        return node

    def select(self, items: Sequence[pytest.Item]) -> None:
        """Note which of the tests are left after others were deselected."""
        self._selected = tuple(item.clause.id for item in items if isinstance(item, ClauseTest))

    @property
    def report(self) -> Report:
        """The report of the run, which is made once; raises `ClauseBrokenByServer` if there is none."""
        if isinstance(self._outcome, str):
            raise ClauseBrokenByServer(f"lookalike: {self._outcome}")
        return self._outcome

    def summary(self) -> Iterator[str]:
        """The lines of the report that belong to no single test; none if there is no report."""
        if isinstance(self._outcome, str):
            return
        for failure in self._outcome.failures:
            if failure.clause not in self._selected:
                yield from failure_lines(failure, self._outcome)
        if self._is_whole:
            yield from remark_lines(self._outcome)
        else:  # the other lines name all that was not asked for
            yield in_one_line(summary(self._outcome))

    @property
    def _is_whole(self) -> bool:
        """Whether every test is selected."""
        return len(self._selected) == len(self._clauses)

    @cached_property
    def _outcome(self) -> Report | str:
        """The report of the run, or the reason why there is none."""
        return self._judge() if self._shared is None else computed_once(self._shared, self._judge)

    def _judge(self) -> Report | str:
        self.has_judged = True
        url, contract, target, access = self._server
        try:
            report = verify(
                url,
                contract,
                target=target,
                access=access,
                # Only this layer can be confined to some clauses; the others would find failures of tests not selected.
                layers=LAYERS if self._is_whole else ("clauses",),
                clauses=() if self._is_whole else self._selected,
            )
            write_reports(report, self._reports)
        except LookalikeError as error:
            return str(error)
        return legible(report)


class ConformanceNode(pytest.Collector):
    """The node above the tests of a server."""

    tests: Sequence["ClauseTest"]

    def collect(self) -> Sequence[pytest.Item]:
        """The tests."""
        return self.tests


class ClauseBrokenByServer(Exception):
    """A test of the suite that fails; the message is all that is to be shown."""


class ClauseTest(pytest.Item):
    """The test of one clause."""

    clause: Clause
    suite: Suite

    @classmethod
    def of(cls, group: ConformanceNode, clause: Clause, suite: Suite) -> "ClauseTest":
        """The test of a clause of a suite."""
        test: ClauseTest = cls.from_parent(group, name=clause.id)
        test.clause, test.suite = clause, suite
        return test

    def runtest(self) -> None:
        """Judge the server, unless another test did, and pass where the clause is held."""
        report = self.suite.report
        if report.exit_code == 130:
            raise KeyboardInterrupt
        result = next(one for one in report.clauses if one.id == self.clause.id)
        failures = [failure for failure in report.failures if failure.clause == result.id]
        counting = [failure for failure in failures if not (failure.waived or failure.flaky)]
        if counting:
            raise ClauseBrokenByServer("\n".join(_told(counting, report)))
        if result.status is ClauseStatus.HELD:
            return
        if report.problem:
            raise ClauseBrokenByServer(f"the server could not be judged: {report.problem}")
        waived = next((failure.waived for failure in failures if failure.waived), "")
        pytest.skip(f"waived: {waived}" if waived else f"{result.status}: {result.reason}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """The message alone, for failures that the suite reports."""
        if isinstance(excinfo.value, ClauseBrokenByServer):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The place and the title of the test."""
        return self.path, None, f"{self.clause.id}: {self.clause.statement}"


def is_of_suite(argument: str) -> bool:
    """Whether an argument of pytest is the name of the suite or an id such as `lookalike::CLAUSE`, and no file."""
    file = Path(argument.partition("::")[0])
    return file.name == NAME and not file.exists()


def suite_of(config: pytest.Config, configured: str) -> Suite:
    """The suite of the server that the command line names; raises `pytest.UsageError`."""
    option, started_in = config.getoption, config.invocation_params.dir
    given, named = option("--lookalike-document"), option("--lookalike-target")
    try:
        document = default_document(config.rootpath, started_in, given, configured) or bundled_document()
        url, contract, file = option("--lookalike-url"), load(document), started_in / named if named else None
        target = None if file is None else load_target(file, contract)
        access = Access(
            allow_remote=option("--lookalike-yes"),
            control_token=option("--lookalike-control-token"),
            journal=started_in / option("--lookalike-journal"),
        )
        check_host(client_for(with_base_path(url, target), access).host, target, access, "add --lookalike-yes")
        server = ServerToJudge(url, contract, file, access)
        reports = destinations(option("--lookalike-report"))
        ids = {argument.partition("::")[2] for argument in config.args if is_of_suite(argument)}
        return Suite(server, reports, () if "" in ids else ids, _shared_file(config))
    except LookalikeError as error:
        raise pytest.UsageError(f"lookalike: {error}") from None


def _shared_file(config: pytest.Config) -> Path | None:
    """A file that the workers of a run of pytest-xdist share; None in a process that is no worker."""
    worker = getattr(config, "workerinput", None)
    if worker is None:
        return None
    own = config.getoption("basetemp", None)  # that of a worker is within that of the run
    return (Path(own).parent if own else Path(gettempdir())) / f"lookalike-{worker['testrunuid']}.sqlite"


def _told(failures: Sequence[Failure], report: Report) -> Iterator[str]:
    for failure in failures:
        yield from failure_lines(failure, report)
