"""The target: what the user says about the server, and may be done to it."""

import json
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lookalike.contract.contract import Contract
from lookalike.durations import seconds_of
from lookalike.errors import UsageError
from lookalike.model.resources.keys import key_fields
from lookalike.model.state import Item, Key
from lookalike.openapi.document import Document, load_document
from lookalike.schema.validator import Schemas
from lookalike.verify.server.token_command import token_of

# In place of a part of a key that the user did not tell; no item has it.
UNKNOWN_KEY_PART = -1

_SCHEMA = Path(__file__).with_name("target.schema.json")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Tokens of one security scheme; those that are None cannot be tried.

    `command` prints another valid token when that one has run out; without words there is none.
    """

    valid: str
    expired: str | None = None
    revoked: str | None = None
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """What there is of a resource: items that may be changed, keys that they may get, and keys of nothing.

    `resettable` tells that anything may be written, since the server can be reset.
    """

    owned: tuple[Item, ...] = ()
    spare: tuple[Key, ...] = ()
    absent: tuple[Key, ...] = ()
    tags: tuple[Any, ...] | None = None
    data_keys: tuple[str, ...] = ()
    resettable: bool = False


@dataclass(frozen=True, slots=True)
class ReadOperation:
    """How an item can be read: a path with its key, a pointer to the item in the answer, and where its fields are.

    With `method` POST, `search` is the body to send, with the key in it. `settle` is in seconds.
    """

    path: str
    item: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    settle: float = 0.0
    method: str = "GET"
    search: Any = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """A known deviation: which clause, why it is put up with, and until which day (ISO 8601)."""

    clause: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class Target:
    """Everything that is known about a server before the first request; reads may lag behind for `settle` seconds."""

    credentials: Mapping[str, Credentials]
    pools: Mapping[str, Pool]
    observe: Mapping[str, ReadOperation] = field(default_factory=dict)
    readings: Mapping[str, str] = field(default_factory=dict)
    base_path: str = ""
    waivers: tuple[Waiver, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    settle: float = 0.0


def load_target(path: Path, contract: Contract) -> Target:
    """Read a target file; raises `UsageError` with file, line and pointer for what is not as it must be."""
    document = load_document(path)
    raw = _filled(document.data, str(path))
    found = [
        str(document.problem(violation.message, violation.pointer))
        for violation in Schemas(load_document(_SCHEMA).data).at().violations(raw, "target", "the target file")
    ]
    if found:
        raise UsageError("\n".join(found))
    resources = raw.get("resources", {})
    for part in ("resources", "observe"):
        for name in raw.get(part, {}):
            if name not in contract.resources:
                raise UsageError(str(document.problem(f"there is no resource {name!r}", (part, name))))
    target = Target(
        credentials={name: _credentials(document, name, tokens) for name, tokens in raw.get("credentials", {}).items()},
        pools={name: _pool(contract, document, name, pool) for name, pool in resources.items()},
        observe={name: _observe(contract, document, name, entry) for name, entry in raw.get("observe", {}).items()},
        readings={name: str(choice) for name, choice in raw.get("readings", {}).items()},
        base_path=raw.get("base_path", ""),
        waivers=tuple(Waiver(**waiver) for waiver in raw.get("waivers", ())),
        allowed_hosts=tuple(raw.get("allowed_hosts", ())),
        parameters=dict(raw.get("parameters", {})),
        settle=_settle(raw),
    )
    contract.choices(target.readings)
    return target


def _pool(contract: Contract, document: Document, name: str, raw: Mapping[str, Any]) -> Pool:
    owned = []
    unknown = dict.fromkeys(sorted(key_fields(contract.resources[name])), UNKNOWN_KEY_PART)
    for index, item in enumerate(raw.get("owned", ())):
        whole = {**unknown, **contract.item_defaults[name], **item}
        problems = [violation.message for violation in contract.item_schemas[name].violations(whole, "item", name)]
        if problems:
            raise UsageError(str(document.problem(problems[0], ("resources", name, "owned", index))))
        owned.append(whole)
    tags = raw.get("tags")
    return Pool(
        owned=tuple(owned),
        spare=tuple(raw.get("spare", ())),
        absent=tuple(raw.get("absent", ())),
        tags=None if tags is None else tuple(tags),
        data_keys=tuple(raw.get("data_keys", ())),
    )


def _credentials(document: Document, name: str, raw: Mapping[str, Any]) -> Credentials:
    tokens = dict(raw)
    written = tokens.pop("token_command", None)
    if written is None:
        return Credentials(**tokens)
    try:
        command = tuple(shlex.split(written) if isinstance(written, str) else written)
    except ValueError:  # a quotation without an end
        command = ()
    if not command:
        place = ("credentials", name, "token_command")
        raise UsageError(str(document.problem("this is not a command: a word is missing, or a quotation mark", place)))
    return Credentials(**tokens, valid=token_of(command), command=command)


def _observe(contract: Contract, document: Document, name: str, raw: Mapping[str, Any]) -> ReadOperation:
    method = "GET" if "get" in raw else "POST"
    key = "{" + contract.resources[name].keys.values[0][0][0] + "}"
    path, search = raw[method.lower()], raw.get("body")
    if key not in path + json.dumps(search):
        raise UsageError(str(document.problem(f"{key} is nowhere in what is asked for", ("observe", name))))
    settle = _settle(raw, document.data)
    return ReadOperation(path, raw.get("item", ""), dict(raw.get("fields", {})), settle, method, search)


def _settle(*told: Mapping[str, Any]) -> float:
    """How long a read may lag behind, in seconds, by the first that tells it."""
    return next((seconds_of(one["settle"]) or 0.0 for one in told if "settle" in one), 0.0)


def _filled(raw: Any, where: str) -> Any:
    """The value with `${NAME}` replaced by the environment variable of that name."""
    if isinstance(raw, str):
        return _VARIABLE.sub(lambda match: _variable(match[1], where), raw)
    if isinstance(raw, list):
        return [_filled(item, where) for item in raw]
    if isinstance(raw, Mapping):
        return {name: _filled(value, where) for name, value in raw.items()}
    return raw


def _variable(name: str, where: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise UsageError(f"{where}: the environment variable {name} is not set")
    return value
