"""Words in the names of an API: without regard to case and punctuation, in singular and plural."""

import re
import unicodedata
from functools import lru_cache

_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


_LONGEST_SLUG = 60  # letters
_SHORTEST_SHORT = 4  # letters of a short form


_IRREGULAR = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "data": "data",
    "news": "news",
    "series": "series",
    "species": "species",
    "movies": "movie",
    "cookies": "cookie",
    "heroes": "hero",
    "houses": "house",
    "causes": "cause",
    "clauses": "clause",
    "spouses": "spouse",
    "caches": "cache",
    "aliases": "alias",
    "canvases": "canvas",
    "lenses": "lens",
    "quizzes": "quiz",
    "analyses": "analysis",
    "indices": "index",
    "matrices": "matrix",
    "vertices": "vertex",
    "shelves": "shelf",
}
_IRREGULAR_ENDINGS = (*_IRREGULAR,)


@lru_cache(maxsize=8192)
def normalised(name: str) -> str:
    """A name in lower case, without anything but letters and digits: `pet_id`, `petId` and `PET-ID` are the same."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def words_of(name: str) -> list[str]:
    """The words of a name, in lower case: `petCreated`, `pet.created` and `PET_CREATED` have the same."""
    return [word.lower() for word in _WORDS.findall(name)]


@lru_cache(maxsize=8192)
def singular(noun: str) -> str:
    """The singular of an English noun, or the noun itself."""
    lower = noun.lower()
    if lower.endswith(_IRREGULAR_ENDINGS):
        many, one = next(pair for pair in _IRREGULAR.items() if lower.endswith(pair[0]))
        return noun[: len(noun) - len(many)] + one
    if lower.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    if lower.endswith(("sses", "xes", "ches", "shes", "zzes", "uses")):
        return noun[:-2]
    return noun[:-1] if lower.endswith("s") and not lower.endswith(("ss", "us", "is")) else noun


def are_alike(one: str, other: str) -> bool:
    """Whether two nouns are the same, in singular or plural, or one is short for the other, such as `repo`."""
    short, long = sorted((normalised(singular(one)), normalised(singular(other))), key=len)
    return short == long or (len(short) >= _SHORTEST_SHORT and long.startswith(short))


def slug_of(title: str, longest: int = _LONGEST_SLUG) -> str:
    """A title, or the beginning of a long one, as addresses have it; or nothing.

    It is in lower case, without accents, with hyphens between its words.
    """
    plain = unicodedata.normalize("NFKD", title[:longest]).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
