"""Names that mean the same in most APIs, compared without regard to case and punctuation.

A name is the weakest evidence: the rules use it only beside a schema or the shape of a path. All names here are
`normalised`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

LIMIT = frozenset(
    (
        *("limit", "perpage", "pagesize", "size", "top", "maxresults", "maxitems", "take", "rows", "pagelimit"),
        *("itemsperpage", "resultsperpage", "max", "first", "count"),
    )
)
OFFSET = frozenset({"offset", "skip", "start", "startindex", "pageoffset"})
PAGE = frozenset({"page", "pagenumber", "pageno", "pagenum", "pageindex", "currentpage"})
CURSOR = frozenset(
    (
        *("cursor", "after", "pagetoken", "nexttoken", "startingafter", "marker", "continuationtoken", "pagecursor"),
        *("nextcursor", "nextpagetoken", "continuation", "continue", "startafter", "pageafter"),
    )
)
# Cursors that the page ends before, rather than begins behind.
BEFORE = frozenset({"endingbefore", "endbefore", "pagebefore", "beforecursor", "previouscursor", "prevcursor"})
SORT = frozenset({"sort", "sortby", "orderby", "sortfield", "sortkey", "ordering"})
ORDER = frozenset({"order", "direction", "sortorder", "sortdir", "dir", "sortdirection", "orderdirection"}) | {
    *("descending", "desc", "sortdesc", "sortdescending", "isdescending", "reverse"),
}
SEARCH = frozenset({"q", "query", "search", "keyword", "keywords", "term", "searchterm"})

# Comparisons of `compare` by the words for them before or behind the name of a member: `min_price`, `price__gte`.
EQUALS = "equals"
_COMPARISONS: Mapping[str, str] = {
    **dict.fromkeys(("gte", "ge", "min", "minimum", "from", "since", "after", "start"), "at-least"),
    **dict.fromkeys(("lte", "le", "max", "maximum", "to", "until", "till", "before", "end"), "at-most"),
    **dict.fromkeys(("gt", "above", "over", "morethan", "greaterthan"), "above"),
    **dict.fromkeys(("lt", "below", "under", "lessthan"), "below"),
    **dict.fromkeys(("contains", "icontains", "like", "ilike", "match"), "contains"),
    **dict.fromkeys(("startswith", "istartswith", "prefix"), "starts"),
    **dict.fromkeys(("ne", "neq", "not", "exclude"), "not"),
    **dict.fromkeys(("in", "eq", "exact", "iexact"), EQUALS),
}
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
# Members that hold the key of another item end so, as `owner_id`.
KEY_ENDINGS = ("id", "uuid", "pk", "key")

# Members of a response around a list, and the place of a template that each stands for.
COUNTERS: Mapping[str, str] = {
    **dict.fromkeys(("total", "totalcount", "totalitems", "totalresults", "totalelements", "count"), "$total"),
    **dict.fromkeys(("totalrecords", "recordcount", "numfound", "itemcount"), "$total"),
    **dict.fromkeys(
        ("totalentries", "totalsize", "totalhits", "totalobjects", "resultcount", "resultscount"), "$total"
    ),
    **dict.fromkeys(("totalpages", "pages", "pagecount", "lastpage", "numpages"), "$pages"),
    **dict.fromkeys(("page", "pagenumber", "currentpage", "pageno", "pagenum"), "$page"),
    **dict.fromkeys(("limit", "perpage", "pagesize", "size", "itemsperpage", "take"), "$limit"),
    **dict.fromkeys(("offset", "skip", "start", "startindex"), "$offset"),
    **dict.fromkeys(("hasmore", "more", "hasnext", "hasnextpage"), "$more"),
    **dict.fromkeys(("hasprevious", "haspreviouspage", "hasprev", "hasprevpage"), "$earlier"),
    **dict.fromkeys(("numberofelements", "itemsonpage", "countonpage", "returned"), "$count"),
    "from": "$from",
    "to": "$to",
    **dict.fromkeys(("nextcursor", "nextpagetoken", "nexttoken", "cursor", "endcursor", "continue"), "$next"),
}
# The same, of members that are true or false; a text under such a name is a link.
PAGE_FLAGS: Mapping[str, str] = {
    **dict.fromkeys(("first", "isfirst", "firstpage", "isfirstpage"), "$first"),
    **dict.fromkeys(("last", "islast", "lastpage", "islastpage"), "$last"),
    **dict.fromkeys(("empty", "isempty"), "$empty"),
}
# The same, of members that are numbers: those of other pages.
OTHER_PAGES: Mapping[str, str] = {
    **dict.fromkeys(("next", "nextpage", "nextpagenumber"), "$page.next"),
    **dict.fromkeys(("previous", "prev", "previouspage", "prevpage", "previouspagenumber"), "$page.previous"),
    **dict.fromkeys(("nextoffset", "nextskip", "nextstart", "nextindex"), "$offset.next"),
    **dict.fromkeys(("previousoffset", "prevoffset", "previousstart"), "$offset.previous"),
}
# Members and header fields around a list that lead to other pages.
LINKS: Mapping[str, str] = {
    **dict.fromkeys(
        ("next", "nextpage", "nextpageurl", "nextpageuri", "nexturl", "nexturi", "nextlink"), "$links.next"
    ),
    **dict.fromkeys(("previous", "prev", "previouspage", "previouspageurl", "previouspageuri"), "$links.previous"),
    **dict.fromkeys(("previousurl", "prevpageurl", "prevurl", "previouslink"), "$links.previous"),
    **dict.fromkeys(("first", "firstpageurl", "firstpageuri", "firsturl"), "$links.first"),
    **dict.fromkeys(("last", "lastpageurl", "lastpageuri", "lasturl"), "$links.last"),
}
_MANY = frozenset(("batch", "bulk", "many", "multi", "multiple", "mass"))
_READINGS = frozenset(("fetch", "get", "list", "lookup", "read", "retrieve"))
_DELETIONS = frozenset(("delete", "destroy", "remove"))
# Members of an item that hold what identifies it, apart from its content.
ABOUT_THE_ITEM = frozenset({"metadata", "meta", "sys", "system", "identity", "header"})
KEYS = ("id", "uuid", "uid", "guid", "key", "slug", "code", "name")
_IDENTIFIERS = ("identifier", "uuid", "guid", "uid", "id", "key", "slug", "name", "code", "number", "no")
_LOGINS = ("username", "login", "loginname", "handle")
# The states of a new item, the surest first: `open` says more about one than `active`, which one may become later.
_INITIAL_STATES = (
    *("draft", "new", "created", "submitted", "placed", "registered", "available", "open", "opened", "queued"),
    *("todo", "backlog", "notstarted", "unstarted", "requirespaymentmethod", "received", "waiting", "pending", "ready"),
    *("scheduled", "initial", "initialized", "provisioning", "starting", "unverified", "active", "enabled"),
    *("running", "unpaid"),
)
# What may become of an item: a new one is none of it.
_LATER = frozenset(
    (
        *("archived", "blocked", "cancelled", "canceled", "closed", "completed", "deleted", "disabled", "dismissed"),
        *("ended", "expired", "finished", "hidden", "locked", "merged", "paused", "resolved", "revoked", "suspended"),
        *("disputed", "refunded", "reversed", "voided"),
    )
)
# What counts up from nothing, and flags that a new item has.
_COUNTS = frozenset(
    ("views", "likes", "dislikes", "downloads", "hits", "votes", "upvotes", "stars", "shares", "plays", "retries")
) | {"followers", "following", "replies", "visits", "clicks", "attempts", "forks", "watchers"}
# The states in which things are counted, as `open_issues`.
COUNTED_STATES = frozenset({"open", "closed", "active", "inactive", "pending", "completed", "done", "read", "unread"})
_TRUE_AT_FIRST = (
    "active",
    "enabled",
    "available",
    "visible",
    "public",
    "current",
    "valid",
    "open",
    "new",
    "success",
    "ok",
)
# Members by which users are known, at a login and in the items of users.
USER_NAMES = frozenset({"username", "email", "login", "loginname", "user", "userid", "handle", "phone", "clientid"})
TOKENS = frozenset(
    ("token", "accesstoken", "authtoken", "idtoken", "sessiontoken", "bearertoken", "jwt", "access", "refresh")
) | {"refreshtoken"}
SECRETS = frozenset(
    (
        "password",
        "passcode",
        "pin",
        "otp",
        "clientsecret",
        "granttype",
        "refreshtoken",
        "refresh",
        "assertion",
        "secret",
    )
)
PASSWORDS = frozenset({"password", "passcode", "plainpassword", "password1"})
NEW_PASSWORDS = frozenset({"newpassword", "passwordnew", "newpassword1"})
CURRENT_PASSWORDS = frozenset({"currentpassword", "oldpassword", "password", "passwordold", "passwordcurrent"})
REFRESH_TOKENS = frozenset({"refresh", "refreshtoken"})
TOKEN_LIFETIME = 3600  # seconds
# Members that hold the user who made an item, with or without the ending of a key.
_OWNERS = frozenset(
    (
        *("owner", "author", "creator", "createdby", "user", "customer", "reporter", "organizer", "organiser"),
        *("seller", "uploader", "uploadedby", "postedby", "submittedby", "requester", "addedby", "submitter"),
    )
)
# Members that hold the time of creation or of the last change.
_CREATED = frozenset(
    {
        "created",
        "createdat",
        "createdon",
        "createddate",
        "creationdate",
        "datecreated",
        "createtime",
        "creationtimestamp",
    }
)
_UPDATED = frozenset(
    (
        *("updated", "updatedat", "updatedon", "updateddate", "dateupdated", "updatetime", "lastupdated"),
        *("modified", "modifiedat", "lastmodified", "lastmodifiedat", "datemodified"),
    )
)
# Words at the end of a path for the user who asks, and for making an item elsewhere than in its collection.
MYSELF = frozenset({"me", "self", "current", "whoami", "currentuser", "myself", "user", "userinfo", "profile"})
JOINING = frozenset({"signup", "register", "registration", "registrations", "join", "create", "new", "add", "upload"})
_VERBS_BEFORE_KEYS = frozenset(
    (
        *("get", "fetch", "read", "show", "view", "find", "retrieve", "edit", "update", "modify", "change"),
        *_DELETIONS,
    )
)
_ABOUT_ONE = frozenset({"by", "id", "detail", "one", "single", "info", "data"})
_LONGEST_SLUG = 60  # letters
_SHORTEST_SHORT = 4  # letters of a short form
_MAKING = re.compile(
    r"(?:\b|_)(?:add|create|set|upsert|insert|save|store|assign|grant|follow|block|invite|enable)(?![a-z]*ing\b)",
    re.IGNORECASE,
)
_LAST_WORD = re.compile(r"[A-Z]?[^A-Z_-]+\Z")
_IRREGULAR = {"people": "person", "children": "child", "men": "man", "women": "woman", "data": "data", "news": "news"}


@lru_cache(maxsize=8192)
def normalised(name: str) -> str:
    """A name in lower case, without anything but letters and digits: `pet_id`, `petId` and `PET-ID` are the same."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def words(name: str) -> list[str]:
    """The words of a name, in lower case: `petCreated`, `pet.created` and `PET_CREATED` have the same."""
    return [word.lower() for word in _WORDS.findall(name)]


