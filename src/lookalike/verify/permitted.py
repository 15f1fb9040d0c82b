"""Permitted: whether a request that somebody saved may be sent to a server, by what its target allows."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lookalike.http import Request
from lookalike.model.state import Key
from lookalike.verify.bench import Bench
from lookalike.verify.composing import Composer
from lookalike.verify.probes import sweep

_SAFE = {"GET", "HEAD", "OPTIONS"}


def forbidden(bench: Bench, request: Request) -> str:
    """Why a request must not be sent, or nothing: it may use the keys that a run itself would use, and no others."""
    compose = bench.compose
    ways = (compose, *(replace(compose, prefix=prefix) for prefix in bench.prefixes))
    if request.method not in {compose.operation.method, *_SAFE}:
        return f"{request.method} is never sent to a server that is judged"
    if request.path not in {path for way in ways for path in _paths(way)}:
        return f"{request.path} is about nothing that is owned, spare or absent in the target file"
    if request.path in {way.path(key) for way in ways for key in compose.pool.absent}:
        return ""
    key = _new_key(compose, request.body)
    if key is None or compose.pool.free or key in (*compose.owned, *compose.pool.spare):
        return ""
    return f"it would give the key {key!r} to an item, which is neither owned nor spare in the target file"


def _paths(compose: Composer) -> Iterator[str]:
    yield from map(compose.path, (*compose.owned, *compose.pool.spare, *compose.pool.absent))
    yield from (request.path for story in sweep(compose) for request in story)


def _new_key(compose: Composer, body: bytes) -> Key | None:
    """The key that a body gives to an item, if it has all that it takes to do so."""
    try:
        value: Any = json.loads(body)
    except ValueError:
        return None
    fields = getattr(compose.mover.action, "fields", {}) if compose.mover else {}
    members = {field: source.pointer[0] for field, source in fields.items()}
    if not isinstance(value, dict) or not members or any(member not in value for member in members.values()):
        return None
    key: Key = value[members[compose.identity]]
    return key
