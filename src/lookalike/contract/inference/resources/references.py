"""The members in which items name items of other resources."""

import re
from collections.abc import Callable, Mapping

from lookalike.contract.inference.resources.collection_paths import last_literal
from lookalike.contract.inference.resources.resource_guess import ResourceGuess
from lookalike.naming.keys import by_name, identifier_member, named_for_other
from lookalike.naming.words import singular
from lookalike.schema.view import SchemaView, holds_objects


def member_naming(resource: ResourceGuess, other: ResourceGuess, key_parameter: str) -> tuple[str, bool]:
    """The member in which items name one of another resource, and whether it is a list; nothing if there is none.

    It holds the key, an object, or a list of such. Items name one of their own kind in a member for the parent.
    """
    return naming_member(resource.schema.members)(other, "" if other is resource else key_parameter)


def member_described(item: SchemaView, noun: str) -> str:
    """The only member that holds a thing of which the description begins with a noun; nothing if there is none.

    As the `item` of comments, "The file this comment was placed on", or that of shares, "The file or folder to share".
    """
    begins = re.compile(rf"The (?:\w+,? (?:or |and )?){{0,2}}{re.escape(noun)}\b")
    found = [
        name
        for name, one in item.members.items()
        if "array" not in one.types
        and _has_key(one)
        and any(begins.match(str(part.get("description") or "")) for part in one.parts)
    ]
    return found[0] if noun and len(found) == 1 else ""


def _has_key(view: SchemaView) -> bool:
    return any(identifier_member(one.members) for one in (view, *view.branches))


def naming_member(sent: Mapping[str, SchemaView]) -> Callable[[ResourceGuess, str], tuple[str, bool]]:
    """A function that finds the same among the members that are sent for an item, for many other resources.

    It takes the other resource and the parameter of its key; without one, the member of the parent is found.
    """
    members = sent.items()
    scalars = by_name(name for name, one in members if not one.types & {"object", "array"})
    objects = by_name(name for name, one in members if "object" in one.types and holds_objects(one))
    lists = {singular(name): name for name, one in members if "array" in one.types and holds_objects(one)}
    listed = by_name(lists)

    def find(other: ResourceGuess, key_parameter: str) -> tuple[str, bool]:
        noun = singular(last_literal(other.home.path)) if key_parameter else "parent"
        named = (key_parameter or noun, noun)
        for names in (scalars, objects):
            if member := named_for_other(*named, names):
                return member, False
        return lists.get(named_for_other(*named, listed), ""), True

    return find
