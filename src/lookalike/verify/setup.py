"""Setting up: from a contract, a URL and what the user told, to everything that a run works with."""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.semantics import Merge, SetFields, Step, Subtract, Union
from lookalike.errors import UsageError
from lookalike.http import Headers, Request
from lookalike.model.behaviour import Model
from lookalike.model.request.tokens import TokenTable, token_table
from lookalike.model.resources.keys import key_fields
from lookalike.model.state import Item
from lookalike.verify.environment import Bench
from lookalike.verify.oracle.session import Session, Setting, subject_of
from lookalike.verify.oracle.worlds import Questions, StateKnowledge, World, WorldItems
from lookalike.verify.requests.builder import RequestBuilder
from lookalike.verify.server.client import Client
from lookalike.verify.server.observer import ControlObserver, Observer, PathObserver
from lookalike.verify.server.redaction import placeholders
from lookalike.verify.server.target import Credentials, Pool, Target
from lookalike.verify.server.token_command import RenewedToken

CONTROL = "/__lookalike/"
_SECOND_HEADERS = ("x-access-token", "access-token", "x-auth-token")
_MOST_ITEMS = 50


class Mocked:
    """What a Lookalike mock tells of itself through its control API."""

    def __init__(self, client: Client, headers: Headers) -> None:
        self.headers = headers
        self._client = client

    def get(self, name: str) -> Any:
        """What there is below the prefix of the control API."""
        answer = self._client.send(Request("GET", CONTROL + name, "", self.headers))
        if answer.status != 200:
            raise UsageError(
                f"{self._client.url} is not a Lookalike mock that lets this machine in (GET {CONTROL}{name}: "
                f"{answer.status}); give a target file (--target), or its control token (--control-token)"
            )
        return json.loads(answer.body)

    def reset(self) -> None:
        """Back to the seeds."""
        self._client.send(Request("POST", f"{CONTROL}reset", "", self.headers))


def mocked(client: Client, control_token: str | None) -> Mocked:
    """What a mock tells of itself to those who hold its control token, if it has one."""
    return Mocked(client, Headers({"Authorization": f"Bearer {control_token}"} if control_token else {}))


def bench_of_mock(contract: Contract, client: Client, control_token: str | None) -> Bench:
    """What a run against a Lookalike mock works with: it tells everything itself, and can be reset."""
    mock = mocked(client, control_token)
    operation = judged_operation(contract)
    credentials = {name: Credentials(**tokens) for name, tokens in mock.get("credentials").items()}
    mock.reset()
    state = mock.get("state")
    pools = {name: _pool_of(contract, name, state, _of_sets(operation)) for name in state}
    target = Target(credentials, pools)
    for tokens in credentials.values():
        client.hide(placeholders(tokens))
    home: WorldItems = tuple((name, item) for name, items in state.items() for item in items[:_MOST_ITEMS])
    resource, identity = _about(contract, operation)
    fields = contract.document.lookup(f"#/x-lookalike/resources/{resource}/schema")
    seen = frozenset(_properties(contract, fields))
    observer = ControlObserver(client, resource, identity, seen, mock.headers)
    around = StateKnowledge({}, frozenset(state))
    return _bench(contract, client, target, (home, around, observer), mock.reset)


def bench_of(contract: Contract, client: Client, target: Target, look: bool = True) -> Bench:
    """What a run against any server works with, as the target file tells; without `look`, nothing is sent yet."""
    operation = judged_operation(contract)
    resource, identity = _about(contract, operation)
    if resource not in target.pools:
        raise UsageError(
            f"the target file names no owned item of {resource}; add resources: {{{resource}: {{owned: []}}}}"
        )
    observer = _observer(contract, client, target, resource, identity)
    for tokens in target.credentials.values():
        client.hide(placeholders(tokens))
        if tokens.command:
            client.renew(RenewedToken(tokens.valid, tokens.command))
    owned = target.pools[resource].owned
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
    tags = {name: _known_ids(contract, name, target.pools[resource]) for name in contract.resources if name != resource}
    home += tuple((name, item) for name, items in tags.items() for item in items or ())
    complete = {resource, *(name for name, items in tags.items() if items is not None)}
    return _bench(contract, client, target, (home, StateKnowledge({}, frozenset(complete)), observer), None)


def judged_operation(contract: Contract) -> Operation:
    """The operation that is judged: the first that changes fields of items, and does nothing else."""
    found = next((one for one in contract.operations if one.selector is not None and _is_judged(one.steps)), None)
    if found is None:
        what = "sets, merges, adds to or takes from fields of an item, which is what can be judged so far"
        raise UsageError(f"no operation of {contract.document.name} {what}")
    return found


