"""The options of a run."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from lookalike.contract.contract import Operation
from lookalike.verify.clauses import name_of
from lookalike.verify.defaults import LAYERS
from lookalike.verify.run_state import SavedStory


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a run: its layers, and the clauses to test (all if none is named).

    `examples` is the number of inputs of each kind to generate; with `exit_first` the run ends at the first failure
    that is not waived. The run has a problem unless the clauses of `require` are held and `min_coverage` (from 0 to 1)
    is reached. `fail_on` says which failures count: `any`, those `reproduced`, or by default those that a replay
    reproduced and plain facts that were seen twice. `baseline` holds the clauses that another run found broken, with a
    word about that run: their failures are waived. `max_response_time` is for the median of each operation, in seconds.
    `stories` are the stories of a saved report, for the layer `stories`.
    """

    layers: tuple[str, ...] = LAYERS
    clauses: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    min_coverage: float = 0.0
    seed: int = 1
    examples: int = 60
    exit_first: bool = False
    fail_on: str = ""
    baseline: Mapping[str, str] = field(default_factory=dict)
    max_response_time: float | None = None
    stories: tuple[SavedStory, ...] = ()

    def includes(self, clause: str) -> bool:
        """Whether a clause is to be tested."""
        return not self.clauses or clause in self.clauses

    def is_about(self, operations: Collection[Operation]) -> bool:
        """Whether a clause of one of some operations is to be tested."""
        names = {name_of(one) for one in operations}
        return not self.clauses or any(clause.rpartition(".")[0] in names for clause in self.clauses)
