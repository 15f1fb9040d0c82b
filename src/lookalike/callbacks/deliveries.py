"""Deliveries of callbacks: how far each is, in memory or in the store that processes share."""

from contextlib import suppress
from threading import Lock
from typing import NamedTuple, Protocol

from lookalike.callbacks.outgoing import OutgoingRequest
from lookalike.codecs.json_text import parse_json, plain_numbers, to_json
from lookalike.errors import SandboxError
from lookalike.exchanges import body_of, body_text
from lookalike.stores.records import Records

PENDING, DELIVERED, FAILED, REFUSED = "pending", "delivered", "failed", "refused"

DELIVERY = "delivery"
MOST_DELIVERIES = 1000  # of a sandbox, also of those that are still to be sent
MOST_BYTES = 4 * 2**20  # of their bodies in memory

_LOCK = Lock()  # one for all sandboxes, each of which would need a lock for the time of a moment


class Delivery(NamedTuple):
    """A callback and how far its delivery is: `status` is that of the latest answer, `error` why there was none.

    `number` counts from 1 in each sandbox; it is 0 where the store could not be reached, so that it is not listed.
    """

    number: int
    at: float
    request: OutgoingRequest
    state: str = PENDING
    attempts: int = 0
    status: int | None = None
    error: str = ""


class Deliveries(Protocol):
    """The latest deliveries of a sandbox; several threads may use it at once."""

    def add(self, delivery: Delivery) -> Delivery:
        """Keep a delivery; the same with its number."""
        ...

    def update(self, delivery: Delivery) -> None:
        """Keep how far a delivery is, unless it was forgotten."""
        ...

    def has(self, delivery: Delivery) -> bool:
        """Whether a delivery was not forgotten."""
        ...

    def latest(self) -> list[Delivery]:
        """All deliveries, newest first."""
        ...

    def clear(self) -> None:
        """Forget all deliveries; their numbers are not given again."""
        ...


class MemoryDeliveries:
    """Deliveries in memory."""

    __slots__ = ("_highest", "_kept", "_size")

    def __init__(self) -> None:
        self._kept: dict[int, Delivery] = {}
        self._highest = 0
        self._size = 0  # the bytes of all bodies

    def add(self, delivery: Delivery) -> Delivery:
        """Keep a delivery; the same with its number."""
        with _LOCK:
            self._highest += 1
            added = self._kept[self._highest] = delivery._replace(number=self._highest)
            self._size += len(added.request.body)
            while len(self._kept) > MOST_DELIVERIES or (self._size > MOST_BYTES and len(self._kept) > 1):
                oldest = self._kept.pop(next(iter(self._kept)))
                self._size -= len(oldest.request.body)
        return added

    def update(self, delivery: Delivery) -> None:
        """Keep how far a delivery is, unless it was forgotten."""
        with _LOCK:
            if delivery.number in self._kept:
                self._kept[delivery.number] = delivery

    def has(self, delivery: Delivery) -> bool:
        """Whether a delivery was not forgotten."""
        return delivery.number in self._kept

    def latest(self) -> list[Delivery]:
        """All deliveries, newest first."""
        with _LOCK:
            return [*reversed(self._kept.values())]

    def clear(self) -> None:
        """Forget all deliveries; their numbers are not given again."""
        with _LOCK:
            self._kept.clear()
            self._size = 0


class StoredDeliveries:
    """Deliveries in the store: each process sends its own, and all list them."""

    __slots__ = ("_records",)

    def __init__(self, records: Records) -> None:
        self._records = records

    def add(self, delivery: Delivery) -> Delivery:
        """Keep a delivery; the same with its number.

        The change that it tells of is committed, so it is sent also where the store cannot be reached.
        """
        with suppress(SandboxError):
            added = delivery._replace(number=self._records.next_number(DELIVERY))
            self._records.put(DELIVERY, str(added.number), _text(added))
            return added
        return delivery

    def update(self, delivery: Delivery) -> None:
        """Keep how far a delivery is, unless it was forgotten."""
        with suppress(SandboxError):
            self._records.update(DELIVERY, str(delivery.number), _text(delivery))

    def has(self, delivery: Delivery) -> bool:
        """Whether a delivery was not forgotten, as far as the store can be asked."""
        with suppress(SandboxError):
            return not delivery.number or self._records.get(DELIVERY, str(delivery.number)) is not None
        return True

    def latest(self) -> list[Delivery]:
        """All deliveries, newest first."""
        return [_delivery(text) for text in self._records.texts(DELIVERY, MOST_DELIVERIES)]

    def clear(self) -> None:
        """Forget all deliveries; their numbers are not given again."""
        self._records.clear(DELIVERY)


def _text(delivery: Delivery) -> str:
    """A delivery as JSON, without what its signature is made of."""
    request = delivery.request
    parts = [*request[:5], body_text(request.body)]
    return to_json([*delivery[:2], parts, *delivery[3:]]).decode()


def _delivery(text: str) -> Delivery:
    number, at, request, *progress = plain_numbers(parse_json(text.encode()).value)
    operation, callback, method, url, headers, body = request
    fields = tuple((name, value) for name, value in headers)
    return Delivery(number, at, OutgoingRequest(operation, callback, method, url, fields, body_of(body)), *progress)
