"""Opening stores by the URL of `--store`."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from lookalike.errors import UsageError
from lookalike.stores.memory import DEFAULT_STATE_SIZE, MemoryStores
from lookalike.stores.sql import SqlStores
from lookalike.stores.sqlite import SqliteDatabase

Stores = MemoryStores | SqlStores


def open_stores(url: str, size: int, is_durable: bool = False, state_size: int = DEFAULT_STATE_SIZE) -> Stores:
    """The stores at a URL: `memory:`, `sqlite:///FILE` or `postgresql://HOST/DATABASE`.

    `size` bounds the items of a named sandbox, `state_size` those of the default one in memory. Raises `UsageError`
    where they cannot be opened.
    """
    open_scheme = _SCHEMES.get(url.partition(":")[0].lower() if ":" in url else "")
    if open_scheme is None:
        raise UsageError(
            f"--store: {url.partition(':')[0]!r} is no kind of store",
            "Write memory:, sqlite:///FILE or postgresql://HOST/DATABASE",
        )
    return open_scheme(url, _Bounds(size, state_size), is_durable)


def is_shared_store(url: str) -> bool:
    """Whether several processes can share the store at a URL."""
    return url.partition(":")[0].lower() != "memory"


class _Bounds(NamedTuple):
    """The most bytes of items: of a named sandbox, and of the default one in memory."""

    sandbox: int
    default: int


def _memory(url: str, bounds: _Bounds, is_durable: bool) -> Stores:
    return MemoryStores(bounds.sandbox, state_size=bounds.default)


def _sqlite(url: str, bounds: _Bounds, is_durable: bool) -> Stores:
    """A path after three slashes is relative, after four absolute, as in URLs of SQLAlchemy."""
    parts = urlsplit(url)
    if parts.netloc or len(parts.path) < 2:
        raise UsageError(f"--store: {url} names no file", "Write sqlite:///state.db, or sqlite:////var/state.db")
    return SqlStores(SqliteDatabase(Path(unquote(parts.path[1:])), is_durable), bounds.sandbox)


def _postgresql(url: str, bounds: _Bounds, is_durable: bool) -> Stores:
    if find_spec("psycopg") is None:
        raise UsageError("--store postgresql://… needs psycopg", "Install it: pip install 'lookalike[postgresql]'")
    from lookalike.stores.postgresql import PostgresqlDatabase

    return SqlStores(PostgresqlDatabase(url), bounds.sandbox)


_SCHEMES: Mapping[str, Callable[[str, _Bounds, bool], Stores]] = {
    "memory": _memory,
    "sqlite": _sqlite,
    "postgresql": _postgresql,
    "postgres": _postgresql,
}