def comparisons(name: str) -> Iterator[tuple[str, str]]:
    """The comparisons that the name of a parameter may stand for, each with the normalised name that is left of it."""
    parts = words(name)
    for count in (1, 2):
        for operator, rest in ((parts[-count:], parts[:-count]), (parts[:count], parts[count:])):
            how = _COMPARISONS.get("".join(operator))
            if how is not None and rest:
                yield how, "".join(rest)


def singular(noun: str) -> str:
    """The singular of an English noun, or the noun itself."""
    lower = noun.lower()
    for many, one in _IRREGULAR.items():
        if lower.endswith(many):
            return noun[: len(noun) - len(many)] + one
    if lower.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    if lower.endswith(("sses", "xes", "ches", "shes", "zzes", "uses")):
        return noun[:-2]
    return noun[:-1] if lower.endswith("s") and not lower.endswith(("ss", "us", "is")) else noun


def are_alike(one: str, other: str) -> bool:
    """Whether two nouns are the same, in singular or plural, or one is short for the other, as `repo`."""
    short, long = sorted((normalised(singular(one)), normalised(singular(other))), key=len)
    return short == long or (len(short) >= _SHORTEST_SHORT and long.startswith(short))


def key_field(parameter: str, noun: str, members: Iterable[str]) -> str:
    """The member that a path parameter stands for, as `id` or `pet_id` for `petId`; nothing where there is none.

    `noun` is that of the collection, in singular or plural.
    """
    by_name: dict[str, str] = {}
    for member in members:
        by_name.setdefault(normalised(member), member)
    name, owner = normalised(parameter), normalised(singular(noun))
    short = name.removeprefix(owner)
    ending = next((one for one in _IDENTIFIERS if name.endswith(one)), "")
    wanted = [name, *(_LOGINS if name in _LOGINS else ()), short, owner + name]
    wanted += ["number", "iid"] if short == "index" else []
    if ending in ("id", "identifier", "uuid", "guid", "uid", "key"):
        wanted += [owner + "id", ending, "id", "uuid", "identifier", "uid", "guid"]
    elif ending:
        wanted += [ending]
    elif not short or owner.endswith(name):  # `{pet}` among the pets, `{intent}` among the payment intents
        wanted += ["id", owner + "id", "uuid", "name", "slug", "key", "code"]
    elif last := _LAST_WORD.search(parameter):
        wanted += [normalised(last[0])]  # the `sha` of `{file_sha}`
    return next((by_name[one] for one in wanted if one and one in by_name), "")


