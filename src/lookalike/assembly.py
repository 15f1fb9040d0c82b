"""Putting a mock together: from a document and the files beside it to a service in its initial state."""

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from lookalike.codecs.json_text import to_json
from lookalike.contract.contract import Contract
from lookalike.contract.profile import NO_PROFILE, load_profile, stated_choices
from lookalike.contract.reader import load_contract
from lookalike.errors import DocumentError, SandboxError, UsageError
from lookalike.journal import DEFAULT_SIZE
from lookalike.model.behaviour import Model
from lookalike.model.populate import populated
from lookalike.model.request.tokens import TokenEntry, TokenTable, token_table
from lookalike.model.response.prefer import NO_VARIATION, Variation
from lookalike.model.seeds import examples
from lookalike.model.strictness import STRICT, Strictness
from lookalike.openapi.document import load_referenced
from lookalike.openapi.sources import DEFAULT_RULES, Mount, ReferenceRules, Source, SourceReader, beside, source_of
from lookalike.openapi.yaml_text import garbage_collection_paused, load_yaml
from lookalike.openapi.zones import Zone
from lookalike.sandboxes import Sandboxes, check_name
from lookalike.schema.generation.faker_values import MISSING, is_installed
from lookalike.schema.vocabulary import KEYWORD
from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore
from lookalike.stores.opening import Stores
from lookalike.stores.store import Store

_PACKAGE = Path(__file__).parent

# The members of an entry of a tokens file. One of the first two sets must be there, as texts: a token, or for a scheme
# `http: basic` (RFC 7617) a name and a password.
_SECRETS = (("token",), ("username", "password"))
_MEMBERS = ("token", "username", "password", "expires", "revoked", "scopes", "sandbox")
_ENDING = {"expires", "revoked"}

_DATA = "a list of items for each resource, as in `pet: [{name: Rex}]`"
_MOST_MISFITS = 5  # items that a message names
_TOKENS = "a list of tokens for each security scheme, as in `bearerAuth: [{token: TEXT}]`"

