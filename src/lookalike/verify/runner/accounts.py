"""Accounts: a story signs up accounts of its own, and logs in with them, or with the one that the target file gives."""

import re
import string
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import count, islice, product
from typing import Any, NamedTuple

from lookalike.codecs.parameter_styles import cookie_fields
from lookalike.contract.contract import Operation
from lookalike.contract.security import API_KEY
from lookalike.http import Request, Response
from lookalike.json_values import ABSENT, Pointer, find, with_value_at, without_value_at
from lookalike.naming.accounts import USER_NAMES
from lookalike.naming.words import normalised
from lookalike.schema.value_types import ValueType
from lookalike.verify.clauses import name_of
from lookalike.verify.environment import Environment
from lookalike.verify.oracle.comparison import value_of
from lookalike.verify.requests.encoder import NotEncodable, RequestEncoder, decode_body
from lookalike.verify.roles import created_by, item_in
from lookalike.verify.runner.endings import Skipped
from lookalike.verify.runner.exchanges import StepResult, StoryExchanges
from lookalike.verify.runner.item_creation import ItemCreation
from lookalike.verify.runner.item_parameters import ItemParameters
from lookalike.verify.runner.quoted_errors import quoted_error
from lookalike.verify.server.client import NoResponse
from lookalike.verify.server.target import Credentials
from lookalike.verify.sign_in import Account, SignIn, credential_places, is_opened_by, sign_in_for

_MOST_BODIES = 4
_REFUSED_BODY = {400, 409, 422}
_REFUSED_LOGIN = {400, 401, 403, 404}
_LEAST_HIDDEN = 12  # characters: a shorter token may be a word, which would be hidden wherever it stands
_FORMS = re.compile(r"\b(?:Bearer|Token|JWT)\b")  # words before a token that is an API key in the Authorization field
_CHANGED = "changed"  # the purpose of accounts that stories change or delete
_ACCOUNT = "account"
_LETTERS = string.ascii_uppercase


class LoginSession(NamedTuple):
    """A session: the credentials of a scheme, and the exchange of a read that they were sent with.

    `statuses` are those of all reads that were tried before one was accepted, with that.
    """

    sign_in: SignIn
    text: str
    step: StepResult
    statuses: frozenset[int]

    @property
    def is_accepted(self) -> bool:
        """Whether a read was accepted with it."""
        return self.step.is_success


