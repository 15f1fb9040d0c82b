"""The fault settings of a sandbox: the rules that it starts with, those that were set since, and their counters."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from lookalike.contract.contract import Contract
from lookalike.faults.plan import NO_COUNTS, Counts, FaultPlan
from lookalike.faults.rules import read_rules


class FaultState(NamedTuple):
    """The fault rules that were set since the start, None for those of the start, and the counters of all rules."""

    rules: Mapping[str, Any] | None = None
    counts: Counts = NO_COUNTS


class FaultSettings(NamedTuple):
    """The fault rules of a sandbox as they were written, by name: `at_start`, and those that were `set_since`, if any.

    `plan` has those that are about the sandbox, with their counters; None if there are none.
    """

    sandbox: str
    at_start: Mapping[str, Any]
    set_since: Mapping[str, Any] | None = None
    plan: FaultPlan | None = None

    @property
    def rules(self) -> Mapping[str, Any]:
        """The rules in force."""
        return self.at_start if self.set_since is None else self.set_since

    @property
    def state(self) -> FaultState | None:
        """The settings as far as they are not those of the start."""
        return FaultState(self.set_since, self._counts) if self._counts or self.set_since is not None else None

    @property
    def _counts(self) -> Counts:
        return self.plan.counts if self.plan else NO_COUNTS

    def under(self, contract: Contract) -> "FaultSettings":
        """The same rules for another contract; raises `UsageError` if one breaks it."""
        return self._with(contract, self.set_since, self._counts)

    def changed(self, contract: Contract, rules: Mapping[str, Any], anew: str = "") -> "FaultSettings":
        """Other rules; those that were there already go on counting, except the rule `anew`.

        Raises `UsageError` if one is not a rule, or breaks the contract.
        """
        before = self.rules
        kept = {name for name, rule in rules.items() if before.get(name) == rule and name != anew}
        counts = {key: count for key, count in self._counts.items() if key.partition(" ")[0] in kept}
        return self._with(contract, dict(rules), counts)

    def restored(self, contract: Contract, state: FaultState | None) -> "FaultSettings":
        """The settings of a snapshot, of another process, or of the start (None)."""
        rules, counts = state or FaultState()
        if rules != self.set_since or self.plan is None:
            return self._with(contract, rules, counts)
        return self.counted(self.plan._replace(counts=counts))

    def counted(self, plan: FaultPlan) -> "FaultSettings":
        """The same rules with the counters of a plan."""
        return self._replace(plan=plan)

    def _with(self, contract: Contract, rules: Mapping[str, Any] | None, counts: Counts) -> "FaultSettings":
        given = self.at_start if rules is None else rules
        read = read_rules(given, contract, "faults") if given else ()
        mine = tuple(rule for rule in read if rule.sandbox in ("", self.sandbox))
        return self._replace(set_since=rules, plan=FaultPlan(mine, counts) if mine else None)
