"""Accounts: operations that give tokens, make a user by signing up, and show the current user.

The evidence is names beside schemas, so nothing here accuses a server.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from lookalike.contract.expressions import body_expression
from lookalike.contract.grounds import Ground
from lookalike.contract.inference.envelopes import can_be_item, item_candidates, unwrapped
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resource_operation import Extension
from lookalike.contract.inference.resources.resource_guess import ItemCollection, Paths, ResourceGuess
from lookalike.contract.path_segments import last_segment, last_word, segments
from lookalike.contract.semantics import EXPIRY, REFRESH_TOKEN, TOKEN
from lookalike.json_values import format_pointer
from lookalike.naming.accounts import (
    ABOUT_MYSELF,
    EXPIRIES,
    JOINING,
    MYSELF,
    PASSWORDS,
    REFRESH_TOKENS,
    SECRETS,
    TOKEN_LIFETIME,
    TOKENS,
    USER_NAMES,
)
from lookalike.naming.keys import handle_member, identifier_member
from lookalike.naming.words import normalised, singular
from lookalike.schema.value_types import NUMBER_TYPES
from lookalike.schema.view import SchemaView

CURRENT_USER = "$request.header.Authorization"
_BEARER = "bearer"
_KEY_TYPES = frozenset({"string", "integer"})


def token_answer(operation: RawOperation, users: ResourceGuess | None = None) -> Extension | None:
    """The answer of a login: tokens that the mock accepts, and the user that they belong to.

    Evidence: a secret is sent, and a token is shown.
    """
    sent = unwrapped(operation.request_schema)
    if operation.method != "post" or sent is None or not has_any(SECRETS, sent):
        return None
    body = _body_with_token(operation, sent, users)
    return {"answer": {"body": body}} if body is not None else None


def has_any(names: Collection[str], schema: SchemaView) -> bool:
    """Whether a schema has a member of one of these names."""
    return any(normalised(name) in names for name in schema.members)


def _body_with_token(operation: RawOperation, sent: SchemaView | None, users: ResourceGuess | None) -> Any:
    """The template of a response that shows a token, and the user beside it; None if it shows no token."""
    shown = operation.success_schema
    if shown is None:
        return None
    for holder, view in (("", shown), *shown.members.items()):
        template = _token_template(view)
        if template:
            whole = {**user_template(view, sent, users), **template}
            return {holder: whole} if holder else whole
    return None


def user_template(shown: SchemaView, sent: SchemaView | None, users: ResourceGuess | None) -> dict[str, Any]:
    """The places of the user beside a token: as a whole, or the members of one that the answer has too."""
    if users is None:
        return {
            name: body_expression(name)
            for name in (shown.members.keys() & sent.members.keys() if sent is not None else ())
            if normalised(name) in USER_NAMES
        }
    places: dict[str, Any] = {}
    for name, member in shown.members.items():
        if can_be_item(member, users.schema, users.key):
            places[name] = "$item"
        elif name in users.schema.members and member.types & users.schema.members[name].types:
            places[name] = f"$item#{format_pointer((name,))}"
        elif normalised(name) in USER_NAMES and "string" in member.types:  # the `username` of whoever sent an email
            sent_name = next(
                (one for one in (sent.members if sent is not None else ()) if normalised(one) in USER_NAMES), ""
            )
            places |= {name: body_expression(sent_name)} if sent_name else {}
    return places


def users_of(paths: Paths, resources: Sequence[ResourceGuess]) -> ResourceGuess | None:
    """The resource of users: the one with a path for the current user, else the one of that name."""
    for path, methods in paths.items():
        if (found := shows_current_user(path, methods.get("get"), resources)) is not None:
            return found
    return next((one for one in resources if one.name == "user" and not one.home.parent_parameters), None)


def _token_template(view: SchemaView) -> dict[str, Any]:
    names = {name: normalised(name) for name in view.members}
    texts = {name for name, view in view.members.items() if not view.types or "string" in view.types}
    tokens: dict[str, Any] = {
        name: REFRESH_TOKEN if plain in REFRESH_TOKENS else TOKEN
        for name, plain in names.items()
        if plain in TOKENS and name in texts
    }
    if not tokens:
        return {}
    for name, plain in names.items():
        member = view.members[name]
        if plain == "expiresin" and member.types & NUMBER_TYPES:
            tokens[name] = TOKEN_LIFETIME
        elif plain == "tokentype" and name in texts and member.keyword("enum") is None:
            tokens[name] = member.keyword("const", member.keyword("default", _BEARER))
        elif plain == "type" and member.types == {"string"} and member.keyword("enum") is None:
            tokens[name] = member.keyword("default", _BEARER.capitalize())
        elif plain.endswith(EXPIRIES) and name in texts and not plain.startswith("refresh"):
            tokens[name] = EXPIRY
    return tokens


def signed_up(operation: RawOperation, resources: Iterable[ResourceGuess]) -> ResourceGuess | None:
    """The resource of which an operation makes an item elsewhere, as `POST /users/signup`, and shows it; else None.

    It may be shown in an envelope, beside a token. Many sign-ups answer with a message or a token alone: what is sent
    with a password makes a user then.
    """
    if operation.method != "post" or "{" in operation.path:
        return None
    shown, joins = operation.success_schema, last_word(operation.path) in JOINING
    plain = [one for one in resources if not one.is_single and not one.home.parent_parameters]
    pointers = (shown.pointer, *(member.pointer for member in shown.members.values())) if shown is not None else ()
    made = next((one for one in plain if one.schema.pointer in pointers), None)
    if made is not None and (joins or _joins_others(operation)):
        return made
    sent = unwrapped(operation.request_schema)
    is_account = joins and sent is not None and has_any(PASSWORDS, sent)
    return next((one for one in plain if one.name == "user" and is_account), None)


def _joins_others(operation: RawOperation) -> bool:
    """Whether an operation adds to a plural noun someone with a password, such as `POST /users`."""
    sent, last = unwrapped(operation.request_schema), last_segment(operation.path)
    return singular(last) != last and sent is not None and has_any(PASSWORDS, sent)


def with_tokens(answer: Extension, operation: RawOperation, user: ResourceGuess) -> Extension:
    """The answer to a sign-up, or of the current user, with the token that some show beside the user."""
    body, shown = answer.get("body"), _body_with_token(operation, None, user)
    if shown is None:
        return answer
    return {**answer, "body": {**(body if isinstance(body, dict) else {}), **shown}}


def shows_current_user(
    path: str, read: RawOperation | None, resources: Iterable[ResourceGuess]
) -> ResourceGuess | None:
    """The resource of users, where a path is that of the current user, such as `/users/me`; else None.

    Evidence: the word, the schema, and a member by which users are known.
    """
    is_named_so = "{" not in path and _is_of_myself(path)
    shown = read.success_schema if read is not None and is_named_so else None
    if shown is None:
        return None
    for resource in resources:
        is_user = any(normalised(name) in USER_NAMES for name in resource.schema.members)
        is_plain = not resource.is_single and not resource.home.parent_parameters
        if is_user and is_plain and any(one.pointer == resource.schema.pointer for one in item_candidates(shown)):
            return resource
    return None


def _is_of_myself(path: str) -> bool:
    """Whether a path ends in the words for the current user."""
    *_, above, last = ("", "", *map(normalised, segments(path)))
    return last in MYSELF or (last == "info" and above in ABOUT_MYSELF)


def lone_users(paths: Paths, resources: Sequence[ResourceGuess]) -> Iterator[ResourceGuess]:
    """The resource of users who are shown to themselves alone, as at `/users/me`."""
    for path, methods in paths.items():
        shown = methods["get"].success_schema if "get" in methods and _is_of_myself(path) else None
        if shown is None or "{" in path or shows_current_user(path, methods["get"], resources) is not None:
            continue
        for view in item_candidates(shown):
            scalars = [name for name, member in view.members.items() if member.types & _KEY_TYPES]
            names = [name for name in scalars if normalised(name) in USER_NAMES]
            key = identifier_member(scalars) or handle_member(scalars) or next(iter(names), "")
            if key and any(normalised(name) in USER_NAMES for name in view.members):
                others = {one.name for one in resources if one.home.path != path}
                name = "user" if "user" not in others else f"user-{len(resources)}"
                yield ResourceGuess(name, view, key, [ItemCollection(path)], key_ground=Ground.GUESSED)
                return
