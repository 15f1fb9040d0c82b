"""Characters that control a terminal, or that a format cannot hold."""

import re

# Control characters (they move a terminal's cursor, and XML 1.0 section 2.2 cannot hold them), lone surrogates (UTF-8
# cannot), the two noncharacters that XML cannot, separators of lines, and overrides of direction, which make a line
# read as another.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def legible_text(text: str) -> str:
    """A text with such characters as backslash escapes; tabs and line breaks are kept."""
    return _UNSAFE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()
