"""Related members: those that show other items, or are objects of their own, in the form in which a server shows them.

Clients send the key of another item where the server shows the item itself.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from lookalike.contract.inference.resource_operation import keys_of_shown
from lookalike.json_values import ABSENT
from lookalike.model.context import RequestContext
from lookalike.model.resources.completion import Completion, FindRelated, nothing_related
from lookalike.model.resources.keys import is_key
from lookalike.model.resources.links import LinkLists
from lookalike.model.resources.usage import Usage
from lookalike.model.state import Item
from lookalike.naming.keys import KEY_ENDINGS, KEYS, names_of_key_of
from lookalike.naming.members import full_name_of, is_owner, title_members
from lookalike.naming.words import normalised, singular, words_of
from lookalike.schema.view import SchemaView, holds_objects

_NOTHING: Mapping[str, Any] = {}
_REPEATED = frozenset({"name", "title", "email", "code", "slug", "username", "number", "sku"})  # of other items


class RelatedMembers:
    """The members of a resource's items that show other items, or are objects."""

    def __init__(
        self, name: str, view: SchemaView, usage: Usage, completion: Completion, parent_fields: Sequence[str] = ()
    ) -> None:
        self._noun = name
        self._view = view
        self._hidden = [name for name in parent_fields if name not in view.members]
        self._members = view.members
        self._usage = usage
        self._completion = completion

    @cached_property
    def links(self) -> LinkLists:
        """The lists of other things in an item."""
        return LinkLists(self._view)

    def fitting(self, name: str, value: Any, find_related: FindRelated = nothing_related) -> Any:
        """A value in the form in which a member shows it; `ABSENT` where it has none."""
        return self._completion.completed(name, self._members[name], value, find_related)

    def shows_object(self, field: str) -> bool:
        """Whether a member is an object, in whose place a key may be sent."""
        return field in self._members and bool(self._members[field].members)

    def shown_by_key(self, field: str, key: Any, item: Item, context: RequestContext) -> Any:
        """The object that a key stands for in a member of an item; the key itself where none fits."""
        found = self.fitting(field, key, self._usage.related_to(context, item)) if is_key(key) else ABSENT
        return key if found is ABSENT else found

    def linked(self, field: str, key: Any, item: Item, context: RequestContext) -> Any:
        """The object that a key, or a part of it, stands for in a list of an item; the key itself where none fits."""
        return self._link(field, key, self._usage.related_to(context, item))

    def with_links(self, item: dict[str, Any], find_related: FindRelated) -> dict[str, Any]:
        """The item with objects in place of the keys that were sent in a list to which operations add."""
        sent = {name: item[name] for name in self._link_fields if isinstance(item.get(name), list)}
        linked = {
            name: self.links.numbered(name, (), keys, [self._link(name, key, find_related) for key in keys])
            for name, keys in sent.items()
        }
        return {**item, **linked} if linked else item

    def shown(
        self, sent: Any, context: RequestContext, given: Mapping[str, Any] = _NOTHING, item: Item = _NOTHING
    ) -> Item:
        """The members that show the items whose keys were sent under other names, as `category` for `category_id`.

        Or alone inside of the member, as `{"category": {"id": 7}}`. And the objects that hold what was sent beside
        them, in place of those of the `item` that is changed.
        """
        if not self._usage.shows_all or not isinstance(sent, Mapping):
            return {}
        find_related = self._usage.related_to(context, given)
        found = {
            member: self.fitting(member, value, find_related)
            for name, value in sent.items()
            if (member := self._shown_by_key.get(name)) is not None and member not in sent
        }

        def find_alike(_: str, view: SchemaView, value: Any) -> Mapping[str, Any] | None:
            return find_related(self._noun, view, value)

        found |= {
            member: self.fitting(member, value, find_alike)
            for name, value in sent.items()
            if (member := self._of_same_kind.get(name)) is not None and member not in sent
        }
        beside = {
            member: self.fitting(member, _repeated(named, ending))
            for name, value in {**given, **sent}.items()
            for member, noun, ending in self._repeated.get(name, ())
            if (named := find_related(noun, self._members[member], value)) is not None
        }
        held = {name: self.fitting(name, value) for name, value in self._with_held(sent, item).items()}
        keys = ((name, value) for name, value in sent.items() if self.shows_object(name) and _is_alone(value))
        alone = {name: self._with_key(name, value, find_related) for name, value in keys}
        return {name: value for name, value in {**held, **beside, **found, **alone}.items() if value is not ABSENT}

    def _with_held(self, sent: Mapping[str, Any], item: Item) -> dict[str, dict[str, Any]]:
        """The objects of an item with what was sent for a member of theirs."""
        objects: dict[str, dict[str, Any]] = {}
        for name, value in sent.items():
            holder = self._holders.get(name, "")
            if holder and holder not in sent:
                before = item.get(holder)
                objects.setdefault(holder, {**before} if isinstance(before, Mapping) else {})[name] = value
        return objects

    def _with_key(self, name: str, sent: Mapping[str, Any], find_related: FindRelated) -> Any:
        """The item with a key in the form in which a member shows it; `ABSENT` where there is none."""
        view = self._members[name]
        ((key, value),) = sent.items()
        found = find_related(name, view, value)
        if found is None or found.get(key) != value:
            return ABSENT
        return self.fitting(name, {one: value for one, value in found.items() if one in view.members})

    def with_defaults(self, sent: Item) -> Item:
        """A sent item whose objects have the members that a server adds to them, and none that only requests have."""
        objects = self._objects & sent.keys()
        kept = {name: self._without_request_only(name, sent[name]) for name in objects}
        made = {name: self._completion.with_defaults(self._members[name], one) for name, one in kept.items()}
        return {**sent, **made} if made else sent

    def _without_request_only(self, name: str, value: Any) -> Any:
        unshown = self._request_only.get(name, frozenset())
        if not unshown or not isinstance(value, Mapping):
            return value
        return {member: one for member, one in value.items() if member not in unshown}

    @cached_property
    def _request_only(self) -> Mapping[str, frozenset[str]]:
        """The members of objects that requests describe and items do not show, as the `number` of a card."""
        found: dict[str, frozenset[str]] = {}
        for name, inside in self._usage.sent_inside().items():
            view = self._members.get(name)
            forms = (view, *view.branches) if view is not None else ()
            described = {member for form in forms for member in form.members}
            if described and inside - described:
                found[name] = inside - described
        return found

    def _link(self, field: str, key: Any, find_related: FindRelated) -> Any:
        view = self.links.view_of(field)
        if view is None or not (is_key(key) or isinstance(key, dict)):
            return key
        found = self._completion.completed(singular(field), view, key, find_related)
        return key if found is ABSENT else found

    @cached_property
    def _link_fields(self) -> Sequence[str]:
        return [name for name in self._usage.linked if self.links.shows_objects(name)]

    @cached_property
    def _shown_by_key(self) -> Mapping[str, str]:
        """The members that are objects, or lists of such, by the name under which requests have their keys.

        Or by that of a single one: `training_file` is the first of the `training_files`.
        """
        if not self._usage.shows_all:
            return {}
        plain = {normalised(name): name for name in self._usage.members}
        lists = [name for name, view in self._members.items() if "array" in view.types and holds_objects(view)]
        keys = {key: name for name in lists for key in names_of_key_of(singular(name), is_list=False)}
        keys |= keys_of_shown(self._members)
        return {plain[key]: name for key, name in keys.items() if key in plain}

    @cached_property
    def _of_same_kind(self) -> Mapping[str, str]:
        """The members that show another item of the kind, by the name of its key: `parent` for `parent_team_id`."""
        if not self._usage.shows_all:
            return {}
        objects = [name for name, view in self._members.items() if holds_objects(view) and "array" not in view.types]
        keys = {normalised(f"{name}{self._noun}{ending}"): name for name in objects for ending in KEY_ENDINGS}
        return {name: keys[plain] for name in self._usage.members if (plain := normalised(name)) in keys}

    @cached_property
    def _holders(self) -> Mapping[str, str]:
        """The objects that hold what is sent beside them, by its name: `object` for the `sha` of a Git reference.

        Evidence: an item has a member of that name in no other object, and none of its own. A `state` within the owner
        is that of a person.
        """
        names = self._usage.members - self._members.keys() - {*KEYS} if self._usage.shows_all else ()
        objects = {name: view.members for name, view in self._members.items() if not is_owner(name)}
        found: dict[str, str] = {}
        for name in names:
            holders = [holder for holder, members in objects.items() if name in members]
            if len(holders) == 1 and not holds_objects(objects[holders[0]][name]) and name not in self._shown_by_key:
                found[name] = holders[0]
        return found

    @cached_property
    def _repeated(self) -> Mapping[str, Sequence[tuple[str, str, str]]]:
        """By the member for the key of another item, those that repeat members of it: `departmentName` beside the id.

        Each comes with the noun and what is left of its name. No request has them.
        """
        found: dict[str, list[tuple[str, str, str]]] = {}
        for key in (name for name in self._members if self._usage.shows_all):
            ending = next((one for one in KEY_ENDINGS if normalised(key).endswith(one)), "")
            noun = normalised(key).removesuffix(ending) if ending else ""
            for name, view in self._members.items() if noun else ():
                rest = normalised(name).removeprefix(noun)
                is_repeated = rest in _REPEATED and rest != normalised(name) and "string" in view.types
                if is_repeated and name not in self._usage.members:
                    found.setdefault(key, []).append((name, noun, rest))
        for key in self._hidden if self._usage.shows_all else ():
            noun = "".join(words_of(key)[:-1])  # `conference` of the `conference_slug` in a path
            for name in (noun, f"{noun}id", f"{noun}uuid"):
                member = next((one for one in self._members if noun and normalised(one) == name), "")
                if member and member not in self._usage.members and not holds_objects(self._members[member]):
                    found.setdefault(key, []).append((member, noun, "uuid" if name.endswith("uuid") else "id"))
        return found

    @cached_property
    def _objects(self) -> frozenset[str]:
        """The members that are objects or lists of such, in which a mock shows all that the document describes."""
        views = self._members.items() if self._usage.shows_all else ()
        return frozenset(name for name, view in views if view.members or view.branches or view.items is not None)


def _is_alone(sent: Any) -> bool:
    """Whether an object has nothing but what may be a key."""
    return isinstance(sent, Mapping) and len(sent) == 1 and is_key(*sent.values())


def _repeated(named: Mapping[str, Any], ending: str) -> Any:
    """The member of an item that another one repeats, such as the `title` in a `course_name`; else `ABSENT`."""
    by_plain = {normalised(name): value for name, value in named.items()}
    full_name, *titles = (full_name_of(named), *title_members(named)) if ending == "name" else ("",)
    found = next((by_plain[name] for name in (ending, *map(normalised, titles)) if name in by_plain), None)
    return found or full_name or ABSENT
