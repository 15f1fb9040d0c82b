"""Endings: the exceptions of a story that does not pass."""

from lookalike.errors import LookalikeError
from lookalike.verify.oracle.comparison import BrokenKeyword
from lookalike.verify.oracle.session import Unexplained


class Skipped(LookalikeError):
    """A story cannot be run; the message gives the reason and the remedy."""


class NotObservable(LookalikeError):
    """Nothing was wrong, but the effect of the story cannot be observed; the message gives the reason."""


class ClauseBroken(Exception):
    """A clause is broken: the expected response and the actual one.

    `clause` is empty for the clause of the story itself. `cause` is the disagreement of all worlds with the response,
    if the oracle found it. `rule` is the rule that is not enforced, if it is told once for all operations.
    """

    def __init__(
        self,
        expected: str,
        got: str,
        clause: str = "",
        cause: Unexplained | None = None,
        rule: BrokenKeyword | None = None,
    ) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected = expected
        self.got = got
        self.clause = clause
        self.cause = cause
        self.rule = rule
