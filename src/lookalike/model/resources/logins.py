"""Logins and logouts: whether a name and a password are those of a user, and which tokens are over."""

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.path_segments import last_word
from lookalike.contract.security import BEARER
from lookalike.model.context import RequestContext
from lookalike.model.minting import SIGNED_OUT, name_in, secrets_in
from lookalike.model.rejections import Rejection
from lookalike.model.request.security import INVALID_TOKEN, REVOKED_TOKEN, AccessDenied, Authenticate
from lookalike.model.request.tokens import digest_of, is_foreign
from lookalike.model.resources.create import ChangeSet
from lookalike.model.resources.item_registry import ItemRegistry, gives_token
from lookalike.model.resources.items import SECRET, SIGNED_IN, ResourceItems
from lookalike.model.resources.users import MOST_COMPARED, current_user, new_user, someone_is_signed_in, with_secret
from lookalike.model.response.projection import Projection
from lookalike.model.state import Item, Put
from lookalike.naming.accounts import (
    CURRENT_PASSWORDS,
    JOINING,
    NEW_PASSWORDS,
    PASSWORDS,
    REFRESH_TOKENS,
    SIGNING_IN,
    TOKENS,
)
from lookalike.naming.words import normalised
from lookalike.schema.validator import Violation


class Login:
    """A login: the user with a name and a password, who counts as logged in from then on.

    As long as no user has signed up with a password, any name and password will do: there is nothing to compare.
    """

    def __init__(self, operation: Operation, users: ResourceItems) -> None:
        self._users = users
        self._status = _status_of_refusals(operation)

    def apply(self, item: Item | None, context: RequestContext) -> ChangeSet | Rejection:
        """The user, with the change that notes the login; a rejection for a wrong name, password or token."""
        name = name_in(context.body)
        passwords = secrets_in(context.body, PASSWORDS)
        if not passwords:
            return self._refreshed(context)
        known = context.state.children(self._users.name, None, 0, MOST_COMPARED)
        user = next((one for one in known if any(one.get(member) == name for member in self._users.user_names)), None)
        if user is None:
            if name and any(SECRET in one for one in known):  # a password alone is that of an administrator, say
                return self._refused(f"no {self._users.name} has the name {name}")
            return ChangeSet((), (), Projection(new_user(self._users, name, context) if name else None))
        if user.get(SECRET, digest_of(passwords[0]).hex()) != digest_of(passwords[0]).hex():
            return self._refused(f"the password is not that of {name}")
        put = self._users.put({**user, SIGNED_IN: True}, context.choose)
        return ChangeSet(() if SIGNED_IN in user else (put,), (), Projection(user))

    def _refreshed(self, context: RequestContext) -> ChangeSet | Rejection:
        tokens = secrets_in(context.body, REFRESH_TOKENS)
        if tokens and is_foreign(tokens[0]) and someone_is_signed_in(self._users, context):
            return self._refused("the token is not one that a login gave")
        if tokens and is_signed_out(tokens[0], context):
            return _signed_out(self._status)
        return ChangeSet((), ())

    def _refused(self, message: str) -> Rejection:
        return Rejection(self._status, (Violation("body", (), "credentials", message),))


class Logout:
    """A logout: the tokens of the mock that come with it, in the Authorization field or in the body, are over."""

    def apply(self, item: Item | None, context: RequestContext) -> ChangeSet | Rejection:
        """The changes that note the tokens, by their hashes; those of other issuers are theirs to revoke."""
        tokens = {_token_in(context), *secrets_in(context.body, TOKENS)}
        own = sorted(one for one in tokens if one and not is_foreign(one))
        return ChangeSet(tuple(Put(SIGNED_OUT, digest_of(one).hex(), {}) for one in own), ())


class TokenRefresh:
    """A refresh of a token, where no resource has the users: it is refused once a logout came with the token."""

    def __init__(self, operation: Operation) -> None:
        self._status = _status_of_refusals(operation)

    def apply(self, item: Item | None, context: RequestContext) -> ChangeSet | Rejection:
        """No changes, or the rejection of a token that is over."""
        tokens = secrets_in(context.body, REFRESH_TOKENS)
        return _signed_out(self._status) if tokens and is_signed_out(tokens[0], context) else ChangeSet((), ())


