"""Charsets: the names of the character encodings in which a text may come."""

from encodings import normalize_encoding
from encodings.aliases import aliases
from itertools import chain

# Not all codecs of Python are charsets: `punycode` takes quadratic time. Each unknown name that is looked up is kept in
# memory, however long it is, so that only names of this table are.
_NAMES = frozenset(chain.from_iterable(aliases.items()))
_LONGEST_SHOWN = 40


def is_charset(name: str) -> bool:
    """Whether a name is that of a charset, or an alias of one."""
    return normalize_encoding(name).lower() in _NAMES


def shown_charset(name: str) -> str:
    """The name of a charset, as far as a message repeats it."""
    return name[:_LONGEST_SHOWN]
