"""The target file: the user's description of a server, and the limits of a run on it.

`target.schema.json` beside this file is its JSON Schema, from which its reference in the documentation is made. What
the schema cannot know, such as the names of the document's resources, is checked here.
"""

import difflib
import json
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lookalike.contract.contract import Contract
from lookalike.durations import seconds_of
from lookalike.errors import Problem, UsageError
from lookalike.model.resources.keys import key_fields
from lookalike.model.state import Item, Key
from lookalike.openapi.document import Document, load_document
from lookalike.schema.validator import Schemas
from lookalike.verify.server.token_command import token_of

# Stands for a part of a key that the target file does not give; no item has it.
UNKNOWN_KEY_PART = -1

_SCHEMA = Path(__file__).with_name("target.schema.json")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

_Pointer = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Credentials:
    """The tokens of one security scheme; clauses about an expired or revoked one need one.

    An `insufficient` token is accepted, and lacks the scopes that some operations need.

    `command` holds the words of a command that prints another valid token when this one has expired.
    """

    valid: str
    expired: str | None = None
    revoked: str | None = None
    insufficient: str | None = None
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UsableItems:
    """The items of a resource that a run may use.

    `owned` items may be changed, `spare` keys may be given to them, and `absent` keys belong to no item. `tags` are the
    ids that may be added to sets (None: any), `seen_tags` some that owned items have, `data_keys` the members of
    objects that may be written. On a `resettable` server anything may be written.
    """

    owned: tuple[Item, ...] = ()
    spare: tuple[Key, ...] = ()
    absent: tuple[Key, ...] = ()
    tags: tuple[Any, ...] | None = None
    data_keys: tuple[str, ...] = ()
    resettable: bool = False
    seen_tags: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadOperation:
    """A way to read an item: a path with its key, a pointer to the item in the answer, and where its fields are.

    With `method` POST, `search` is the body to send, with the key in it. `settle` is in seconds. At most `concurrency`
    items are read at the same time.
    """

    path: str
    item: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    settle: float = 0.0
    method: str = "GET"
    search: Any = None
    concurrency: int = 1


@dataclass(frozen=True, slots=True)
class Waiver:
    """A known deviation: the clause, the reason why it is accepted, and the last day of that (ISO 8601)."""

    clause: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class WebhookSetup:
    """The place to which a server sends its webhooks: a path at the address of --listen; and their secret, if known."""

    path: str
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A target file that has been read.

    Reads may lag behind changes for `settle` seconds. At most `concurrency` stories are run in parallel; None leaves
    that to the command. The `account` has members of the body of a login. On a `disposable` server, such as one in a
    container, anything may be created, changed and deleted.
    """

    credentials: Mapping[str, Credentials]
    usable: Mapping[str, UsableItems]
    observe: Mapping[str, ReadOperation] = field(default_factory=dict)
    readings: Mapping[str, str] = field(default_factory=dict)
    base_path: str = ""
    waivers: tuple[Waiver, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    settle: float = 0.0
    disposable: bool = False
    concurrency: int | None = None
    webhooks: WebhookSetup | None = None
    account: Mapping[str, Any] = field(default_factory=dict)


def load_target(path: Path, contract: Contract) -> Target:
    """Read a target file; raises `UsageError` with the file, line and pointer of each mistake.

    `${NAME}` in a text is replaced by the environment variable NAME.
    """
    document = load_document(path)
    raw = _with_variables(document, document.data, ())
    schema = Schemas(load_document(_SCHEMA).data).at()
    problems = [
        document.problem(_reworded(violation.message), violation.pointer)
        for violation in schema.violations(raw, "target", "the target file")
    ]
    problems = problems or list(_unknown_names(document, raw, contract))
    if problems:
        raise UsageError("\n".join(map(str, problems)))
    target = Target(
        credentials={name: _credentials(document, name, tokens) for name, tokens in raw.get("credentials", {}).items()},
        usable={name: _usable_items(contract, document, name, one) for name, one in raw.get("resources", {}).items()},
        observe={name: _observe(contract, document, name, entry) for name, entry in raw.get("observe", {}).items()},
        readings={name: str(choice) for name, choice in raw.get("readings", {}).items()},
        base_path=raw.get("base_path", ""),
        waivers=tuple(Waiver(**waiver) for waiver in raw.get("waivers", ())),
        allowed_hosts=tuple(raw.get("allowed_hosts", ())),
        parameters=dict(raw.get("parameters", {})),
        settle=_settle(raw),
        disposable=raw.get("disposable", False),
        concurrency=raw.get("concurrency"),
        webhooks=WebhookSetup(**raw["webhooks"]) if "webhooks" in raw else None,
        account=dict(raw.get("account", {})),
    )
    _check_readings(contract, document, target.readings)
    return target


def _reworded(message: str) -> str:
    """A message about the pattern of a duration says how to write one, which the pattern hardly does."""
    subject, _, pattern = message.partition(" must match the pattern ")
    return f"{subject} must be a duration, such as 2s or 500ms" if pattern.endswith("[smhd])$") else message


def _unknown_names(document: Document, raw: Mapping[str, Any], contract: Contract) -> Iterator[Problem]:
    """A problem for each name that is none of the document's; `parameters` may serve several documents."""
    known: Mapping[str, tuple[str, Iterable[str]]] = {
        "credentials": ("security scheme", contract.schemes),
        "resources": ("resource", contract.resources),
        "observe": ("resource", contract.resources),
        "readings": ("reading", contract.readings),
    }
    for member, (kind, names) in known.items():
        for name in raw.get(member, {}):
            if name not in names:
                yield document.problem(
                    f"{contract.document.name} has no {kind} {name!r}", (member, name), _meant(name, names)
                )


