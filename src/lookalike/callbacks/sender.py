"""Sending callbacks, beside the server: to this machine alone unless hosts are allowed, again where it fails."""

import ipaddress
import itertools
import queue
import ssl
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from threading import Lock, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lookalike.callbacks.deliveries import DELIVERED, FAILED, MOST_DELIVERIES, PENDING, REFUSED, Deliveries, Delivery
from lookalike.callbacks.outgoing import Callbacks, OutgoingRequest
from lookalike.contract.contract import Contract
from lookalike.http import Request
from lookalike.model.response.outcome import Outcome
from lookalike.pacing import without_limit

if TYPE_CHECKING:  # most documents have no webhooks
    from lookalike.callbacks.webhooks import Webhooks
    from lookalike.contract.webhooks import WebhookTarget

FindTargets = Callable[["Webhooks"], "Sequence[WebhookTarget]"]
"""Finds where the webhooks of a sandbox go."""

_PAUSES = (1.0, 2.0, 4.0, 8.0)  # seconds before the second to fifth attempt
_TIMEOUT = 10.0  # seconds
_THREADS = 4
_ENDED = "the mock ended before its next attempt"
_GRACE = 0.5  # seconds for the deliveries that wait when the process ends
_TRY_AGAIN = frozenset({408, 425, 429, *range(500, 600)})
_LONGEST_ANSWER = 64 * 1024
# `Via` says that another program is behind the request, so that no control API takes it for one of this machine.
_OWN_FIELDS = {"User-Agent": "lookalike", "Via": "1.1 lookalike"}


_DueDelivery = tuple[float, int, Delivery, Deliveries]
"""A delivery with the time at which it is due, the turn among those of one time, and where it is listed."""