def names_key(parameter: str, noun: str, member: str) -> bool:
    """Whether a path parameter has the name of a member, with or without the noun of the collection before it.

    Any other pair is a guess: `{pet}` may stand for `id`, and for `name` as well.
    """
    name, owner, wanted = normalised(parameter), normalised(singular(noun)), normalised(member)
    return wanted in {name, name.removeprefix(owner), owner + name}


def member_for_other(parameter: str, noun: str, members: Iterable[str]) -> str:
    """The member that holds the key of another item, by the name of its path parameter or by its noun; else nothing."""
    by_name = {normalised(member): member for member in members}
    name, owner = normalised(parameter), normalised(noun)
    wanted = [*([name] if name not in KEYS else []), owner + "id", "id" + owner, owner + name, owner]
    return next((by_name[one] for one in wanted if owner and one in by_name), "")


def is_about_many(end: str) -> bool:
    """Whether the end of a path speaks of reading or deleting many items, as `/batch-retrieve` or `/bulk/delete`."""
    found = {*words(end)}
    return not found.isdisjoint(_MANY) and not found.isdisjoint(_READINGS | _DELETIONS)


def is_deletion_of_many(end: str) -> bool:
    """Whether such an end speaks of deleting."""
    return not _DELETIONS.isdisjoint(words(end))


