"""Names of members that a server sets, or that have a meaning of their own: states, times, counts, owners, URLs."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from lookalike.json_values import is_number
from lookalike.naming.words import normalised, singular, words_of

# The states of a new item, the surest first: `open` says more about one than `active`, which one may become later.
_INITIAL_STATES = (
    *("draft", "new", "created", "submitted", "placed", "registered", "available", "open", "opened", "queued"),
    *("enqueued", "todo", "backlog", "notstarted", "unstarted", "requirespaymentmethod", "received", "waiting"),
    *("pending", "preparing", "idle", "ready"),
    *("scheduled", "initial", "initialized", "provisioning", "starting", "unverified", "active", "enabled"),
    *("running", "unpaid", "inprogress"),
)
_BEFORE_MORE = "requires"  # as of a payment that `requires_confirmation`, which is sent later
# What may become of an item: a new one is none of it.
_LATER = frozenset(
    (
        *("archived", "blocked", "cancelled", "canceled", "closed", "completed", "deleted", "disabled", "dismissed"),
        *("ended", "expired", "finished", "frozen", "hidden", "locked", "merged", "paused", "resolved", "revoked"),
        *("suspended", "disputed", "refunded", "reversed", "voided"),
        *("accepted", "approved", "confirmed", "delivered", "paid", "published", "shipped", "verified"),
    )
)
_OUT_OF_SIGHT = frozenset({"archived", "disabled", "draft", "drafts", "expired", "hidden", "inactive", "removed"})
_INCLUDING = frozenset({"include", "includes", "including", "with", "show", "also"})
_ISSUED_SECRETS = frozenset(
    ("secret", "clientsecret", "privatekey", "secretkey", "apikey", "apisecret", "signingsecret", "webhooksecret")
) | {"token", "accesstoken"}
# What counts up from nothing, and flags that a new item has.
_COUNTS = frozenset(
    ("views", "likes", "dislikes", "downloads", "hits", "votes", "upvotes", "stars", "shares", "plays", "retries")
) | {"followers", "following", "replies", "visits", "clicks", "attempts", "forks", "watchers"}
# What is done to a part of an amount after the other, and to none of it at first.
_DONE_IN_PARTS = frozenset(
    (
        *("received", "refunded", "paid", "shipped", "delivered", "returned", "redeemed", "used", "reserved"),
        *("allocated", "captured", "picked", "invoiced"),
    )
)
# The states in which things are counted, such as `open_issues`.
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


# Members that hold the user who made an item, with or without the ending of a key.
_OWNERS = frozenset(
    (
        *("owner", "author", "creator", "createdby", "user", "customer", "reporter", "organizer", "organiser"),
        *("seller", "uploader", "uploadedby", "postedby", "submittedby", "requester", "addedby", "submitter"),
        *("applicant", "candidate", "buyer", "purchaser", "borrower", "renter", "member"),
        *("sender", "sentby", "poster", "commenter", "reviewer", "placedby", "bookedby"),
        *("performedby", "recordedby", "orderedby", "reportedby", "requestedby", "registeredby", "issuedby"),
        *("writtenby", "raisedby", "openedby", "invitedby", "initiatedby", "enteredby", "loggedby"),
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
_SELECTIONS = frozenset(
    (
        *("fields", "select", "attributes", "properties", "columns", "projection", "view", "include", "expand"),
        *("embed", "detail", "details", "detaillevel", "representation", "verbose", "full"),
    )
)


def is_slug(name: str) -> bool:
    """Whether a member holds the title of the item that it is in as addresses have it: `how-to-sail`."""
    return normalised(name).endswith("slug")


def title_members(members: Iterable[str]) -> list[str]:
    """The members with the text that people call an item by, the likeliest first."""
    by_name = {normalised(member): member for member in members}
    return [
        by_name[name] for name in ("title", "name", "displayname", "subject", "headline", "label") if name in by_name
    ]


def is_full_name(name: str) -> bool:
    """Whether a member holds the whole name of a person."""
    return normalised(name) in {"fullname", "displayname", "completename"}


def full_name_of(person: Mapping[str, Any]) -> str:
    """The whole name of a person whose first and last name are members of their own; else nothing."""
    by_name = {normalised(name): value for name, value in person.items() if isinstance(value, str)}
    first = next((by_name[name] for name in ("firstname", "givenname", "forename") if name in by_name), "")
    last = next((by_name[name] for name in ("lastname", "familyname", "surname") if name in by_name), "")
    return f"{first} {last}" if first and last else ""


def name_with_owner(item: Mapping[str, Any]) -> str:
    """The name of an item behind that of its owner, as `asha/notes` of a repository; nothing where one is not known."""
    by_name = {normalised(name): value for name, value in item.items()}
    owner = by_name.get("owner") or by_name.get("namespace")
    inner = {normalised(name): value for name, value in owner.items()} if isinstance(owner, Mapping) else {}
    above = owner if isinstance(owner, str) else next((inner[one] for one in _HANDLES if one in inner), "")
    return f"{above}/{by_name['name']}" if above and isinstance(by_name.get("name"), str) else ""


_HANDLES = ("login", "username", "fullpath", "path", "slug")


def is_own_url(name: str) -> bool:
    """Whether a member holds the URL of the item that it is in."""
    return normalised(name) in {"url", "uri", "self", "href", "selflink", "selfurl", "apiurl", "resourceurl"}


def is_download_url(name: str) -> bool:
    """Whether a member holds the URL of the file of the item that it is in."""
    return normalised(name) in {"downloadurl", "downloaduri", "downloadlink", "contenturl", "fileurl"}


def is_url_of_file(name: str, word: str) -> bool:
    """Whether a member holds the URL of a file that is sent to a path of a word, as `cover_url` of `/cover`."""
    plain = normalised(name).removeprefix(word)
    return plain != normalised(name) and plain in {"", "url", "uri", "path", "image", "imageurl"}


def is_holder(name: str) -> bool:
    """Whether a member holds what an item is apart from its key, as the `attributes` of JSON:API."""
    return normalised(name) in {"attributes", "fields", "properties"}


def is_links(name: str) -> bool:
    """Whether a member holds URLs about the item that it is in, each by its relation (RFC 8288), such as `_links`."""
    return normalised(name) in {"links", "link", "urls", "hrefs"}


def is_state(name: str) -> bool:
    """Whether a member says in which state an item is: `status`, `state`, `stage`, or a name that ends so."""
    return normalised(name).endswith(("status", "state", "phase", "stage"))


def is_plain_state(name: str) -> bool:
    """Whether a member is the `status` or `state` of an item, and no other one, as `payment_status` is."""
    return normalised(name) in {"status", "state"}


def is_mark_of_deletion(name: str) -> bool:
    """Whether a member says that an item is deleted, or since when."""
    return normalised(name).removeprefix("is") in {
        "deleted",
        "deletedat",
        "deletedon",
        "trashed",
        "trashedat",
        "intrash",
    }


def is_out_of_sight(name: str) -> bool:
    """Whether lists often leave out the items of a flag, so that a parameter of its name may ask for them *too*."""
    return is_mark_of_deletion(name) or normalised(name).removeprefix("is") in _OUT_OF_SIGHT


def asked_for_too(parameter: str) -> str:
    """The word for the items that a parameter asks a list to show too, as `archived` of `include_archived`."""
    verb, *rest = words_of(parameter) or [""]
    word = "".join(rest)
    return singular(word) if verb in _INCLUDING and is_out_of_sight(word) else ""


def is_stage(name: str) -> bool:
    """Whether a member says in which stage an item is, which may be another thing than a state, as that of a build."""
    return normalised(name).endswith("stage")


def selects_members(parameter: str) -> bool:
    """Whether a parameter says which members of an item are shown, or how many of them."""
    return normalised(parameter) in _SELECTIONS


def initial_state(words_of: Iterable[Any]) -> Any:
    """The state that a new item has, of those that there are; None where no word says so."""
    by_word = {normalised(word): word for word in words_of if isinstance(word, str)}
    named = (by_word[word] for word in _INITIAL_STATES if word in by_word)
    waiting = (word for plain, word in by_word.items() if plain.startswith(_BEFORE_MORE))
    return next(named, None) or next(waiting, None)


def is_of_a_later_state(name: str) -> bool:
    """Whether a member describes a later state of an item: `locked`, `is_archived`, `closed_at`, `merged_by`."""
    return bool(later_state(name))


def later_state(name: str) -> str:
    """The later state of an item that a member describes by its name, as `closed` for `closed_at`; else nothing."""
    plain = normalised(name).removeprefix("is")
    words = (plain.removesuffix(ending) for ending in ("", "at", "on", "by", "date", "time", "until"))
    return next((word for word in words if word in _LATER), "")


def is_time(name: str) -> bool:
    """Whether a member holds the time of creation or of the last change."""
    return normalised(name) in _CREATED | _UPDATED


def is_time_of_creation(name: str) -> bool:
    """Whether a member holds the time of creation."""
    return normalised(name) in _CREATED


def is_time_of_change(name: str) -> bool:
    """Whether a member holds the time of the last change."""
    return normalised(name) in _UPDATED


def is_time_of_any_change(name: str) -> bool:
    """The same, or the time of the last change that holds nothing before the first one, as `edited_at`."""
    return is_time_of_change(name) or normalised(name) in {"editedat", "editedon", "lasteditedat"}


def member_of_attributes(sent: str, members: Iterable[str]) -> str:
    """The member that shows what is sent as its attributes, as Rails has nested objects: `address_attributes`."""
    *words, last = words_of(sent) or [""]
    noun = "".join(words) if last == "attributes" else ""
    return next((one for one in members if noun and normalised(one) == noun), "")


def is_owner(name: str) -> bool:
    """Whether a member holds the user who made the item that it is in, or the key of that user, such as `owner_id`."""
    plain = normalised(name)
    return any(plain.removesuffix(ending) in _OWNERS for ending in ("", "id", "uuid", "pk", "name", "username"))


def is_map_of_client(name: str) -> bool:
    """Whether a map holds what clients want to note about an item, under names of their own."""
    return normalised(name) in {"metadata", "attributes", "labels", "tags", "properties", "customfields"}


def is_kind(name: str) -> bool:
    """Whether a member may hold the name of the schema of the item that it is in."""
    return normalised(name) == "kind"


def is_type(name: str) -> bool:
    """Whether a member may say which of several kinds of thing its item is, and so which object it has."""
    return normalised(name).endswith("type")


def is_api_version(name: str) -> bool:
    """Whether a member holds the version of the API that its item is from."""
    return normalised(name) == "apiversion"


def is_version(name: str) -> bool:
    """Whether a member holds the version of an item, which each change makes a higher one."""
    return normalised(name) in {"resourceversion", "version", "revision", "generation", "rev"}


def is_change_count(name: str) -> bool:
    """Whether a whole number counts the changes of the item that it is in."""
    return normalised(name) in {"version", "revision", "rev", "lockversion", "versionnumber"}


def is_count(name: str) -> bool:
    """Whether a member counts what happens to an item, such as `views`, `likes_count` or `open_issues`.

    Or is the average of what comes later, as `average_rating`.
    """
    plain, (state, *others) = normalised(name), words_of(name) or [""]
    is_of_state = len(others) == 1 and state in COUNTED_STATES and singular(others[0]) != others[0]
    is_of_kind = plain.endswith(("count", "sold", "onhand")) or plain.startswith(("numberof", "count", "average"))
    return is_of_state or plain in _COUNTS or is_of_kind


def is_total(name: str) -> bool:
    """Whether a number is the sum of what the lines of the item that it is in cost."""
    return normalised(name) in {"total", "totalamount", "totalprice", "subtotal", "grandtotal", "amount", "amounttotal"}


_TOTALS_OF_LINES = ("total", "amount", "subtotal", "linetotal", "totalprice", "lineamount", "totalcost")
_COSTS_OF_ONE = ("unitprice", "price", "unitamount", "priceperunit", "unitcost", "costperunit", "cost")
_QUANTITIES = ("quantity", "qty", "count")


def is_quantity(name: str) -> bool:
    """Whether a member of a line holds how many of a thing there are."""
    return normalised(name) in _QUANTITIES


def is_total_of_line(name: str) -> bool:
    """Whether a member of a line holds what all of its quantity costs."""
    return normalised(name) in _TOTALS_OF_LINES


def cost_of_line(line: Mapping[str, Any]) -> float | None:
    """The cost of a line: its own total, else its price for each of its quantity; None where it has none."""
    values = {normalised(name): number for name, value in line.items() if (number := _number(value)) is not None}
    own = next((values[name] for name in _TOTALS_OF_LINES if name in values), None)
    each = next((values[name] for name in _COSTS_OF_ONE if name in values), None)
    count = next((values[name] for name in _QUANTITIES if name in values), 1)
    return own if own is not None else None if each is None else round(each * count, 2)


def _number(value: Any) -> float | None:
    """A number, or one that is written as a text, as amounts of money often are; None for any other value."""
    if is_number(value):
        return value
    return float(value) if isinstance(value, str) and _AMOUNT.fullmatch(value) else None


_AMOUNT = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?")


def is_balance(name: str) -> bool:
    """Whether a member holds the money that is left, which is none at first."""
    return normalised(name).endswith("balance")


def is_part_of_amount(name: str) -> bool:
    """Whether a member holds how much or how often something has been done to a new item: `amount_refunded`.

    Or `times_redeemed`, or `received_quantity`.
    """
    words = words_of(name)
    is_part = len(words) > 1 and words[0] in ("amount", "times", "quantity")
    is_part = is_part and (words[-1].endswith("ed") or words[-1] in ("paid", "due", "remaining"))
    return is_part or (len(words) == 2 and words[0] in _DONE_IN_PARTS and words[1] in ("amount", "quantity", "qty"))


def is_true_at_first(name: str, is_sent: bool) -> bool:
    """Whether a flag is one that a new item has, such as `is_active` or `can_edit`; most others come later, if at all.

    One that clients may send, such as `has_dog`, is on where they say so.
    """
    plain = normalised(name).removeprefix("is")
    if plain.endswith(("error", "errors")):
        return False
    first = next((word for word in words_of(name) if word != "is"), "")  # `cancel_at_period_end` is no `can`
    starts = first in ("can", *(() if is_sent else ("has", "in"))) or first.startswith("allow")
    return plain.endswith(_TRUE_AT_FIRST) or starts


def is_issued_secret(name: str) -> bool:
    """Whether a member holds a secret that a server makes along with an item, and shows at least then."""
    return normalised(name) in _ISSUED_SECRETS