def _is_judged(steps: Sequence[Step]) -> bool:
    """Whether the clause table has stories about all steps of an operation."""
    kinds = (Union, Subtract, Merge, SetFields)
    return bool(steps) and all(isinstance(one.action, kinds) and getattr(one.action, "field", "-") for one in steps)


def _bench(
    contract: Contract,
    client: Client,
    target: Target,
    known: tuple[WorldItems, StateKnowledge, Observer | None],
    reset: Callable[[], None] | None,
) -> Bench:
    home, around, observer = known
    operation = judged_operation(contract)
    resource, identity = _about(contract, operation)
    scheme = operation.security[0][0].scheme.name if operation.security and operation.security[0] else ""
    credentials = target.credentials.get(scheme)
    if credentials is None and scheme:
        raise UsageError(
            f"the target file has no credentials for {scheme}; add credentials: {{{scheme}: {{valid: …}}}}"
        )
    model = Model(contract, {name: _table(tokens) for name, tokens in target.credentials.items()})
    subject = subject_of(contract, resource, identity, observer.fields if observer else ())
    settle = target.observe[resource].settle if resource in target.observe else 0.0
    setting = Setting(model, subject, around, _questions(contract, target.readings), settle, reset is not None)
    return Bench(
        contract=contract,
        client=client,
        session=Session(setting, client, observer, [World(dict(target.readings), home)]),
        compose=RequestBuilder(operation, target.pools[resource], credentials or Credentials(""), identity),
        home=home,
        reset=reset,
        prefixes=tuple(sorted(key_fields(contract.resources[resource]) - {identity})),
        waived=waived(target),
        insisted=target.readings,
    )


def _about(contract: Contract, operation: Operation) -> tuple[str, str]:
    """The resource that an operation is about, and the field that identifies its items."""
    resource = operation.selector.resource if operation.selector else ""
    return resource, _identity(contract, resource)


def _properties(contract: Contract, schema: Mapping[str, Any]) -> Iterable[str]:
    properties: Mapping[str, Any] = contract.document.dereference(schema).get("properties", {})
    return properties


def _pool_of(contract: Contract, name: str, state: Mapping[str, list[Item]], of: str) -> Pool:
    """What a run may use of the items of a mock: a few of them, and numbers that none has."""
    identity = _identity(contract, name)
    taken = {str(item[identity]) for item in state[name]}
    numbers = [number for number in range(9_000_000_001, 9_000_000_200) if str(number) not in taken]
    known = tuple(item[_identity(contract, of)] for item in state.get(of, ())[:3]) if of else ()
    return Pool(tuple(state[name][:5]), tuple(numbers[:2]), tuple(numbers[-2:]), known or None, resettable=True)


def _of_sets(operation: Operation) -> str:
    """The resource whose items the sets of an operation name, or nothing."""
    return next((step.action.of for step in operation.steps if isinstance(step.action, Union)), "")


def _identity(contract: Contract, resource: str) -> str:
    """The field that tells the items of a resource apart."""
    return contract.resources[resource].keys.values[0][0][0]


def _known_ids(contract: Contract, name: str, pool: Pool) -> list[Item] | None:
    """The items that a list of ids stands for; None where nobody told which there are."""
    if pool.tags is None:
        return None
    identity = _identity(contract, name)
    return [{identity: tag} for tag in pool.tags]


def _observer(contract: Contract, client: Client, target: Target, resource: str, identity: str) -> Observer | None:
    observe = target.observe.get(resource)
    if observe is None:
        return None
    schema = contract.document.lookup(f"#/x-lookalike/resources/{resource}/schema")
    fields = frozenset(_properties(contract, schema)) - {identity}
    token = next(iter(target.credentials.values())).valid
    return PathObserver(client, observe, identity, fields, Headers({"Authorization": f"Bearer {token}"}))


def _table(credentials: Credentials) -> TokenTable:
    entries: list[tuple[str, float | None, bool]] = [(credentials.valid, None, False)]
    entries += [(credentials.expired, 0.0, False)] if credentials.expired else []
    entries += [(credentials.revoked, None, True)] if credentials.revoked else []
    return token_table(entries)


def _questions(contract: Contract, insisted: Mapping[str, str]) -> Questions:
    choices: dict[str, tuple[str, ...]] = {}
    for id, reading in contract.readings.items():
        further = tuple(name for name in _SECOND_HEADERS if reading.other and reading.allows(name))
        choices[id] = (insisted[id],) if id in insisted else (*reading.choices, *further)
    return Questions(choices)


def waived(target: Target | None) -> dict[str, str]:
    """The reasons of the waivers that have not run out, by clause."""
    today = time.strftime("%Y-%m-%d", time.gmtime())
    return {
        waiver.clause: waiver.reason
        for waiver in (target.waivers if target is not None else ())
        if waiver.until >= today
    }
