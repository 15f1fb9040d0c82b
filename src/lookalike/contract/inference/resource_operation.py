"""An operation seen as an operation on a resource: how its path, request and response refer to the item.

This answers questions; the `rules` decide by the answers what the operation does.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from lookalike.contract.expressions import body_expression
from lookalike.contract.inference.envelopes import (
    can_be_item,
    item_candidates,
    item_template,
    key_template,
    list_template,
)
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resources.resource_guess import ItemCollection, ResourceGuess
from lookalike.contract.inference.sent_items import keys_sent
from lookalike.contract.inference.sketches import SKETCHES
from lookalike.contract.path_segments import last_segment, parameter, parameters_of, segments
from lookalike.naming.keys import is_given_key, names_of_key_of
from lookalike.naming.members import member_of_attributes
from lookalike.naming.paths import is_making, is_making_or_changing
from lookalike.naming.words import normalised
from lookalike.schema.view import SchemaView, holds_objects

# A vowel, but for the `u` of a user and of a URL.
_BEGINS_OPEN = re.compile(r"[aeio]|u(?!rl|ni)[^aeiou\W_]{2}", re.IGNORECASE)

Extension = dict[str, Any]
"""A part of `x-lookalike` as a document would write it."""


class ResourceOperation:
    """An operation, and the resource and collection that it is taken to be about.

    `siblings` are the methods on the same path, and `is_made_elsewhere` says whether an operation on a collection
    makes such items.
    """

    def __init__(
        self,
        resource: ResourceGuess,
        collection: ItemCollection,
        operation: RawOperation,
        siblings: Collection[str] = (),
        is_made_elsewhere: bool = True,
    ) -> None:
        self.resource = resource
        self.collection = collection
        self.operation = operation
        self.siblings = frozenset(siblings)
        self._is_made_elsewhere = is_made_elsewhere

    @property
    def noun_phrase(self) -> str:
        """The resource in words: `a pet`, or `the settings` where there is a single item."""
        name = self.resource.name
        return f"{'the' if self.resource.is_single else 'an' if _BEGINS_OPEN.match(name) else 'a'} {name}"

    @property
    def key_parameters(self) -> tuple[str, ...]:
        """The path parameters that identify the item, those of its parent first."""
        return tuple(filter(None, (*self._parent_parameters(), self.collection.key_parameter)))

    @property
    def creates_by_name(self) -> bool:
        """Whether a PUT of an item makes it, as its name says: "Add a member", where nothing else makes such items.

        Or "Add or update a member".
        """
        title = self.operation.title
        return is_making_or_changing(title) or (not self._is_made_elsewhere and is_making(title))

    @property
    def is_membership(self) -> bool:
        """Whether PUT and DELETE without a body are all that makes and ends an item, as the member of a group."""
        has_body = bool(self.operation.media_types)
        return not has_body and "delete" in self.siblings and not self._is_made_elsewhere

    @property
    def comes_by_change(self) -> bool:
        """Whether an item can be deleted, and nothing but a change could make it, under a name that clients choose."""
        is_chosen = not is_given_key(self.collection.key_parameter)
        return is_chosen and "delete" in self.siblings and not self._is_made_elsewhere and not self.resource.is_single

    def whole_body(self) -> tuple[str, SchemaView] | None:
        """The runtime expression of the request body and its schema, where that is an object of any members."""
        schema = self.operation.request_schema
        is_object = schema is not None and schema.types - {"null"} == {"object"}
        return ("$request.body", schema) if schema is not None and is_object else None

    def selector(self, **more: Any) -> Extension:
        """The `select` of the item that the path identifies."""
        return selector(self.resource.name, self.key_parameters, **more)

    @property
    def key_in_query(self) -> str:
        """The query parameter that is the key of an item, if an operation requires that one alone; else nothing."""
        required = [name for name, (_, is_required) in self.operation.query_parameters.items() if is_required]
        is_key = required in ([self.resource.key], [self.collection.key_parameter])
        return required[0] if is_key and not self.resource.parent_fields else ""

    @property
    def comes_and_goes(self) -> bool:
        """Whether the single item of a parent can be deleted, so that it does not exist as soon as its parent does."""
        return self.resource.is_single and bool(self.collection.parent_parameters) and "delete" in self.siblings

    def selector_of_existing(self) -> Extension:
        """The same, of a resource with one item for each parent: that item exists as soon as its parent does."""
        is_given = self.resource.is_single and self.collection.parent_parameters and not self.comes_and_goes
        return self.selector(absent="create") if is_given else self.selector()

    def parent_scope(self) -> tuple[Extension, Extension]:
        """The binding of a list or a creation to one parent: what stands beside it, and what stands inside of it."""
        resource, parent = self.resource, self.resource.parent
        parameters = self._parent_parameters()
        if not parameters or not resource.parent_fields:
            return {}, {}
        if parent is None:
            return {}, {"within": _from_path(parameters)}
        return {"select": selector(parent.name, parameters)}, {}

    def _parent_parameters(self) -> tuple[str, ...]:
        """The path parameters that hold the parent's key, where items have members for it."""
        count, parameters = len(self.resource.parent_fields), self.collection.parent_parameters
        # Each path may name the same parameters otherwise: the operation's own names are those of its requests.
        own = parameters_of(self.operation.path)
        parameters = own[: len(parameters)] if len(own) >= len(parameters) else parameters
        if self.resource.has_items_beside and len(parameters) < count:
            return ()  # fewer parents than the item has: it is found by its key alone
        return parameters[-count:] if count and parameters else ()

    def item_in_body(self) -> tuple[str, SchemaView] | None:
        """The runtime expression of the item in the request body, and its schema.

        The evidence is that the body, or one member of it, has members of the item, or that the response shows the item
        under the name of a member that is an object; None if there is none.
        """
        schema = self.operation.request_schema
        if schema is None:
            return None
        if _resembles_item(schema, self.resource):
            return "$request.body", schema
        objects = [name for name, member in schema.members.items() if member.members or "object" in member.types]
        others = [name for name, member in schema.members.items() if name not in objects and not _is_file(member)]
        is_envelope = len(objects) == 1 and self.resource.schema.members.keys().isdisjoint(others)
        is_envelope = is_envelope and self.list_in_body() is None  # `transaction` or `transactions`
        for name, member in schema.members.items():
            is_object = name in objects
            is_only = is_object and is_envelope and bool(member.members or not others)
            is_only = is_only and _resembles_item(member, self.resource)
            is_item = can_be_item(member, self.resource.schema, self.resource.key)
            if is_item or is_only or (is_object and self._shows_item_as(name)):
                return body_expression(name), member
        return None

    def _shows_item_as(self, name: str) -> bool:
        """Whether the response of success has the item in a member of that name, such as `{"data": {…}}`."""
        answered = self.operation.success_schema
        member = answered.members.get(name) if answered is not None else None
        return can_be_item(member, self.resource.schema, self.resource.key)

    def list_in_body(self) -> tuple[str, SchemaView] | None:
        """The runtime expression of a list of items in the request body, and the schema of one of them."""
        schema = self.operation.request_schema
        lists = {"$request.body": schema} if schema else {}
        for name, member in schema.members.items() if schema else ():
            lists[body_expression(name)] = member
        for expression, one in lists.items():
            is_list = "array" in one.types and one.items and one.items.members
            if is_list and one.items and _resembles_item(one.items, self.resource):
                return expression, one.items
        return None

    def list_named_in_body(self) -> tuple[str, SchemaView] | None:
        """The same of a list that has the noun of the collection, as the `members` that are sent to `/members`."""
        found, noun = self.list_in_body(), last_segment(self.collection.path)
        return found if found is not None and found[0] == body_expression(noun) else None

    def keys_in_body(self) -> str | None:
        """The runtime expression of a list of keys in the request body, of things that have no path of their own."""
        if self.resource.home.item_path:
            return None
        found = keys_sent(self.operation.request_schema, self.resource.schema)
        return found.expression if found is not None and found.member == self.resource.key else None

    def changes_in_body(self) -> tuple[str, SchemaView] | None:
        """The same on the path of the item, which some APIs send as the only one of a list in an envelope."""
        found = self.item_in_body()
        schema, items = self.operation.request_schema, self.list_in_body()
        if found is None and schema is not None and items is not None and len(schema.members) == 1:
            return f"{items[0]}/0", items[1]
        return found

    def response(self, status: str, template: Any) -> Extension:
        """The `answer` with a body template, if any; its status is named only where it is not the usual one."""
        answer = {} if status == self.operation.success_status else {"status": status}
        return answer | ({"body": template} if template is not None else {})

    def item_template(self, status: str) -> Any:
        """The body template of a response that shows the item; None where its schema cannot hold the item."""
        shown = self.operation.response_schema(status)
        if self.answers_unsaid or self._shows_what_is_sent(shown):
            return "$item"
        return item_template(shown, self.resource.schema, self.resource.key)

    def _shows_what_is_sent(self, shown: SchemaView | None) -> bool:
        """Whether a response has members of the request alone, and most of them, as of a serializer for creations."""
        sent = self.operation.request_schema
        if shown is None or sent is None or not shown.members.keys() <= sent.members.keys():
            return False
        is_most = len(shown.members) * 2 >= len(sent.members) > 0
        return is_most and can_be_item(shown, self.resource.schema, "")

    @property
    def answers_unsaid(self) -> bool:
        """Whether the document says nothing of the answers about such items, of this operation and of reading one."""
        is_sketched = self.resource.schema.pointer[:1] == (SKETCHES,)
        operation = self.operation
        is_unsaid = (
            operation.success_is_unsaid or operation.answers_any_json or (is_sketched and operation.answers_unsaid)
        )
        return is_unsaid and self.operation.method != "delete"

    def list_template(self) -> Any:
        """The body template of a response that lists items; None where its schema cannot hold them."""
        if self.answers_unsaid:
            return "$items"
        return list_template(self.operation.success_schema, self.resource.schema, self.resource.key)

    def key_template(self, status: str) -> Any:
        """The body template of a response that shows the key of the item alone, such as `{"created_id": 7}`."""
        resource, operation = self.resource, self.operation
        noun = next((part for part in reversed(segments(resource.home.path)) if not parameter(part)), "")
        example = next(operation.response_examples(status), None)
        key_member = resource.schema.members.get(resource.key)
        return key_template(operation.response_schema(status), resource.key, key_member, noun, example)

    @property
    def client_may_choose_key(self) -> bool:
        """Whether the key is a member of what is sent, and not `readOnly` there."""
        body, key = self.item_in_body() or self.list_in_body(), self.resource.key
        return body is not None and key in body[1].members and not body[1].members[key].is_marked("readOnly")

    @property
    def client_sends_key(self) -> bool:
        """Whether the body has the key of the item, whatever else is in it."""
        schema = self.operation.request_schema
        return schema is not None and self.resource.key in schema.members

    def on_taken_key(self) -> str:
        """The documented status for a key that is taken; if there is none, `replace`: no other is documented."""
        return next((status for status in ("409", "422") if status in self.operation.statuses), "replace")


