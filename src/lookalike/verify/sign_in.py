"""Sign-in: logins, and the sign-ups, logouts and operations on the current user that belong to them.

Names of members and paths tell which operations these are, as for the mock. No server is accused by names alone: its
answers to an account that was made, or is given, have to show what its operations do.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.inference.descriptions import sentences_of
from lookalike.contract.inference.sessions import is_logout
from lookalike.contract.path_segments import last_word
from lookalike.contract.responses import success_status
from lookalike.contract.security import API_KEY, BEARER, SecurityScheme
from lookalike.contract.semantics import SESSION_START, TOKEN, Create
from lookalike.http import SAFE
from lookalike.json_values import Pointer
from lookalike.model.resources.item_registry import gives_token
from lookalike.naming.accounts import JOINING, MYSELF, NEW_PASSWORDS, PASSWORDS, USER_NAMES
from lookalike.naming.words import normalised
from lookalike.schema.value_types import ValueType
from lookalike.verify.roles import acts_on_sender, is_guarded, place_of

_ACCOUNT = MYSELF | {"account"}
_MOST_PROBES = 3
_REFUSALS = frozenset({"400", "401", "403", "404", "422", "4XX", "default"})
_AUTHORIZATION = "authorization"

_ENDS = re.compile(
    r"\b(?:revok|invalidat|terminat|destroy|blacklist|blocklist|denylist|no longer\b)"
    r"|\b(?:end|delet|remov)\w* (?:\w+ ){0,3}(?:session|token)s?\b",
    re.IGNORECASE,
)
# Words of a logout that leaves the session as it is, or of something else that ends.
_LASTS = re.compile(r"\b(?:not|never|n't|client\w*|stateless|remains?|still|until|eventually|refresh)\b", re.IGNORECASE)


class CredentialPlaces(NamedTuple):
    """The places in a body of the name by which a user is known, and of the password."""

    name: Pointer
    password: Pointer


class SignIn(NamedTuple):
    """A login, with the operations that belong to it.

    Its answer has the token at a place of the body, or in a cookie where `token` is None. The token is for a `scheme`,
    which `is_certain` if no other scheme of the document could take it. `probes` are operations that show whether a
    session is accepted; `me`, if there is one, is the first of them, and shows the current user. The operation
    `sign_up` makes an account, and `leave` deletes that of the current user.
    """

    login: Operation
    places: CredentialPlaces
    token: Pointer | None
    scheme: SecurityScheme
    is_certain: bool
    probes: tuple[Operation, ...]
    me: Operation | None
    sign_up: Operation | None
    leave: Operation | None


class Account(NamedTuple):
    """An account: its name and password, and further members of the body of its login by their names.

    Of one that the run `has_signed_up`, `shown` is the value of the answer to that.
    """

    name: str
    password: str
    members: Mapping[str, Any] = {}
    has_signed_up: bool = False
    shown: Any = None


def sign_ins_of(contract: Contract) -> tuple[SignIn, ...]:
    """The logins of a contract whose sessions some operation needs."""
    return tuple(_sign_ins(contract))


def sign_in_for(sign_ins: Iterable[SignIn], operation: Operation) -> SignIn | None:
    """The login whose session opens an operation, if any: rather one whose accounts can be signed up."""
    opening = [one for one in sign_ins if is_opened_by(operation, one.scheme)]
    return min(opening, key=lambda one: one.sign_up is None, default=None)


def shows_signed_up(sign_in: SignIn) -> bool:
    """Whether the current user is one of those who are signed up, and not, say, the organisation of all of them."""
    sign_up, me = sign_in.sign_up, sign_in.me
    made = {step.action.resource for step in sign_up.steps if isinstance(step.action, Create)} if sign_up else set()
    return me is not None and me.selector is not None and me.selector.resource in made


def credential_places(operation: Operation) -> CredentialPlaces | None:
    """The places of a name and a password in a body, maybe in its only member, as in `{"user": {…}}`; else None."""
    if operation.body is None:
        return None
    kind: ValueType = operation.body.first.value_type
    within: tuple[str, ...] = kind.properties if len(kind.properties) == 1 else ()
    members = kind.member(within[0]) if within else kind
    password = next((name for name in members.properties if normalised(name) in PASSWORDS), None)
    name = next((name for name in members.properties if normalised(name) in USER_NAMES), None)
    return None if password is None or name is None else CredentialPlaces((*within, name), (*within, password))


def is_opened_by(operation: Operation, scheme: SecurityScheme) -> bool:
    """Whether an operation needs credentials, and those of one scheme are enough."""
    alone = (one[0].scheme.name for one in operation.security if len(one) == 1)
    return is_guarded(operation) and scheme.name in alone


def acts_on_account(operation: Operation) -> bool:
    """Whether an operation changes the account or ends the session of the user whose credentials a request has."""
    return (acts_on_sender(operation) and operation.method not in SAFE) or ends_access(operation)


def ends_access(operation: Operation) -> bool:
    """Whether an operation may make the credentials of a request useless.

    It logs out, changes the password, or deletes the account.
    """
    if not is_guarded(operation) or "{" in operation.path:
        return False
    if is_logout(operation.path, operation.method):
        return True
    if operation.method == "DELETE":
        return acts_on_sender(operation) or last_word(operation.path) in _ACCOUNT
    members = operation.body.first.value_type.properties if operation.body is not None else ()
    return any(normalised(name) in NEW_PASSWORDS for name in members)


def states_end_of_session(contract: Contract, operation: Operation) -> bool:
    """Whether the document says that a logout ends the session on the server, by a sentence or by `DELETE`.

    Many servers keep no sessions: their tokens are valid until they expire, whatever the client forgets.
    """
    if not is_logout(operation.path, operation.method):
        return False
    raw = contract.document.data["paths"][operation.path][operation.method.lower()]
    told = (raw, *(one for one in raw.get("responses", {}).values() if isinstance(one, dict)))
    texts = (str(one.get(name, "")) for one in told for name in ("summary", "description"))
    sentences = [part for text in texts for part in sentences_of(text)]
    lasts = any(_LASTS.search(one) for one in sentences)
    ends = any(_ENDS.search(one) for one in sentences) or operation.method == "DELETE"
    return ends and not lasts


def documents_refusal(login: Operation) -> bool:
    """Whether a login has a response for credentials that are not right."""
    return not _REFUSALS.isdisjoint({status.replace("xx", "XX") for status in login.responses})


def _sign_ins(contract: Contract) -> Iterator[SignIn]:
    logins = [one for one in contract.operations if one.method == "POST" and gives_token(one)]
    for login in logins:
        places = credential_places(login)
        if places is None or "{" in login.path or _signs_up(login):
            continue
        token = _token_in(login.success.body)
        schemes = [*_schemes_for(contract, login, token)]
        for scheme in schemes:
            me, *others = _probes(contract, scheme)
            probes = tuple(one for one in (me, *others) if one is not None)[:_MOST_PROBES]
            if probes:
                place = None if scheme.kind == API_KEY and scheme.location == "cookie" else token
                sign_up, leave = _sign_up(contract, login), _leave(contract, scheme)
                yield SignIn(login, places, place, scheme, len(schemes) == 1, probes, me, sign_up, leave)
                break


def _signs_up(operation: Operation) -> bool:
    return last_word(operation.path) in JOINING or any(isinstance(step.action, Create) for step in operation.steps)


def _token_in(template: Any) -> Pointer | None:
    """The place of the token in the template of an answer: rather of one for access than of one about the user."""
    found = place_of(template, TOKEN)
    if found is not None and normalised(str(found[-1])) == "idtoken" and isinstance(template, dict):
        others = {name: value for name, value in template.items() if name != found[0]}
        found = place_of(others, TOKEN) or found
    return tuple(map(str, found)) if found is not None else None


def _schemes_for(contract: Contract, login: Operation, token: Pointer | None) -> Iterator[SecurityScheme]:
    """The schemes that take what a login gives: a token in the Authorization field, or the cookie that it sets."""
    fields = (str(template) for _, template in login.success.headers)
    cookies = {one.removeprefix(SESSION_START) for one in fields if one.startswith(SESSION_START)}
    guarding = (alternative[0].scheme for one in contract.operations for alternative in one.security if alternative)
    for scheme in {one.name: one for one in guarding}.values():
        is_field = scheme.location == "header" and scheme.parameter.lower() == _AUTHORIZATION
        takes_token = scheme.kind == BEARER or (scheme.kind == API_KEY and is_field)
        is_cookie = scheme.kind == API_KEY and scheme.location == "cookie" and scheme.parameter in cookies
        if is_cookie or (token is not None and takes_token):
            yield scheme


def _probes(contract: Contract, scheme: SecurityScheme) -> Iterator[Operation | None]:
    """The reads that a session opens without more: of the current user, or None; then lists, then others."""
    opened = [one for one in contract.operations if is_opened_by(one, scheme) and _is_plain_read(one)]
    me = next((one for one in opened if acts_on_sender(one) and one.listing is None), None)
    yield me
    yield from sorted((one for one in opened if one is not me), key=lambda one: one.listing is None)


def _is_plain_read(operation: Operation) -> bool:
    """Whether an operation reads without parameters, and answers in JSON, which a stream of events does not."""
    if operation.method != "GET" or "{" in operation.path or is_logout(operation.path, operation.method):
        return False
    status = success_status(operation.responses)
    is_json = bool(status) and "json" in operation.responses[status].media_type
    return is_json and not any(one.required for one in operation.parameters.values())


def _sign_up(contract: Contract, login: Operation) -> Operation | None:
    """The operation that makes an account with a name and a password: that whose path is most like the login's."""
    found = [
        one
        for one in contract.operations
        if one.method == "POST" and one is not login and "{" not in one.path and credential_places(one) is not None
    ]
    return max(filter(_signs_up, found), key=lambda one: _shared_segments(one.path, login.path), default=None)


def _leave(contract: Contract, scheme: SecurityScheme) -> Operation | None:
    """The operation that deletes the account of the current user, and needs nothing but its session."""
    deleting = (one for one in contract.operations if one.method == "DELETE" and acts_on_sender(one))
    return next((one for one in deleting if is_opened_by(one, scheme) and one.body is None), None)


def _shared_segments(one: str, other: str) -> int:
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return next((at for at, (left, right) in enumerate(pairs) if left != right), min(one.count("/"), other.count("/")))
