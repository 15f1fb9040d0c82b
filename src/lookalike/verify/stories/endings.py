"""Endings: the ways in which a story ends other than well."""

from lookalike.errors import LookalikeError
from lookalike.verify.oracle.session import Unexplained


class Skipped(LookalikeError):
    """A story cannot be told; the message gives the reason and the remedy."""


class NotObservable(LookalikeError):
    """Nothing was wrong, but the effect of the story cannot be seen; the message gives the reason."""


class ClauseBroken(Exception):
    """A clause is broken: the expected answer and the one that came.

    `clause` is empty where the clause is that of the story; `cause` is the disagreement of all worlds with the answer,
    where the oracle found it.
    """

    def __init__(self, expected: str, got: str, clause: str = "", cause: Unexplained | None = None) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected = expected
        self.got = got
        self.clause = clause
        self.cause = cause
