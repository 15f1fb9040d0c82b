"""Names of the members that hold keys: of an item, of its parent, of another item."""

import re
from collections.abc import Iterable, Iterator, Mapping

from lookalike.naming.words import normalised, singular, words_of

# Members that hold the key of another item end so, such as `owner_id`; an ending within another comes behind it.
KEY_ENDINGS = ("uuid", "id", "pk", "key")


# Members of an item that hold what identifies it, apart from its content.
ABOUT_THE_ITEM = frozenset({"metadata", "meta", "sys", "system", "identity", "header"})
KEYS = ("id", "uuid", "uid", "guid", "key", "slug", "code", "name")
_IDENTIFIERS = ("identifier", "uuid", "guid", "uid", "id", "key", "slug", "name", "code", "number", "no")
_LOGINS = ("username", "login", "loginname", "handle")


# Of what a path parameter may hold in place of the key, in its description: `The ID or key of the issue`.
_IN_PLACE_OF_KEY = frozenset({"id", "uuid", "guid", "uid", "gid", "key", "slug", "email", "number", "name", *_LOGINS})
_FIRST_SENTENCE = re.compile(r"\A[^\n]*?(?:\.(?=\s)|\Z|\n)")

_LAST_WORD = re.compile(r"[A-Z]?[^A-Z_-]+\Z")


def key_field(parameter: str, noun: str, members: Iterable[str]) -> str:
    """The member that a path parameter stands for, such as `id` or `pet_id` for `petId`; nothing if there is none.

    `noun` is that of the collection, in singular or plural.
    """
    named: dict[str, str] = {}
    for member in members:
        named.setdefault(normalised(member), member)
    name, owner = normalised(parameter), normalised(singular(noun))
    short = name.removeprefix(owner)
    ending = next((one for one in _IDENTIFIERS if name.endswith(one)), "")
    wanted = [name, *(_LOGINS if name in _LOGINS else ()), short, owner + name]
    wanted += ["number", "iid"] if short == "index" else []
    if ending in ("id", "identifier", "uuid", "guid", "uid", "key"):
        wanted += [owner + "id", ending, "id", "uuid", "identifier", "uid", "guid"]
    elif ending:
        # `{promotion_code}` among the promotion codes is the whole thing, and none of its members.
        wanted += [*(["id", owner + "id"] if not short and owner != ending else []), ending]
    elif not short or owner.endswith(name):  # `{pet}` among the pets, `{intent}` among the payment intents
        wanted += ["id", owner + "id", "uuid", "name", "slug", "key", "code", *words_of(parameter)[-1:]]
    elif last := _LAST_WORD.search(parameter):
        wanted += [normalised(last[0])]  # the `sha` of `{file_sha}`
    wanted += [f"{name}name"]  # the `tag_name` of `{tag}`
    return next((named[one] for one in wanted if one and one in named), "")


def keys_told(parameter: str, text: str) -> frozenset[str]:
    """The normalised names of the keys by any of which a path parameter finds an item; none where it is one key alone.

    As `id` and `key` of `issueIdOrKey`, or of a parameter whose description is `The ID or key of the issue`.
    """
    sentence = _FIRST_SENTENCE.match(text)
    told = [re.findall(r"\w+", sentence[0].lower()) if sentence else [], words_of(parameter)]
    return frozenset(_IN_PLACE_OF_KEY & {word for words in told if "or" in words for word in words})


def names_key(parameter: str, noun: str, member: str) -> bool:
    """Whether a path parameter has the name of a member, with or without the noun of the collection before it.

    Any other pair is a guess: `{pet}` may stand for `id`, and for `name` as well.
    """
    name, owner, wanted = normalised(parameter), normalised(singular(noun)), normalised(member)
    return wanted in {name, name.removeprefix(owner), owner + name}


def member_for_other(parameter: str, noun: str, members: Iterable[str]) -> str:
    """The member that holds the key of another item, by the name of its path parameter or by its noun; else nothing."""
    return named_for_other(parameter, noun, by_name(members))


def named_for_other(parameter: str, noun: str, members: Mapping[str, str]) -> str:
    """The same of members `by_name`, for whoever asks about many others."""
    name, owner = normalised(parameter), normalised(noun)
    wanted = [*([name] if name not in KEYS else []), owner + "id", "id" + owner, owner + name, owner]
    return next((members[one] for one in wanted if owner and one in members), "")


def by_name(members: Iterable[str]) -> dict[str, str]:
    """Members by their names without marks and capitals."""
    return {normalised(member): member for member in members}


