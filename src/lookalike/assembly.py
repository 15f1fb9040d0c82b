"""Puts a mock together from files: contract, seeds, tokens, choices."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lookalike.contract.contract import Contract
from lookalike.contract.reader import load_contract
from lookalike.errors import UsageError
from lookalike.model.behaviour import NO_VARIATION, STRICT, Model, Strictness
from lookalike.model.populate import populated
from lookalike.model.request.tokens import TokenEntry, TokenTable, token_table
from lookalike.model.response.prefer import Variation
from lookalike.model.seeds import examples
from lookalike.openapi.document import garbage_collection_paused, load_yaml
from lookalike.openapi.sources import Source, beside, source_of
from lookalike.schema.generation.faker_values import MISSING, is_installed
from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore

_PACKAGE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Sources:
    """The files that a mock is made of, and what was asked for; what is None the document names itself."""

    document: Source | None = None
    data: Path | None = None
    tokens: Path | None = None
    profile: Path | None = None
    readings: Mapping[str, str] = field(default_factory=dict)
    overlays: tuple[Path, ...] = ()
    strict: bool = False
    infer: bool = True
    populate: int = 0
    strictness: Strictness = STRICT
    variation: Variation = NO_VARIATION


@dataclass(frozen=True, slots=True)
class Parts:
    """What a mock is made of."""

    model: Model
    choices: Mapping[str, str]
    data: Any
    data_name: str
    valid_token: str
    credentials: Mapping[str, Mapping[str, str]]
    files: tuple[Path, ...]


def bundled_document() -> Path:
    """The contract that comes with the package: inside it, or in a checkout at the root of the project."""
    installed = _PACKAGE / "bundled" / "openapi.yaml"
    return installed if installed.is_file() else _PACKAGE.parents[1] / "openapi.yaml"


def load(sources: Sources) -> Parts:
    """Read everything; raises `UsageError` or `DocumentError`."""
    document = sources.document or bundled_document()
    strict = sources.strict or sources.document is None
    contract = load_contract(document, sources.overlays, strict, sources.infer, sources.populate > 0)
    extension = contract.document.data.get("x-lookalike", {})
    tokens_file = sources.tokens or (beside(document, extension["tokens"]) if "tokens" in extension else None)
    tokens = load_yaml(tokens_file) if tokens_file else {}
    seeds: list[Source] = [sources.data] if sources.data else list(_seed_files(document, contract))
    data: dict[str, Any] = {}
    for file in seeds:
        data |= _object(load_yaml(file), str(file))
    model = Model(contract, token_tables(tokens, str(tokens_file)), sources.strictness, _checked(sources.variation))
    choices = contract.choices({**_profile(sources.profile, contract), **sources.readings})
    if sources.data is None:
        data = {**examples(model, choices.__getitem__), **data}
    if sources.populate:
        data = populated(model, data, sources.populate, choices.__getitem__)
    described = (source_of(text.name) for text in contract.document.texts)
    named = dict.fromkeys((document, *described, *sources.overlays, tokens_file, *seeds, sources.profile))
    return Parts(
        model=model,
        choices=choices,
        data=data,
        data_name=", ".join(map(str, seeds)) or "no data",
        valid_token=valid_token(tokens),
        credentials=credentials(tokens),
        files=tuple(file for file in named if isinstance(file, Path)),
    )


def _checked(variation: Variation) -> Variation:
    if variation.by_default and not is_installed():
        raise UsageError(MISSING)
    return variation


def assemble(parts: Parts) -> MockService:
    """A mock in its first state."""
    with garbage_collection_paused():  # of a million items none is garbage
        mock = MockService(parts.model, MemoryStore(), parts.choices, parts.data, parts.data_name)
    mock.credentials = parts.credentials
    return mock


def token_tables(raw: Any, name: str) -> dict[str, TokenTable]:
    """The tables of a tokens file by security scheme; raises `UsageError` for entries that are none."""
    return {
        scheme: token_table(_entry(entry, f"{name} (#/{scheme}/{index})") for index, entry in enumerate(entries))
        for scheme, entries in _object(raw, name).items()
    }


def valid_token(raw: Any) -> str:
    """The first token of a tokens file that neither expires nor is revoked, or nothing."""
    entries = (entry for entries in raw.values() for entry in entries)
    return next((entry["token"] for entry in entries if "token" in entry and not entry.keys() & _ENDING), "")


def credentials(raw: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """By security scheme, the first token of a tokens file that is valid, expired, and revoked, where there is one."""
    found: dict[str, dict[str, str]] = {scheme: {} for scheme in raw}
    for scheme, entries in raw.items():
        for entry in entries:
            kind = "revoked" if entry.get("revoked") else "expired" if "expires" in entry else "valid"
            if "token" in entry and (kind != "expired" or _time(entry["expires"], "expires") <= time.time()):
                found[scheme].setdefault(kind, entry["token"])
    return found


def _entry(raw: Any, where: str) -> TokenEntry:
    if not isinstance(raw, Mapping) or not any(all(isinstance(raw.get(name), str) for name in ways) for ways in _WAYS):
        raise UsageError(
            f"{where}: expected {{token: TEXT}} or {{username: TEXT, password: TEXT}}, "
            "with expires: TIME, revoked: true or scopes: [TEXT] where it applies"
        )
    unknown = raw.keys() - _MEMBERS
    if unknown:
        raise UsageError(f"{where}: unknown member {', '.join(sorted(unknown))}; known: {', '.join(_MEMBERS)}")
    text = raw["token"] if "token" in raw else f"{raw['username']}:{raw['password']}"
    expires = _time(raw["expires"], where) if "expires" in raw else None
    return TokenEntry(text, expires, bool(raw.get("revoked", False)), _scopes(raw.get("scopes"), where))


def _scopes(raw: Any, where: str) -> frozenset[str] | None:
    if raw is None:
        return None
    if not isinstance(raw, list) or not all(isinstance(scope, str) for scope in raw):
        raise UsageError(f"{where}: scopes must be a list of names, as in [read, write]")
    return frozenset(raw)


_WAYS = (("token",), ("username", "password"))
_MEMBERS = ("token", "username", "password", "expires", "revoked", "scopes")
_ENDING = {"expires", "revoked"}


def _time(text: Any, where: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise UsageError(f"{where}: expires must be a time like 2030-01-01T00:00:00Z, not {text!r}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _profile(file: Path | None, contract: Contract) -> dict[str, str]:
    if file is None:
        return {}
    readings = _object(_object(load_yaml(file), str(file)).get("readings", {}), f"{file} (#/readings)")
    chosen = {name: str(choice) for name, choice in readings.items()}
    try:
        contract.choices(chosen)
    except UsageError as error:
        raise UsageError(f"{file} (#/readings): {error}") from None
    return chosen


def _seed_files(document: Source, contract: Contract) -> Iterator[Source]:
    names = dict.fromkeys(resource.seed for resource in contract.resources.values() if resource.seed)
    return (beside(document, name) for name in names)


def _object(raw: Any, name: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise UsageError(f"{name}: expected an object")
    return raw