class CallbackSender:
    """Sends callbacks in threads that end with the process; `hosts` are those that it may send to besides loopback.

    `targets` are where every sandbox sends its webhooks at first, and `secret` signs what no other secret does.
    """

    def __init__(
        self,
        hosts: Collection[str] = (),
        targets: "tuple[WebhookTarget, ...]" = (),
        secret: str = "",
        pauses: tuple[float, ...] = _PAUSES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hosts = hosts
        self.targets = targets
        self._secret = secret
        self._pauses = pauses
        self._clock = clock
        self._contract: Contract | None = None
        self._lock = Lock()
        self._turns = itertools.count()
        self._states: Counter[str] = Counter()
        self._due: queue.PriorityQueue[_DueDelivery] = queue.PriorityQueue()
        self._has_threads = False
        self._is_closed = False

    @property
    def states(self) -> Mapping[str, int]:
        """The number of the deliveries of this process by their state."""
        return self._states

    def follow(
        self, contract: Contract, request: Request, outcome: Outcome, deliveries: Deliveries, targets: FindTargets
    ) -> None:
        """Send the callbacks and webhooks that a request leads to, which has been committed in a sandbox."""
        if self._contract is not contract:
            self._callbacks = Callbacks(contract)
            self._webhooks = _webhooks(contract) if contract.webhooks else None
            self._contract = contract
        due = partial(self._callbacks.of, request, outcome.usual or outcome)
        self.send(without_limit(due), deliveries, request.at)  # the changes are committed already
        if self._webhooks is not None and outcome.changes:
            found = targets(self._webhooks)
            if found:
                events = partial(self._webhooks.of, request, outcome, found)
                self.send(without_limit(events), deliveries, request.at)

    def send(self, requests: Iterable[OutgoingRequest], deliveries: Deliveries, at: float) -> list[Delivery]:
        """Send callbacks soon; their deliveries as they are now, which are added to those of a sandbox."""
        return [self._begin(self._signed(request, at), deliveries, at) for request in requests]

    def close(self) -> None:
        """Tell of the deliveries that wait that they failed, since their process ends; another one may list them."""
        self._is_closed = True
        deadline = self._clock() + _GRACE
        while self._states[PENDING] and self._clock() < deadline:  # its threads do that
            time.sleep(0.01)

    def _begin(self, request: OutgoingRequest, deliveries: Deliveries, at: float) -> Delivery:
        why = request.why or refusal(request.url, self._hosts)
        if not why and self._due.qsize() >= MOST_DELIVERIES:
            why = f"{MOST_DELIVERIES} callbacks wait already"
        delivery = deliveries.add(Delivery(0, at, request, REFUSED if why else PENDING, error=why))
        self._count(delivery.state, 1)
        if not why:
            self._start()
            self._due.put((self._clock(), next(self._turns), delivery, deliveries))
        return delivery

    def _signed(self, request: OutgoingRequest, at: float) -> OutgoingRequest:
        """A request with the fields of its signature, where the document says how it is signed."""
        secret = request.secret or self._secret
        if request.signature is None or not secret:
            return request
        from lookalike.contract.signing import signed_fields

        fields = signed_fields(request.signature, secret, request.body, at)
        others = (field for field in request.headers if field[0] not in fields)
        return request._replace(headers=(*others, *fields.items()), secret="")

    def _start(self) -> None:
        with self._lock:
            if self._has_threads:
                return
            self._has_threads = True
        for _ in range(_THREADS):
            Thread(target=self._run, name="lookalike callbacks", daemon=True).start()

    def _run(self) -> None:
        while True:
            due, turn, delivery, deliveries = self._due.get()
            wait = due - self._clock()
            if self._is_closed:
                self._note(delivery._replace(state=FAILED, error=_ENDED), deliveries)
            elif wait > 0:
                time.sleep(min(wait, 0.05))
                self._due.put((due, turn, delivery, deliveries))
            elif deliveries.has(delivery):
                self._attempt(delivery, deliveries)
            else:
                self._count(PENDING, -1)

    def _attempt(self, delivery: Delivery, deliveries: Deliveries) -> None:
        status, error = _sent(delivery.request)
        attempts = delivery.attempts + 1
        again = attempts <= len(self._pauses) and (status is None or status in _TRY_AGAIN)
        is_delivered = status is not None and status < 300
        state = PENDING if again else DELIVERED if is_delivered else FAILED
        after = delivery._replace(state=state, attempts=attempts, status=status, error=error)
        self._note(after, deliveries)
        if again:
            self._due.put((self._clock() + self._pauses[attempts - 1], next(self._turns), after, deliveries))

    def _note(self, after: Delivery, deliveries: Deliveries) -> None:
        """Keep how far a delivery is that was pending."""
        deliveries.update(after)
        self._count(PENDING, -1)
        self._count(after.state, 1)

    def _count(self, state: str, more: int) -> None:
        with self._lock:
            self._states[state] += more


def _webhooks(contract: Contract) -> "Webhooks":
    from lookalike.callbacks.webhooks import Webhooks

    return Webhooks(contract)


def refusal(url: str, hosts: Collection[str]) -> str:
    """The reason why nothing may be sent to a URL: its host is none of those that are allowed; else empty."""
    host = (urlsplit(url).hostname or "").lower()
    if is_loopback(host) or host in {one.lower() for one in hosts}:
        return ""
    return f"callbacks go to this machine alone; allow the host with --callback-host {host}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its address or by a name that can be no other (RFC 6761 section 6.3)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _sent(request: OutgoingRequest) -> tuple[int | None, str]:
    """The status of the answer to a request, or the reason why there is none; redirects are not followed."""
    import http.client  # here, since few mocks send anything

    parts = urlsplit(request.url)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    try:
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname or "", parts.port, timeout=_TIMEOUT, context=context
            )
        else:
            connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT)
        try:
            connection.request(request.method, target, request.body or None, {**dict(request.headers), **_OWN_FIELDS})
            answer = connection.getresponse()
            answer.read(_LONGEST_ANSWER)
            return answer.status, ""
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        return None, str(error) or type(error).__name__
