"""The journal of a mock: the latest exchanges, within a number of bytes.

Memory is estimated: texts and bodies by their length, and the objects of items by the length of their JSON, times a
factor. Exchanges are measured in blocks, since measuring each one by itself takes a seventh of the time of a short
request. Large parts are cut, and the entry says which.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain, count, islice, takewhile
from operator import itemgetter
from threading import Lock
from typing import Any, NamedTuple, Protocol

import orjson

from lookalike.exchanges import exchange_text, read_exchange
from lookalike.http import Request, Response
from lookalike.model.response.outcome import Outcome
from lookalike.model.state import Change, Item, Put
from lookalike.stores.records import Records

DEFAULT_SIZE = 64 * 2**20
JOURNAL_LENGTH = 1000
JOURNAL_BODY = 64 * 1024

# The most violations, and estimated bytes of changed items, that an entry keeps.
_MAX_VIOLATIONS = 100
_MAX_CHANGES = 512 * 1024
# The number of entries of a block.
_BLOCK = 16
# The bytes of an entry without body, items and request fields: tuples, strings, and the fields of its response, whose
# longest one, the reason, has at most 1,000 characters.
_ENTRY = 4096
_VIOLATION = 1024
# The objects of parsed JSON take about so many times the bytes of their JSON; short texts and numbers take the most.
_OBJECTS = 8


class JournalEntry(NamedTuple):
    """A request, and the outcome with its response and what decided it; `number` counts from 1.

    `cut` names the parts that were too large to be kept: of `request.body` and `response.body` the first 64 KiB are
    left, of `violations` the first 100, and of `changes` none.
    """

    number: int
    request: Request
    outcome: Outcome
    cut: tuple[str, ...] = ()


# An entry as it is recorded: most are dropped unread, and a plain tuple takes a third of the time of a JournalEntry.
_Recorded = tuple[int, Request, Outcome, tuple[str, ...]]


_REQUEST, _OUTCOME = itemgetter(1), itemgetter(2)
_PATH, _QUERY, _HEADERS, _BODY = (
    itemgetter(Request._fields.index(name)) for name in ("path", "query", "headers", "body")
)
_RESPONSE, _CHANGES, _VIOLATIONS, _BEFORE = (
    itemgetter(Outcome._fields.index(name)) for name in ("response", "changes", "violations", "before")
)
_CONTENT = itemgetter(Response._fields.index("body"))


class _Block(NamedTuple):
    """Entries that were measured together."""

    entries: Sequence[_Recorded]
    size: int


def any_entry(entry: JournalEntry) -> bool:
    """The filter that keeps every entry of a journal."""
    return True


class ExchangeJournal(Protocol):
    """The latest exchanges of a mock; several threads may record at once."""

    def record(self, request: Request, outcome: Outcome) -> None:
        """Record an exchange."""
        ...

    def entries(self, keep: Callable[[JournalEntry], bool], limit: int, after: int = 0) -> list[JournalEntry]:
        """The latest entries `after` a number, newest first: at most `limit` of those that a function keeps."""
        ...

    def clear(self) -> None:
        """Drop all entries; their numbers are not given again."""
        ...


class MockJournal:
    """The latest exchanges of a mock: at most `JOURNAL_LENGTH`, in at most `max_size` bytes.

    `size` is the estimate of those bytes, without up to 15 entries that are not measured yet. Several threads may
    record at once.
    """

    def __init__(self, max_size: int = DEFAULT_SIZE) -> None:
        self.size = 0
        self._max_size = max_size
        self._numbers = count(1)
        self._lock = Lock()
        self._recent: list[_Recorded] = []  # not measured yet
        # A list, since they are few, and an empty deque takes more memory than all else of a sandbox.
        self._blocks: list[_Block] = []
        self._length = 0  # the number of entries in the blocks

    def record(self, request: Request, outcome: Outcome) -> None:
        """Record an exchange."""
        with self._lock:
            self._recent.append((next(self._numbers), request, outcome, ()))
            if len(self._recent) >= _BLOCK:
                self._measure()

    def entries(self, keep: Callable[[JournalEntry], bool], limit: int, after: int = 0) -> list[JournalEntry]:
        """The latest entries `after` a number, newest first: at most `limit` of those that a function keeps."""
        with self._lock:
            self._measure()
            recorded = [*chain.from_iterable(block.entries for block in self._blocks)]
        made = map(JournalEntry._make, reversed(recorded[-JOURNAL_LENGTH:]))
        latest = takewhile(partial(_is_after, after), made)
        return list(islice(filter(keep, latest), limit))

    def clear(self) -> None:
        """Drop all entries; their numbers are not given again."""
        with self._lock:
            self._recent = []
            self._blocks.clear()
            self.size = self._length = 0

    def _measure(self) -> None:
        """Make a block of the recent entries, and drop the oldest blocks for which there is no room."""
        if not self._recent:
            return
        block = _measured(self._recent)
        self._recent = []
        self._blocks.append(block)
        self.size += block.size
        self._length += len(block.entries)
        while self._blocks and not self._has_room():
            dropped = self._blocks.pop(0)
            self.size -= dropped.size
            self._length -= len(dropped.entries)

    def _has_room(self) -> bool:
        return self.size <= self._max_size and self._length - len(self._blocks[0].entries) < JOURNAL_LENGTH


class StoredJournal:
    """A journal in the store, which all of its processes share; the numbers are those of all sandboxes there."""

    __slots__ = ("_is_kept", "_records")

    def __init__(self, records: Records, max_size: int) -> None:
        self._records = records
        self._is_kept = max_size > 0

    def record(self, request: Request, outcome: Outcome) -> None:
        """Record an exchange, as a part of the transaction that is under way, if any."""
        if not self._is_kept:
            return
        text = exchange_text(request, outcome)
        if len(text) > JOURNAL_BODY:  # the least that can be too large
            _, request, outcome, cut = _cut((0, request, outcome, ()))
            text = exchange_text(request, outcome, cut)
        self._records.append(text)

    def entries(self, keep: Callable[[JournalEntry], bool], limit: int, after: int = 0) -> list[JournalEntry]:
        """The latest entries `after` a number, newest first: at most `limit` of those that a function keeps."""
        latest = takewhile(partial(_is_after, after), islice(self._records.latest(), JOURNAL_LENGTH))
        read = (JournalEntry(number, *read_exchange(text)) for number, text in latest)
        return list(islice(filter(keep, read), limit))

    def clear(self) -> None:
        """Drop all entries; their numbers are not given again."""
        self._records.clear_journal()


def _is_after(after: int, entry: tuple[Any, ...]) -> bool:
    number: int = entry[0]
    return number > after


def _measured(entries: Sequence[_Recorded]) -> _Block:
    """A block of entries, in which what is too large is cut."""
    size = _size_of(entries)
    if size - len(entries) * _ENTRY > JOURNAL_BODY:  # the least that can be too large
        entries = [_cut(entry) for entry in entries]
        size = _size_of(entries)
    return _Block(entries, size)


def _size_of(entries: Sequence[_Recorded]) -> int:
    """The estimated bytes of entries, in passes of C over all of them; header fields that are shared count once."""
    requests, outcomes = [*map(_REQUEST, entries)], [*map(_OUTCOME, entries)]
    headers = {id(fields): fields for fields in map(_HEADERS, requests)}
    changes = chain.from_iterable(map(_CHANGES, outcomes))
    return (
        len(entries) * _ENTRY
        + sum(map(len, map(_PATH, requests)))
        + sum(map(len, map(_QUERY, requests)))
        + sum(map(len, map(_BODY, requests)))
        + sum([sum(map(len, fields.values())) for fields in headers.values()])
        + sum(map(len, map(_CONTENT, map(_RESPONSE, outcomes))))
        + sum(map(len, map(_VIOLATIONS, outcomes))) * _VIOLATION
        + _size_of_items([*chain.from_iterable(map(_BEFORE, outcomes)), *_items_of(changes)])
    )


def _items_of(changes: Iterable[Change]) -> list[Item]:
    return [change.item for change in changes if type(change) is Put]


def _size_of_items(items: Sequence[Item | None]) -> int:
    """The estimated bytes of items."""
    try:
        return _OBJECTS * len(orjson.dumps(items, default=str))
    except TypeError:  # an integer of more than 64 bits
        return _OBJECTS * len(str(items))


def _cut(entry: _Recorded) -> _Recorded:
    """An entry without its parts that are too large."""
    number, request, outcome, _ = entry
    cut = []
    response = outcome.response
    if len(request.body) > JOURNAL_BODY:
        request = request._replace(body=request.body[:JOURNAL_BODY])
        cut.append("request.body")
    if len(response.body) > JOURNAL_BODY:
        outcome = outcome._replace(response=response._replace(body=response.body[:JOURNAL_BODY]))
        cut.append("response.body")
    if _size_of_items([*outcome.before, *_items_of(outcome.changes)]) > _MAX_CHANGES:
        outcome = outcome._replace(changes=(), before=())
        cut.append("changes")
    if len(outcome.violations) > _MAX_VIOLATIONS:
        outcome = outcome._replace(violations=outcome.violations[:_MAX_VIOLATIONS])
        cut.append("violations")
    return number, request, outcome, tuple(cut)
