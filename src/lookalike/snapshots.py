"""Snapshots: the whole state of a sandbox as a value, which can be restored, and written to a file and read from one.

The file is JSON, so that a test suite can keep it beside its tests, and a person can read and edit it.
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from lookalike.codecs.json_text import parse_json, plain_numbers, to_json
from lookalike.errors import UsageError
from lookalike.faults.plan import Counter
from lookalike.faults.settings import FaultState
from lookalike.json_values import is_number
from lookalike.model.state import Item
from lookalike.oauth.grants import SignIns
from lookalike.stores.records import Records

if TYPE_CHECKING:  # most documents have no webhooks
    from lookalike.contract.webhooks import WebhookTarget


class MockClock(NamedTuple):
    """A clock that was set: `offset` is in seconds after the real time; a clock that is stopped shows `stopped_at`."""

    offset: float = 0.0
    stopped_at: float | None = None

    def time(self, real: float) -> float:
        """The time that it shows, in seconds since 1970, at a real time."""
        return real + self.offset if self.stopped_at is None else self.stopped_at


class Snapshot(NamedTuple):
    """The state of a sandbox: `items` by resource, and what else decides how it answers.

    `numbers` are the highest numbers that keys were made of, so that none comes twice; `readings` are the choices that
    were made since the start, and `webhook_targets` the URLs that webhooks go to. Of these and the others that are no
    items, each is None where it is as at the start.
    """

    items: Mapping[str, list[Item]]
    numbers: Mapping[str, int] = {}
    readings: Mapping[str, str] = {}
    clock: MockClock | None = None
    faults: FaultState | None = None
    sign_ins: SignIns | None = None
    webhook_targets: "tuple[WebhookTarget, ...] | None" = None


_MEMBERS = Snapshot._fields
_RECORD = "snapshot"


def _number_of_items(snapshot: Snapshot) -> int:
    return sum(map(len, snapshot.items.values()))


class Snapshots(Mapping[str, Snapshot]):
    """The snapshots of a sandbox by name."""

    @property
    @abstractmethod
    def sizes(self) -> Mapping[str, int]:
        """The number of items in each snapshot, by its name."""

    @abstractmethod
    def keep(self, name: str, snapshot: Snapshot) -> None:
        """Keep a snapshot under a name."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Delete the snapshot of a name, if there is one."""

    def __iter__(self) -> Iterator[str]:
        return iter(self.sizes)

    def __len__(self) -> int:
        return len(self.sizes)


class MemorySnapshots(Snapshots):
    """Snapshots in memory."""

    def __init__(self) -> None:
        self._kept: Mapping[str, Snapshot] = {}

    @property
    def sizes(self) -> Mapping[str, int]:
        """The number of items in each snapshot, by its name."""
        return {name: _number_of_items(snapshot) for name, snapshot in self._kept.items()}

    def keep(self, name: str, snapshot: Snapshot) -> None:
        """Keep a snapshot under a name."""
        self._kept = {**self._kept, name: snapshot}

    def delete(self, name: str) -> None:
        """Delete the snapshot of a name, if there is one."""
        self._kept = {other: kept for other, kept in self._kept.items() if other != name}

    def __getitem__(self, name: str) -> Snapshot:
        return self._kept[name]


class StoredSnapshots(Snapshots):
    """Snapshots in the store, where all of its processes find them."""

    __slots__ = ("_records",)

    def __init__(self, records: Records) -> None:
        self._records = records

    @property
    def sizes(self) -> Mapping[str, int]:
        """The number of items in each snapshot, by its name."""
        return self._records.names(_RECORD)

    def keep(self, name: str, snapshot: Snapshot) -> None:
        """Keep a snapshot under a name."""
        self._records.put(_RECORD, name, to_json(as_data(snapshot)).decode(), _number_of_items(snapshot))

    def delete(self, name: str) -> None:
        """Delete the snapshot of a name, if there is one."""
        self._records.delete(_RECORD, name)

    def __getitem__(self, name: str) -> Snapshot:
        text = self._records.get(_RECORD, name)
        if text is None:
            raise KeyError(name)
        return read_snapshot(plain_numbers(parse_json(text.encode()).value), "the snapshot")


