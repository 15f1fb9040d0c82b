"""Descriptions that state what a query parameter or a counter means, where its name alone would be a guess.

Names decide first, so that a description only has to confirm one meaning. Each sentence counts for itself: one that
tells of an exception, or of a range of values, states nothing here.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

_SENTENCE = re.compile(r"[.;:\n!?](?=\s|$)")
_MEANINGS: Mapping[str, str] = {
    "where": r"filter(?:s|ed|ing)?|only|restrict(?:s|ed)?|whose|match(?:es|ing)?"
    r"|(?:with|by|for|in|of|to|has|have) (?:this|the given|the specified|a given|a specific)",
    "at-least": r"at least|min(?:imum)?|lowest|cheapest|from|since|after|later|above|over|greater|more|newer|starting",
    "at-most": r"at most|max(?:imum)?|highest|up to|until|till|before|earlier|below|under|less|lower|fewer|older",
    "page.limit": r"max(?:imum)?|number of|how many|at most|up to|limits? (?:the|on)|(?:page|batch) size|per page"
    r"|size of (?:the |a |each )?(?:page|batch)",
    "page.offset": r"skip(?:s|ped)?|offset|start(?:s|ing)?",
    "page.number": r"pages?",
    "page.cursor": r"cursor|token|next|after|continu\w*|paginat\w*",
    "search": r"search(?:es|ed|ing)?|contain(?:s|ing)?|match(?:es|ing)?|finds?",
    "total": r"total|all|overall",
}
_EXCEPTIONS: Mapping[str, str] = {
    "where": r"not|no|exclu\w+|except|without|other than|includ\w+|also|(?:greater|less|more|fewer|older|newer) than"
    r"|before|after|since|until|between|min(?:imum)?|max(?:imum)?|deprecated|ignored|instead|ranges?|sort\w*",
    **dict.fromkeys(
        ("at-least", "at-most"),
        r"not|no|exclu\w+|except|without|ignored|deprecated|instead|sort\w*",
    ),
    "search": r"not|no|exclu\w+|similar\w*|semantic\w*|fuzzy|nearest|quer(?:y|ies)|syntax|operators?|ignored",
    "total": r"pages|(?:on|in|of) (?:this|the|each|a) (?:current )?(?:page|response|result|batch)|returned|so far",
}
_WORDS = {fact: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for fact, words in _MEANINGS.items()}
_OTHER_WORDS = {fact: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for fact, words in _EXCEPTIONS.items()}
_FROM_ZERO = re.compile(
    r"\b(?:zero|0)[- ](?:based|indexed)|\b(?:start|begin|count)\w* (?:at|from|with) (?:0|zero)\b", re.IGNORECASE
)
_FROM_ONE = re.compile(
    r"\b(?:one|1)[- ](?:based|indexed)|\b(?:start|begin|count)\w* (?:at|from|with) (?:1|one)\b", re.IGNORECASE
)
_IDENTIFYING = frozenset(
    {"name", "slug", "login", "username", "handle", "email", "code", "key", "number", "hash"}
    | {"id", "ids", "identifier", "uuid", "guid", "uid"}
)
# As Spring describes it: "Sorting criteria in the format: property,(asc|desc)".
_SORTED_BY_ANY = re.compile(r"\bproperty ?\(?, ?\(?asc ?\| ?desc\)", re.IGNORECASE)
_BY_AGE = re.compile(r"\b(?:by|of) (?:the |their |its )?(?:(?:date|time) of )?\W?creat(?:ion|ed)", re.IGNORECASE)
_DIRECTIONS = re.compile(r"\b(?:asc|desc)\w*\W+(?:or|and)\W+(?:asc|desc)\w*", re.IGNORECASE)
_BY_OTHERS = re.compile(r"\b(?:or|and|then|updat\w+|modif\w+|unless|except|if|when)\b", re.IGNORECASE)
_TOKEN = re.compile(r"\b(?:opaque|tokens?|encoded)\b", re.IGNORECASE)


def states(fact: str, text: str) -> bool:
    """Whether a description states the meaning behind a name: `where`, `at-least`, `page.limit` …, or `total`."""
    words, others = _WORDS.get(fact), _OTHER_WORDS.get(fact)
    return words is not None and any(
        words.search(sentence) and not (others is not None and others.search(sentence))
        for sentence in sentences_of(text)
    )


def names_key(text: str, key: str) -> bool:
    """Whether a description mentions the key of an item, by the name of its member or as its id, and no token."""
    is_named = re.search(rf"\b(?:ids?|identifiers?|{re.escape(key)})\b", text, re.IGNORECASE) is not None
    return is_named and _TOKEN.search(text) is None


def member_named(text: str, members: Iterable[str]) -> str:
    """The member by which a description says that items are found, as by "Database name"; nothing if it names several.

    An id may be meant by other words than the name of its member.
    """
    words = {word.lower() for word in re.findall(r"[A-Za-z]+", text)} & _IDENTIFYING
    named = [member for member in members if member.lower() in words]
    return named[0] if len(words) == len(named) == 1 else ""


def first_page(text: str) -> int | None:
    """The number of the first page by the description of its parameter, or None where it tells none."""
    if _FROM_ZERO.search(text):
        return 0
    return 1 if _FROM_ONE.search(text) else None


# A word counts in quotes or capitals alone: "defaults to the time of the request" tells none.
_DEFAULT = re.compile(
    r"\b[Dd]efault(?:s to| to| value is| is| value:|:)\s*"
    r"(?:`([^`\s]+)`|'([^'\s]+)'|\"([^\"\s]+)\"|(true|false|[0-9]+|[A-Z][A-Z_]+)\b)"
)
_CONDITION = re.compile(
    r"\b(?:when|if|unless|depend\w*|otherwise)\b"
    r"(?! (?:not|omitted|unset|empty|blank|left|unspecified|this|it|no|none)\b)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n")


def default_told(text: str, types: Collection[str]) -> str | int | bool | None:
    """The value that a description says is the default, of one of some types: "Defaults to `true`"; else None.

    A text that tells several, or one on a condition, tells none.
    """
    found = [*_DEFAULT.finditer(text)] if "efault" in text else []
    words = {next(filter(None, one.groups())) for one in found}
    is_conditional = any(_CONDITION.search(_SENTENCE_END.split(text[: one.start()])[-1]) for one in found)
    if len(words) != 1 or is_conditional:
        return None
    (word,) = words
    if word in ("true", "false"):
        return word == "true" if "boolean" in types else None
    if word.isdecimal() and "string" not in types:
        return int(word) if "integer" in types or "number" in types else None
    return word if "string" in types and word.lower() not in ("null", "none") else None


def states_order(text: str) -> bool:
    """Whether the description of a parameter says that a list is sorted by `MEMBER,asc` or `MEMBER,desc`."""
    return _SORTED_BY_ANY.search(text) is not None


def states_order_by_age(text: str) -> bool:
    """Whether a description says that an order is that of the creation of items: "Sort direction by creation date"."""
    sentences = [one for one in sentences_of(text) if _BY_AGE.search(one)]
    return bool(sentences) and not any(_BY_OTHERS.search(_DIRECTIONS.sub("", one)) for one in sentences)


def says(patterns: Iterable[str], noun: str, sentence: str) -> bool:
    """Whether a sentence matches one of several patterns about NOUN, which stands for the pattern of a noun."""
    # The noun first: it is in few sentences, and a pattern is compiled for each noun.
    is_named = re.search(noun, sentence, re.IGNORECASE) is not None
    possible = (one for one in patterns if is_named or "NOUN" not in one)
    return any(re.search(one.replace("NOUN", noun), sentence, re.IGNORECASE) for one in possible)


def sentences_of(text: str) -> Iterator[str]:
    """The sentences of a text, and the parts of one that a colon or a semicolon divides."""
    return (part for part in _SENTENCE.split(text) if part.strip())
