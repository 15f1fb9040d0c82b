"""Users: the current user, their passwords, and the members of items that hold the user who made them, as `author`."""

from collections.abc import Collection, Iterator
from typing import Any

from lookalike.json_values import ABSENT
from lookalike.model.context import RequestContext
from lookalike.model.minting import secrets_in, subject_in
from lookalike.model.rejections import CONFLICTING, Rejection
from lookalike.model.request.tokens import digest_of
from lookalike.model.resources.item_registry import ItemRegistry
from lookalike.model.resources.items import SECRET, SIGNED_IN, ResourceItems
from lookalike.model.state import Item
from lookalike.naming.accounts import PASSWORDS
from lookalike.naming.keys import KEY_ENDINGS, names_of_key_of
from lookalike.naming.members import is_owner
from lookalike.naming.words import normalised
from lookalike.schema.validator import Violation
from lookalike.schema.view import SchemaView


def current_user_name(context: RequestContext) -> str:
    """The name that the credentials of a request have for its user; empty where they have none."""
    return subject_in(context.request.headers)


def current_user(users: ResourceItems, context: RequestContext) -> Item | None:
    """The user whom the credentials name; the oldest one where they name none."""
    name = current_user_name(context)
    if not name:
        return next(iter(context.state.children(users.name, None, 0, 1)), None)
    known = context.state.children(users.name, None)
    return next((item for item in known if any(item.get(member) == name for member in users.user_names)), None)


def known_or_named(users: ResourceItems, context: RequestContext) -> Item | None:
    """The current user, who is not stored yet if the credentials name someone who has not signed up."""
    user, name = current_user(users, context), current_user_name(context)
    return new_user(users, name, context) if user is None and name else user


def new_user(users: ResourceItems, name: str, context: RequestContext) -> Item:
    """The user of a name that no user has yet, not stored."""
    return users.named(name, users.next_number(context, {}, {}))


MOST_COMPARED = 1000  # users


def with_secret(item: Item, sent: Any, names: Collection[str] = PASSWORDS) -> Item:
    """A user with the password that was sent; the item itself where none was."""
    secret = next(iter(secrets_in(sent, names)), "")
    return {**item, SECRET: digest_of(secret).hex()} if secret else item


def name_is_taken(users: ResourceItems, item: Item, context: RequestContext) -> Rejection | None:
    """The conflict of a new user, who signs up with a password, with another of the same name or address."""
    for name in users.user_names if SECRET in item else ():
        for _, other in context.state.items(users.name):
            if name != users.key and SECRET in other and name in item and other.get(name) == item[name]:
                message = f"another {users.name} has the {name} {item[name]}"
                return Rejection(CONFLICTING, (Violation("body", (name,), "unique", message),))
    return None


def someone_is_signed_in(users: ResourceItems, context: RequestContext) -> bool:
    """Whether any user has logged in, so that the tokens that are valid are known."""
    return any(SIGNED_IN in item for item in context.state.children(users.name, None, 0, MOST_COMPARED))


class Ownership:
    """The members of new items that hold the user who makes them, where a request cannot say who that is.

    Evidence: the name of the member, and a resource of users.
    """

    def __init__(self, items: ResourceItems, registry: ItemRegistry) -> None:
        self._items = items
        self._users = registry.users
        is_of_users = self._users is None or self._users.name == items.name
        self._members = () if is_of_users or self._users is None else tuple(_owners(items, self._users))

    def members(self, context: RequestContext) -> dict[str, Any]:
        """The members with the current user in the form of each; empty where no credentials came along."""
        headers = context.request.headers
        if not self._members or self._users is None or not ("authorization" in headers or subject_in(headers)):
            return {}
        user = known_or_named(self._users, context)
        if user is None:
            return {}
        found = {name: self._form(name, view, self._users, user) for name, view in self._members}
        return {name: value for name, value in found.items() if value is not ABSENT}

    def _form(self, name: str, view: SchemaView, users: ResourceItems, user: Item) -> Any:
        """The user as a member shows one: as an object, by the key, or by the name; else `ABSENT`."""
        named = next((user[one] for one in users.user_names if one in user and one != users.key), ABSENT)
        is_key = normalised(name).endswith(KEY_ENDINGS) or view.keyword("format") == "uuid"
        described = {member: value for member, value in users.public(user).items() if member in view.members}
        forms = (described or ABSENT, *((user.get(users.key), named) if is_key else (named, user.get(users.key))))
        made = (self._items.related.fitting(name, form) for form in forms if form is not ABSENT)
        return next((one for one in made if one is not ABSENT), ABSENT)


def _owners(items: ResourceItems, users: ResourceItems) -> Iterator[tuple[str, SchemaView]]:
    """The members for the user who makes an item: by their name, or as what must be there shows a user.

    Of the latter no request may have the key.
    """
    sent = {normalised(name) for name in items.sent_names}
    for name, view in items.view.members.items():
        is_sent = name in items.sent_names and not view.is_marked("readOnly")
        is_user = view.pointer == users.view.pointer and name in items.view.required and not view.may_be_null
        is_user = is_user and sent.isdisjoint(names_of_key_of(name, is_list=False))
        if (is_owner(name) or is_user) and not is_sent and name not in items.identity_fields:
            yield name, view
