"""The environment of a run: the contract, the server under test, and everything else that stories need."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lookalike.contract.contract import Contract
from lookalike.model.behaviour import Model
from lookalike.model.state import Item
from lookalike.verify.bulk_creations import BulkCreation
from lookalike.verify.coverage import Coverage
from lookalike.verify.memberships import Membership
from lookalike.verify.oracle.ledger import Deletion, Ledger
from lookalike.verify.oracle.normalisations import Normalisations
from lookalike.verify.oracle.open_readings import OpenReadings
from lookalike.verify.oracle.session import Session
from lookalike.verify.oracle.worlds import WorldItems
from lookalike.verify.requests.builder import RequestBuilder
from lookalike.verify.requests.encoder import RequestEncoder
from lookalike.verify.requests.values import ValueGenerator
from lookalike.verify.roles import Roles
from lookalike.verify.server.client import Client
from lookalike.verify.server.target import Credentials, WebhookSetup
from lookalike.verify.sign_in import Account, SignIn

if TYPE_CHECKING:  # it is for --listen alone
    from lookalike.verify.server.listener import CallbackListener


@dataclass(frozen=True, slots=True)
class StatedOperation:
    """An operation whose clauses the document states, with the session that judges it by worlds.

    `home` holds the items as they were before the run; `reset` brings the server back to its first state, where it can
    be; `prefixes` are fields that may stand before the key in a path.
    """

    contract: Contract
    client: Client
    session: Session
    compose: RequestBuilder
    home: WorldItems
    reset: Callable[[], None] | None
    prefixes: tuple[str, ...] = ()


def not_noted(deletion: Deletion) -> None:
    """Record nothing: a server that can be reset needs no journal."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything that stories need, and the counts of a run so far.

    `credentials` are those that the target file or the mock gives, by scheme; `memberships` are by the id of each
    operation that adds or removes a member, `bulks` by that of each one that makes several items. `sign_ins` are by the
    ids of their logins, and `account` has members of the body of one, from the target file. `lasting_accounts` are
    those of the run that no operation deletes, by login and purpose; `is_own_account` tells that the credentials are of
    an account that the run has signed up.

    A server is `resettable` if it can be brought back to its first state, and `disposable` if anything may be done
    there: because it can be reset, or because the target file says so. `stated` are the operations that are judged by
    the clauses of the document; all others are judged by the clauses that follow from it. `given` are values of
    parameters by name, and `owned` items by resource, both from the target file. `note` is called with the deletion of
    each created item, and `note_gone` once it is confirmed. Reads may lag behind changes for `settle` seconds;
    items of the resources `never_seen` could not be read then either. The key of the resources `confirmed_keys` was
    guessed, and led to an item since. A change of what was sent gave another key to items of the resources `renaming`.
    `waived` are the reasons of waived clauses,
    `insisted` the choices of readings that the target file insists on; `readings` are those that are open while
    inferred clauses are judged. `unjudged` holds the reason, by operation, why a stated operation cannot be judged with
    this target. At most `concurrency` stories are run in parallel; `was_accepted` tells that a request was accepted
    before the `statuses` of this environment were counted. `story` is the id of the story that it is for, if any.
    `open_readings` are the choices of the built-in readings that are open about any server, and `evidence` holds an
    exchange for each reading that an answer decided. `notes` are sentences for the report, and `durations` the seconds
    that the answers of each operation took, by id. Callbacks of the server come to the `listener`, and
    its webhooks to where the target file says (`webhooks`).
    """

    contract: Contract
    model: Model
    client: Client
    writer: RequestEncoder
    values: ValueGenerator
    roles: Mapping[str, Roles]
    resettable: bool
    disposable: bool
    coverage: Coverage
    readings: OpenReadings
    stated: tuple[StatedOperation, ...] = ()
    unjudged: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    owned: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)
    settle: float = 0.0
    waived: Mapping[str, str] = field(default_factory=dict)
    insisted: Mapping[str, str] = field(default_factory=dict)
    note: Callable[[Deletion], None] = not_noted
    note_gone: Callable[[Deletion], None] = not_noted
    statuses: Counter[int] = field(default_factory=Counter)
    normalisations: Normalisations = field(default_factory=Normalisations)
    ledger: Ledger = field(default_factory=Ledger)
    never_seen: set[str] = field(default_factory=set)
    confirmed_keys: set[str] = field(default_factory=set)
    renaming: set[str] = field(default_factory=set)
    open_readings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    durations: dict[str, list[float]] = field(default_factory=dict)
    concurrency: int = 1
    was_accepted: bool = False
    story: str = ""
    credentials: Mapping[str, Credentials] = field(default_factory=dict)
    memberships: Mapping[str, Membership] = field(default_factory=dict)
    bulks: Mapping[str, BulkCreation] = field(default_factory=dict)
    listener: "CallbackListener | None" = None
    webhooks: WebhookSetup | None = None
    sign_ins: Mapping[str, SignIn] = field(default_factory=dict)
    account: Mapping[str, Any] = field(default_factory=dict)
    lasting_accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    is_own_account: bool = False

    @property
    def is_accepted(self) -> bool:
        """Whether any request was accepted; if not, the URL or the credentials are probably wrong."""
        return self.was_accepted or any(200 <= status < 300 for status in self.statuses)

    def for_story(self, story: str, attempt: int = 0) -> "Environment":
        """The environment of one story: its own values, and whatever it learns or counts.

        So a story sends the same requests whatever runs in parallel. What it learns is known to others once it was
        `joined`.
        """
        return replace(
            self,
            values=self.values.for_story(story, attempt),
            readings=self.readings.copy(),
            normalisations=self.normalisations.copy(),
            ledger=self.ledger.for_story(),
            statuses=Counter(),
            never_seen={*self.never_seen},
            confirmed_keys={*self.confirmed_keys},
            renaming={*self.renaming},
            evidence={**self.evidence},
            was_accepted=self.is_accepted,
            story=f"{story} (told again: {attempt})" if attempt else story,
        )

    def joined(self, story: "Environment") -> "Environment | None":
        """This environment with the readings and normalisations that a story decided; None if others contradict them.

        The counts of the story are taken over in either case.
        """
        self.ledger.take_over(story.ledger)
        self.statuses.update(story.statuses)
        self.never_seen.update(story.never_seen)
        self.confirmed_keys.update(story.confirmed_keys)
        self.renaming.update(story.renaming)
        self.values.take_over(story.values)
        readings, normalisations = (
            self.readings.joined(story.readings),
            self.normalisations.joined(story.normalisations),
        )
        if readings is None or normalisations is None:
            return None
        return replace(
            self, readings=readings, normalisations=normalisations, evidence={**story.evidence, **self.evidence}
        )