Content = Source | Mapping[str, Any]
"""A file in YAML or JSON, or its content."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The document and the files of a mock, and its settings; a file that is None is the one that the document names.

    Several documents are served by one mock, each below a path of its own. Choices in `readings` count before those in
    the file `profile`. With `infer`, operations without `x-lookalike` are read as those of REST resources. `populate`
    is the number of items of each resource that are made up. With `pairs_examples`, a request that equals an example
    gets the response of the same name.
    """

    document: Source | tuple[Mount, ...] | None = None
    data: Content | None = None
    tokens: Content | None = None
    profile: Source | None = None
    readings: Mapping[str, str] = field(default_factory=dict)
    overlays: tuple[Source, ...] = ()
    strict: bool = False
    infer: bool = True
    populate: int = 0
    strictness: Strictness = STRICT
    variation: Variation = NO_VARIATION
    references: ReferenceRules = DEFAULT_RULES
    pairs_examples: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a mock, read and checked; `files` are those that they were read from."""

    model: Model
    choices: Mapping[str, str]
    data: Any
    data_name: str
    valid_token: str
    credentials: Mapping[str, Mapping[str, str]]
    files: tuple[Path, ...]


def bundled_document() -> Path:
    """The document of the Lead API: in the installed package, or at the root of a checkout."""
    installed = _PACKAGE / "bundled" / "openapi.yaml"
    return installed if installed.is_file() else _PACKAGE.parents[1] / "openapi.yaml"


def load(sources: Sources, reader: SourceReader | None = None) -> Parts:
    """Read the document and all files; raises `UsageError` or `DocumentError`."""
    document = sources.document or bundled_document()
    strict = sources.strict or document == bundled_document()
    reader = reader or SourceReader(sources.references)
    contract = load_contract(document, sources.overlays, strict, sources.infer, sources.populate > 0, reader=reader)
    return parts_of(contract, sources, reader)


def parts_of(contract: Contract, sources: Sources, reader: SourceReader | None = None) -> Parts:
    """The parts of a mock of a contract that was loaded before; raises `UsageError` or `DocumentError`."""
    if sources.variation.by_default and not is_installed():
        raise UsageError(MISSING)
    document = source_of(contract.document.name)
    by_document = _ReferenceContent(contract.document.text.zone, reader or SourceReader(sources.references))
    tokens_source = _tokens_source(contract, document) if sources.tokens is None else sources.tokens
    tokens = {}
    if tokens_source is not None:
        tokens = by_document.of(tokens_source) if sources.tokens is None else _content(sources.tokens)
    seeds = _seed_files(contract, document) if sources.data is None else (sources.data,)
    data: dict[str, Any] = {}
    for seed in seeds:
        content = by_document.of(seed) if sources.data is None else _content(seed)
        data |= _object(content, _name(seed, "data"), "a list of items for each resource, as in `pet: [{name: Rex}]`")
    tables = token_tables(tokens, _name(tokens_source, "tokens"))
    profile = NO_PROFILE if sources.profile is None else load_profile(sources.profile, contract)
    contract = profile.with_choices(contract, sources.readings).applied(contract)
    model = Model(contract, tables, sources.strictness, sources.variation, True, sources.pairs_examples)
    choices = contract.choices(stated_choices(contract, {**profile.readings, **sources.readings}))
    if sources.data is None:
        data = {**examples(model, choices.__getitem__), **data}
    if sources.populate:
        data = populated(model, data, sources.populate, choices.__getitem__, sources.variation.seed)
    texts = (source_of(text.name) for text in contract.document.texts)
    asked = reader.files if reader is not None else ()  # also those that are not there, and may come
    read = (document, *texts, *sources.overlays, tokens_source, *seeds, sources.profile, *asked)
    return Parts(
        model=model,
        choices=choices,
        data=data,
        data_name=", ".join(_name(seed, "data") for seed in seeds) or "no data",
        valid_token=valid_token(tokens),
        credentials=credentials(tokens),
        files=tuple(dict.fromkeys(file for file in read if isinstance(file, Path))),
    )


def assemble(
    parts: Parts,
    journal_size: int = DEFAULT_SIZE,
    store: Store | None = None,
    faults: Mapping[str, Any] | None = None,
) -> MockService:
    """A mock in its initial state, or in that of its store; its journal takes at most so many bytes.

    `faults` are the fault rules, by name, that each sandbox starts with.
    """
    with garbage_collection_paused():  # a collection would walk all seeds, and of a million items none is garbage
        mock = MockService(
            parts.model,
            store or MemoryStore(),
            parts.choices,
            parts.data,
            parts.data_name,
            journal_size=journal_size,
            faults=faults or {},
        )
    mock.credentials = parts.credentials
    return mock


class _ReferenceContent(NamedTuple):
    """The content of the files that a document names, within the rules for its references."""

    zone: Zone
    reader: SourceReader

    def of(self, given: Content) -> Any:
        """The content of a file, or content itself; raises `UsageError`."""
        if isinstance(given, Mapping):
            return given
        try:
            return load_referenced(given, self.zone, self.reader).data
        except DocumentError as error:
            raise UsageError(str(error)) from None


def fit_stored(sandboxes: Sandboxes, stores: Stores) -> None:
    """Have the sandboxes of an earlier run follow the document and the readings, where those are others now.

    Raises `UsageError` with the remedy where items do not fit, and names the first of them; nothing is changed then.
    """
    initial = sandboxes.default.initial
    text = to_json([initial.model.contract.document.data, sorted(initial.choices.items())])
    fingerprint = hashlib.sha256(text).hexdigest()
    if stores.is_made_for(fingerprint):
        return
    changed = {name: service for name, service in sandboxes.by_name().items() if not service.is_untouched}
    found = (f"sandbox {name}: {why}" for name, service in changed.items() for why in service.misfits(initial))
    misfits = [*islice(found, _MOST_MISFITS + 1)]
    if misfits:
        more = "; and others" if len(misfits) > _MOST_MISFITS else ""
        raise UsageError(
            f"the items in the store do not fit, and stay as they are: {'; '.join(misfits[:_MOST_MISFITS])}{more}",
            "Serve them with the document and readings of before, or choose another --store",
        )
    for service in changed.values():
        service.follow(initial)
    stores.keep_fingerprint(fingerprint)


def _content(given: Content) -> Any:
    return given if isinstance(given, Mapping) else load_yaml(given)


def _name(given: Content | None, otherwise: str) -> str:
    """The name of a file for messages."""
    return str(given) if isinstance(given, Path | str) else otherwise


def _tokens_source(contract: Contract, document: Source) -> Source | None:
    name = contract.document.data.get(KEYWORD, {}).get("tokens")
    return None if name is None else beside(document, name)


def _seed_files(contract: Contract, document: Source) -> tuple[Source, ...]:
    names = dict.fromkeys(resource.seed for resource in contract.resources.values() if resource.seed)
    return tuple(beside(document, name) for name in names)


def token_tables(raw: Any, name: str) -> dict[str, TokenTable]:
    """The tokens of a tokens file by security scheme; raises `UsageError` with the place of an entry that is wrong."""
    return {scheme: token_table(_entries(raw, name, scheme)) for scheme in _object(raw, name, _TOKENS)}


def valid_token(raw: Any) -> str:
    """The first token of a tokens file that neither expires nor is revoked; empty if there is none."""
    entries = (entry for entries in raw.values() for entry in entries)
    return next((entry["token"] for entry in entries if "token" in entry and not entry.keys() & _ENDING), "")


def credentials(raw: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The first token of a tokens file that is `valid`, `expired` and `revoked`, by security scheme.

    Those of the scheme basic are NAME:PASSWORD.
    """
    found: dict[str, dict[str, str]] = {scheme: {} for scheme in raw}
    for scheme, entries in raw.items():
        for entry in entries:
            state = "revoked" if entry.get("revoked") else "expired" if "expires" in entry else "valid"
            if state != "expired" or _time(entry["expires"], "expires") <= time.time():
                found[scheme].setdefault(state, _text_of(entry))
    return found


