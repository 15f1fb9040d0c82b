"""The memory store: all of a decision or nothing, under keys and aliases."""

import sys
from collections.abc import Callable, Iterable, Iterator
from threading import Thread
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.model.state import Change, Delete, Key, Put, State
from lookalike.stores.memory import MemoryStore


class Decided(NamedTuple):
    changes: tuple[Change, ...]
    seen: Any = None


def commit(store: MemoryStore, *changes: Change) -> None:
    store.transact(lambda state: Decided(changes))


def contents(store: MemoryStore) -> list[tuple[Key, Any]]:
    return store.read(lambda state: list(state.items("lead")))


def put(key: Key, *aliases: Key, **item: Any) -> Put:
    return Put("lead", key, {"key": key, **item}, aliases)


def test_what_was_put_is_found_under_its_key_until_it_is_deleted() -> None:
    store = MemoryStore([put(1, a=1)])
    commit(store, put(2), put(1, a=2))
    assert contents(store) == [(1, {"key": 1, "a": 2}), (2, {"key": 2})]
    commit(store, Delete("lead", 1), Delete("lead", 7), Delete("nothing", 7))
    assert (store.get("lead", 1), store.get("lead", 2)) == (None, {"key": 2})


def test_nothing_is_found_in_a_resource_that_nobody_has_put_anything_into() -> None:
    assert MemoryStore().get("lead", 1) is None
    assert list(MemoryStore().items("lead")) == []


def test_resources_do_not_meet() -> None:
    store = MemoryStore([put(1), Put("tag", 1, {"tag": True})])
    commit(store, Delete("tag", 1))
    assert store.get("lead", 1) == {"key": 1}


def test_aliases_lead_to_the_item_and_go_with_it() -> None:
    store = MemoryStore([put(1, 911, 811), put(2, 912)])
    assert store.get("lead", 911) == store.get("lead", 811) == {"key": 1}
    commit(store, Delete("lead", 1))
    assert [store.get("lead", key) for key in (1, 911, 811, 912)] == [None, None, None, {"key": 2}]


def test_a_new_put_replaces_the_aliases_of_the_old_one() -> None:
    store = MemoryStore([put(1, 911)])
    commit(store, put(1, 811))
    assert [store.get("lead", key) for key in (1, 911, 811)] == [{"key": 1}, None, {"key": 1}]
    commit(store, put(1))
    assert store.get("lead", 811) is None


def test_a_move_takes_the_item_and_its_aliases_along() -> None:
    store = MemoryStore([put(1, 911)])
    commit(store, Delete("lead", 1), put(2, 912))
    assert [store.get("lead", key) for key in (1, 911, 2, 912)] == [None, None, {"key": 2}, {"key": 2}]


def test_a_key_goes_before_an_alias() -> None:
    store = MemoryStore([put(1, 2), put(2)])
    assert store.get("lead", 2) == {"key": 2}


def test_a_text_is_not_the_number_that_it_spells() -> None:
    assert MemoryStore([put(1)]).get("lead", "1") is None


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_decision_that_fails_changes_nothing_and_leaves_the_store_usable(error: type[BaseException]) -> None:
    store = MemoryStore([put(1)])

    def fail(state: State) -> Decided:
        raise error

    with pytest.raises(error):
        store.transact(fail)
    assert contents(store) == [(1, {"key": 1})]
    in_a_thread(lambda: commit(store, put(2)))
    assert store.get("lead", 2) == {"key": 2}


def test_a_decision_returns_what_it_decided() -> None:
    assert MemoryStore().transact(lambda state: Decided((), "seen")).seen == "seen"


def test_replace_forgets_everything_else_aliases_included() -> None:
    store = MemoryStore([put(1, 911), Put("tag", 1, {})])
    store.replace([put(2)])
    assert contents(store) == [(2, {"key": 2})]
    assert (store.get("lead", 911), store.get("tag", 1)) == (None, None)


def test_a_decision_may_read_inside_of_itself() -> None:
    store = MemoryStore([put(1)])
    assert store.transact(lambda state: Decided((), store.read(lambda inner: inner.get("lead", 1)))).seen == {"key": 1}


@pytest.fixture(autouse=True)
def impatient_threads() -> Iterator[None]:
    """Threads take turns after microseconds, so that what can go wrong between them does."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_decisions_wait_for_each_other() -> None:
    """Each adds one to what it reads; where two overlapped, one would be lost."""
    store = MemoryStore([put("n", value=0)])

    def increment(state: State) -> Decided:
        item = state.get("lead", "n")
        assert item is not None
        return Decided((put("n", value=item["value"] + 1),))

    def many() -> None:
        for _ in range(200):
            store.transact(increment)

    in_threads([many] * 8)
    assert store.get("lead", "n") == {"key": "n", "value": 1600}


def test_nobody_sees_half_of_a_decision() -> None:
    store = MemoryStore([put("a", value=0), put("b", value=0)])
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


@settings(max_examples=300, deadline=None)
@given(changes=changes)
def test_a_store_remembers_what_a_list_of_its_changes_says(changes: list[Change]) -> None:
    """The last change of each key counts, and an alias leads to whoever took it last, while that one has it."""
    store = MemoryStore()
    commit(store, *changes)
    last = {change.key: change for change in changes}
    present = {key: change for key, change in last.items() if isinstance(change, Put)}
    assert {key for key, _ in contents(store)} == present.keys()
    for alias in range(10, 15):
        takers = [change for change in changes if isinstance(change, Put) and alias in change.aliases]
        if takers and present.get(takers[-1].key) is takers[-1]:
            assert store.get("lead", alias) is not None
        elif not any(alias in change.aliases for change in present.values()):
            assert store.get("lead", alias) is None
