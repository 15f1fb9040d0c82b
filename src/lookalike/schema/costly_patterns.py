"""Patterns that take long to match against long texts, though their time is linear: matched in a process beside.

An engine of linear time may look at each state of a pattern's automaton for each character. One with counted
repetitions has thousands of states, so that `(a{1,100}){1,100}b` takes two minutes for a megabyte, in native code that
lets no other thread run. How many states are looked at depends on the text; most texts take a thousandth of that, so
that no bound on length times states is both safe and right. Such a match is made in another process, while this one
goes on, and is given up after a second there.
"""

import atexit
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, TypeVar

from lookalike.cache import Cache
from lookalike.pacing import spend_turn
from lookalike.schema.explanation import Validator
from lookalike.schema.regexes import COSTLY, UNMATCHED, Effort, cost_of, matches, size_of

T = TypeVar("T")

_SECONDS = 2.0  # for all costly matches of a value
_COST_OF_MESSAGE = 10_000  # of a match, from which on another process takes less time of this one
_MOST_VERDICTS = 1_000


class _MatchingTime(threading.local):
    """The seconds that are left to the value that a thread validates, and what has interrupted its validation."""

    left: float = _SECONDS
    interruption: BaseException | None = None


_time = _MatchingTime()


class PatternKeyword:
    """The keyword `pattern`, whose costly matches another process makes."""

    def __init__(self, parent_schema: dict[str, Any], value: Any, schema_path: list[str | int]) -> None:
        self._pattern = value if isinstance(value, str) else ""
        self._size = size_of(self._pattern)

    def validate(self, instance: Any) -> None:
        """Raise `ValueError` for a string that does not match."""
        if not isinstance(instance, str):
            return
        if cost_of(len(instance), self._size) < _COST_OF_MESSAGE:
            is_match: bool | None = matches(self._pattern, instance)
        else:
            is_match = self._is_match_apart(instance)
        if not is_match:
            raise ValueError(self._pattern if is_match is None else f"{UNMATCHED}{self._pattern}")

    def _is_match_apart(self, text: str) -> bool | None:
        """Whether a text matches; None if that takes too long."""
        begin = time.perf_counter()
        try:
            return _beside.verdict(self._pattern, text) if _time.left > 0 else None
        except BaseException as error:  # jsonschema-rs would take it for the verdict
            _time.interruption = error
            raise
        finally:
            _time.left -= time.perf_counter() - begin


class PatternPropertiesKeyword:
    """The keyword `patternProperties` for a value with names whose matches are costly: it refuses objects with these.

    It leaves the members alone, since such a value is refused as a whole.
    """

    def __init__(self, parent_schema: dict[str, Any], value: Any, schema_path: list[str | int]) -> None:
        self._size = max(map(size_of, value), default=0) if isinstance(value, dict) else 0

    def validate(self, instance: Any) -> None:
        """Raise `ValueError` for an object whose names are too long."""
        if isinstance(instance, dict) and sum(cost_of(len(name), self._size) for name in instance) > COSTLY:
            raise ValueError


class IsolatedValidator:
    """A validator that makes costly matches in a process of its own; Control-C interrupts such a match."""

    def __init__(self, validator: Validator) -> None:
        self._validator = validator

    def is_valid(self, instance: Any) -> bool:
        """The verdict."""
        return self._within_time(self._validator.is_valid, instance)

    def iter_errors(self, instance: Any) -> Iterator[Any]:
        """All errors."""
        return self._within_time(self._validator.iter_errors, instance)

    def validate(self, instance: Any) -> None:
        """Raise the first error."""
        self._within_time(self._validator.validate, instance)

    @staticmethod
    def _within_time(question: Callable[[Any], T], instance: Any) -> T:
        _time.left, _time.interruption = _SECONDS, None
        try:
            return question(instance)
        finally:
            if _time.interruption is not None:
                raise _time.interruption


class _PatternProcess:
    """The other process, which is started on first use; its verdicts are remembered, since values are judged again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._parent = 0
        self._verdicts: Cache[tuple[str, bytes], bool | None] = Cache(_MOST_VERDICTS)

    def verdict(self, pattern: str, text: str) -> bool | None:
        """Whether a text matches a pattern; None if that takes too long, or the process cannot be asked."""
        question = json.dumps([pattern, text]).encode() + b"\n"
        key = pattern, sha256(question).digest()
        if key in self._verdicts:
            return self._verdicts[key]
        with self._lock:
            answer = self._asked(question)
        return self._verdicts.keep(key, answer == b"1\n" if answer else None)

    def _asked(self, question: bytes) -> bytes:
        """The answer to a question; empty if there is none."""
        answer = b""
        try:
            process = self._running()
            if process.stdin is not None and process.stdout is not None:
                process.stdin.write(question)
                process.stdin.flush()
                answer = process.stdout.readline()
        except OSError:  # no memory or descriptor for it, or it was killed
            pass
        finally:
            if not answer:  # of one that is interrupted, the answer would be taken for that of the next question
                self._end()
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        """The process of this one: what was started before a fork is the parent's."""
        if self._process is None or self._parent != os.getpid():
            self._parent = os.getpid()
            atexit.register(self._end)
            self._process = subprocess.Popen(  # this interpreter, with a module of ours
                [sys.executable, "-P", "-m", "lookalike.schema.pattern_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and self._parent == os.getpid():
            process.kill()
            process.communicate()


_beside = _PatternProcess()


def matches_at_length(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern, however long that takes; False where it is given up."""
    if cost_of(len(text), size_of(pattern)) <= COSTLY:
        return matches(pattern, text)
    spend_turn()
    return bool(_beside.verdict(pattern, text))


def keywords_apart(effort: Effort) -> dict[str, Any]:
    """The keywords of a validator that makes costly matches apart."""
    names = {"patternProperties": PatternPropertiesKeyword} if effort.has_costly_names else {}
    return {"pattern": PatternKeyword, **names}
