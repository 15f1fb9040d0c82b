"""Every store: all of a decision or nothing, under keys and aliases."""

import sys
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookalike.errors import SandboxError
from lookalike.model.state import Change, Delete, Item, Key, Put, State
from lookalike.stores.layers import Layer
from lookalike.stores.memory import InitialItems, MemoryStore, MemoryStores
from lookalike.stores.opening import open_stores
from lookalike.stores.sql import SqlStores
from lookalike.stores.store import Store
from tests.support.databases import PostgresqlServer

pytestmark = pytest.mark.usefixtures("impatient_threads")

KINDS = ("memory", "sqlite", "postgresql")
Make = Callable[..., Store]


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Makes a store with some items; each is a sandbox of one database."""
    with ExitStack() as stack:
        if request.param == "postgresql":
            server: PostgresqlServer = request.getfixturevalue("postgresql_server")
            stores = open_stores(stack.enter_context(server.database()), 2**20)
        else:
            stores = open_stores(
                {"memory": "memory:", "sqlite": f"sqlite:///{tmp_path}/state.db"}[request.param], 2**30
            )
        stack.callback(stores.close)
        numbers = count()

        def make_one(changes: Iterable[Change] = ()) -> Store:
            store = stores.open(f"sandbox-{next(numbers)}")
            store.replace(changes)
            return store

        yield make_one


class Decided(NamedTuple):
    changes: tuple[Change, ...]
    seen: Any = None


def commit(store: Store, *changes: Change) -> None:
    store.transact(lambda state: Decided(changes))


def contents(store: Store) -> list[tuple[Key, Any]]:
    return store.read(lambda state: list(state.items("lead")))


def put(key: Key, *aliases: Key, **item: Any) -> Put:
    return Put("lead", key, {"key": key, **item}, aliases)


def get(store: Store, resource: str, key: Key) -> Item | None:
    return store.read(lambda state: state.get(resource, key))


def test_what_was_put_is_found_under_its_key_until_it_is_deleted(make: Make) -> None:
    store = make([put(1, a=1)])
    commit(store, put(2), put(1, a=2))
    assert contents(store) == [(1, {"key": 1, "a": 2}), (2, {"key": 2})]
    commit(store, Delete("lead", 1), Delete("lead", 7), Delete("nothing", 7))
    assert (get(store, "lead", 1), get(store, "lead", 2)) == (None, {"key": 2})


def test_nothing_is_found_in_a_resource_that_nobody_has_put_anything_into(make: Make) -> None:
    assert get(make(), "lead", 1) is None
    assert contents(make()) == []


def test_resources_do_not_meet(make: Make) -> None:
    store = make([put(1), Put("tag", 1, {"tag": True})])
    commit(store, Delete("tag", 1))
    assert get(store, "lead", 1) == {"key": 1}


def test_aliases_lead_to_the_item_and_go_with_it(make: Make) -> None:
    store = make([put(1, 911, 811), put(2, 912)])
    assert get(store, "lead", 911) == get(store, "lead", 811) == {"key": 1}
    commit(store, Delete("lead", 1))
    assert [get(store, "lead", key) for key in (1, 911, 811, 912)] == [None, None, None, {"key": 2}]


def test_a_new_put_replaces_the_aliases_of_the_old_one(make: Make) -> None:
    store = make([put(1, 911)])
    commit(store, put(1, 811))
    assert [get(store, "lead", key) for key in (1, 911, 811)] == [{"key": 1}, None, {"key": 1}]
    commit(store, put(1))
    assert get(store, "lead", 811) is None


def test_a_move_takes_the_item_and_its_aliases_along(make: Make) -> None:
    store = make([put(1, 911)])
    commit(store, Delete("lead", 1), put(2, 912))
    assert [get(store, "lead", key) for key in (1, 911, 2, 912)] == [None, None, {"key": 2}, {"key": 2}]


def test_a_key_goes_before_an_alias(make: Make) -> None:
    store = make([put(1, 2), put(2)])
    assert get(store, "lead", 2) == {"key": 2}


def test_a_text_is_not_the_number_that_it_spells(make: Make) -> None:
    assert get(make([put(1)]), "lead", "1") is None


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_decision_that_fails_changes_nothing_and_leaves_the_store_usable(
    make: Make, error: type[BaseException]
) -> None:
    store = make([put(1)])

    def fail(state: State) -> Decided:
        raise error

    with pytest.raises(error):
        store.transact(fail)
    assert contents(store) == [(1, {"key": 1})]
    in_a_thread(lambda: commit(store, put(2)))
    assert get(store, "lead", 2) == {"key": 2}


def test_a_decision_returns_what_it_decided(make: Make) -> None:
    assert make().transact(lambda state: Decided((), "seen")).seen == "seen"


def test_replace_forgets_everything_else_aliases_included(make: Make) -> None:
    store = make([put(1, 911), Put("tag", 1, {})])
    store.replace([put(2)])
    assert contents(store) == [(2, {"key": 2})]
    assert (get(store, "lead", 911), get(store, "tag", 1)) == (None, None)


def test_a_decision_may_read_inside_of_itself(make: Make) -> None:
    store = make([put(1)])
    assert store.transact(lambda state: Decided((), store.read(lambda inner: inner.get("lead", 1)))).seen == {"key": 1}


def test_decisions_wait_for_each_other(make: Make) -> None:
    """Each adds one to what it reads; where two overlapped, one would be lost."""
    store = make([put("n", value=0)])

    def increment(state: State) -> Decided:
        item = state.get("lead", "n")
        assert item is not None
        return Decided((put("n", value=item["value"] + 1),))

    def many() -> None:
        for _ in range(200):
            store.transact(increment)

    in_threads([many] * 8)
    assert get(store, "lead", "n") == {"key": "n", "value": 1600}


def test_nobody_sees_half_of_a_decision(make: Make) -> None:
    store = make([put("a", value=0), put("b", value=0)])
    torn: list[Any] = []

    def write() -> None:
        for value in range(300):
            commit(store, put("a", value=value), put("b", value=value))

    def look() -> None:
        for _ in range(300):
            a, b = store.read(lambda state: (state.get("lead", "a"), state.get("lead", "b")))
            torn.extend([(a, b)] if a is None or b is None or a["value"] != b["value"] else [])

    in_threads([write, look, write, look])
    assert torn == []


def in_threads(works: Iterable[Callable[[], None]]) -> None:
    threads = [Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)


def in_a_thread(work: Callable[[], None]) -> None:
    in_threads([work])


keys = st.integers(0, 4)
aliases = st.sets(st.integers(10, 14), max_size=2).map(tuple)
changes = st.lists(
    st.one_of(st.builds(Delete, st.just("lead"), keys), st.builds(Put, st.just("lead"), keys, st.just({}), aliases)),
    max_size=12,
)


FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(changes=changes)
def test_a_store_remembers_what_a_list_of_its_changes_says(make: Make, changes: list[Change]) -> None:
    """The last change of each key counts, and an alias leads to whoever took it last, while that one has it."""
    store = make()
    commit(store, *changes)
    last = {change.key: change for change in changes}
    present = {key: change for key, change in last.items() if isinstance(change, Put)}
    assert {key for key, _ in contents(store)} == present.keys()
    for alias in range(10, 15):
        takers = [change for change in changes if isinstance(change, Put) and alias in change.aliases]
        if takers and present.get(takers[-1].key) is takers[-1]:
            assert get(store, "lead", alias) is not None
        elif not any(alias in change.aliases for change in present.values()):
            assert get(store, "lead", alias) is None


parents = st.one_of(st.none(), st.sampled_from(["p", 1, "1"]))
puts = st.builds(Put, st.just("lead"), keys, st.fixed_dictionaries({"n": st.integers(0, 3)}), aliases, parents, keys)
FIRST: st.SearchStrategy[list[Put]] = st.lists(puts, max_size=4)
commits = st.lists(st.lists(st.one_of(st.builds(Delete, st.just("lead"), keys), puts), max_size=4), max_size=5)


UNLIKE: list[Any] = [1, 11, "1", 1.0, None, []]


def all_of(state: State) -> Any:
    """All that a state can be asked."""
    return (
        list(state.items("lead")),
        [state.get("lead", key) for key in range(15)],
        [(state.children("lead", parent), state.count("lead", parent)) for parent in (None, "p", 1, "1", 7)],
        [state.children("lead", None, start, stop) for start in range(3) for stop in (None, 0, 1, 2, 9)],
        [state.children("lead", "p", 1, stop) for stop in (None, 0, 2)],
        [state.has_all("lead", [key, 0]) for key in UNLIKE],
        state.number("lead"),
    )


@FEW
@given(first=FIRST, commits=commits)
def test_every_store_shows_what_memory_shows(make: Make, first: list[Put], commits: list[list[Change]]) -> None:
    """Order, parents, pages and numbers too, whether the first items are shared or its own."""
    initial = list({one.key: one for one in first}.values())
    expected = MemoryStore(initial)
    shared, own = make(InitialItems(initial)), make(initial)
    for one in ((), *commits):
        for store in (expected, shared, own):
            commit(store, *one)
        assert shared.read(all_of) == own.read(all_of) == expected.read(all_of)


@FEW
@given(first=FIRST, commits=commits)
def test_what_is_read_at_length_stays_as_it_is_while_others_change_the_store(
    first: list[Put], commits: list[list[Change]]
) -> None:
    """In memory; a transaction of a database locks others out."""
    store = MemoryStores(2**20).open("a sandbox")
    store.replace(InitialItems({one.key: one for one in first}.values()))

    def look(state: State, others: list[Change]) -> Decided:
        before = all_of(state)
        in_a_thread(partial(commit, store, *others))
        return Decided((), all_of(state) == before)

    assert all(store.transact_at_length(partial(look, others=others)).seen for others in commits)


KEYS: list[Key] = [0, -1, 10**30, "", "1", "é/ü", "\x00", "'; DROP TABLE lookalike_items; --", "k" * 5000, "?"]


@pytest.mark.parametrize("key", KEYS, ids=[str(number) for number in range(len(KEYS))])
def test_any_key_and_any_text_come_back(make: Make, key: Key) -> None:
    item = {"text": f"{key}%s?", "big": 10**40, "float": 1.0, "int": 1, "none": None, "nested": [{"a": [True]}]}
    store = make([Put("lead", key, item, (f"alias of {key}",), "p")])
    commit(store, Put("lead", key, item, (f"alias of {key}",), key))
    assert contents(store) == [(key, item)]
    assert repr(contents(store)) == repr([(key, item)])
    assert store.read(lambda state: (state.children("lead", key), state.get("lead", f"alias of {key}"))) == (
        [item],
        item,
    )


def test_sandboxes_of_one_database_do_not_meet(make: Make) -> None:
    one, other = make([put(1, 9, a=1)]), make([put(1, 9, a=2)])
    commit(one, Delete("lead", 1))
    assert (contents(one), contents(other)) == ([], [(1, {"key": 1, "a": 2})])
    other.drop()
    one.replace([put(3)])
    assert contents(one) == [(3, {"key": 3})]


def test_a_store_is_untouched_until_something_is_changed(make: Make) -> None:
    store = make(InitialItems([put(1)]))
    commit(store)
    assert store.is_untouched
    commit(store, put(2))
    changed = store.is_untouched
    store.replace(InitialItems([put(1)]))
    assert (changed, store.is_untouched, contents(store)) == (False, True, [(1, {"key": 1})])


class Compared(str):
    """A key that counts how often keys are compared."""

    __slots__ = ()
    times = 0

    def __eq__(self, other: object) -> bool:
        Compared.times += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_a_change_of_one_item_looks_at_no_alias_of_others() -> None:
    store = MemoryStore(put(Compared(key), Compared(f"alias {key}")) for key in range(500))
    Compared.times = 0
    commit(store, put(Compared(7), Compared("another alias")), Delete("lead", Compared(8)))
    assert Compared.times < 20
    assert [get(store, "lead", Compared(name)) is None for name in ("alias 7", "another alias", "alias 8")] == [
        True,
        False,
        True,
    ]


def test_a_thousand_changed_sandboxes_take_the_memory_of_their_changes() -> None:
    """10,000 items of 10 parents, with an alias each, would take more than a megabyte in each sandbox."""
    items = InitialItems(
        Put("lead", number, {"n": number}, (f"alias {number}",), number % 10, number) for number in range(10_000)
    )
    stores = MemoryStores(2**20)
    changed = [stores.open(f"sandbox-{number}") for number in range(1000)]
    for store in changed:
        store.replace(items)
    tracemalloc.start()
    try:
        for store in changed:
            commit(store, Put("lead", 7, {"n": 0}, ("another",), 8), Delete("lead", 9), Put("lead", -1, {}, (), 7))
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken / len(changed) < 10_000
    assert [store.count("lead", 8) for store in changed[:2]] == [1001, 1001]


def test_a_sandbox_that_deletes_all_initial_items_remembers_none_of_them() -> None:
    layer = Layer({key: key for key in range(100)})
    for key in range(100):
        del layer[key]
    layer[5] = 1
    assert (layer.size, list(layer.items())) == (1, [(5, 1)])


@pytest.fixture(params=["sqlite", "postgresql"])
def bounded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStores]:
    """Stores whose sandboxes have at most 16,000 bytes of items."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path}/state.db"
        if request.param == "postgresql":
            url = stack.enter_context(request.getfixturevalue("postgresql_server").database())
        stores = open_stores(url, 16_000)
        stack.callback(stores.close)
        assert isinstance(stores, SqlStores)
        yield stores