def _meant(name: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(names), 1)
    return f"Did you mean {close[0]}?" if close else f"It has: {', '.join(sorted(names)) or 'none'}"


def _check_readings(contract: Contract, document: Document, choices: Mapping[str, str]) -> None:
    for name, choice in choices.items():
        try:
            contract.choices({name: choice})
        except UsageError as error:
            raise UsageError(error.problem.what, error.problem.remedy, document.locate(("readings", name))) from None


def _usable_items(contract: Contract, document: Document, name: str, raw: Mapping[str, Any]) -> UsableItems:
    owned = []
    unknown = dict.fromkeys(sorted(key_fields(contract.resources[name])), UNKNOWN_KEY_PART)
    for index, item in enumerate(raw.get("owned", ())):
        whole = {**unknown, **contract.item_defaults[name], **item}
        problems = [violation.message for violation in contract.item_schemas[name].violations(whole, "item", name)]
        if problems:
            raise UsageError(str(document.problem(problems[0], ("resources", name, "owned", index))))
        owned.append(whole)
    tags = raw.get("tags")
    return UsableItems(
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
        pointer = ("credentials", name, "token_command")
        what = "this is not a command: it has no word, or a quotation mark is missing"
        raise UsageError(str(document.problem(what, pointer)))
    return Credentials(**tokens, valid=token_of(command), command=command)


def _observe(contract: Contract, document: Document, name: str, raw: Mapping[str, Any]) -> ReadOperation:
    method = "GET" if "get" in raw else "POST"
    key = "{" + contract.resources[name].keys.values[0][0][0] + "}"
    path, search = raw[method.lower()], raw.get("body")
    if key not in path + json.dumps(search):
        what = f"the request does not name an item: {key} is neither in its path nor in its body"
        raise UsageError(str(document.problem(what, ("observe", name))))
    settle = _settle(raw, document.data)
    return ReadOperation(path, raw.get("item", ""), dict(raw.get("fields", {})), settle, method, search)


def _settle(*members: Mapping[str, Any]) -> float:
    """The seconds for which a read may lag behind, by the first of some objects that has them."""
    return next((seconds_of(one["settle"]) or 0.0 for one in members if "settle" in one), 0.0)


def _with_variables(document: Document, raw: Any, pointer: _Pointer) -> Any:
    """The value with `${NAME}` replaced by the environment variable of that name; raises `UsageError`."""
    if isinstance(raw, str):
        pieces = _VARIABLE.split(raw)
        pieces[1::2] = [_variable(document, name, pointer) for name in pieces[1::2]]
        return "".join(pieces)
    if isinstance(raw, list):
        return [_with_variables(document, item, (*pointer, index)) for index, item in enumerate(raw)]
    if isinstance(raw, Mapping):
        return {name: _with_variables(document, value, (*pointer, name)) for name, value in raw.items()}
    return raw


def _variable(document: Document, name: str, pointer: _Pointer) -> str:
    value = os.environ.get(name)
    if value is None:
        what = f"the environment variable {name} is not set"
        raise UsageError(str(document.problem(what, pointer, f"Set it, for instance by export {name}=…")))
    return value
