"""Own members: those that a server makes of the item itself, such as its URL, a slug, or the total of its lines."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import cycle
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from lookalike.contract.extension import Resource
from lookalike.json_values import ABSENT, Pointer
from lookalike.model.resources.initial_values import InitialValues
from lookalike.model.resources.urls import leads_here, with_own_segments
from lookalike.model.resources.usage import Usage
from lookalike.model.response.examples import ResponseBodies
from lookalike.model.state import Item
from lookalike.naming.keys import is_fingerprint, is_given_number, is_unique
from lookalike.naming.members import (
    cost_of_line,
    full_name_of,
    is_download_url,
    is_full_name,
    is_links,
    is_own_url,
    is_slug,
    is_total,
    name_with_owner,
    title_members,
)
from lookalike.naming.words import normalised, slug_of
from lookalike.pacing import spend
from lookalike.schema.validator import Schema
from lookalike.schema.view import SchemaView

_LINES_PER_STEP = 10
_DIGIT = re.compile(r"[0-9]")
_HEX_DIGIT = re.compile(r"[0-9a-fA-F]")
_IN_HEX = re.compile(r"[0-9a-fA-F]{2}(?::?[0-9a-fA-F]{2}){7,}\Z").match


class OwnMembers:
    """The members of a resource's items whose samples are made of the item's own values.

    A sample is what the document shows or what is generated; `key` is the one field of the key, empty if there is none.
    """

    def __init__(  # noqa: PLR0913  # all that tells of a sample
        self,
        resource: Resource,
        view: SchemaView,
        key: str,
        usage: Usage,
        *,
        initial_values: InitialValues,
        bodies: ResponseBodies,
        schema_of: Callable[[SchemaView], Schema],
    ) -> None:
        self._resource = resource
        self._view = view
        self._members = view.members
        self._key = key
        self._is_of_mock = usage.shows_all
        self._urls = usage.urls
        self._initial_values = initial_values
        self._bodies = bodies
        self._schema_of = schema_of
        plain = {normalised(name): name for name in self._members}
        slugs = [name for name in (key, *self._members) if is_slug(name)]
        # `size_slug` beside `size` is the slug of that, and none of the title of the item.
        self._slugs_of_shown = {
            name: plain[one] for name in slugs if (one := normalised(name)[: -len("slug")]) in plain
        }
        self._slugs = {name for name in slugs if name not in self._slugs_of_shown}
        self._titles = title_members(self._members) if self._slugs else ()

    def of(self, name: str, sample: Any, item: Item) -> Any:
        """A sample with the values of an item in place of those of the example that it was made of."""
        if (identifying := self._identifying(name, sample, item)) is not ABSENT:
            return identifying
        named = (
            slug_of(self.title(item)) if name in self._slugs else self._full_name(item) if is_full_name(name) else ""
        )
        if named or name in self._slugs:
            return named or sample
        if not isinstance(sample, str) or is_total(name):
            return self._value(name, sample, item)
        if self._is_of_mock and is_given_number(name) and self._members[name].example is None:
            digits = iter(str(self._uuid(name, item).int))
            return self._if_valid(name, _DIGIT.sub(lambda _: next(digits, "0"), sample), sample)
        return self._text(name, sample, item)

    def _identifying(self, name: str, sample: Any, item: Item) -> Any:
        """What no two items have in common, as a UUID or a fingerprint, or names what an item shows; else `ABSENT`."""
        is_uuid = "uuid" in (normalised(name), self._members[name].keyword("format"))
        if self._is_of_mock and is_unique(name) and is_uuid:
            return self._if_valid(name, str(self._uuid(name, item)), sample)
        if self._initial_values.is_issued_secret(name) and self._members[name].example is None:
            return self._if_valid(name, self._uuid(name, item).hex, sample)
        if name in self._slugs_of_shown:
            shown = item.get(self._slugs_of_shown[name])
            return self._if_valid(name, shown.get("slug") if isinstance(shown, Mapping) else shown, sample)
        if self._is_of_mock and is_fingerprint(name) and isinstance(sample, str) and _IN_HEX(sample):
            digits = cycle(self._uuid(name, item).hex)
            return self._if_valid(name, _HEX_DIGIT.sub(lambda _: next(digits), sample), sample)
        return ABSENT

    def _full_name(self, item: Item) -> str:
        return full_name_of(item) or (name_with_owner(item) if self._is_of_mock else "")

    def title(self, item: Item) -> str:
        """The text that the slug of an item is made of; empty if it has none."""
        texts = (item[name] for name in self._titles if isinstance(item.get(name), str))
        return next(texts, "")

    def with_urls(self, item: Item) -> Item:
        """A generated item, whose URLs that lead to operations of the document are made of its own keys."""
        made = ((name, sample, self.of(name, sample, item)) for name, sample in self._url_samples.items())
        found = {name: one for name, sample, one in made if name in item and (one != sample or leads_here(one))}
        return {**item, **found}

    def moved(self, before: Item, after: Item) -> Item:
        """An item under another key, in which texts and URLs that were made of the old one are made of the new one."""
        if not self._is_of_mock:
            return after
        samples = {name: self._example(name) for name in self._members.keys() & after.keys()}
        made = {
            name: self.of(name, sample, after)
            for name, sample in samples.items()
            if isinstance(sample, str) and after[name] == self.of(name, sample, before)
        }
        return {**after, **made}

    def _text(self, name: str, sample: str, item: Item) -> Any:
        if self._urls is not None:
            is_own = sample != self._example(name) or self._urls.leads_nowhere(sample)
            own = self._urls.own_url(name, self._members[name], item) if is_own else None
            sample = self._urls.led_here(sample, item) if own is None else own
        return with_own_segments(sample, self._examples_of_keys, item)

    def _value(self, name: str, sample: Any, item: Item) -> Any:
        """The same of a sample that is no text, or an amount: links to the item, or the total of its lines."""
        if self._is_of_mock and is_total(name) and type(sample) in (int, float, str):
            return self._total(name, sample, item)
        return self._urls.links(sample, item) if self._urls is not None and is_links(name) else sample

    def _total(self, name: str, sample: Any, item: Item) -> Any:
        """The sum of what the lines of an item cost; the sample where not all of them say it."""
        lists = (value for value in item.values() if isinstance(value, list) and value)
        lines: Sequence[Any] = next((one for one in lists if all(isinstance(line, Mapping) for line in one)), ())
        costs = [cost for line in lines if (cost := cost_of_line(line)) is not None]
        spend(len(lines) // _LINES_PER_STEP)
        is_whole = bool(costs) and len(costs) == len(lines)
        amount = round(sum(costs), 2)
        made = f"{amount:.2f}" if isinstance(sample, str) else amount
        return self._if_valid(name, made, sample) if is_whole else sample

    def _if_valid(self, name: str, made: Any, sample: Any) -> Any:
        return made if self._schema_of(self._members[name]).accepts(made) else sample

    def _uuid(self, name: str, item: Item) -> UUID:
        return uuid5(NAMESPACE_URL, f"{self._resource.name}/{name}/{item.get(self._key)}")

    def _example(self, member: str) -> Any:
        return self._bodies.at_origin(self._members[member].example)

    @cached_property
    def _url_samples(self) -> dict[str, Any]:
        """The samples of members that hold URLs, alone or as links, which may lead to operations."""
        if self._urls is None:
            return {}
        samples = {
            name: self._bodies.sampled(view)
            for name, view in self._members.items()
            if _is_url(name) or self._example(name) is not None
        }
        return {name: sample for name, sample in samples.items() if _is_url(name) or leads_here(sample)}

    @cached_property
    def _examples_of_keys(self) -> dict[str, Pointer]:
        """The places of the fields of the key, by the examples that the document has of them."""
        places: list[Pointer] = [(self._key,), *(place for _, place in self._resource.shown_at)]
        views = ((place, self._view.inside(place)) for place in places)
        shown = ((place, view.example) for place, view in views if view is not None)
        return {example: place for place, example in shown if isinstance(example, str) and example}


def _is_url(name: str) -> bool:
    return is_own_url(name) or is_download_url(name) or is_links(name)