def leads_to_other_page(member: str) -> bool:
    """Whether a member beside a list says that there is another page, or how to get it."""
    name = normalised(member)
    return (
        LINKS.get(name) in ("$links.next", "$links.previous")
        or COUNTERS.get(name) in ("$more", "$earlier", "$next")
        or name in OTHER_PAGES
    )


def is_below_own_kind(noun: str, collection: str) -> bool:
    """Whether a noun below an item names items of its own kind, as `subtasks` of the tasks, or `children`."""
    name = normalised(singular(noun))
    return name in ("child", "reply") or name.removeprefix("sub") == normalised(singular(collection)) != name


def is_verb_before_key(word: str, noun: str) -> bool:
    """Whether a word before a key says no more than the method does, as `edit` in `/cars/edit/{id}`, or `getById`."""
    first, *others = words(word) or [""]
    fillers = {*_ABOUT_ONE, normalised(noun), normalised(singular(noun))}
    return first in _VERBS_BEFORE_KEYS and all(one in fillers or singular(one) in fillers for one in others)


def may_be_key(parameter: str, noun: str) -> bool:
    """Whether a path parameter may stand for a key by its name, as `idCard` among the cards; `{filter}` does not."""
    name, owner = normalised(parameter), normalised(singular(noun))
    return owner in name or name.startswith("id") or name.endswith(_IDENTIFIERS)


