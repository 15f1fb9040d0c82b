"""Links between resources: members of a body that name an item of another resource.

That a member is a link is a guess by its name. It only decides which value is sent: the key of an item that is there is
as good as any other where the guess is wrong.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from lookalike.json_values import ABSENT
from lookalike.naming.keys import KEY_ENDINGS, noun_of_key
from lookalike.naming.words import normalised, singular, words_of
from lookalike.schema.value_types import ValueType

_ENDINGS = (*KEY_ENDINGS, "ref", "slug", "code")
# Names that many keys have, so that a member of such a name says nothing of which resource it names.
_PARENT = "parent"
# Descriptions such as "The id of the wallet that pays" and "The wallet's id".
_TOLD = (
    re.compile(r"\b(?:ids?|identifiers?|keys?|uuids?) of (?:the|a|an|another|one) (\w+)", re.IGNORECASE),
    re.compile(r"\b(\w+?)(?:'s)? (?:ids?|identifiers?|uuids?)\b", re.IGNORECASE),
)
_PLAIN_KEYS = frozenset({*_ENDINGS, "name", "title", "number", "type", "kind", "label", "email", "version"})


class ResourceKey(NamedTuple):
    """A resource, and the member that is the key of its items."""

    resource: str
    key: str


class Link(NamedTuple):
    """A member that names an item, or several as a list, or has an object around the key in a member of its own.

    One that `is_parent` names an item of the same kind, as the folder that a folder is in. `ordinal` counts the members
    before it that name an item of the same resource, as the wallet that pays and the one that is paid.
    """

    member: str
    to: ResourceKey
    is_list: bool = False
    is_object: bool = False
    is_parent: bool = False
    ordinal: int = 0

    def value(self, key: Any) -> Any:
        """The value that names the item of a key."""
        named = {self.to.key: key} if self.is_object else key
        return [named] if self.is_list else named


def links_in(kind: ValueType, keys: Mapping[str, str], own: str = "") -> Iterator[Link]:
    """The links in an object of a resource `own`; `keys` holds the member that is the key, by resource.

    A member that has the name of the key of one other resource, such as `isbn`, names an item of that, as does a number
    or UUID by the name of the resource alone, such as `author`; `parent_id` names one of the same kind, where no
    resource is called so. Else a description may tell, such as "The id of the wallet that pays".
    """
    times: Counter[str] = Counter()
    nouns, distinctive, parents = nouns_of(keys), _distinctive_keys(keys, own), _parent_of_own_kind(keys, own)
    for name in kind.properties:
        member = kind.member(name)
        if member.keyword("readOnly") is True:
            continue
        types, is_list = member.types or frozenset(), "array" in (member.types or ())
        value = member.item() if is_list else member
        is_choice = value.keyword("enum") is not None or value.keyword("const") is not None
        to = named_by(name, nouns, is_list)
        to = to or (None if is_choice else distinctive.get(name) or _told_by(member, nouns, own))
        is_object = "object" in (value.types or ())
        if to is None and (is_object or is_list or (_is_number_or_uuid(value) and not is_choice)):
            to = nouns.get(normalised(name)[: -1 if is_list else None])
            to = to if to is not None and (not is_object or to.key in value.properties) else None
        is_parent = (
            to is None and not (is_list or is_choice or is_object) and (to := named_by(name, parents)) is not None
        )
        if to is None and not is_choice:
            to = _named_last(name, nouns, own, is_list)
        if to is not None and (types or is_object):
            yield Link(name, to, is_list, is_object, is_parent, times[to.resource])
            times[to.resource] += not is_list


def _is_number_or_uuid(member: ValueType) -> bool:
    """Whether a member holds a key, as Django has it for an item that another one refers to, rather than a text."""
    types = (member.types or frozenset()) - {"null"}
    return types == {"integer"} or (types == {"string"} and member.keyword("format") == "uuid")


def _parent_of_own_kind(keys: Mapping[str, str], own: str) -> dict[str, ResourceKey]:
    """The resource `own` by the nouns of a parent of its kind, such as `parent` and `parent_folder`."""
    if own not in keys:
        return {}
    noun = normalised(own.rpartition("-")[2])
    return dict.fromkeys((_PARENT, f"{_PARENT}{noun}"), ResourceKey(own, keys[own]))


def _distinctive_keys(keys: Mapping[str, str], own: str) -> dict[str, ResourceKey]:
    """The resources by the names of their keys, where a name is that of the key of one of them alone."""
    times = Counter(keys.values())
    return {
        key: ResourceKey(resource, key)
        for resource, key in keys.items()
        if times[key] == 1 and resource != own and normalised(key) not in _PLAIN_KEYS
    }


def nouns_of(keys: Mapping[str, str]) -> dict[str, ResourceKey]:
    """The resources by the nouns that names such as `customerId` begin with."""
    return {normalised(resource.rpartition("-")[2]): ResourceKey(resource, key) for resource, key in keys.items()}


def named_by(name: str, nouns: Mapping[str, ResourceKey], is_list: bool = False) -> ResourceKey | None:
    """The resource that a name such as `customerId` or `customer_ids` consists of, or None."""
    plain = normalised(name)
    plain = plain[:-1] if is_list and plain.endswith("s") else plain
    return nouns.get(noun_of_key(plain, _ENDINGS))


def _told_by(member: ValueType, nouns: Mapping[str, ResourceKey], own: str) -> ResourceKey | None:
    """The other resource whose key a member is by its description, or None."""
    text = str(member.keyword("description", ""))
    told = (normalised(singular(noun)) for pattern in _TOLD for noun in pattern.findall(text))
    found = (nouns[noun] for noun in told if noun in nouns)
    return next((one for one in found if one.resource != own), None)


def _named_last(name: str, nouns: Mapping[str, ResourceKey], own: str, is_list: bool) -> ResourceKey | None:
    """The other resource that the last words of a name such as `payerWalletId` name, or None.

    A parent is of the same kind, whatever it is called.
    """
    words = words_of(name)
    parts = ("".join(words[start:]) for start in range(1, len(words)) if words[0] != _PARENT)
    found = (to for part in parts if (to := named_by(part, nouns, is_list)) is not None)
    return next((to for to in found if to.resource != own), None)


def with_links(
    body: Mapping[str, Any], kind: ValueType, keys: Mapping[str, str], key_of: Callable[[Link], Any], own: str = ""
) -> dict[str, Any]:
    """A body whose links name items that are there, also those in its objects; a link to none is left out."""
    linked = dict(body)
    links = {link.member: link for link in links_in(kind, keys, own)}
    for name, value in body.items():
        if name in links:
            key = key_of(links[name])
            linked[name] = links[name].value(key) if key is not ABSENT else ABSENT
        elif isinstance(value, dict):
            linked[name] = with_links(value, kind.member(name), keys, key_of, own)
    return {name: value for name, value in linked.items() if value is not ABSENT}