class Accounts:
    """The accounts of one story.

    They are deleted with the items of the story. Where no operation deletes them, the stories of a run share a few.
    """

    def __init__(self, exchanges: StoryExchanges, parameters: ItemParameters, creation: ItemCreation) -> None:
        self._exchanges = exchanges
        self._environment = exchanges.environment
        self._parameters = parameters
        self._creation = creation
        self._numbers = count()

    def given(self, sign_in: SignIn) -> Account | None:
        """The account that the target file gives, if its members are those of the body of a login."""
        members = self._environment.account
        name, password = (members.get(str(place[-1])) for place in sign_in.places)
        if not isinstance(name, str) or not isinstance(password, str):
            return None
        return Account(name, password, members)

    def own(self, sign_in: SignIn, purpose: str = "") -> Account:
        """An account that the run has signed up: a new one, or that of the same `purpose` if accounts stay.

        Raises `Skipped` if the server lets none be signed up.
        """
        key = (sign_in.login.id, purpose)
        shared = self._environment.lasting_accounts.get(key)
        if shared is not None and (purpose != _CHANGED or self._is_as_ready(sign_in, shared)):
            return shared
        account = self._signed_up(sign_in)
        if not self._is_deletable(sign_in):
            self._environment.lasting_accounts[key] = account
        return account

    def _is_as_ready(self, sign_in: SignIn, shared: Account) -> bool:
        """Whether an account can log in, or no account can, so that a new one would be no better."""
        if self.log_in(sign_in, shared).is_success:
            return True
        other = self._environment.lasting_accounts.get((sign_in.login.id, ""))
        return other is not None and not self.log_in(sign_in, other).is_success

    def log_in(self, sign_in: SignIn, account: Account, password: str = "") -> StepResult:
        """The exchange of a login, with another `password` if one is given; raises `Skipped`."""
        login, body = sign_in.login, self._least_body(sign_in)
        within = sign_in.places.name[:-1]
        members = {(*within, name): value for name, value in account.members.items()}
        members |= {sign_in.places.name: account.name, sign_in.places.password: password or account.password}
        for place, value in members.items():
            body = with_value_at(body, place, value)
        is_open = is_opened_by(login, sign_in.scheme)  # by a document that forgets that its login is no such operation
        values = self._parameters.leading_to(login, None)
        request = self._exchanges.write(login, values, body, guarded=not is_open)
        return self._exchanges.ask(login, request, refused=bool(password))

    def made_up(self, sign_in: SignIn, account: Account) -> list[str]:
        """The members of a login that an account does not give and the document leaves open: they may be wrong."""
        body, places = self._least_body(sign_in), sign_in.places
        members = find(body, places.name[:-1], {})
        known = {*account.members, places.name[-1], places.password[-1]}
        kind = sign_in.login.body.first.value_type if sign_in.login.body is not None else None
        for name in places.name[:-1] if kind is not None else ():
            kind = kind.member(str(name)) if kind is not None else None
        others = [name for name in members if name not in known] if isinstance(members, Mapping) else []
        return [name for name in others if kind is None or not _is_bound(kind.member(name))]

    def _least_body(self, sign_in: SignIn) -> Any:
        """A body of a login without members that may be left out, such as a code; raises `Skipped`."""
        values, places = self._environment.values, sign_in.places
        body = next(values.bodies(sign_in.login), ABSENT)
        members = find(body, places.name[:-1], ABSENT)
        if not isinstance(members, Mapping):
            raise Skipped("no valid body was found, in JSON or as a form")
        for place in ((*places.name[:-1], name) for name in members):
            rest = without_value_at(body, place)
            body = rest if place not in places and values.is_valid(sign_in.login, rest) else body
        return body

    def token_in(self, sign_in: SignIn, step: StepResult) -> str:
        """The token that an answer gives, in its body or in a cookie; empty if it gives none."""
        if not step.is_success:
            return ""
        if sign_in.token is None:
            token = dict(_cookies(step.response)).get(sign_in.scheme.parameter, "")
        else:
            found = find(step.value, sign_in.token, None)
            token = found if isinstance(found, str) else ""
        if len(token) >= _LEAST_HIDDEN:
            self._environment.client.hide({token: f"$SESSION_{_LETTERS[next(self._numbers) % len(_LETTERS)]}"})
        return token

    def session(self, sign_in: SignIn, token: str) -> LoginSession:
        """The session of a token: the first form in which a read accepts it, else the last that was refused."""
        statuses: set[int] = set()
        text, step = token, None
        for probe, text in product(sign_in.probes, self._forms(sign_in, token)):
            step = self.ask(sign_in, probe, text)
            statuses.add(step.response.status)
            if step.is_success:
                break
        if step is None:
            raise Skipped("no operation shows whether a session is accepted")
        return LoginSession(sign_in, text, step, frozenset(statuses))

    def ask(self, sign_in: SignIn, operation: Operation, text: str, body: Any = ABSENT) -> StepResult:
        """The exchange of a request with the credentials of a session, and no others."""
        encoder, media = RequestEncoder({sign_in.scheme.name: text}), self._environment.values.media(operation)
        values = self._parameters.leading_to(operation, None)
        try:
            return self._exchanges.ask(operation, encoder.request(operation, values, body, media))
        except NotEncodable as error:
            raise Skipped(str(error)) from None

    def act_as_own(self, operation: Operation) -> None:
        """Send what follows with a session of an account of the run's own, if an operation can be opened so.

        An operation that ends a session, or changes an account, must not meet that of the target file.
        """
        environment = self._environment
        sign_in = sign_in_for(environment.sign_ins.values(), operation)
        if environment.resettable or sign_in is None or sign_in.sign_up is None:
            return
        session = self.session(sign_in, self.needed_token(sign_in, self.own(sign_in, _CHANGED)))
        if not session.is_accepted:
            raise Skipped(f"{name_of(session.step.operation)} answered {session.step.response.status} after a login")
        scheme = sign_in.scheme.name
        self._exchanges.environment = replace(
            environment,
            writer=RequestEncoder({scheme: session.text}),
            credentials={scheme: Credentials(session.text)},
            is_own_account=True,
        )

    def needed_token(self, sign_in: SignIn, account: Account) -> str:
        """The token of a new session; raises `Skipped` if the server gives none."""
        step = self.log_in(sign_in, account)
        token = self.token_in(sign_in, step)
        if not token:
            raise Skipped(why_no_token(sign_in, step))
        return token

    def delete_own(self) -> None:
        """Delete the accounts that the story signed up, each by a session of its own if nothing else deletes it.

        Nothing of that is part of the story.
        """
        if self._environment.resettable:
            return
        exchanges, flaws = [*self._exchanges.exchanges], len(self._exchanges.flaws)
        leaving = [one for one in self._environment.sign_ins.values() if one.leave is not None]
        for sign_in in {one.sign_up.id: one for one in leaving if one.sign_up is not None}.values():
            for request, response in reversed(exchanges):
                account = self._signed_up_by(sign_in, request, response)
                if account is not None:
                    with suppress(Skipped, NoResponse):
                        self._leave(sign_in, account)
        del self._exchanges.exchanges[len(exchanges) :], self._exchanges.flaws[flaws:]

    def _signed_up_by(self, sign_in: SignIn, request: Request, response: Response) -> Account | None:
        """The account that a request signed up, if it bears the mark of the run."""
        create = sign_in.sign_up
        media = self._environment.values.media(create) if create is not None else None
        places = credential_places(create) if create is not None else None
        if create is None or media is None or places is None or not 200 <= response.status < 300:
            return None
        if (request.method, request.path) != (create.method, create.path):
            return None
        try:
            body = decode_body(request.body, media)
        except ValueError:  # it was broken on purpose, and the server took it
            return None
        name, password = _name_for(sign_in, create, body), find(body, places.password, "")
        is_marked = bool(self._environment.values.marks.in_value(name))
        return Account(name, str(password), {}, True, value_of(response)) if is_marked else None

    def _leave(self, sign_in: SignIn, account: Account) -> None:
        """Delete an account by a session of its own, if no operation deletes it by its key."""
        leave, create = sign_in.leave, sign_in.sign_up
        resource = created_by(self._environment.roles, create) if create is not None else ""
        is_deleted = resource and self._environment.roles[resource].delete is not None
        if leave is None or create is None or is_deleted:
            return
        deleted = {
            one.path for one, answer in self._exchanges.exchanges if one.method == "DELETE" and answer.status < 300
        }
        step = self.log_in(sign_in, account)
        token = self.token_in(sign_in, step)
        is_gone = not token and step.response.status in _REFUSED_LOGIN and leave.path in deleted
        for text in self._forms(sign_in, token) if token else ():
            request = RequestEncoder({sign_in.scheme.name: text}).request(leave, {})
            is_gone = is_gone or self._environment.client.send(request).status < 300
        if not is_gone:  # it stays: other stories use it, rather than leave more behind
            for purpose in ("", _CHANGED):
                self._environment.lasting_accounts.setdefault((sign_in.login.id, purpose), account)
        if is_gone and resource:
            self._forget(create, resource, account)
        elif not is_gone and not resource:
            self._environment.ledger.undeletable.setdefault(_ACCOUNT, []).append(account.name)

    def _forget(self, create: Operation, resource: str, account: Account) -> None:
        """Forget the item of an account that is gone."""
        ledger = self._environment.ledger
        key = str(item_in(create, account.shown).get(self._environment.model.items(resource).key))
        for item in [one for one in self._exchanges.created.of(resource) if str(one.key) == key]:
            self._exchanges.created.remove(item)
            ledger.staying[resource] -= 1
            ledger.unlearned[name_of(create)] -= ledger.unlearned[name_of(create)] > 0
        if resource in ledger.shared and str(ledger.shared[resource][0].key) == key:
            del ledger.shared[resource]

    def _has_credentials(self, operation: Operation) -> bool:
        try:
            return bool(self._environment.writer.schemes(operation))
        except NotEncodable:
            return False

    def _is_deletable(self, sign_in: SignIn) -> bool:
        deletes = (one.delete for one in self._environment.roles.values() if one.create is sign_in.sign_up)
        return self._environment.resettable or sign_in.leave is not None or any(deletes)

    def _signed_up(self, sign_in: SignIn) -> Account:
        """A new account; raises `Skipped` if the server lets none be signed up."""
        create, places = sign_in.sign_up, credential_places(sign_in.sign_up) if sign_in.sign_up else None
        if create is None or places is None:
            raise Skipped("no operation signs up an account; give one as account in the target file")
        if not self._environment.resettable:
            self._creation.check_few_stay(created_by(self._environment.roles, create) or _ACCOUNT)
        refused: StepResult | None = None
        for body in islice(self._environment.values.bodies(create), _MOST_BODIES):
            sent = self._with_password(create, places.password, body)
            name = _name_for(sign_in, create, sent)
            if not self._environment.values.marks.in_value(name):  # it could be the name of someone else
                continue
            values = self._parameters.leading_to(create, None)
            request = self._exchanges.write(create, values, sent, guarded=self._has_credentials(create))
            refused = self._exchanges.ask(create, request)
            if refused.is_success:
                unlearned = self._environment.ledger.unlearned[create.name]
                self._creation.adopt_anything(refused)
                self._environment.ledger.unlearned[create.name] = unlearned  # it is known by its name, and shared
                self._note_staying(sign_in, create, name)
                return Account(name, str(find(sent, places.password, "")), {}, True, refused.value)
            if refused.response.status not in _REFUSED_BODY:
                break
        why = f"{refused.response.status}{quoted_error(refused.response)}" if refused is not None else ""
        raise Skipped(f"{name_of(create)} answered {why}" if why else f"no body was found for {name_of(create)}")

    def _note_staying(self, sign_in: SignIn, create: Operation, name: str) -> None:
        """Note an account that no operation deletes and that is not known as an item."""
        if not self._is_deletable(sign_in) and not created_by(self._environment.roles, create):
            self._environment.ledger.staying[_ACCOUNT] += 1
            self._environment.ledger.undeletable.setdefault(_ACCOUNT, []).append(name)

    def _with_password(self, create: Operation, place: Pointer, body: Any) -> Any:
        """The body with a password that most servers take, also where it is repeated, if the schema allows it."""
        members, password = find(body, place[:-1], {}), self._environment.values.password()
        names = [name for name in members if _is_password(name)] if isinstance(members, Mapping) else []
        sent = body
        for name in {*names, place[-1]} if isinstance(body, Mapping) else ():
            sent = with_value_at(sent, (*place[:-1], name), password)
        if self._environment.values.is_valid(create, sent):
            return sent
        same = find(body, place, ABSENT)
        for name in names:
            sent = with_value_at(sent, (*place[:-1], name), same)
        return sent if names and self._environment.values.is_valid(create, sent) else body

    def _forms(self, sign_in: SignIn, token: str) -> Iterator[str]:
        """The token as the credentials of its scheme: as it is, or behind a word where an API key needs one."""
        scheme = sign_in.scheme
        if scheme.kind == API_KEY and scheme.location == "header":
            raw = self._environment.contract.document.data["components"]["securitySchemes"][scheme.name]
            words = _FORMS.findall(str(raw.get("description", ""))) or ["Bearer"]
            yield from (f"{word} {token}" for word in dict.fromkeys(words))
        yield token


