"""URLs in items: those that lead to operations of the document lead to the mock, and to the item itself.

A documented example names the vendor's host: a client that followed it would take its token there.
"""

import re
from collections.abc import Collection, Mapping
from functools import cached_property
from itertools import takewhile
from typing import Any, NamedTuple
from urllib.parse import quote

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.path_segments import parameter, segments
from lookalike.contract.routing import Router
from lookalike.json_values import Pointer, find
from lookalike.model.response.examples import ORIGIN
from lookalike.model.state import Item
from lookalike.naming.members import is_download_url, is_own_url
from lookalike.naming.words import normalised, singular
from lookalike.schema.view import SchemaView

_PARAMETER = re.compile(r"\{([^{}]+)\}")
_VERSION = re.compile(r"(?:/apis?)?/((?:[^/{}]+/)??v[0-9]+(?:(?:alpha|beta)[0-9]*)?)/")
_URL_FORMATS = frozenset({"uri", "url", "uri-reference", "iri"})


class ItemPaths(NamedTuple):
    """The paths of an item and of its file, below a base path; empty if there is none."""

    item: str = ""
    file: str = ""
    base: str = ""


class ItemUrls:
    """The members of a resource that hold URLs of its items, made of the item's path and key.

    `fields` are the fields of the item by the parameters of its paths, `above` those that hold the key of its parent.
    """

    def __init__(
        self, contract: Contract, paths: ItemPaths, fields: Mapping[str, str], above: Collection[str] = ()
    ) -> None:
        self._contract = contract
        self._path = paths.item
        self._file_path = paths.file
        self._base_path = paths.base
        self._fields = fields
        self._above = above

    def own_url(self, name: str, view: SchemaView, item: Item) -> str | None:
        """The URL of an item, for a member that is named so and that no example shows; else None."""
        path = self._file_path if is_download_url(name) else self._path if is_own_url(name) else ""
        if not path or view.types - {"null"} != {"string"}:
            return None
        if "relative" in str(view.keyword("description", "")) or view.keyword("format") == "uri-reference":
            return self._filled(self._base_path + path, item)
        is_url = view.keyword("format") in _URL_FORMATS or normalised(name).endswith("url")
        return self._filled(f"{ORIGIN}{path}", item) if is_url else None

    @cached_property
    def version(self) -> str:
        """The version of the API in the path of items, with the group before it: `apps/v1` of `/apis/apps/v1/…`."""
        found = _VERSION.match(self._base_path + self._path)
        return found[1] if found else ""

    def links(self, sample: Any, item: Item) -> Any:
        """Links by their relation (`{"self": {"href": …}}`), with the keys of an item in place of the example's."""
        if isinstance(sample, list):
            return [self.links(one, item) for one in sample]
        if not isinstance(sample, dict):
            return self.led_here(sample, item) if isinstance(sample, str) else sample
        made = {name: self.links(one, item) for name, one in sample.items()}
        if self._path and "self" in made:
            made["self"] = self._own_link(made["self"], item)
        return made

    def _own_link(self, link: Any, item: Item) -> Any:
        """The link to an item itself: a URL, or a path where the example has one, or an object with it as `href`."""
        if isinstance(link, dict):
            return {name: self._own_link(one, item) if name == "href" else one for name, one in link.items()}
        if not isinstance(link, str):
            return link
        return self._filled(self._base_path + self._path if link.startswith("/") else f"{ORIGIN}{self._path}", item)

    def leads_nowhere(self, sample: str) -> bool:
        """Whether a sample is a URL of the API that names no operation of the document.

        GitHub's document shows `/repositories/42/issues/1` in the URL of an issue, and has no such path.
        """
        if not sample.startswith(ORIGIN):
            return False
        path = sample.removeprefix(ORIGIN).partition("?")[0]
        return self._router.match(path) is None

    def led_here(self, sample: str, item: Item) -> str:
        """A sample of a URL, with the keys of an item in place of those of the example."""
        if not self._path or not sample.startswith((ORIGIN, "http://", "https://")):
            return sample
        if not sample.startswith(ORIGIN):
            return self._filled(self._template_elsewhere(sample), item)
        return self._filled(self._template_of(sample.removeprefix(ORIGIN)), item)

    def _template_elsewhere(self, url: str) -> str:
        """The template of a page about an item at another host, such as `https://github.com/{owner}/{repo}/issues/{number}`.

        Evidence: its path has the noun of the item's own path, and a segment behind it.
        """
        end = next((place for place, letter in enumerate(url) if letter in "?#"), len(url))
        own, (scheme, _, host, *parts) = segments(self._path), url[:end].split("/")
        nouns = [singular(part) for part in parts[:-1]]
        noun = len(own) - 2
        if noun < 0 or parameter(own[noun]) or singular(own[noun]) not in nouns:
            return url
        distance = len(nouns) - 1 - nouns[::-1].index(singular(own[noun])) - noun
        for place in (noun + 1, *takewhile(lambda one: parameter(own[one]), range(noun - 1, -1, -1))):
            if place + distance >= 0:
                parts[place + distance] = own[place]
        return "/".join((scheme, "", host, *parts)) + url[end:]

    def _template_of(self, path: str) -> str:
        plain, question, query = path.partition("?")
        match = self._router.match(plain)
        operation = match.target if match is not None else None
        names = _PARAMETER.findall(operation.path) if operation else []
        known = [*self._fields, *names]
        shared = [one for one, _ in takewhile(self._is_own, zip(names, known, strict=False))]
        if match is None or operation is None or not shared:
            return ORIGIN + path
        values = dict(zip(names, match.texts, strict=False))
        filled = _PARAMETER.sub(lambda one: one[0] if one[1] in shared else values[one[1]], operation.path)
        return ORIGIN + filled + question + query

    def _is_own(self, pair: tuple[str, str]) -> bool:
        name, own = pair
        return name in self._above or (name == own and name in self._fields)

    def _filled(self, template: str, item: Item) -> str:
        def value(match: re.Match[str]) -> str:
            return quote(str(item.get(self._fields.get(match[1], match[1]), match[1])), safe="")

        return _PARAMETER.sub(value, template)

    @cached_property
    def _router(self) -> Router[Operation]:
        return Router((one.path, one) for one in self._contract.operations if one.method == "GET")


def leads_here(sample: Any) -> bool:
    """Whether a sample is a URL of the mock, or has some as links."""
    if isinstance(sample, dict | list):
        return any(map(leads_here, sample.values() if isinstance(sample, dict) else sample))
    return isinstance(sample, str) and sample.startswith(ORIGIN)


def with_own_segments(sample: Any, examples: Mapping[str, Pointer], item: Item) -> Any:
    """A sample that is made of examples of other members, as `octocat/Hello-World`, made of the item's own values."""
    if not isinstance(sample, str) or "/" not in sample or sample.startswith(("http://", "https://")):
        return sample
    parts = sample.split("/")
    if not any(part in examples for part in parts):
        return sample
    return "/".join(str(find(item, examples[part], part)) if part in examples else part for part in parts)