def members_for_any(members: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The pairs of members that name an item of any kind by its key and its kind: `target_id` and `target_type`.

    As the polymorphic associations of Rails.
    """
    known = by_name(members)
    for plain, kind in known.items():
        holder = plain.removesuffix("type")
        if holder != plain and (key := known.get(f"{holder}id")):
            yield key, kind


def may_be_key(parameter: str, noun: str) -> bool:
    """Whether a path parameter may stand for a key by its name, as `idCard` among the cards; `{filter}` does not."""
    name, owner = normalised(parameter), normalised(singular(noun))
    return owner in name or name.startswith("id") or name.endswith(_IDENTIFIERS)


def identifying_members(members: Iterable[str], noun: str) -> list[str]:
    """The members that may identify a thing by their names, the likeliest first: its key before its name."""
    named = by_name(members)
    owner = normalised(noun)
    own = [owner + ending for ending in ("id", "number", "key", "code", "name")]
    others = ("id", "uuid", "uid", "guid", "gid", "sid", *_LOGINS, "slug", "key", "number")
    names = ("ref", "code", "name", "sha")
    wanted = (*others, *names, *own, "title", "label", "email", "value")
    return [named[name] for name in dict.fromkeys(wanted) if name in named]


def handle_member(members: Iterable[str]) -> str:
    """The member with the text that people call a thing by in addresses, as a login or a slug; else nothing."""
    named = by_name(members)
    return next((named[name] for name in (*_LOGINS, "slug") if name in named), "")


def member_ending_in(word: str, members: Iterable[str]) -> str:
    """The only member whose name ends in a word, as `license_plate` in `plate`; nothing for a word that any key has."""
    wanted = words_of(word)
    if len(wanted) != 1 or normalised(word) in {*_IDENTIFIERS, *KEYS}:
        return ""
    having = [name for name in members if wanted[0] in name.lower()]  # asked first, since few names have it
    found = [name for name in having if len(words := words_of(name)) > 1 and words[-1:] == wanted]
    return found[0] if len(found) == 1 else ""


def is_name(member: str) -> bool:
    """Whether a member holds what people call a thing by, which they may change, rather than a number of it."""
    return normalised(member) in {*_LOGINS, "name", "slug", "title", "label", "tag", "alias"}


_DETAILS = ("details", "detail", "info", "data", "object")


def names_of_key_of(member: str, is_list: bool) -> set[str]:
    """The normalised names under which clients send the key of what a member shows, or the keys of a list."""
    plain, one = normalised(member), normalised(singular(member))
    detailed = next((word for word in _DETAILS if plain.endswith(word) and plain != word and not is_list), "")
    if detailed:  # `category_detail` beside `category`
        return {plain.removesuffix(detailed) + ending for ending in ("", *KEY_ENDINGS)}
    endings = [f"{ending}s" for ending in KEY_ENDINGS] if is_list else KEY_ENDINGS
    names = {plain, one} if is_list else {plain}
    return {name + ending for name in names for ending in endings} | (set() if is_list else {f"id{plain}"})


def noun_of_key(member: str, endings: Iterable[str] = KEY_ENDINGS) -> str:
    """The normalised noun of what a member names by its key, as `owner` of `owner_uuid`; empty if it names nothing."""
    plain = normalised(member)
    ending = next((one for one in endings if plain.endswith(one)), "")
    return plain.removesuffix(ending) if ending else ""


def is_given_key(name: str) -> bool:
    """Whether servers give keys of such a name, as `pet_id` or `uuid`; clients choose a `language`."""
    return normalised(name).endswith(("id", "pk"))


def is_like_key(name: str) -> bool:
    """Whether a member may hold the key of a thing, or keys of several, by its name."""
    plain = normalised(name)
    return plain in _IDENTIFIERS or plain.endswith((*KEY_ENDINGS, *(f"{ending}s" for ending in KEY_ENDINGS)))


def is_unique(name: str) -> bool:
    """Whether a member identifies an item among all, whatever its key is: two items never have the same."""
    return normalised(name) in {"id", "uuid", "guid", "uid", "publicid", "externalid"}


def names_one_alone(name: str) -> bool:
    """Whether people and things are known by a member, so that systems mostly allow each of its values once."""
    return normalised(name) in {*_LOGINS, "email", "emailaddress", "slug", "sku", "isbn", "code", "vin", "barcode"}


def is_fingerprint(name: str) -> bool:
    """Whether a member holds the hash of what an item consists of, by which it is told from others."""
    return normalised(name).endswith(("fingerprint", "thumbprint"))


def is_given_number(name: str) -> bool:
    """Whether a member holds a number, as a text, that each item gets from the server as one of its own."""
    return normalised(name).endswith(("number", "reference", "iban", "barcode", "sku"))


def is_prefix_of_name(member: str) -> bool:
    """Whether a member is sent for the server to make the name of an item of it."""
    return normalised(member) in {"generatename", "nameprefix", "keyprefix"}


def is_named_after(parameter: str, member: str) -> bool:
    """Whether a member is the thing whose key a parameter holds: `owner` for `{owner}` or `{ownerId}`."""
    name, thing = normalised(parameter), normalised(member)
    return bool(thing) and (name == thing or (name.startswith(thing) and name.removeprefix(thing) in _IDENTIFIERS))


def identifier_member(members: Iterable[str]) -> str:
    """The member that identifies an item by its name alone: `id`, `uuid`, `gid` or such; else nothing."""
    named = by_name(members)
    return next((named[name] for name in ("id", "uuid", "uid", "guid", "gid") if name in named), "")


def parent_field(
    parameter: str, noun: str, members: Iterable[str], others: Iterable[str] = (), parent_key: str = ""
) -> str:
    """The member that holds a parent's key: `owner_id`, `ownerId` or `owner`; else a name that no member has.

    `members` can hold the key by their type and pattern; a new name must not be that of any of the `others` either.
    `parent_key` is the name of the key in the parent itself, such as `code` where the member may be `owner_code`.
    """
    named = by_name(members)
    name, owner = normalised(parameter), normalised(noun)
    by_noun = [owner + "id", owner + name, owner + normalised(parent_key), owner + "uuid", owner] if owner else []
    # Without a noun before it, `id` would be the item's own.
    wanted = [*([name] if name not in KEYS else []), *by_noun]
    found = next((named[one] for one in wanted if one and one in named), "")
    if found:
        return found
    new = parameter if name not in KEYS else f"{noun or 'parent'}_{parameter}"
    return new if normalised(new) not in {*named, *map(normalised, others)} else f"{new}_of_parent"