def _status_of_refusals(operation: Operation) -> str:
    """The status for wrong credentials.

    Of a document with no response for it, most frameworks describe but the errors of validation.
    """
    documented = (one for one in ("401", "400", "403", "422") if one in operation.responses)
    return next((one for one in documented if one != "422"), "401")


def _signed_out(status: str) -> Rejection:
    message = "a logout has ended the session of the token"
    return Rejection(status, (Violation("body", (), "credentials", message),))


def is_signed_out(token: str, context: RequestContext) -> bool:
    """Whether a logout came with a token."""
    return context.state.get(SIGNED_OUT, digest_of(token).hex()) is not None


def _token_in(context: RequestContext) -> str:
    """The token in the Authorization field of a request; nothing where it has none, or a name and a password."""
    scheme, _, token = context.request.headers.get("authorization", "").strip().rpartition(" ")
    return "" if scheme.lower() == "basic" else token


class PasswordChange:
    """A change of the password of the current user, by a body with a new one."""

    def __init__(self, users: ResourceItems) -> None:
        self._users = users

    @staticmethod
    def is_by(operation: Operation) -> bool:
        """Whether an operation, about which nothing else is known, takes a new password."""
        sent = operation.body.first.value_type.properties if operation.body is not None else ()
        is_unknown = not operation.steps and operation.listing is None and operation.success.body is None
        return is_unknown and any(normalised(name) in NEW_PASSWORDS for name in sent)

    def apply(self, item: Item | None, context: RequestContext) -> ChangeSet | Rejection:
        """The user with the new password; a rejection where the current one is wrong."""
        user = current_user(self._users, context)
        if user is None or SECRET not in user:
            return ChangeSet((), ())
        current = secrets_in(context.body, CURRENT_PASSWORDS)
        if current and digest_of(current[0]).hex() != user[SECRET]:
            return Rejection("400", (Violation("body", (), "credentials", "the current password is another one"),))
        changed = with_secret(user, context.body, NEW_PASSWORDS)
        return ChangeSet((self._users.put(changed, context.choose),), ())


def precedes_credentials(contract: Contract, operation: Operation) -> bool:
    """Whether an operation is a login or a sign-up, to which clients come without credentials.

    Many documents have one `security` for all operations, and forget that their login is one of them. A `security` of
    the operation itself counts, unless a tool has written the same one to all of them, or it demands the token that
    the login gives.
    """
    is_stated = "security" in contract.document.data["paths"][operation.path][operation.method.lower()]
    if is_stated and any(one.security != operation.security for one in contract.operations):
        return _demands_own_token(operation)
    sent = operation.body.first.value_type.properties if operation.body is not None else ()
    takes_password = any(normalised(name) in PASSWORDS for name in sent)
    joins = takes_password and normalised(operation.path.rpartition("/")[2]) in JOINING
    return joins or (gives_token(operation) and operation.method == "POST")


def _demands_own_token(operation: Operation) -> bool:
    """Whether a login by a password demands nothing but a token in the Authorization field, such as it gives itself."""
    sent = operation.body.first.value_type.properties if operation.body is not None else ()
    is_login = last_word(operation.path) in SIGNING_IN | TOKENS and gives_token(operation)
    schemes = [one.scheme for every in operation.security for one in every]
    are_tokens = all(one.kind == BEARER or one.parameter.lower() == "authorization" for one in schemes)
    return is_login and are_tokens and any(normalised(name) in PASSWORDS for name in sent)


def with_logins(authenticate: Authenticate, registry: ItemRegistry) -> Authenticate:
    """The check that refuses tokens that are over, and once a user has logged in those that no login gave.

    Until then any token will do, so that a client with one of its own needs no login.
    """
    users = registry.users if registry.users is not None and registry.logs_in(registry.users) else None
    if users is None and not registry.has_logout:
        return authenticate

    def authenticate_by_logins(context: RequestContext) -> AccessDenied | None:
        denial = authenticate(context)
        token = "" if denial is not None else _token_in(context)
        if not token:
            return denial
        if is_foreign(token):
            return INVALID_TOKEN if users is not None and someone_is_signed_in(users, context) else None
        return REVOKED_TOKEN if registry.has_logout and is_signed_out(token, context) else None

    return authenticate_by_logins