def identifying(members: Iterable[str], noun: str) -> list[str]:
    """The members that may identify a thing by their names, the likeliest first: its key before its name."""
    by_name = {normalised(member): member for member in members}
    owner = normalised(noun)
    own = [owner + ending for ending in ("id", "number", "key", "code", "name")]
    others = ("id", "uuid", "uid", "guid", "gid", "sid", *_LOGINS, "slug", "key", "number", "ref", "code", "name")
    wanted = (*others, *own, "title", "label", "email", "value")
    return [by_name[name] for name in dict.fromkeys(wanted) if name in by_name]


def handle(members: Iterable[str]) -> str:
    """The member with the text that people call a thing by in addresses, as a login or a slug; else nothing."""
    by_name = {normalised(member): member for member in members}
    return next((by_name[name] for name in (*_LOGINS, "slug") if name in by_name), "")


def is_slug(name: str) -> bool:
    """Whether a member holds the title of the item that it is in as addresses have it: `how-to-sail`."""
    return normalised(name).endswith("slug")


def titles(members: Iterable[str]) -> list[str]:
    """The members with the text that people call an item by, the likeliest first."""
    by_name = {normalised(member): member for member in members}
    return [
        by_name[name] for name in ("title", "name", "displayname", "subject", "headline", "label") if name in by_name
    ]


def slug(title: str) -> str:
    """A title as addresses have it: in lower case, without accents, with hyphens between its words; or nothing."""
    plain = unicodedata.normalize("NFKD", title[:_LONGEST_SLUG]).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def is_name(member: str) -> bool:
    """Whether a member holds what people call a thing by, which they may change, rather than a number of it."""
    return normalised(member) in {*_LOGINS, "name", "slug", "title", "label", "tag", "alias"}


def is_making(title: str) -> bool:
    """Whether the name of an operation says that it makes a thing, if only where there is none: "Add a member"."""
    return _MAKING.search(title) is not None


def is_own_url(name: str) -> bool:
    """Whether a member holds the URL of the item that it is in."""
    return normalised(name) in {"url", "uri", "self", "href", "selflink", "selfurl", "apiurl", "resourceurl"}


def is_links(name: str) -> bool:
    """Whether a member holds URLs about the item that it is in, each by its relation (RFC 8288), as `_links`."""
    return normalised(name) in {"links", "link", "urls", "hrefs"}


def is_state(name: str) -> bool:
    """Whether a member says in which state an item is: `status`, `state`, or a name that ends so."""
    return normalised(name).endswith(("status", "state", "phase"))


def initial_state(words: Iterable[Any]) -> Any:
    """The state that a new item has, of those that there are; None where no word says so."""
    by_word = {normalised(word): word for word in words if isinstance(word, str)}
    return next((by_word[word] for word in _INITIAL_STATES if word in by_word), None)


def is_of_a_later_state(name: str) -> bool:
    """Whether a member describes a later state of an item: `locked`, `is_archived`, `closed_at`, `merged_by`."""
    plain = normalised(name).removeprefix("is")
    return any(plain.removesuffix(ending) in _LATER for ending in ("", "at", "on", "by", "date", "time"))


def is_time(name: str) -> bool:
    """Whether a member holds the time of creation or of the last change."""
    return normalised(name) in _CREATED | _UPDATED


def is_time_of_creation(name: str) -> bool:
    """Whether a member holds the time of creation."""
    return normalised(name) in _CREATED


def is_time_of_change(name: str) -> bool:
    """Whether a member holds the time of the last change."""
    return normalised(name) in _UPDATED


