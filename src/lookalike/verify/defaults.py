"""The values that options of a run have where none is given: the help shows them, and needs nothing else of a run."""

from pathlib import Path

# Probes come early: the choices that they decide make the rest sharper, and cheaper to judge.
LAYERS = ("clauses", "probes", "sweep", "generated", "sequences")
JOURNAL = Path("lookalike-journal.jsonl")