def of_size(key: int, size: int) -> Put:
    return Put("pet", key, {"text": "x" * (size - len('{"text":""}'))})


def test_the_items_of_a_sandbox_in_a_database_have_a_size_beyond_the_initial_ones(bounded: SqlStores) -> None:
    store = bounded.open("a")
    store.begin(InitialItems((of_size(0, 50_000),)), lambda settings: None)
    for key in range(1, 17):
        commit(store, of_size(key, 1000))
    with pytest.raises(SandboxError, match="more than 16000 bytes") as refused:
        commit(store, of_size(17, 1001))
    assert (refused.value.status, "--sandbox-size" in str(refused.value)) == (507, True)
    assert store.read(lambda state: state.count("pet", None)) == 17
    commit(store, Delete("pet", 0))
    commit(store, of_size(17, 1001))
    with pytest.raises(SandboxError):
        store.replace([of_size(0, 16_001)])
    assert store.read(lambda state: state.count("pet", None)) == 17
    store.replace([of_size(0, 16_000)])
    commit(store, of_size(1, 16_000))
    with pytest.raises(SandboxError):
        commit(store, of_size(2, 1001))
    bounded.open("default").replace([of_size(0, 100_000)])


def test_other_threads_may_run_between_the_items_that_a_reset_frees() -> None:
    order: list[str] = []

    class Value:
        def __del__(self) -> None:
            order.append("freed")

    def note(frame: Any, event: str, called: Any) -> None:
        if event == "c_call" and called.__name__ == "pop":
            order.append("turn")

    store = MemoryStore([Put("pet", number, {"value": Value()}) for number in range(3)])
    sys.setprofile(note)
    store.replace(())
    sys.setprofile(None)
    assert order == ["turn", "freed"] * 3