def shows_item(operation: RawOperation, resource: ResourceGuess) -> bool:
    """Whether the response of success of an operation has a place of the own schema of a resource."""
    shown = item_candidates(operation.success_schema) if operation.success_schema is not None else ()
    return any(one.pointer == resource.schema.pointer for one in shown)


def selector(resource: str, parameters: Sequence[str], **more: Any) -> Extension:
    """The `select` of the item of a resource that path parameters identify."""
    by = _from_path(parameters)
    return {"resource": resource, **({"by": by[0] if len(by) == 1 else by} if by else {}), **more}


def _from_path(parameters: Sequence[str]) -> list[str]:
    return [f"$request.path.{name}" for name in parameters]


def _is_file(schema: SchemaView) -> bool:
    return "binary" in (schema.keyword("format"), schema.keyword("contentEncoding"))


def _resembles_item(schema: SchemaView, resource: ResourceGuess) -> bool:
    """Whether a schema is the item's own, or at least half of the members that it describes are the item's too.

    So is the key of what a member shows, such as `category_id` where items have a `category`, or `address_attributes`.
    """
    names = schema.members.keys()
    if schema.pointer == resource.schema.pointer:
        return True
    if not names:
        return not schema.types or "object" in schema.types
    members = resource.schema.members
    keys = keys_of_shown(members)
    shared = [one for one in names if one in members or normalised(one) in keys or member_of_attributes(one, members)]
    return len(shared) * 2 >= len(names)


def keys_of_shown(members: Mapping[str, SchemaView]) -> dict[str, str]:
    """The members that show other items, by the normalised names under which clients send the keys of those."""
    return {
        key: name
        for name, view in members.items()
        if holds_objects(view)
        for key in names_of_key_of(name, "array" in view.types)
    }
