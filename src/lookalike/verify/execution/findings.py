"""Findings: the clauses that a story found broken, and how it ended."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from lookalike.http import SAFE, Request, Response
from lookalike.verify.clauses import DOCUMENTED, INVALID, clause_id
from lookalike.verify.environment import Environment, StatedOperation
from lookalike.verify.oracle.comparison import BrokenKeyword
from lookalike.verify.oracle.session import JudgedExchange, Unexplained
from lookalike.verify.oracle.worlds import World
from lookalike.verify.runner.endings import ClauseBroken
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.stories.story import Story

_UNSEEN = "its effect cannot be read; add a read operation under observe in the target file"
_NO_TAGS = "no element of a set is known to exist, and one that does not may be ignored; list some as tags"

Worlds = tuple[World, ...]


class Finding(NamedTuple):
    """A broken clause: the expected response, the actual one, and the exchanges that show it.

    `cause` is the disagreement of all worlds where the oracle found it, after the exchanges `judged`. `rule` is the
    rule of a schema that an answer breaks which is not documented, or that the server does not enforce.
    """

    clause: str
    expected: str
    got: str
    exchanges: tuple[tuple[Request, Response], ...]
    cause: Unexplained | None = None
    judged: tuple[JudgedExchange, ...] = ()
    is_undocumented: bool = False
    rule: BrokenKeyword | None = None

    @property
    def is_plain_fact(self) -> bool:
        """Whether one response alone proves it: a 5xx, or a response that is not documented."""
        failed = bool(self.exchanges) and self.exchanges[-1][1].status >= 500
        return failed or self.is_undocumented or (self.cause is not None and self.cause.part in ("body", "header"))


class StoryResult(NamedTuple):
    """The result of a story: the worlds before it, its findings, and why it was `skipped` or its effect is `unseen`.

    `learned` is the environment of the story, with what it taught of the server; None for one of fixed requests.
    `plain` is a read that succeeded. A `remark` says what a story that passed left out.
    """

    before: Worlds
    findings: tuple[Finding, ...]
    requests: int
    skipped: str = ""
    unseen: str = ""
    learned: Environment | None = None
    plain: Request | None = None
    remark: str = ""

    @property
    def facts(self) -> tuple[str, ...]:
        """The clauses that plain facts break."""
        return tuple(finding.clause for finding in self.findings if finding.is_plain_fact)


def findings_of(
    story: Story, runner: StoryRunner, broken: ClauseBroken | None, clauses: Collection[str]
) -> Iterator[Finding]:
    """The findings of a story: the clause that it found `broken`, and each undocumented answer of the `clauses`."""
    exchanges = tuple(runner.exchanges)
    if broken is not None:
        clause = broken.clause if broken.cause is not None else broken.clause or story.clause
        clause = clause if clause in clauses else ""
        # One invalid request after the other was refused before the one that was not: they do not matter.
        is_about_last = clause.endswith(f".{INVALID}") and broken.cause is None
        shown = _leading_to(exchanges) if is_about_last else exchanges
        yield Finding(clause, broken.expected, broken.got, shown, broken.cause, tuple(runner.judged), rule=broken.rule)
    for answer in runner.flaws:
        clause, (expected, rule) = clause_id(answer.operation, DOCUMENTED), answer.flaw
        if clause in clauses:
            shown = _leading_to(exchanges[: answer.length])
            yield Finding(clause, expected, answer.got, shown, is_undocumented=True, rule=rule)


def _leading_to(exchanges: Sequence[tuple[Request, Response]]) -> tuple[tuple[Request, Response], ...]:
    """The last exchange, and those before it that may have changed something: not the reads, nor what was refused."""
    *before, last = exchanges
    return (*(one for one in before if one[0].method not in SAFE and one[1].status < 400), last)


def successful_read(exchanges: Sequence[tuple[Request, Response]]) -> Request | None:
    """The first read that succeeded."""
    reads = (request for request, response in exchanges if request.method in SAFE and 200 <= response.status < 300)
    return next(reads, None)


def why_unseen(story: Story) -> str:
    """The reason why nothing shows the effects of the fixed requests of a story, or an empty string."""
    script, stated = story.script, story.stated
    if script is None or stated is None:
        return ""
    return why_hidden(stated, script.hidden) or (_NO_TAGS if script.on_sets and not stated.compose.knows_tags else "")


def why_hidden(stated: StatedOperation, is_hidden: bool) -> str:
    """The reason why effects that no response shows stay unseen, or an empty string."""
    return _UNSEEN if is_hidden and stated.session.observer is None else ""