def why_no_token(sign_in: SignIn, step: StepResult) -> str:
    """The reason why a login gave no token."""
    if step.is_success:
        return f"the answer of {name_of(sign_in.login)} has no token, and may ask for a second step"
    return f"{name_of(sign_in.login)} answered {step.response.status}{quoted_error(step.response)}"


def other_password(environment: Environment, account: Account) -> str:
    """A password of the same form as that of an account, and another one; raises `Skipped`."""
    other = account.password[::-1] if len(account.password) < _LEAST_HIDDEN else environment.values.password()
    if other == account.password:
        raise Skipped("no other password of the same form was found")
    return other


def _is_bound(kind: ValueType) -> bool:
    """Whether a document says which values a member may have, as of a grant type."""
    return any(kind.keyword(rule) is not None for rule in ("const", "enum", "pattern", "default"))


def _is_password(name: str) -> bool:
    return "password" in normalised(name)


def _name_for(sign_in: SignIn, create: Operation, body: Any) -> str:
    """The text of a sign-up that a login takes as the name: the member of its name, else the address, else another."""
    places = credential_places(create)
    members = find(body, places.name[:-1], {}) if places is not None else {}
    wanted = normalised(str(sign_in.places.name[-1]))
    texts = {normalised(name): value for name, value in members.items() if isinstance(value, str)}
    order = (wanted, "email", "username", *sorted(USER_NAMES))
    return next((texts[name] for name in order if name in texts and name in USER_NAMES), "")


def _cookies(response: Response) -> Iterator[tuple[str, str]]:
    """The cookies that a response sets (RFC 6265 section 4.1.1)."""
    for name, field in response.headers:
        if name.lower() == "set-cookie":
            yield from cookie_fields(field.partition(";")[0])
