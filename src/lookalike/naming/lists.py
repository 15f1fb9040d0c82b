"""Names around a list: of the query parameters that filter, sort and page it, and of the counts and links beside it."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lookalike.naming.words import normalised, words_of

LIMIT = frozenset(
    (
        *("limit", "perpage", "pagesize", "size", "top", "maxresults", "maxitems", "take", "rows", "pagelimit"),
        *("itemsperpage", "resultsperpage", "max", "first", "count", "pagelen"),
    )
)
# Of these, 0 is no limit: the pages are as large as usual. `size=0` and `$top=0` ask for no items.
UNLIMITED_BY_ZERO = frozenset({"limit", "perpage", "pagesize", "pagelimit"})
OFFSET = frozenset({"offset", "skip", "start", "startindex", "startat", "pageoffset"})
PAGE = frozenset({"page", "pagenumber", "pageno", "pagenum", "pageindex", "currentpage"})
CURSOR = frozenset(
    (
        *("cursor", "after", "pagetoken", "nexttoken", "startingafter", "marker", "continuationtoken", "pagecursor"),
        *("nextcursor", "nextpagetoken", "continuation", "continue", "startafter", "pageafter", "iterator"),
    )
)
# Cursors that the page ends before, rather than begins behind.
BEFORE = frozenset({"endingbefore", "endbefore", "pagebefore", "beforecursor", "previouscursor", "prevcursor"})
SORT = frozenset({"sort", "sortby", "orderby", "sortfield", "sortkey", "ordering"})
ORDER = frozenset({"order", "direction", "sortorder", "sortdir", "dir", "sortdirection", "orderdirection"}) | {
    *("descending", "desc", "sortdesc", "sortdescending", "isdescending", "reverse"),
}
DIRECTIONS = frozenset({"asc", "desc", "ascending", "descending"})
SEARCH = frozenset({"q", "query", "search", "keyword", "keywords", "term", "searchterm"})

# Comparisons of `compare` by the words for them before or behind the name of a member: `min_price`, `price__gte`.
EQUALS = "equals"
_COMPARISONS: Mapping[str, str] = {
    **dict.fromkeys(("gte", "ge", "min", "minimum", "from", "since", "after", "start"), "at-least"),
    **dict.fromkeys(("lte", "le", "max", "maximum", "to", "until", "till", "before", "end"), "at-most"),
    **dict.fromkeys(("gt", "above", "over", "morethan", "greaterthan"), "above"),
    **dict.fromkeys(("lt", "below", "under", "lessthan"), "below"),
    **dict.fromkeys(("contains", "icontains", "like", "ilike", "match", "fuzzy"), "contains"),
    **dict.fromkeys(("startswith", "istartswith", "prefix"), "starts"),
    **dict.fromkeys(("ne", "neq", "not", "exclude"), "not"),
    **dict.fromkeys(("in", "eq", "exact", "iexact"), EQUALS),
}
# Directions in a value to sort by: before the name of a member, or behind it, as in `age desc`, `age:desc`, `ageDesc`.
_SIGNS: Mapping[str, str] = {"-": "desc", "+": "asc"}
_DIRECTION_BEHIND = re.compile(r"(.+?)(?:[\s:._-]+|(?<=[a-z0-9])(?=[AD]))((?i:asc|desc))(?i:ending)?")

# Members of a response around a list, and the place of a template that each stands for.
COUNTERS: Mapping[str, str] = {
    **dict.fromkeys(("total", "totalcount", "totalitems", "totalresults", "totalelements", "count"), "$total"),
    **dict.fromkeys(("totalrecords", "recordcount", "numfound", "itemcount", "odatacount"), "$total"),
    **dict.fromkeys(
        ("totalentries", "totalsize", "totalhits", "totalobjects", "resultcount", "resultscount", "results"), "$total"
    ),
    **dict.fromkeys(("totalpages", "pages", "pagecount", "lastpage", "numpages"), "$pages"),
    **dict.fromkeys(("page", "pagenumber", "currentpage", "pageno", "pagenum", "pageindex"), "$page"),
    **dict.fromkeys(
        ("limit", "perpage", "pagesize", "size", "itemsperpage", "take", "pagelen", "maxresults"), "$limit"
    ),
    **dict.fromkeys(("offset", "skip", "start", "startindex", "startat"), "$offset"),
    **dict.fromkeys(("hasmore", "more", "hasnext", "hasnextpage"), "$more"),
    **dict.fromkeys(("hasprevious", "haspreviouspage", "hasprev", "hasprevpage"), "$earlier"),
    **dict.fromkeys(("numberofelements", "itemsonpage", "countonpage", "returned"), "$count"),
    "from": "$from",
    "to": "$to",
    **dict.fromkeys(
        ("nextcursor", "nextpagetoken", "nexttoken", "cursor", "endcursor", "continue", "iterator"), "$next"
    ),
}
# A text of this name, which is no URL, is what a client sends for the next page.
NEXT_PAGE = "nextpage"
# The same, of members that are true or false; a text under such a name is a link.
PAGE_FLAGS: Mapping[str, str] = {
    **dict.fromkeys(("first", "isfirst", "firstpage", "isfirstpage"), "$first"),
    **dict.fromkeys(("last", "islast", "lastpage", "islastpage", "done"), "$last"),
    **dict.fromkeys(("empty", "isempty"), "$empty"),
}
# The same, of members that are numbers: those of other pages.
OTHER_PAGES: Mapping[str, str] = {
    **dict.fromkeys(("next", "nextpage", "nextpagenumber"), "$page.next"),
    **dict.fromkeys(("previous", "prev", "previouspage", "prevpage", "previouspagenumber"), "$page.previous"),
    **dict.fromkeys(("nextoffset", "nextskip", "nextstart", "nextindex"), "$offset.next"),
    **dict.fromkeys(("previousoffset", "prevoffset", "previousstart"), "$offset.previous"),
}
NEXT_LINK, NEXT_PATH = "$links.next", "$paths.next"
NEXT_PLACES = ("$next", "$offset.next", "$page.next")
# Members and header fields around a list that lead to other pages.
LINKS: Mapping[str, str] = {
    **dict.fromkeys(
        ("next", "nextpage", "nextpageurl", "nextpageuri", "nexturl", "nexturi", "nextlink", "odatanextlink"),
        NEXT_LINK,
    ),
    **dict.fromkeys(("previous", "prev", "previouspage", "previouspageurl", "previouspageuri"), "$links.previous"),
    **dict.fromkeys(("previousurl", "prevpageurl", "prevurl", "previouslink"), "$links.previous"),
    **dict.fromkeys(("first", "firstpageurl", "firstpageuri", "firsturl"), "$links.first"),
    **dict.fromkeys(("last", "lastpageurl", "lastpageuri", "lasturl"), "$links.last"),
}


# Numbers in the answer to a request about many items: those with which it was done, and those with which it was not.
_DONE = frozenset(
    (
        *("updated", "changed", "modified", "affected", "deleted", "removed", "created", "imported", "inserted"),
        *("added", "processed", "matched", "accepted", "succeeded", "archived", "completed", "rows", "records"),
    )
)
_NOT_DONE = frozenset({"failed", "rejected", "skipped", "errors", "failures", "invalid", "ignored", "notfound"})


def count_of_many(name: str) -> str | int | None:
    """The number that a member of the answer to a request about many items holds by its name; None if it is none.

    `$total` is the number of those with which it was done.
    """
    words = [word for word in words_of(name) if word not in ("count", "total", "number", "of", "num")]
    if not words or not _DONE.isdisjoint(words):
        return "$total"
    return 0 if not _NOT_DONE.isdisjoint(words) or "".join(words) in _NOT_DONE else None


def comparisons_in(name: str) -> Iterator[tuple[str, str]]:
    """The comparisons that the name of a parameter may stand for, each with the normalised name that is left of it."""
    parts = words_of(name)
    for count in (1, 2):
        for operator, rest in ((parts[-count:], parts[:-count]), (parts[:count], parts[count:])):
            how = _COMPARISONS.get("".join(operator))
            if how is not None and rest:
                yield how, "".join(rest)


# The members of a condition in the body of a search: the field, the comparison, and the value.
_FIELDS = ("field", "fieldname", "property", "propertyname", "attribute", "column", "member", "key", "path", "name")
_OPERATORS = ("operator", "operation", "op", "comparison", "comparator", "condition", "matchtype")
_VALUES = ("value", "values", "val", "operand")
_DIRECTIONS = ("direction", "order", "dir", "sortorder", "sortdirection", "descending", "desc")
# Comparisons by their operators: the word of `compare`, and whether the opposite is meant.
_SYMBOLS: Mapping[str, str] = {
    "=": "eq",
    "==": "eq",
    "!=": "ne",
    "<>": "ne",
    ">": "gt",
    ">=": "gte",
    "<": "lt",
    "<=": "lte",
    ":": "contains",
}
_WORDY: Mapping[str, str] = {
    **dict.fromkeys(("equals", "equal", "equalto", "is", "anyof", "oneof", "hasvalue", "any", "all", "values"), "eq"),
    **dict.fromkeys(("notequals", "notequal", "notequalto", "isnot", "noneof", "none"), "notin"),
    **dict.fromkeys(("greaterthanorequal", "greaterthanorequals", "greaterthanorequalto", "greaterorequal"), "gte"),
    **dict.fromkeys(("lessthanorequal", "lessthanorequals", "lessthanorequalto", "lessorequal", "lteq"), "lte"),
    **dict.fromkeys(("greater", "gteq"), "gt"),
    **dict.fromkeys(("less",), "lt"),
    **dict.fromkeys(("contain", "containstoken", "includes", "matches", "co", "has"), "contains"),
    **dict.fromkeys(("startwith", "beginswith", "sw"), "startswith"),
}
_NEGATED: Mapping[str, str] = {
    "ne": "eq",
    "neq": "eq",
    "notin": "eq",
    "nin": "eq",
    "notcontains": "contains",
    "doesnotcontain": "contains",
    "notlike": "contains",
}


def is_condition(members: Collection[str]) -> bool:
    """Whether an object with such members is a condition, as `{"field": "age", "operator": "gt", "value": 3}`.

    A `name` with a `value` alone is any pair of such.
    """
    names = {normalised(one) for one in members}
    has_field, has_operator = not names.isdisjoint(_FIELDS[:-4]), not names.isdisjoint(_OPERATORS)
    return not names.isdisjoint(_VALUES) and (has_field or (has_operator and not names.isdisjoint(_FIELDS)))


def field_in(condition: Mapping[str, Any]) -> str:
    """The name of the field that a condition, or an object to sort by, is about; else nothing."""
    found = _member_of(condition, _FIELDS)
    return found if isinstance(found, str) else ""


def operator_in(condition: Mapping[str, Any]) -> str:
    """The comparison of a condition, in its own words; nothing where it has none."""
    found = _member_of(condition, _OPERATORS)
    return found if isinstance(found, str) else ""


def value_in(condition: Mapping[str, Any]) -> Any:
    """The value, or the values, of a condition; None where it has none."""
    return _member_of(condition, _VALUES)


def direction_in(order: Mapping[str, Any]) -> str:
    """The direction of an object to sort by: `asc`, `desc` or nothing."""
    found = str(_member_of(order, _DIRECTIONS) or "").lower()
    return "desc" if found.startswith(("desc", "true")) else "asc" if found.startswith("asc") else ""


def comparison_of(operator: str) -> tuple[str, bool]:
    """The word of `compare` for an operator, and whether its opposite is meant; nothing for one that is not known.

    Without an operator, values are to be equal.
    """
    plain = _SYMBOLS.get(operator.strip()) or normalised(operator) or "eq"
    word = _WORDY.get(plain, plain)
    return _COMPARISONS.get(_NEGATED.get(word, word), ""), word in _NEGATED


def _member_of(sent: Mapping[str, Any], names: Collection[str]) -> Any:
    by_name = {normalised(name): value for name, value in sent.items()}
    return next((by_name[name] for name in names if by_name.get(name) is not None), None)


def order_of(text: str, members: Collection[str] = ()) -> tuple[str, str]:
    """The name and the direction, `asc`, `desc` or nothing, in a value to sort by: `-age`, `age desc` or `age_desc`.

    A text that is all of the normalised name of one of the `members`, such as `long_desc`, has no direction behind it.
    """
    sign = _SIGNS.get(text[:1], "")
    name = text[1:] if sign else text
    found = None if normalised(name) in members else _DIRECTION_BEHIND.fullmatch(name)
    return (found[1], found[2].lower()) if found else (name, sign)


def order_by_age(text: str) -> str:
    """The direction of the time of creation in a value to sort by that names the age alone, such as `newest`."""
    return _BY_AGE.get(normalised(text).removesuffix("first"), "")


_BY_AGE = {**dict.fromkeys(("newest", "latest", "recent", "mostrecent"), "desc"), "oldest": "asc"}


def leads_to_other_page(member: str) -> bool:
    """Whether a member beside a list says that there is another page, or how to get it."""
    name = normalised(member)
    return (
        LINKS.get(name) in (NEXT_LINK, "$links.previous")
        or COUNTERS.get(name) in ("$more", "$earlier", "$next")
        or name in OTHER_PAGES
    )


def leaves_out(text: str) -> bool:
    """Whether the text about a flag says that what it asks for is left out by default."""
    return _LEFT_OUT.search(text) is not None


_LEFT_OUT = re.compile(
    r"\bby default\b[^.]*\b(?:not|n't|never) (?:be )?(?:included|returned|listed|shown)\b", re.IGNORECASE
)