def _entries(raw: Mapping[str, Any], name: str, scheme: str) -> Iterator[TokenEntry]:
    if not isinstance(raw[scheme], list):
        raise UsageError(f"{name} (#/{scheme}): expected a list of tokens, as in [{{token: TEXT}}]")
    for index, entry in enumerate(raw[scheme]):
        yield _entry(entry, f"{name} (#/{scheme}/{index})")


def _entry(raw: Any, where: str) -> TokenEntry:
    if not isinstance(raw, Mapping) or not any(_has_texts(raw, names) for names in _SECRETS):
        raise UsageError(
            f"{where}: expected {{token: TEXT}} or {{username: TEXT, password: TEXT}}, "
            "with expires: TIME, revoked: true, scopes: [TEXT] or sandbox: NAME where it applies"
        )
    unknown = raw.keys() - _MEMBERS
    if unknown:
        raise UsageError(f"{where}: unknown member {', '.join(sorted(unknown))}; known: {', '.join(_MEMBERS)}")
    expires = _time(raw["expires"], where) if "expires" in raw else None
    return TokenEntry(
        _text_of(raw),
        expires,
        bool(raw.get("revoked", False)),
        _scopes(raw.get("scopes"), where),
        _sandbox(raw.get("sandbox"), where),
    )


def _text_of(raw: Mapping[str, Any]) -> str:
    text: str = raw["token"] if "token" in raw else f"{raw['username']}:{raw['password']}"
    return text


def _has_texts(raw: Mapping[str, Any], names: Iterable[str]) -> bool:
    return all(isinstance(raw.get(name), str) for name in names)


def _scopes(raw: Any, where: str) -> frozenset[str] | None:
    if raw is None:
        return None
    if not isinstance(raw, list) or not all(isinstance(scope, str) for scope in raw):
        raise UsageError(f"{where}: scopes must be a list of names, as in [read, write]")
    return frozenset(raw)


def _sandbox(raw: Any, where: str) -> str | None:
    if raw is not None:
        try:
            check_name(str(raw))
        except SandboxError as error:
            raise UsageError(f"{where}: {error}") from None
    return None if raw is None else str(raw)


def _time(text: Any, where: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise UsageError(f"{where}: expires must be a time like 2030-01-01T00:00:00Z, not {text!r}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _object(raw: Any, name: str, expected: str) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise UsageError(f"{name}: expected {expected}")
    return dict(raw)
