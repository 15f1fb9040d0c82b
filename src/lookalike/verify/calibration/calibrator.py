"""The calibrator: the runner of one measurement, with the decisions that all measurements of a calibration share."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lookalike.codecs.media_types import may_be_json
from lookalike.contract.builtin_readings import ABSENT_WORD, DEFAULT, builtin_reading
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.conventions import Place
from lookalike.contract.decided_readings import choice_of
from lookalike.contract.extension import ErrorTemplate
from lookalike.contract.profile import Profile
from lookalike.contract.semantics import DeleteItem
from lookalike.http import SAFE, Request, essence
from lookalike.model.state import Put
from lookalike.verify.calibration.errors import error_template
from lookalike.verify.environment import Environment
from lookalike.verify.oracle.comparison import is_named
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.roles import Roles, creates_by_replacing
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.story_runner import StoryRunner


@dataclass
class Decisions:
    """The decisions of a calibration so far, and the answers that they rest on.

    `choices` are those of readings by id, each with an exchange that shows it in `evidence`; `errors` is the body of
    undocumented errors. `refusals` count the statuses of refusals by reading, and `paths` the answers to path
    parameters of a wrong type; the rules in `accepted` and `refused` were broken with and without success, by
    operation, the latter with the status of the refusal. `lag` is how long a change takes until it is seen, in seconds.
    `results` are all exchanges, and `shared` the items that no operation deletes, by resource. `bodies` are the whole
    ones that operations are sent, by name, and `shown` the members of an item that was made of such, with the exchange
    that showed them, by resource.
    """

    contract: Contract
    choices: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)
    errors: ErrorTemplate | None = None
    refusals: dict[str, Counter[int]] = field(default_factory=dict)
    accepted: dict[str, set[Place]] = field(default_factory=dict)
    refused: dict[str, dict[Place, int]] = field(default_factory=dict)
    paths: Counter[str] = field(default_factory=Counter)
    lag: float = 0.0
    results: list[StepResult] = field(default_factory=list)
    shared: dict[str, tuple[CreatedItem, Put]] = field(default_factory=dict)
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    shown: dict[str, tuple[dict[str, Any], StepResult]] = field(default_factory=dict)

    @property
    def profile(self) -> Profile:
        """The findings as a profile."""
        return Profile(dict(sorted(self.choices.items())), self.errors)

    def decide(self, id: str, choice: str) -> bool:
        """Decide a reading; tells whether there is such a choice."""
        reading = builtin_reading(self.contract, id)
        if reading is None or not reading.allows(choice):
            return False
        self.choices[id] = choice
        return True

    def conclude(self) -> None:
        """Decide what only all exchanges together say."""
        for id, statuses in self.refusals.items():
            self.decide(id, _most_common(statuses))
        for resource in self.contract.resources:
            if self.choices.get(f"{resource}.deleted") == self.choices.get(f"{resource}.unknown", "404"):
                self.decide(f"{resource}.deleted", "default")
        for operation in self.contract.operations:
            name = operation.name
            for id, usual in self._usual_after_deletion(operation):
                if self.choices.get(id) == usual:
                    self.decide(id, DEFAULT)
            if self.choices.get(f"{name}.no-body") == self.choices.get(f"{name}.refusal", ""):
                self.decide(f"{name}.no-body", "default")
            if name in self.accepted or name in self.refused:
                left = self.accepted.get(name, set()) - self.refused.get(name, {}).keys()
                self.decide(f"{name}.unchecked", choice_of(frozenset(left)))
            if name in self.refused:
                statuses = Counter(self.refused[name].values())
                usual = self.choices.setdefault(f"{name}.refusal", _most_common(statuses))
                self.decide(f"{name}.refusals", _choice_of_refusals(self.refused[name], usual))
        self._decide_successes()
        self._decide_locations()
        self._learn_errors()

    def _usual_after_deletion(self, operation: Operation) -> Iterator[tuple[str, str]]:
        """The readings of an operation about deleted items, each with the choice that other readings come to."""
        select = operation.selector
        if select is None:
            return
        own, parent = select.resource, self.contract.resources[select.resource].parent
        unknown = self.choices.get(f"{own}.unknown", "404")
        deleted = {one: self.choices.get(f"{one}.deleted", DEFAULT) for one in (own, parent.resource if parent else "")}
        deletes = any(isinstance(step.action, DeleteItem) for step in operation.steps)
        ignores = f"{operation.name}.unknown", f"{own}.delete-unknown" if deletes else ""
        is_ignored = any(self.choices.get(id) in ("ignored", "succeeds") for id in ignores)
        of_own = unknown if deleted[own] == DEFAULT else deleted[own]
        yield f"{operation.name}.deleted", "ignored" if is_ignored else of_own
        if parent is not None:
            of_parent = deleted[parent.resource]
            yield f"{operation.name}.deleted-parent", unknown if of_parent == DEFAULT else of_parent

    def _decide_successes(self) -> None:
        seen: dict[str, Counter[int]] = {}
        only = {}
        for step in self.results:
            operation, success = step.operation, step.operation.success
            if step.is_success:
                is_new = str(step.due.response.status) == success.created != operation.success_status
                subject = "created" if is_new and creates_by_replacing(operation) else "success"
                id = f"{operation.name}.{subject}"
                seen.setdefault(id, Counter())[step.response.status] += 1
                documented = [status for status in operation.responses if status.startswith("2")]
                only[id] = operation.success_status if len(documented) < 2 else ""
        for id, statuses in seen.items():
            status = _most_common(statuses)
            self.decide(id, DEFAULT if status == only[id] else status)

    def _decide_locations(self) -> None:
        """Decide whether creations send a Location, where the mock does."""
        for step in self.results:
            is_new = step.is_success and str(step.response.status) == step.operation.success.created
            if is_new and step.operation.success.location:
                choice = ABSENT_WORD if step.response.header("Location") is None else DEFAULT
                self.decide(f"{step.operation.name}.location", choice)

    def _learn_errors(self) -> None:
        """Keep the body of errors that was seen most often of those that the document does not describe."""
        found: Counter[str] = Counter()
        for step in self.results:
            status = step.response.status
            media_type = essence(step.response.header("Content-Type") or "")
            if 400 <= status < 500 and not is_named(step.operation, status) and may_be_json(media_type):
                template = error_template(step.request, status, step.value)
                if template is not None:
                    found[json.dumps([media_type, template])] += 1
        if found:
            media_type, template = json.loads(found.most_common(1)[0][0])
            self.errors = ErrorTemplate(media_type, template)


def may_make_more(environment: Environment, roles: Roles) -> bool:
    """Whether no item stays behind where it may not: each is deleted by an operation, or with its parent."""
    if environment.disposable or roles.delete is not None:
        return True
    parent = environment.contract.resources[roles.resource].parent
    above = environment.roles.get(parent.resource) if parent is not None else None
    return above is not None and above.delete is not None and "409" not in above.delete.responses


class Calibrator(StoryRunner):
    """A runner that remembers every exchange with what the model predicts of it.

    Of a resource whose items cannot be deleted again, measurements share one item: each further one would stay behind.
    """

    def __init__(self, environment: Environment, decisions: Decisions) -> None:
        super().__init__(environment)
        self.decisions = decisions
        self.results: list[StepResult] = []

    def make(self, resource: str, varied: bool = False, by: Operation | None = None) -> CreatedItem:
        """A new item, or the shared one of its resource."""
        roles, shared = self.environment.roles[resource], self.decisions.shared
        if may_make_more(self.environment, roles) or roles.create is None:
            return super().make(resource, varied, by)
        if resource not in shared:
            own = super().make(resource, varied, by)
            item = self.known.get(resource, own.key)
            if item is not None:
                shared[resource] = own, self.environment.model.items(resource).put(item, self.choose)
            return own
        own, put = shared[resource]
        self.known.apply((put,))
        return own

    def ask(self, operation: Operation, request: Request, refused: bool = False) -> StepResult:
        """Send a request, and remember it; the next one finds its change done."""
        step = super().ask(operation, request, refused)
        self.results.append(step)
        if step.is_success and operation.method not in SAFE:
            time.sleep(self.decisions.lag)
        return step

    def decide(self, id: str, choice: str, step: StepResult | None = None) -> None:
        """Decide a reading, with the exchange that shows it."""
        if self.decisions.decide(id, choice) and step is not None:
            shown = self.environment.client.shown(step.request, step.response)
            self.decisions.evidence[id] = f"{shown.curl} -> {shown.status}"

    def has(self, id: str) -> bool:
        """Whether a reading is decided."""
        return id in self.decisions.choices


Measurement = Callable[[Calibrator], None]


def _choice_of_refusals(refused: Mapping[Place, int], usual: str) -> str:
    """The choice of `refusals`: keywords whose status is not the usual one, and rules whose status is another still."""
    by_keyword: dict[str, Counter[int]] = {}
    for (_, keyword), status in refused.items():
        by_keyword.setdefault(keyword, Counter())[status] += 1
    common = {keyword: _most_common(statuses) for keyword, statuses in by_keyword.items()}
    others = {("", keyword): status for keyword, status in common.items() if status != usual}
    others |= {rule: str(status) for rule, status in refused.items() if str(status) != common[rule[1]]}
    return " ".join(sorted(f"{place}:{keyword}={status}" for (place, keyword), status in others.items())) or "none"


def _most_common(statuses: Counter[int]) -> str:
    return str(statuses.most_common(1)[0][0])
