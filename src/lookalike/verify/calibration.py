"""Calibration: how a server does what its document leaves open, learned from its answers as built-in readings.

A *lesson* makes items of its own, asks, and notes what the answers decide. A lesson that cannot be held (nothing
creates an item, a request is refused) decides nothing. Whatever was created is deleted again.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from lookalike.codecs.media_types import may_be_json
from lookalike.contract.builtin_readings import builtin_reading, choice_of, members_of
from lookalike.contract.contract import Operation
from lookalike.contract.extension import ErrorTemplate
from lookalike.contract.manners import Place
from lookalike.contract.profile import Profile
from lookalike.contract.semantics import Merge, Replace
from lookalike.http import SAFE, Headers, Request, essence
from lookalike.json_values import ABSENT
from lookalike.model.operation_handler import place_of_violation
from lookalike.model.state import Put
from lookalike.verify.clauses import stated_operations
from lookalike.verify.environment import Environment
from lookalike.verify.oracle.comparison import is_named, value_of
from lookalike.verify.oracle.freedoms import Freedoms, names_of_ways
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.results import ReadingStatus, Report
from lookalike.verify.roles import Roles, creates_by_replacing, item_in, part_of
from lookalike.verify.run import Options, Run
from lookalike.verify.safety.cleanup import clean_up
from lookalike.verify.server.client import NoResponse
from lookalike.verify.stories.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.stories.invalid import ValidInput, invalid_variants
from lookalike.verify.stories.lifecycle import about, check_allowed, roles_for
from lookalike.verify.stories.runner import StepResult, StoryRunner

_UNKNOWN_MEMBER = "lookalike_unknown"
_MOST_BODIES = 6
_ITEMS_IN_LISTS = 12
_TIMES = frozenset({"date-time", "date", "time"})
_MIXED = " Mixed {} Case "
_FRACTION = 1.23456789
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d")
_HEX = re.compile(r"[0-9a-f]+\Z", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)

SentMembers = dict[str, Any]


@dataclass
class ProfileDraft:
    """What was learned: choices by the id of a reading, each with an exchange that shows it, and the body of errors."""

    choices: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)
    errors: ErrorTemplate | None = None

    @property
    def profile(self) -> Profile:
        """The findings as a profile."""
        return Profile(dict(sorted(self.choices.items())), self.errors)


class _Learner(StoryRunner):
    """A runner that remembers every exchange with what the model predicts of it.

    Of a resource whose items cannot be deleted again, lessons share one item: each further one would stay behind.
    """

    def __init__(self, environment: Environment, shared: dict[str, tuple[CreatedItem, Put]]) -> None:
        super().__init__(environment)
        self.results: list[StepResult] = []
        self._shared = shared

    def make(self, resource: str, varied: bool = False, by: Operation | None = None) -> CreatedItem:
        """A new item, or the shared one of its resource."""
        roles = self.environment.roles[resource]
        if roles.delete is not None or self.environment.disposable or roles.create is None:
            return super().make(resource, varied, by)
        if resource not in self._shared:
            own = super().make(resource, varied, by)
            item = self.known.get(resource, own.key)
            if item is not None:
                self._shared[resource] = own, self.environment.model.items(resource).put(item, self.choose)
            return own
        own, put = self._shared[resource]
        self.known.apply((put,))
        return own

    def ask(self, operation: Operation, request: Request, refused: bool = False) -> StepResult:
        """Send a request, and remember it."""
        told = super().ask(operation, request, refused)
        self.results.append(told)
        return told


Lesson = Callable[[_Learner], None]


class CalibrationResult(NamedTuple):
    """The profile of a server, an exchange for each decision, and the report of the run that decided stated readings.

    `problem` tells why the server could not be calibrated, and `left_behind` which items could not be deleted.
    """

    profile: Profile
    evidence: Mapping[str, str]
    report: Report | None
    problem: str
    left_behind: tuple[str, ...]


def _ignore(name: str) -> None:
    """Tell nobody of a lesson."""


def calibrate(environment: Environment, seed: int, listen: Callable[[str], None] = _ignore) -> CalibrationResult:
    """Learn how a server decides the readings that its document states, and the built-in ones.

    `listen` is told the name of each lesson. Raises `VerificationError` where the server cannot be reached.
    """
    contract, findings, report = environment.contract, ProfileDraft(), None
    left_behind: tuple[str, ...] = ()
    if len(stated_operations(contract)) < len(contract.operations):
        findings = _Lessons(environment, listen).learn()
    if contract.readings:
        layer = "probes" if stated_operations(contract) else "clauses"
        report = Run(environment, Options((layer,), seed=seed)).report()
        left_behind = report.left_behind
    else:
        environment.client.lift_limits()
        left_behind = (*environment.left_behind, *clean_up(environment))
    decided = {one.id: one.choice for one in report.readings if one.status is ReadingStatus.DECIDED} if report else {}
    profile = Profile({**decided, **findings.profile.readings}, findings.errors)
    evidence = {**findings.evidence, **({one.id: one.evidence for one in report.readings} if report else {})}
    problem = report.problem if report is not None and stated_operations(contract) else ""
    if not problem and not environment.is_accepted:
        problem = "no request was accepted: the URL, the base path or the credentials are probably wrong"
    return CalibrationResult(profile, evidence, report, problem, left_behind)


class Drift(NamedTuple):
    """A reading that a profile has another choice for than the server now has."""

    id: str
    before: str
    now: str


def drifts(before: Profile, now: Profile) -> list[Drift]:
    """The readings that were decided otherwise before; one that was not decided now says nothing."""
    found = [
        Drift(id, choice, now.readings[id])
        for id, choice in before.readings.items()
        if now.readings.get(id, choice) != choice
    ]
    if before.errors is not None and now.errors is not None and before.errors != now.errors:
        found.append(Drift("errors", json.dumps(before.errors.body), json.dumps(now.errors.body)))
    return found


class _Lessons:
    """The lessons, and what they have decided so far."""

    def __init__(self, environment: Environment, listen: Callable[[str], None]) -> None:
        self._environment = environment
        self._listen = listen
        self._findings = ProfileDraft()
        self._results: list[StepResult] = []
        # By operation: the statuses of refusals of each kind, and the rules that were broken with and without success.
        self._refusals: dict[str, Counter[int]] = {}
        self._accepted: dict[str, set[Place]] = {}
        self._refused: dict[str, set[Place]] = {}
        self._paths: Counter[str] = Counter()
        self._shared: dict[str, tuple[CreatedItem, Put]] = {}

    def learn(self) -> ProfileDraft:
        for name, lesson in self._lessons():
            self._listen(name)
            self._hold(lesson)
        self._conclude()
        return self._findings

    def _lessons(self) -> Iterator[tuple[str, Lesson]]:
        environment = self._environment
        stated = stated_operations(environment.contract)
        for name, roles in environment.roles.items():
            if any(operation in stated for operation in (roles.create, roles.read, *roles.changes)):
                continue
            yield f"items of {name}", partial(self._members, roles=roles)
            yield f"values of {name}", partial(self._normalisations, roles=roles)
            if roles.delete is None and not environment.disposable:
                continue  # every further item would stay behind
            yield f"unknown members of {name}", partial(self._unknown_members, roles=roles)
            yield f"replacing a {name}", partial(self._put, roles=roles)
            yield f"changing a {name}", partial(self._patch, roles=roles)
            yield f"lists of {name}", partial(self._list, roles=roles)
            yield f"unique members of {name}", partial(self._unique, roles=roles)
            yield f"deleting a {name}", partial(self._delete, roles=roles)
        for operation in environment.contract.operations:
            if operation in stated:
                continue
            found = roles_for(operation, environment.roles)
            if found is None or operation is not found.create or found.delete is not None or environment.disposable:
                yield f"unknown keys of {operation.name}", partial(self._unknown, operation=operation, roles=found)
            yield f"paths of {operation.name}", partial(self._path, operation=operation, roles=found)
            yield f"invalid input of {operation.name}", partial(self._invalid, operation=operation, roles=found)
            yield f"media types of {operation.name}", partial(self._http, operation=operation, roles=found)
        yield "errors", self._errors

    def _hold(self, lesson: Lesson) -> None:
        learner = _Learner(self._environment, self._shared)
        try:
            # What cannot be asked decides nothing; a broken clause is for `verify` to report.
            with suppress(Skipped, NotObservable, ClauseBroken, NoResponse):
                lesson(learner)
        finally:
            learner.clean_up()
            self._results += learner.results

    def _decide(self, id: str, choice: str, told: StepResult | None = None) -> None:
        reading = builtin_reading(self._environment.contract, id)
        if reading is None or not reading.allows(choice):
            return
        self._findings.choices[id] = choice
        if told is not None:
            shown = self._environment.client.shown(told.request, told.response)
            self._findings.evidence[id] = f"{shown.curl} -> {shown.status}"

    # --- Bodies ---

    def _bodies(self, operation: Operation) -> tuple[SentMembers, SentMembers]:
        """A body with as many members as are found, and one with the required ones alone; raises `Skipped`."""
        media = self._environment.values.media(operation)
        found = [one for one in islice(self._environment.values.bodies(operation), _MOST_BODIES) if type(one) is dict]
        if media is None or not found:
            raise Skipped("no body is an object")
        whole = max(found, key=len)
        least = whole
        for name in [*whole]:
            rest = {other: value for other, value in least.items() if other != name}
            if media.schema is None or media.schema.accepts(rest):
                least = rest
        return whole, least

    def _accepts(self, operation: Operation, body: SentMembers) -> bool:
        media = self._environment.values.media(operation)
        return media is not None and (media.schema is None or media.schema.accepts(body))

    def _made(self, learner: _Learner, roles: Roles, body: SentMembers) -> CreatedItem:
        """An item made of a body; raises `Skipped` where it is refused."""
        if roles.create is None:
            raise Skipped(f"no operation creates a {roles.resource}")
        made = learner.create(roles.create, learner.parent_of(roles.resource), body)
        if isinstance(made, CreatedItem):
            return made
        raise Skipped(f"a body of {roles.create.name} was refused")

    def _shown(self, learner: _Learner, roles: Roles, own: CreatedItem) -> SentMembers:
        """The members of an item as it is read, or as the answer to the last request shows it."""
        if roles.read is None:
            return item_in(learner.results[-1].operation, learner.results[-1].value)
        told = learner.read(own)
        if not told.is_success:
            raise Skipped(f"{roles.read.name} answered {told.response.status}")
        return item_in(roles.read, told.value)

    # --- Lessons about items ---

    def _members(self, learner: _Learner, roles: Roles) -> None:
        """Members that the server sets, withholds and completes, and the form of its keys."""
        create = roles.create
        if create is None:
            return
        whole, least = self._bodies(create)
        name, members = roles.resource, members_of(self._environment.contract, roles.resource)
        items = self._environment.model.items(name)
        full = self._shown(learner, roles, self._made(learner, roles, whole))
        told = learner.results[-1]
        for member in whole.keys() & members.keys() - items.identity_fields:
            is_empty = whole[member] in (None, "", [], {})
            if not is_empty:
                self._decide(f"{name}.{member}.shown", "yes" if member in full else "no", told)
        bare = [self._shown(learner, roles, self._made(learner, roles, self._another(create, least))) for _ in range(2)]
        for member, view in members.items():
            if member in least or member in items.identity_fields or view.keyword("format") in _TIMES:
                continue
            values = [json.dumps(one.get(member, None), sort_keys=True) for one in bare if member in one]
            if not values and member not in full:
                continue  # it may be withheld
            if not values:
                self._decide(f"{name}.{member}.unsent", "absent", learner.results[-1])
            elif len(values) == len(bare) and len(set(values)) == 1:
                self._decide(f"{name}.{member}.unsent", values[0], learner.results[-1])
        self._key_form(name, bare[-1].get(items.key), learner.results[-1])

    def _another(self, operation: Operation, body: SentMembers) -> SentMembers:
        """The body with another mark in its names, so that no two items are alike in what may have to be unique."""
        media = self._environment.values.media(operation)
        fresh = next(iter(self._environment.values.bodies(operation, varied=True)), body)
        changed = {name: fresh[name] if isinstance(fresh, dict) and name in fresh else body[name] for name in body}
        return changed if media is None or self._accepts(operation, changed) else body

    def _key_form(self, name: str, key: Any, told: StepResult) -> None:
        view = members_of(self._environment.contract, name).get(self._environment.model.items(name).key)
        if not isinstance(key, str) or view is None or "string" not in view.types or view.keyword("format") is not None:
            return
        hexadecimal = {24: "hex-24", 32: "hex-32"}.get(len(key), "") if _HEX.match(key) else ""
        form = "uuid" if _UUID.match(key) else "number" if key.isdecimal() and len(key) < 12 else hexadecimal
        if form:
            self._decide(f"{name}.key-form", form, told)

    def _normalisations(self, learner: _Learner, roles: Roles) -> None:
        """How values are kept: spaces, letter case, decimals, duplicates; and members that are not taken at all."""
        create = roles.create
        if create is None:
            return
        whole, _ = self._bodies(create)
        members = members_of(self._environment.contract, roles.resource)
        telling = {
            name: value
            for name in whole.keys() & members.keys() - self._environment.model.items(roles.resource).identity_fields
            if (value := self._telling(create, whole, name)) is not ABSENT
        }
        proposed = {**whole, **telling}
        bodies = [proposed] if self._accepts(create, proposed) else []
        bodies += [{**self._another(create, whole), name: value} for name, value in telling.items()]
        decided: set[str] = set()
        for body in bodies:
            if decided >= telling.keys():
                break
            with suppress(Skipped):
                shown = self._shown(learner, roles, self._made(learner, roles, body))
                for name in telling.keys() & body.keys() & shown.keys() - decided:
                    if body[name] == telling[name]:
                        self._kept(roles.resource, name, body[name], shown[name], learner.results[-1])
                        decided.add(name)

    def _telling(self, operation: Operation, body: SentMembers, name: str) -> Any:
        """A value of a member that shows how it is kept, or `ABSENT`."""
        media, value = self._environment.values.media(operation), body[name]
        proposals: list[Any] = []
        if isinstance(value, str):
            proposals = [_MIXED.format(value), f"Mixed {value} Case", value.swapcase(), f" {value} "]
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            proposals = [_FRACTION, value + 0.123456]
        elif isinstance(value, list):
            first = value[0] if value else "Mixed Case"
            proposals = (
                [[f" {first} X", "b", f" {first} X"], [first, first]] if isinstance(first, str) else [[first] * 2]
            )
        fitting = (one for one in proposals if media is not None and self._accepts(operation, {**body, name: one}))
        return next(fitting, ABSENT)

    def _kept(self, resource: str, name: str, sent: Any, shown: Any, told: StepResult) -> None:
        ways = Freedoms().explaining(name, sent, shown)
        if ways:
            self._decide(f"{resource}.{name}.kept", " ".join(names_of_ways(ways)) or "as-sent", told)
            self._decide(f"{resource}.{name}.sent", "taken", told)
        elif type(sent) is type(shown) and not _resembles(sent, shown):
            self._decide(f"{resource}.{name}.sent", "ignored", told)

    def _unknown_members(self, learner: _Learner, roles: Roles) -> None:
        """Whether members that the document does not have are kept, dropped or refused."""
        for operation in (roles.create, *roles.changes):
            if operation is None:
                continue
            whole, _ = self._bodies(operation)
            body = {**self._another(operation, whole), _UNKNOWN_MEMBER: "text"}
            if not self._accepts(operation, body):
                continue
            told, own = self._sent(learner, operation, roles, body)
            self._decide(f"{operation.name}.unknown-members", "taken" if told.is_success else "refused", told)
            if told.is_success and own is not None and operation is roles.create:
                shown = self._shown(learner, roles, own)
                self._decide(
                    f"{roles.resource}.unknown-members", "kept" if _UNKNOWN_MEMBER in shown else "dropped", told
                )

    def _sent(
        self, learner: _Learner, operation: Operation, roles: Roles, body: SentMembers
    ) -> tuple[StepResult, CreatedItem | None]:
        """The exchange of a body, and the item that it made or changed."""
        if operation is roles.create:
            made = learner.create(operation, learner.parent_of(roles.resource), body)
            created = made if isinstance(made, CreatedItem) else None
            told = next(one for one in reversed(learner.results) if one.operation is operation)
            return told, created
        own = learner.make(roles.resource)
        return learner.change(operation, own, body), own

    def _put(self, learner: _Learner, roles: Roles) -> None:
        """What becomes of members that a PUT does not send."""
        put = next((one for one in roles.changes if isinstance(one.steps[0].action, Replace)), None)
        if put is None or roles.create is None:
            return
        whole, _ = self._bodies(roles.create)
        own = self._made(learner, roles, whole)
        before = self._shown(learner, roles, own)
        body = {name: value for name, value in whole.items() if name in before}
        for name in [*body]:
            rest = {other: value for other, value in body.items() if other != name}
            body = rest if self._accepts(put, rest) else body
        unsent = whole.keys() - body.keys() - self._environment.model.items(roles.resource).identity_fields
        left_out = [name for name in unsent if before.get(name) not in (None, "", [], {}, ABSENT)]
        if not left_out:
            return
        told = learner.change(put, own, body)
        if told.is_success:
            after = self._shown(learner, roles, own)
            kept = all(after.get(name, ABSENT) == before[name] for name in left_out)
            self._decide(f"{roles.resource}.put-unsent", "kept" if kept else "removed", told)

    def _patch(self, learner: _Learner, roles: Roles) -> None:
        """What null does in a PATCH, and how it changes an object in an item."""
        patch = next((one for one in roles.changes if isinstance(one.steps[0].action, Merge)), None)
        if patch is None or roles.create is None:
            return
        whole, least = self._bodies(roles.create)
        own = self._made(learner, roles, whole)
        before = self._shown(learner, roles, own)
        for name in sorted(whole.keys() - least.keys() & before.keys()):
            body = {name: None}
            if not self._accepts(patch, body):
                continue
            told = learner.change(patch, own, body)
            if told.is_success:
                shown = self._shown(learner, roles, own).get(name, ABSENT)
                if shown is None or shown is ABSENT:
                    self._decide(f"{roles.resource}.patch-null", "stored" if shown is None else "deletes", told)
                    break
        objects = (name for name, value in before.items() if isinstance(value, dict) and len(value) > 1)
        name = next(objects, "")
        if name and name in whole:
            inner = next(iter(before[name]))
            told = learner.change(patch, own, {name: {inner: before[name][inner]}})
            if told.is_success:
                after = self._shown(learner, roles, own).get(name, {})
                is_deep = isinstance(after, dict) and len(after) == len(before[name])
                self._decide(f"{roles.resource}.patch-depth", "deep" if is_deep else "shallow", told)

    def _list(self, learner: _Learner, roles: Roles) -> None:
        """The order of a list, and the size of a page that is not asked for."""
        listing, create = roles.list, roles.create
        if listing is None or create is None:
            return
        whole, _ = self._bodies(create)
        key, parent = self._environment.model.items(roles.resource).key, learner.parent_of(roles.resource)
        made: list[CreatedItem] = []
        for _ in range(_ITEMS_IN_LISTS):
            one = learner.create(create, parent, self._another(create, whole))
            if isinstance(one, CreatedItem):
                made.append(one)
            elif len(made) < 2:
                raise Skipped("too few items could be made")
        told = learner.ask(listing, learner.write(listing, learner.values_for(listing, None, parent)))
        shown = part_of(listing, told.value, "$items")
        if not told.is_success or not isinstance(shown, list):
            return
        total = part_of(listing, told.value, "$total")
        if len(shown) < (total if isinstance(total, int) else len(made)):
            self._decide(f"{listing.name}.page-size", str(len(shown)), told)
        numbers = {str(one.key).rpartition("/")[2]: number for number, one in enumerate(made)}
        places = [numbers[str(one[key])] for one in shown if isinstance(one, dict) and str(one.get(key)) in numbers]
        if len(places) > 2:
            self._decide(f"{roles.resource}.order", _order(places, shown), told)

    def _unique(self, learner: _Learner, roles: Roles) -> None:
        """Members of which no two items may have the same value, and the status of such a conflict."""
        create = roles.create
        if create is None or creates_by_replacing(create):
            return
        whole, _ = self._bodies(create)
        parent = learner.parent_of(roles.resource)
        if not isinstance(learner.create(create, parent, whole), CreatedItem):
            return
        again = learner.create(create, parent, whole)
        told = next(one for one in reversed(learner.results) if one.operation is create)
        if isinstance(again, CreatedItem):
            self._decide(f"{roles.resource}.unique", "none", told)
            return
        if told.response.status not in (400, 409, 422):
            return
        unique = []
        for name in sorted(whole):
            other = self._another(create, whole)
            if other.get(name) == whole[name] and len({*map(str, other.values())}) == len({*map(str, whole.values())}):
                continue
            if not isinstance(learner.create(create, parent, {**other, name: whole[name]}), CreatedItem):
                unique.append(name)
        if unique and len(unique) < len(whole):
            self._decide(f"{roles.resource}.unique", " ".join(unique), told)
            self._decide(f"{roles.resource}.conflict", str(told.response.status), told)

    def _delete(self, learner: _Learner, roles: Roles) -> None:
        """What becomes of an item that is deleted: it is gone, or marked by a member and perhaps not listed."""
        if roles.delete is None or roles.create is None:
            return
        own = learner.make(roles.resource)
        if roles.read is None:
            learner.delete(own)
            return
        before = self._shown(learner, roles, own)
        again = learner.write(roles.read, learner.values_for(roles.read, own))
        if not learner.delete(own).is_success:
            return
        told = learner.ask(roles.read, again)
        if told.response.status in (404, 410):
            self._decide(f"{roles.resource}.deletion", "gone", told)
            return
        after = item_in(roles.read, told.value)
        others = [name for name, value in after.items() if before.get(name, ABSENT) != value and not _is_moment(value)]
        if not told.is_success or len(others) != 1:
            return
        listing, key = roles.list, self._environment.model.items(roles.resource).key
        shown = None
        if listing is not None and own.parent is None:
            listed = learner.ask(listing, learner.write(listing, learner.values_for(listing, None)))
            shown = part_of(listing, listed.value, "$items")
        keys = [one.get(key) for one in shown if isinstance(one, dict)] if isinstance(shown, list) else [after.get(key)]
        word = "marked" if after.get(key) in keys else "unlisted"
        mark = json.dumps(after[others[0]], separators=(",", ":"))
        self._decide(f"{roles.resource}.deletion", f"{word} {others[0]}={mark}", told)

    # --- Lessons about operations ---

    def _unknown(self, learner: _Learner, operation: Operation, roles: Roles | None) -> None:
        """A request about an item that does not exist, and one that is invalid too."""
        select = operation.selector
        if select is None or select.by.source != "path" or select.if_present:
            return
        resource = select.resource
        if self._environment.contract.resources[resource].is_single:
            return
        values = self._unknown_values(learner, operation, resource)
        body = next(self._environment.values.bodies(operation), ABSENT)
        told = learner.ask(operation, learner.write(operation, values, body))
        status = told.response.status
        is_item = roles is not None and operation in (roles.read, roles.delete, *roles.changes)
        if operation.method == "PUT" and is_item:
            created = told.is_success and learner.adopt_replaced(told, resource)
            if created or 400 <= status < 500:
                self._decide(f"{resource}.put-unknown", "creates" if created else "refused", told)
        elif operation.method == "DELETE" and is_item:
            self._decide(f"{resource}.delete-unknown", "succeeds" if told.is_success else "refused", told)
        elif status in (404, 410):
            self._decide(f"{resource}.unknown", str(status), told)
            self._decide(f"{operation.name}.unknown", "refused", told)
        elif told.is_success and operation.method in ("GET", "POST") and not (roles and operation is roles.read):
            learner.adopt_anything(told)
            self._decide(f"{operation.name}.unknown", "ignored", told)
        if isinstance(body, dict) and status in (404, 410):
            self._order_of_checks(learner, operation, values, body, status)

    def _unknown_values(self, learner: _Learner, operation: Operation, resource: str) -> Mapping[tuple[str, str], Any]:
        select, parent = operation.selector, self._environment.contract.resources[resource].parent
        above = learner.parent_of(resource) if parent is not None and parent.resource else None
        by = select.by.name if select is not None else ""
        key = self._environment.values.new_key(operation.parameters["path", by])
        if key is ABSENT:
            raise Skipped("no unused key was found")
        return learner.values_for(operation, None, above, {("path", by): key})

    def _order_of_checks(
        self,
        learner: _Learner,
        operation: Operation,
        values: Mapping[tuple[str, str], Any],
        body: SentMembers,
        unknown: int,
    ) -> None:
        valid = ValidInput(operation, values, body)
        for _, request in invalid_variants(valid, self._environment.values, partial(learner.write, operation)):
            if learner.due(request).violations and request.body:
                told = learner.ask(operation, request, refused=True)
                first = "lookup-first" if told.response.status == unknown else "validate-first"
                if not told.is_success and told.response.status < 500:
                    self._decide("http.order", first, told)
                return

    def _path(self, learner: _Learner, operation: Operation, roles: Roles | None) -> None:
        """A path parameter of the wrong type."""
        for place, parameter in operation.parameters.items():
            types = parameter.value_type.types or frozenset()
            is_bound = types == {"integer"} or parameter.value_type.keyword("format") == "uuid"
            if place[0] != "path" or not is_bound:
                continue
            values = dict(self._leading_values(learner, operation, roles))
            body = next(self._environment.values.bodies(operation), ABSENT)
            request = learner.write(operation, {**values, place: values.get(place, 1)}, body)
            request = request._replace(path=_with_segment(operation.path, request.path, parameter.name, "lookalike"))
            told = learner.ask(operation, request, refused=True)
            status = told.response.status
            if 400 <= status < 500:
                self._paths["404" if status == 404 else "invalid"] += 1
                if status != 404:
                    self._refusals.setdefault(f"{operation.name}.refusal", Counter())[status] += 1
                self._decide("http.path-parameter", self._paths.most_common(1)[0][0], told)

    def _leading_values(
        self, learner: _Learner, operation: Operation, roles: Roles | None
    ) -> Mapping[tuple[str, str], Any]:
        with suppress(Skipped):
            own, parent = about(learner, operation, roles)
            return learner.values_for(operation, own, parent)
        return {
            place: self._environment.values.new_key(parameter)
            for place, parameter in operation.parameters.items()
            if place[0] == "path"
        }

    def _plain(self, learner: _Learner, operation: Operation, roles: Roles | None) -> Request:
        _, values, body = self._valid(learner, operation, roles)
        return learner.write(operation, values, body)

    def _valid(self, learner: _Learner, operation: Operation, roles: Roles | None) -> ValidInput:
        own, parent = about(learner, operation, roles)
        check_allowed(learner, operation, roles, own)
        body = next(self._environment.values.bodies(operation), ABSENT)
        return ValidInput(operation, learner.values_for(operation, own, parent), body)

    def _invalid(self, learner: _Learner, operation: Operation, roles: Roles | None) -> None:
        """Requests that break one rule each: the statuses of their refusals, and the rules that are not checked."""
        if roles is not None and operation is roles.delete:
            return
        name, valid = operation.name, self._valid(learner, operation, roles)
        for _, request in invalid_variants(valid, self._environment.values, partial(learner.write, operation)):
            due = learner.due(request)
            rules = {(place_of_violation(one), one.keyword) for one in due.violations}
            if due.response.status < 400 or len(rules) != 1:
                continue
            told = learner.ask(operation, request, refused=True)
            learner.adopt_anything(told)
            status = told.response.status
            is_syntax = any(keyword == "syntax" for _, keyword in rules)
            if told.is_success and not is_syntax:
                self._accepted.setdefault(name, set()).update(rules)
            elif 400 <= status < 500:
                kind = "unparsable" if is_syntax else "refusal"
                self._refusals.setdefault(f"{name}.{kind}", Counter())[status] += 1
                self._refused.setdefault(name, set()).update(rules)

    def _http(self, learner: _Learner, operation: Operation, roles: Roles | None) -> None:
        """Media types that are not documented, and a body that is missing."""
        if operation.method in SAFE:
            if "406" not in operation.responses and not self._has("http.accept"):
                plain = self._plain(learner, operation, roles)
                told = learner.ask(operation, _with_header(plain, "accept", "application/x-lookalike"), refused=True)
                self._decide("http.accept", "406" if told.response.status == 406 else "ignored", told)
            return
        media = self._environment.values.media(operation)
        if media is None or essence(media.media_type) != "application/json" or operation.body is None:
            return
        if not operation.body.required or (self._has("http.media-type") and self._has("http.empty-body")):
            return
        plain = self._plain(learner, operation, roles)
        told = learner.ask(operation, plain._replace(body=b""), refused=True)
        learner.adopt_anything(told)
        if told.response.status < 500:
            self._decide("http.empty-body", "as-empty-object" if told.is_success else "400", told)
            if not told.is_success:
                self._refusals.setdefault(f"{operation.name}.refusal", Counter())[told.response.status] += 1
        fresh = self._plain(learner, operation, roles)
        told = learner.ask(operation, _with_header(fresh, "content-type", "text/plain"), refused=True)
        learner.adopt_anything(told)
        status = told.response.status
        choice = {415: "415", 400: "400"}.get(status, "ignored" if told.is_success else "body-ignored")
        if status < 500:
            self._decide("http.media-type", choice, told)

    def _has(self, id: str) -> bool:
        return id in self._findings.choices

    # --- What all answers together say ---

    def _errors(self, learner: _Learner) -> None:
        """A path that is not documented, for the body of errors that the document does not describe."""
        headers = Headers({"accept": "application/json"})
        for path in ("/lookalike-unknown-path", "/lookalike-unknown-path/1"):
            request = Request("GET", path, "", headers)
            response = self._environment.client.send(request)
            if 400 <= response.status < 500:
                template = _error_template(response.status, value_of(response))
                media_type = essence(response.header("Content-Type") or "")
                if template is not None and may_be_json(media_type):
                    self._findings.errors = ErrorTemplate(media_type, template)

    def _conclude(self) -> None:
        for id, statuses in self._refusals.items():
            self._decide(id, str(statuses.most_common(1)[0][0]))
        for operation in self._environment.contract.operations:
            name = operation.name
            if name in self._accepted or name in self._refused:
                left = self._accepted.get(name, set()) - self._refused.get(name, set())
                self._decide(f"{name}.unchecked", choice_of(frozenset(left)))
        self._successes()
        self._undocumented_errors()

    def _successes(self) -> None:
        seen: dict[str, Counter[int]] = {}
        for told in self._results:
            documented = [status for status in told.operation.responses if status.startswith("2")]
            if told.is_success and len(documented) > 1 and not creates_by_replacing(told.operation):
                seen.setdefault(told.operation.name, Counter())[told.response.status] += 1
        for name, statuses in seen.items():
            self._decide(f"{name}.success", str(statuses.most_common(1)[0][0]))

    def _undocumented_errors(self) -> None:
        """The body of the errors that were seen most often of those that the document does not describe."""
        found: Counter[str] = Counter()
        for told in self._results:
            status = told.response.status
            media_type = essence(told.response.header("Content-Type") or "")
            if 400 <= status < 500 and not is_named(told.operation, status) and may_be_json(media_type):
                template = _error_template(status, told.value)
                if template is not None:
                    found[json.dumps([media_type, template])] += 1
        if found:
            media_type, template = json.loads(found.most_common(1)[0][0])
            self._findings.errors = ErrorTemplate(media_type, template)


def _error_template(status: int, body: Any) -> Any:
    """A body with places for the status and the reason, or None where it is no object."""
    if not isinstance(body, dict):
        return None
    return {name: _placeholder(status, value) for name, value in body.items()}


def _placeholder(status: int, value: Any) -> Any:
    if isinstance(value, dict):
        return _error_template(status, value)
    if isinstance(value, list):
        return "$answer.reasons"
    if isinstance(value, str) and " " in value:  # a word alone is a code or a title, which many errors share
        return "$answer.reason"
    return "$answer.status" if value == status else value


def _is_moment(value: Any) -> bool:
    """Whether a value is a time, which may be that of the request."""
    return isinstance(value, str) and _MOMENT.match(value) is not None


def _resembles(sent: Any, shown: Any) -> bool:
    """Whether a value was made of another, by more than the normalisations that are known."""
    if isinstance(sent, str) and isinstance(shown, str):
        return bool(shown) and (shown.lower() in sent.lower() or sent.strip().lower() in shown.lower())
    return isinstance(sent, (int, float, list, dict))


def _order(places: list[int], shown: Iterable[Any]) -> str:
    """The order of a list: by creation, or by a member whose values are sorted in it."""
    if places == sorted(places):
        return "oldest-first"
    if places == sorted(places, reverse=True):
        return "newest-first"
    items = [one for one in shown if isinstance(one, dict)]
    for name in items[0] if items else ():
        values = [one.get(name) for one in items]
        if all(isinstance(value, str) for value in values) and len(set(map(str, values))) > 1:
            if values == sorted(values, key=str):
                return f"by {name}"
            if values == sorted(values, key=str, reverse=True):
                return f"by -{name}"
    return ""


def _with_header(request: Request, name: str, value: str) -> Request:
    headers = {field: text for field, text in request.headers.items() if field.lower() != name}
    return request._replace(headers=Headers({**headers, name: value}))


def _with_segment(template: str, path: str, name: str, text: str) -> str:
    """The path with a text in the place of one parameter."""
    parts = zip(template.split("/"), path.split("/"), strict=True)
    return "/".join(text if part == "{" + name + "}" else segment for part, segment in parts)
