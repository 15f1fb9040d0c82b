"""What was measured, kept by measure and server, and told as tables in Markdown."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple


class Sample(NamedTuple):
    """One measurement; a disturbed one is dropped as long as another is left."""

    value: float
    disturbed: bool = False


@dataclass
class Results:
    """All samples, by measure and server."""

    samples: dict[str, dict[str, list[Sample]]] = field(default_factory=dict)

    def add(self, measure: str, server: str, value: float, disturbed: bool = False) -> None:
        """Keep a sample."""
        self.samples.setdefault(measure, {}).setdefault(server, []).append(Sample(value, disturbed))

    def of(self, measure: str, server: str) -> list[Sample]:
        """The samples of a measure of a server."""
        return self.samples.get(measure, {}).get(server, [])

    def median(self, measure: str, server: str) -> float | None:
        """The median of what counts, or nothing where nothing was measured."""
        counted = kept(self.of(measure, server))
        return median(sample.value for sample in counted) if counted else None

    def dropped(self) -> tuple[int, int]:
        """How many samples were disturbed, of how many."""
        everything = [sample for row in self.samples.values() for samples in row.values() for sample in samples]
        return sum(sample.disturbed for sample in everything), len(everything)


def kept(samples: Sequence[Sample]) -> list[Sample]:
    """The samples that count: those that were not disturbed, or all where each was."""
    return [sample for sample in samples if not sample.disturbed] or list(samples)


def cell(samples: Sequence[Sample]) -> str:
    """Median, and from the least to the most; `~` says that each of them was disturbed."""
    if not samples:
        return "-"
    values = [sample.value for sample in kept(samples)]
    mark = "~" if all(sample.disturbed for sample in samples) else ""
    if min(values) == max(values):
        return mark + number(values[0])
    return f"{mark}{number(median(values))} ({number(min(values))}-{number(max(values))})"


def number(value: float) -> str:
    """Three digits that count, or a whole number."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(results: Results, measures: Iterable[str], servers: Sequence[tuple[str, str]]) -> str:
    """A row for each measure that has samples, a column for each server (name, title)."""
    rows = [[measure, *(cell(results.of(measure, name)) for name, _ in servers)] for measure in measures]
    return markdown(["", *(title for _, title in servers)], [row for row in rows if set(row[1:]) != {"-"}])


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


class Aim(NamedTuple):
    """What is aimed at: a figure made of medians, which is nothing where one of them was not measured."""

    says: str
    measured: Callable[[Results], float | None]
    limit: float
    at_least: bool = True

    def row(self, results: Results) -> list[str]:
        """The aim, what was measured, and whether it was reached."""
        value = self.measured(results)
        if value is None:
            return [self.says, "-", "not measured"]
        reached = value >= self.limit if self.at_least else value <= self.limit
        return [self.says, f"{value:.2f}", "yes" if reached else "no"]


def ratio(above: tuple[str, str], below: tuple[str, str]) -> Callable[[Results], float | None]:
    """The ratio of two medians, each given as measure and server."""

    def measured(results: Results) -> float | None:
        one, other = results.median(*above), results.median(*below)
        return one / other if one is not None and other else None

    return measured
