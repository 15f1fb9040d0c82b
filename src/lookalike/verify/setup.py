"""Setup: from a contract, a URL and a target file to the environment of a run."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.security import BASIC
from lookalike.contract.semantics import Union
from lookalike.contract.undecided_readings import open_readings, opened
from lookalike.errors import UsageError
from lookalike.http import Headers, Request
from lookalike.model.behaviour import Model
from lookalike.model.minting import mint
from lookalike.model.request.tokens import TokenTable, token_table
from lookalike.model.resources.keys import key_fields
from lookalike.model.state import Item
from lookalike.naming.accounts import PASSWORDS
from lookalike.naming.words import normalised
from lookalike.verify.bulk_creations import bulk_creations_of
from lookalike.verify.clauses import IN_TIME, clauses_of, stated_operations
from lookalike.verify.coverage import Coverage
from lookalike.verify.environment import Environment, StatedOperation
from lookalike.verify.memberships import memberships_of
from lookalike.verify.oracle.open_readings import OpenReadings
from lookalike.verify.oracle.session import OracleSettings, Session, subject_of
from lookalike.verify.oracle.worlds import Questions, StateKnowledge, World, WorldItems
from lookalike.verify.requests.builder import RequestBuilder
from lookalike.verify.requests.encoder import RequestEncoder, basic_credentials
from lookalike.verify.requests.run_names import new_run_id
from lookalike.verify.requests.values import ValueGenerator
from lookalike.verify.roles import roles_of
from lookalike.verify.server.client import Client
from lookalike.verify.server.observer import ControlObserver, Observer, PathObserver
from lookalike.verify.server.redaction import LEAST_SECRET, placeholders
from lookalike.verify.server.target import Credentials, Target, UsableItems
from lookalike.verify.server.token_command import RenewedToken
from lookalike.verify.sign_in import sign_ins_of

CONTROL = "/__lookalike/"
_SECOND_HEADERS = ("x-access-token", "access-token", "x-auth-token")
_LONGEST_RUN = 86_400.0  # seconds
_MOST_ITEMS = 50
_MOST_OWNED = 5
_MOST_SEEN = 3
# A mock accepts any credentials for a scheme without tokens; those of the scheme basic are a name and a password.
_ANY = ("lookalike", "lookalike:lookalike")
# A shell expression for the credentials of the scheme basic, as curl lines show them.
_PASSWORD = "$PASSWORD"  # of the account of the target file
_ENCODED = "$(printf %s \"$TOKEN\" | base64 | tr -d '\\n')"


def prefixed(url: str, contract: Contract) -> str:
    """The URL below which the paths of a contract are: with its base path where the URL has no path itself."""
    return url.rstrip("/") + ("" if urlsplit(url).path.strip("/") else contract.base_path)


class MockControl:
    """The control API of a Lookalike mock, as far as a run needs it."""

    def __init__(self, client: Client, headers: Headers) -> None:
        self.headers = headers
        self._client = client

    def get(self, name: str) -> Any:
        """The JSON object of a resource of the control API; raises `UsageError` if it cannot be read."""
        answer = self._client.send(Request("GET", CONTROL + name, "", self.headers))
        value = None
        if answer.status == 200:
            with suppress(ValueError, RecursionError):
                value = json.loads(answer.body)
        if not isinstance(value, dict):
            raise self._is_no_mock(f"GET {CONTROL}{name}: {answer.status}")
        return value

    def check(self, resources: Iterable[str]) -> None:
        """Raise `UsageError` unless this is a mock with such resources: any other server must not be reset.

        A server that answers everything with a 200 and some JSON must not be taken for one, where all may be deleted.
        """
        health, credentials, state = self.get("health"), self.get("credentials"), self.get("state")
        if health != {"status": "ok"} or not all(isinstance(one, dict) for one in credentials.values()):
            raise self._is_no_mock(f"GET {CONTROL}health and {CONTROL}credentials")
        expected = set(resources)
        if not all(isinstance(one, list) for one in state.values()) or not (state.keys() & expected or not expected):
            raise self._is_no_mock(f"GET {CONTROL}state has no {' or '.join(sorted(expected)) or 'lists'}")

    def _is_no_mock(self, seen: str) -> UsageError:
        return UsageError(
            f"{self._client.url} is not a Lookalike mock that lets this machine in ({seen}); give a target file "
            "(--target), or its control token (--control-token)"
        )

    def reset(self) -> None:
        """Bring the mock back to its seeds."""
        self._client.send(Request("POST", f"{CONTROL}reset", "", self.headers))


def mocked(client: Client, control_token: str | None) -> MockControl:
    """The control API of a mock, with its control token if it has one."""
    return MockControl(client, Headers({"Authorization": f"Bearer {control_token}"} if control_token else {}))


def environment_of_mock(
    contract: Contract, client: Client, control: MockControl, seed: int, reset: bool = True
) -> Environment:
    """The environment of a run against a Lookalike mock, which gives credentials and state and can be reset.

    `client` reaches the API below the base path of the contract, `control` the control API. Without `reset`, the mock
    keeps its state, for a run that is only planned.
    """
    control.check(contract.resources)
    credentials = {
        name: Credentials(**tokens) for name, tokens in control.get("credentials").items() if "valid" in tokens
    }
    if reset:
        control.reset()
    state = control.get("state")
    target = Target(credentials, {})
    made_up = {name: _ANY[one.kind == BASIC] for name, one in contract.schemes.items()}
    for sign_in in sign_ins_of(contract):
        # Once a user has logged in, a mock accepts the tokens that it has signed, and no others.
        token = mint(time.time(), _LONGEST_RUN)
        client.hide({token: "$(lookalike token)"})
        made_up |= {sign_in.scheme.name: token}
    environment = _environment(contract, client, target, {**made_up, **_valid(contract, client, credentials)}, seed)
    build = _StatedBuilder(contract, client, target, control.reset)
    stated: list[StatedOperation] = []
    for operation in stated_operations(contract):
        usable = {name: _usable_items_of(contract, name, state, _of_sets(operation)) for name in state}
        home: WorldItems = tuple((name, item) for name, items in state.items() for item in items[:_MOST_ITEMS])
        resource, identity = resource_of(contract, operation)
        fields = contract.document.lookup(f"#/x-lookalike/resources/{resource}/schema")
        observer = ControlObserver(
            client, resource, identity, frozenset(_properties(contract, fields)), control.headers
        )
        known = _Known(home, StateKnowledge({}, frozenset(state)), observer)
        stated.append(build.operation(operation, usable[resource], known, stated))
    owned = {name: tuple(items[:_MOST_OWNED]) for name, items in state.items()}
    return replace(environment, stated=tuple(stated), owned=owned, resettable=True, disposable=True)


def environment_of(contract: Contract, client: Client, target: Target, seed: int, look: bool = True) -> Environment:
    """The environment of a run against any server, as the target file describes it.

    With `look`, owned items are observed where the target file says how. Raises `UsageError` if the target file
    lacks something that every operation needs.
    """
    tokens = _valid(contract, client, target.credentials)
    environment = _environment(contract, client, target, tokens, seed)
    build = _StatedBuilder(contract, client, target, None)
    stated: list[StatedOperation] = []
    unjudged: dict[str, str] = {}
    operations = stated_operations(contract)
    for operation in operations:
        lacking = _lacking(contract, operation, target)
        if lacking and len(operations) == len(contract.operations):
            raise UsageError(lacking)
        if lacking:
            unjudged[operation.id] = lacking
            continue
        known = _known_by(contract, operation, client, target, look)
        usable = _with_seen_tags(contract, operation, target.usable[resource_of(contract, operation)[0]], known)
        stated.append(build.operation(operation, usable, known, stated))
    owned = {name: one.owned for name, one in target.usable.items()}
    return replace(environment, stated=tuple(stated), unjudged=unjudged, owned=owned)


def _environment(
    contract: Contract, client: Client, target: Target, tokens: Mapping[str, str], seed: int
) -> Environment:
    """The parts that runs against a mock and against any other server have in common."""
    secrets = (str(value) for name, value in target.account.items() if normalised(name) in PASSWORDS)
    client.hide({secret: _PASSWORD for secret in secrets if len(secret) >= LEAST_SECRET})
    return Environment(
        contract=contract,
        model=Model(opened(contract)),
        client=client,
        writer=RequestEncoder(tokens),
        values=ValueGenerator(contract, seed, new_run_id()),
        roles=roles_of(contract),
        memberships=memberships_of(contract),
        bulks=bulk_creations_of(contract),
        resettable=False,
        disposable=target.disposable,
        coverage=Coverage(contract),
        readings=OpenReadings(questions_of(contract, target.readings), target.readings),
        given=target.parameters,
        settle=target.settle,
        waived=_waived(target),
        notes=_useless_waivers(contract, target),
        insisted=target.readings,
        concurrency=target.concurrency or 1,
        credentials=target.credentials,
        webhooks=target.webhooks,
        open_readings=open_readings(contract),
        sign_ins={one.login.id: one for one in sign_ins_of(contract)},
        account=target.account,
    )


def _valid(contract: Contract, client: Client, credentials: Mapping[str, Credentials]) -> dict[str, str]:
    """The valid credentials by scheme; from now on they are hidden in every output, and renewed by their command."""
    for name, one in credentials.items():
        client.hide(placeholders(one))
        if name in contract.schemes and contract.schemes[name].kind == BASIC:
            client.hide({basic_credentials(one.valid): _ENCODED})
        if one.command:
            client.renew(RenewedToken(one.valid, one.command))
    return {name: one.valid for name, one in credentials.items()}


def _lacking(contract: Contract, operation: Operation, target: Target) -> str:
    """A sentence about what the target file lacks to judge a stated operation, or an empty string."""
    resource, _ = resource_of(contract, operation)
    if resource not in target.usable:
        return f"the target file names no owned item of {resource}; add resources: {{{resource}: {{owned: []}}}}"
    scheme = _scheme_of(operation)
    if scheme and scheme not in target.credentials:
        return f"the target file has no credentials for {scheme}; add credentials: {{{scheme}: {{valid: …}}}}"
    return ""


def _scheme_of(operation: Operation) -> str:
    """The first security scheme that an operation asks for, or nothing."""
    return operation.security[0][0].scheme.name if operation.security and operation.security[0] else ""


class _Known(NamedTuple):
    """The items of a server before the run, what else is known of its state, and how the state is observed."""

    home: WorldItems
    around: StateKnowledge
    observer: Observer | None


def _known_by(contract: Contract, operation: Operation, client: Client, target: Target, look: bool) -> _Known:
    """The state by the target file, with the owned items as they are observed."""
    resource, identity = resource_of(contract, operation)
    observer = _observer(contract, client, target, resource, identity)
    owned = target.usable[resource].owned
    if observer is not None and look:
        seen = observer.look(item[identity] for item in owned).items
        unseen = next((item[identity] for item in owned if item[identity] not in seen), None)
        if unseen is not None:
            raise UsageError(
                f"what the target file says under observe does not show the {resource} {unseen}: the answer is not "
                "200, or has no object at item, or that of another key; correct it, or leave observe out"
            )
        owned = tuple({**item, **(seen.get(item[identity]) or {})} for item in owned)
    home: WorldItems = tuple((resource, item) for item in owned)
    home += tuple(_seen_elements(contract, operation, owned, target.usable[resource]))
    usable = {name: target.usable[resource] for name in contract.resources if name != resource}
    tags = {name: _known_ids(contract, name, one) for name, one in usable.items()}
    home += tuple((name, item) for name, items in tags.items() for item in items or ())
    complete = {resource, *(name for name, items in tags.items() if items is not None)}
    return _Known(home, StateKnowledge({}, frozenset(complete)), observer)


def _seen_elements(
    contract: Contract, operation: Operation, owned: Iterable[Item], usable: UsableItems
) -> Iterable[tuple[str, Item]]:
    """The elements that the sets of owned items were seen to have: they exist, though the target file lists none."""
    if usable.tags is not None:
        return
    unions = [step.action for step in operation.steps if isinstance(step.action, Union) and step.action.of]
    found = [(one.of, element) for one in unions for item in owned for element in item.get(one.field, ())]
    for of, element in dict.fromkeys((of, element) for of, element in found if isinstance(element, (int, str))):
        yield of, {_identity(contract, of): element}


def _with_seen_tags(contract: Contract, operation: Operation, usable: UsableItems, known: _Known) -> UsableItems:
    """The items that a run may use, with the elements of sets that it has seen."""
    of = _of_sets(operation)
    seen = [item[_identity(contract, of)] for name, item in known.home if of and name == of]
    return replace(usable, seen_tags=tuple(seen[:_MOST_SEEN]))


@dataclass(frozen=True, slots=True)
class _StatedBuilder:
    """Builds the stated operations of a run; `reset` brings the server back to its first state, where it can be."""

    contract: Contract
    client: Client
    target: Target
    reset: Callable[[], None] | None

    def operation(
        self, operation: Operation, usable: UsableItems, known: _Known, others: Iterable[StatedOperation]
    ) -> StatedOperation:
        """A stated operation; it shares the session of another one on the same resource, if there is one."""
        resource, identity = resource_of(self.contract, operation)
        shared = (one.session for one in others if one.session.setting.subject.resource == resource)
        credentials = self.target.credentials.get(_scheme_of(operation), Credentials(""))
        return StatedOperation(
            contract=self.contract,
            client=self.client,
            session=next(shared, None) or self._session(resource, identity, known),
            compose=RequestBuilder(operation, usable, credentials, identity),
            home=known.home,
            reset=self.reset,
            prefixes=tuple(sorted(key_fields(self.contract.resources[resource]) - {identity})),
        )

    def _session(self, resource: str, identity: str, known: _Known) -> Session:
        contract, target = self.contract, self.target
        model = Model(contract, {name: _table(tokens) for name, tokens in target.credentials.items()})
        subject = subject_of(contract, resource, identity, known.observer.fields if known.observer else ())
        settle = target.observe[resource].settle if resource in target.observe else 0.0
        questions = questions_of(contract, target.readings)
        setting = OracleSettings(model, subject, known.around, questions, settle, self.reset is not None)
        return Session(setting, self.client, known.observer, [World(dict(target.readings), known.home)])


def resource_of(contract: Contract, operation: Operation) -> tuple[str, str]:
    """The resource that an operation is about, and the field that identifies its items."""
    resource = operation.selector.resource if operation.selector else ""
    return resource, _identity(contract, resource)


def _properties(contract: Contract, schema: Mapping[str, Any]) -> Iterable[str]:
    properties: Mapping[str, Any] = contract.document.dereference(schema).get("properties", {})
    return properties


def _usable_items_of(contract: Contract, name: str, state: Mapping[str, list[Item]], of: str) -> UsableItems:
    """The items of a mock that a run may use: a few existing ones, and unused numbers."""
    identity = _identity(contract, name)
    taken = {str(item[identity]) for item in state[name]}
    numbers = [number for number in range(9_000_000_001, 9_000_000_200) if str(number) not in taken]
    known = tuple(item[_identity(contract, of)] for item in state.get(of, ())[:3]) if of else ()
    return UsableItems(tuple(state[name][:5]), tuple(numbers[:2]), tuple(numbers[-2:]), known or None, resettable=True)


def _of_sets(operation: Operation) -> str:
    """The resource whose items the sets of an operation name, or nothing."""
    return next((step.action.of for step in operation.steps if isinstance(step.action, Union)), "")


def _identity(contract: Contract, resource: str) -> str:
    """The field that tells the items of a resource apart."""
    return contract.resources[resource].keys.values[0][0][0]


def _known_ids(contract: Contract, name: str, usable: UsableItems) -> list[Item] | None:
    """The items of a list of ids; None if the target file does not list them."""
    if usable.tags is None:
        return None
    identity = _identity(contract, name)
    return [{identity: tag} for tag in usable.tags]


def _observer(contract: Contract, client: Client, target: Target, resource: str, identity: str) -> Observer | None:
    observe = target.observe.get(resource)
    if observe is None:
        return None
    schema = contract.document.lookup(f"#/x-lookalike/resources/{resource}/schema")
    fields = frozenset(_properties(contract, schema)) - {identity}
    token = next(iter(target.credentials.values())).valid
    headers = Headers({"Authorization": f"Bearer {token}"})
    observe = replace(observe, concurrency=target.concurrency or 1)
    return PathObserver(client, observe, identity, fields, headers)


def _table(credentials: Credentials) -> TokenTable:
    entries: list[tuple[str, float | None, bool]] = [(credentials.valid, None, False)]
    entries += [(credentials.expired, 0.0, False)] if credentials.expired else []
    entries += [(credentials.revoked, None, True)] if credentials.revoked else []
    return token_table(entries)


def questions_of(contract: Contract, insisted: Mapping[str, str]) -> Questions:
    """The readings of a contract with the choices that a server may follow: one alone where it is insisted on."""
    choices: dict[str, tuple[str, ...]] = {}
    for id, reading in contract.readings.items():
        further = tuple(name for name in _SECOND_HEADERS if reading.other and reading.allows(name))
        choices[id] = (insisted[id],) if id in insisted else (*reading.choices, *further)
    return Questions({**open_readings(contract), **choices})


def _waived(target: Target) -> dict[str, str]:
    """The reasons of the waivers that have not run out, by clause."""
    return {waiver.clause: waiver.reason for waiver in target.waivers if waiver.until >= _today()}


def _useless_waivers(contract: Contract, target: Target) -> list[str]:
    """A sentence for each waiver that has run out, or is of no clause."""
    known, told = clauses_of(contract), []
    for waiver in target.waivers:
        if waiver.until < _today():
            told.append(f"the waiver of {waiver.clause} ran out on {waiver.until}; extend it, or remove it")
        elif waiver.clause not in known and not waiver.clause.endswith(f".{IN_TIME}"):
            told.append(f"the waiver of {waiver.clause} is of no clause that {contract.document.name} has; remove it")
    return told


def _today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())