def as_data(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot as it is written to a file."""
    clock = None if snapshot.clock is None else snapshot.clock._asdict()
    faults = None if snapshot.faults is None else snapshot.faults._asdict()
    sign_ins = None if snapshot.sign_ins is None else snapshot.sign_ins._asdict()
    targets = snapshot.webhook_targets and [one._asdict() for one in snapshot.webhook_targets]
    others = {"clock": clock, "faults": faults, "sign_ins": sign_ins, "webhook_targets": targets}
    return {**snapshot._asdict(), **others}


def read_snapshot(data: Any, name: str) -> Snapshot:
    """A snapshot from the data of a file; raises `UsageError` with the name of the file and the place in it.

    Items are not checked: that needs the contract.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("items"), Mapping):
        raise UsageError(f"{name}: expected a snapshot, as in `items: {{pet: [{{name: Rex}}]}}`")
    unknown = data.keys() - set(_MEMBERS)
    if unknown:
        raise UsageError(f"{name}: there is no member {min(map(str, unknown))!r}; there are: {', '.join(_MEMBERS)}")
    numbers, readings = data.get("numbers", {}), data.get("readings", {})
    if not _is_map_of(numbers, int):
        raise UsageError(f"{name} (#/numbers): expected an integer for each resource")
    if not _is_map_of(readings, str):
        raise UsageError(f"{name} (#/readings): expected a choice for each reading")
    return Snapshot(
        data["items"],
        numbers,
        readings,
        _clock(data.get("clock"), name),
        _faults(data.get("faults"), name),
        _sign_ins(data.get("sign_ins"), name),
        _webhook_targets(data.get("webhook_targets"), name),
    )


def _clock(data: Any, name: str) -> MockClock | None:
    if data is None:
        return None
    if not isinstance(data, Mapping) or data.keys() != set(MockClock._fields):
        raise UsageError(f"{name} (#/clock): expected null, or offset and stopped_at")
    stopped_at = data["stopped_at"]
    if not _is_time(data["offset"]) or not (stopped_at is None or _is_time(stopped_at)):
        raise UsageError(f"{name} (#/clock): offset and stopped_at must be seconds")
    return MockClock(float(data["offset"]), None if stopped_at is None else float(stopped_at))


def _faults(data: Any, name: str) -> FaultState | None:
    if data is None:
        return None
    if not isinstance(data, Mapping) or data.keys() != set(FaultState._fields):
        raise UsageError(f"{name} (#/faults): expected null, or rules and counts")
    rules, counts = data["rules"], data["counts"]
    if not (rules is None or isinstance(rules, Mapping)):
        raise UsageError(f"{name} (#/faults/rules): expected null, or rules by name")
    if not isinstance(counts, Mapping) or not all(map(_is_counter, counts.values())):
        raise UsageError(f"{name} (#/faults/counts): expected the requests and the window of each counter")
    return FaultState(rules, {key: Counter(*count) for key, count in counts.items()})


def _sign_ins(data: Any, name: str) -> SignIns | None:
    if data is None:
        return None
    if not isinstance(data, Mapping) or data.keys() != set(SignIns._fields):
        raise UsageError(f"{name} (#/sign_ins): expected null, or spent and devices")
    spent, devices = data["spent"], data["devices"]
    if not isinstance(spent, Mapping) or not all(map(_is_time, spent.values())):
        raise UsageError(f"{name} (#/sign_ins/spent): expected a time, in seconds, for each token")
    if not isinstance(devices, Mapping) or not all(map(_is_device, devices.values())):
        raise UsageError(f"{name} (#/sign_ins/devices): expected a user and a time for each code")
    return SignIns(spent, {code: (user, at) for code, (user, at) in devices.items()})


def _webhook_targets(data: Any, name: str) -> "tuple[WebhookTarget, ...] | None":
    if data is None:
        return None
    from lookalike.contract.webhooks import read_targets

    return read_targets(data, f"{name}, webhook_targets")


def _is_device(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and isinstance(value[0], str) and _is_time(value[1])


def _is_counter(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(type(number) is int for number in value)


def _is_time(value: Any) -> bool:
    return is_number(value) and abs(value) < 1e12


def _is_map_of(data: Any, kind: type) -> bool:
    return isinstance(data, Mapping) and all(type(value) is kind for value in data.values())