def is_owner(name: str) -> bool:
    """Whether a member holds the user who made the item that it is in, or the key of that user, as `owner_id`."""
    plain = normalised(name)
    return any(plain.removesuffix(ending) in _OWNERS for ending in ("", "id", "uuid", "pk", "name", "username"))


def names_of_key_of(member: str, is_list: bool) -> set[str]:
    """The normalised names under which clients send the key of what a member shows, or the keys of a list."""
    plain, one = normalised(member), normalised(singular(member))
    endings = [f"{ending}s" for ending in KEY_ENDINGS] if is_list else KEY_ENDINGS
    names = {plain, one} if is_list else {plain}
    return {name + ending for name in names for ending in endings} | (set() if is_list else {f"id{plain}"})


def is_unique(name: str) -> bool:
    """Whether a member identifies an item among all, whatever its key is: two items never have the same."""
    return normalised(name) in {"uuid", "guid", "uid", "publicid", "externalid"}


def is_prefix_of_name(member: str) -> bool:
    """Whether a member is sent for the server to make the name of an item of it."""
    return normalised(member) in {"generatename", "nameprefix", "keyprefix"}


def is_kind(name: str) -> bool:
    """Whether a member may hold the name of the schema of the item that it is in."""
    return normalised(name) == "kind"


def is_api_version(name: str) -> bool:
    """Whether a member holds the version of the API that its item is from."""
    return normalised(name) == "apiversion"


def is_version(name: str) -> bool:
    """Whether a member holds the version of an item, which each change makes a higher one."""
    return normalised(name) in {"resourceversion", "version", "revision", "generation", "rev"}


def is_count(name: str) -> bool:
    """Whether a member counts what happens to an item, as `views`, `likes_count` or `open_issues`."""
    plain, (state, *others) = normalised(name), words(name) or [""]
    is_of_state = len(others) == 1 and state in COUNTED_STATES and singular(others[0]) != others[0]
    return is_of_state or plain in _COUNTS or plain.endswith("count") or plain.startswith(("numberof", "count"))


def is_true_at_first(name: str, is_sent: bool) -> bool:
    """Whether a flag is one that a new item has, as `is_active` or `can_edit`; most others come later, if at all.

    One that clients may send, as `has_dog`, is on where they say so.
    """
    plain = normalised(name).removeprefix("is")
    return plain.endswith(_TRUE_AT_FIRST) or plain.startswith(("can", "allow", *(() if is_sent else ("has", "in"))))


def is_named_after(parameter: str, member: str) -> bool:
    """Whether a member is the thing whose key a parameter holds: `owner` for `{owner}` or `{ownerId}`."""
    name, thing = normalised(parameter), normalised(member)
    return bool(thing) and (name == thing or (name.startswith(thing) and name.removeprefix(thing) in _IDENTIFIERS))


def identifier(members: Iterable[str]) -> str:
    """The member that identifies an item by its name alone: `id`, `uuid`, `gid` or such; else nothing."""
    by_name = {normalised(member): member for member in members}
    return next((by_name[name] for name in ("id", "uuid", "uid", "guid", "gid") if name in by_name), "")


def parent_field(parameter: str, noun: str, key: str, members: Iterable[str], others: Iterable[str] = ()) -> str:
    """The member that holds a parent's key: `owner_id`, `ownerId` or `owner`; else a name that no member has.

    `members` can hold the key by their type and pattern; a new name must not be that of any of the `others` either.
    """
    by_name = {normalised(member): member for member in members if member != key}
    name, owner = normalised(parameter), normalised(noun)
    by_noun = [owner + "id", owner + name, owner + "uuid", owner] if owner else []
    # Without a noun before it, `id` would be the item's own.
    wanted = [*([name] if name not in KEYS else []), *by_noun]
    found = next((by_name[one] for one in wanted if one and one in by_name), "")
    if found:
        return found
    new = parameter if name not in KEYS else f"{noun or 'parent'}_{parameter}"
    return new if normalised(new) not in {*by_name, normalised(key), *map(normalised, others)} else f"{new}_of_parent"
