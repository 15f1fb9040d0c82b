"""The bench: what a run works with, and what it is asked to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lookalike.contract.contract import Contract
from lookalike.http import Request
from lookalike.verify.oracle.session import Session
from lookalike.verify.oracle.worlds import WorldItems
from lookalike.verify.requests.builder import RequestBuilder
from lookalike.verify.server.client import Client

# Probes come early: what they decide makes the rest sharper, and cheaper to judge.
LAYERS = ("clauses", "probes", "sweep", "generated", "sequences")


@dataclass(frozen=True, slots=True)
class SavedStory:
    """A story that failed in another run: what it is about, its requests, and the choices that were known then.

    In a `strange` story nothing is due but answers that are no 5xx.
    """

    clause: str
    title: str
    requests: tuple[Request, ...]
    known: Mapping[str, str]
    strange: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """What a run does: its layers, and the clauses asked for (all where none is named).

    `examples` is how many inputs of each kind it generates; with `exit_first` it ends with the first failure. `stories`
    are those of the layer of that name.
    """

    layers: tuple[str, ...] = LAYERS
    clauses: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    seed: int = 1
    examples: int = 60
    exit_first: bool = False
    stories: tuple[SavedStory, ...] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """What a run works with; `reset` brings the server back to its first state, where it can."""

    contract: Contract
    client: Client
    session: Session
    compose: RequestBuilder
    home: WorldItems
    reset: Callable[[], None] | None
    prefixes: tuple[str, ...] = ()
    waived: Mapping[str, str] = field(default_factory=dict)
    insisted: Mapping[str, str] = field(default_factory=dict)
