"""List parameters: a list shows the items that its parameters ask for, no more of them, and counts them right."""

import math
import re
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from functools import partial
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from lookalike.contract.contract import Operation
from lookalike.contract.grounds import TOTAL, Ground, ground_of, is_guessed
from lookalike.contract.requests import Parameter, ParameterKey
from lookalike.json_values import ABSENT, Pointer, equal, find, with_value_at
from lookalike.model.resources.filters import place_of_field
from lookalike.schema.directions import READ_ONLY
from lookalike.schema.value_types import ValueType
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.item_bodies import has_place, item_sent, item_type, type_at, with_item
from lookalike.verify.requests.values import ValueGenerator
from lookalike.verify.roles import (
    Roles,
    bounds_of,
    count_parameter,
    filters_of,
    item_in,
    limit_of,
    part_of,
    place_of,
    search_of,
    text_of,
)
from lookalike.verify.runner.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.runner.listing import ListPage, ListValues, is_beyond, is_cursor_a_key, is_end, pages
from lookalike.verify.runner.observation import with_other_choice
from lookalike.verify.runner.paging import PAGE_FACTS, check_listable, listed
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.stories.page_facts import (
    check_flags,
    check_number_of_pages,
    check_numbers,
    has_flags,
    next_request,
)

_ITEMS = 3
_LARGEST_PAGE = 5  # the most items on a page that is filled with new ones
_NUMBERS = (17, 175)
# Values by the format of a member: a low one, one that is asked for, and a high one.
_IN_ORDER: Mapping[str, tuple[tuple[Any, Any, Any], ...]] = {
    "": ((17, 90, 175), (1, 3, 5)),
    "date": (("2031-02-03", "2031-02-06", "2031-02-09"),),
    "date-time": (("2031-02-03T10:00:00Z", "2031-02-06T10:00:00Z", "2031-02-09T10:00:00Z"),),
}
_WORDS = ("juniper", "saffron")
_NO_WORD = "qxzvjkwyqj"
_SHORT_PAGES = re.compile(
    r"\b(?:may|can|might) (?:hold|have|contain|return|include|be)\b.{0,20}\b(?:fewer|less|shorter)\b", re.IGNORECASE
)
_PAGE = 100
_MOST_LISTED = 200
_ANOTHER = "zzz"  # before the text that a list is asked for: a server may look at the first one alone
_MOST_ON_SMALL_PAGES = 40  # a longer list is not read to its end in pages of two


class ListEnding(Enum):
    """The end of the reading of a list."""

    LAST = "with the last page"
    REPEATED = "with a page that is the same as the one before it"
    OPEN = "before the last page"


class PageWalk(NamedTuple):
    """The result of reading a list page by page.

    `keys` counts how many times each key, as text, is in the list, in its order; `total` is the number of all items
    that the first page tells, None if it tells none.
    """

    keys: Counter[str]
    ending: ListEnding
    total: int | None


def check_filters(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if a filter shows another item, or leaves one out that it asks for."""
    left_out: Skipped | NotObservable = Skipped("no two items were made that a filter tells apart")
    is_tried = False
    filters = [partial(_check_filter, member=member, place=place) for member, place in filters_of(operation)]
    bounds = [partial(_check_bound, bound=one) for one in bounds_of(operation)]
    search = search_of(operation)
    searches = [partial(_check_search, place=search)] if search is not None else []
    for check in (*filters, *bounds, *searches):
        try:
            is_tried = check(runner, operation, roles) or is_tried
        except (Skipped, NotObservable) as reason:  # another filter may do
            left_out = reason
    if not is_tried:
        raise left_out


def _check_filter(runner: StoryRunner, operation: Operation, roles: Roles, member: str, place: ParameterKey) -> bool:
    """Raise `ClauseBroken` if a filter by one member is wrong for one of two values; false if none are found."""
    where = place_of_field(member)
    linked = runner.links.resource_of(roles.create, member) if roles.create is not None else ""
    if linked:
        made = [_made_naming(runner, roles, member, runner.make(linked)) for _ in range(2)]
        values = made[0].body[member], made[1].body[member]
        if equal(*values):  # another member names the two
            return False
    else:
        found = _two_values(runner.environment.values, roles, where, operation.parameters[place])
        if found is None:
            return _check_filter_as_shown(runner, operation, roles, where, place)
        values, parent = found, runner.parent_of(roles.resource)
        made = [_made_with(runner, roles, parent, where, value) for value in values]
    for value, wanted, other in ((values[0], *made), (values[1], *reversed(made))):
        unlike = f"of which {_name(where)} is not {_as_text(value)}"
        _check_selected(runner, operation, (place, value), wanted, (other, unlike))
    if not linked:
        with suppress(Skipped):
            again = _made_with(runner, roles, parent, where, values[0])
            _check_link_keeps_filter(runner, operation, again, where, (place, values[0]))
    return True


def _check_search(runner: StoryRunner, operation: Operation, roles: Roles, place: ParameterKey) -> bool:
    """Raise `ClauseBroken` if a search for a word that no item has finds one, or one for any of its texts does not.

    Which members are searched is not stated, and only a description says that some are.
    """
    made, parameter = runner.make(roles.resource), operation.parameters[place]
    texts = [text for text in made.body.values() if isinstance(text, str) and text and parameter.accepts(text)]
    if not parameter.accepts(_NO_WORD):
        return False
    key, found = str(key_of(runner, made)), list[bool]()
    for text in (_NO_WORD, *(texts if ground_of(operation.grounds, "search") is Ground.STATED else ())):
        asked = runner.parameters.listing(operation, made, {place: text})
        shown, ending, _ = keys_on_pages(runner, operation, asked)
        if key in shown and text == _NO_WORD:
            raise ClauseBroken(f"a list for {place[1]}={text} without the {made.resource} {made.key}", "a list with it")
        found.append(key in shown or ending is not ListEnding.LAST)
    if len(found) > 1 and not any(found) and listed(runner, made) is not None:
        raise ClauseBroken(
            f"the {made.resource} {made.key} in the list for one of its texts as {place[1]}", "none of them"
        )
    return True


def _check_filter_as_shown(
    runner: StoryRunner, operation: Operation, roles: Roles, where: Pointer, place: ParameterKey
) -> bool:
    """Raise `ClauseBroken` if a filter by a member that the server sets, such as a state, is wrong for a new item.

    False if the list does not show the member, or it has no other choice. A text may be shown otherwise than it is
    asked for, such as the name of a user, so that it is only not listed for a word that is no one's.
    """
    made, parameter = runner.make(roles.resource), operation.parameters[place]
    own = find(listed(runner, made) or {}, where, ABSENT)
    choices = [True, False] if isinstance(own, bool) else parameter.value_type.keyword("enum", ())
    is_text = isinstance(own, str) and own != "" and not choices and parameter.accepts(_NO_WORD)
    choices = [own, _NO_WORD] if is_text else choices
    other = next((one for one in choices if one is not None and not equal(one, own)), None)
    if other is None or not any(equal(one, own) for one in choices):
        return False
    for value, is_wanted in ((other, False),) if is_text else ((own, True), (other, False)):
        asked = runner.parameters.listing(operation, made, {place: _asking_for(value, parameter)})
        shown, ending, _ = keys_on_pages(runner, operation, asked)
        is_shown = str(key_of(runner, made)) in shown
        if is_wanted == is_shown or (is_wanted and ending is not ListEnding.LAST):
            continue
        if equal(find(listed(runner, made) or {}, where, ABSENT), own):  # it has not changed by itself
            due, got = ("with", "without") if is_wanted else ("without", "with")
            told = f"the {made.resource} {made.key}, of which {_name(where)} is {_as_text(own)}"
            raise ClauseBroken(f"a list for {place[1]}={_as_text(value)} {due} {told}", f"a list {got} it")
    return True


def _check_selected(
    runner: StoryRunner,
    operation: Operation,
    asked_for: tuple[ParameterKey, Any],
    wanted: CreatedItem,
    unwanted: tuple[CreatedItem, str],
) -> None:
    """Raise `ClauseBroken` if a list for a value lacks the wanted item, or has the other one, of which words tell."""
    (place, value), (other, unlike) = asked_for, unwanted
    asked = runner.parameters.listing(operation, wanted, {place: _asking_for(value, operation.parameters[place])})
    shown, ending, total = keys_on_pages(runner, operation, asked)
    named = f"{place[1]}={_as_text(value)}"
    if str(key_of(runner, other)) in shown:
        raise ClauseBroken(f"a list for {named} without the {other.resource} {other.key}, {unlike}", "a list with it")
    if str(key_of(runner, wanted)) not in shown and ending is ListEnding.LAST:
        if listed(runner, wanted) is None:
            raise Skipped("the list lacks it without a filter too")
        raise ClauseBroken(f"the {wanted.resource} {wanted.key} in the list for {named}", "a list without it")
    is_above = ending is ListEnding.LAST and total is not None and total > shown.total()
    if is_above and _counts_all(runner, operation, wanted):
        raise ClauseBroken(f"a total of {shown.total()} for {named}, which all pages have together", f"{total}")


def _check_bound(
    runner: StoryRunner, operation: Operation, roles: Roles, bound: tuple[str, ParameterKey, bool]
) -> bool:
    """Raise `ClauseBroken` if a bound is wrong for an item below or above a value; false if none can be made.

    Whether an item at the bound is within it is left to the server.
    """
    member, place, is_lower = bound
    where, parent = place_of_field(member), runner.parent_of(roles.resource)
    found = _three_values(runner.environment.values, roles, where, operation.parameters[place])
    if found is None:
        return False
    least, between, most = found
    low, high = (_made_with(runner, roles, parent, where, value) for value in (least, most))
    wanted, other, is_so = (high, low, "below") if is_lower else (low, high, "above")
    _check_selected(runner, operation, (place, between), wanted, (other, f"of which {_name(where)} is {is_so} it"))
    return True


def _three_values(
    values: ValueGenerator, roles: Roles, place: Pointer, parameter: Parameter
) -> tuple[Any, Any, Any] | None:
    """Two values of a member, and one between them that can be asked for, in their order, or None."""
    settable = _settable(values, roles, place)
    if settable is None:
        return None
    create, kind, body = settable
    for least, between, most in _IN_ORDER.get(kind.keyword("format", ""), _IN_ORDER[""]):
        bodies = (_body_with(values, create, body, place, one) for one in (least, most))
        asked = str(between)[:10] if parameter.value_type.keyword("format") == "date" else between
        if parameter.accepts(asked) and all(values.is_valid(create, one) for one in bodies):
            return least, asked, most
    return None


def _check_link_keeps_filter(
    runner: StoryRunner, operation: Operation, created: CreatedItem, where: Pointer, wanted: tuple[ParameterKey, Any]
) -> None:
    """Raise `ClauseBroken` if the link to the next page does not have a filter, and leads to items without the value.

    A cursor may stand for the filter too.
    """
    limit, (place, value) = limit_of(operation), wanted
    if limit is None:
        return
    size = max(1, math.ceil(operation.parameters[limit].value_type.keyword("minimum", 1)))
    asking = {place: _asking_for(value, operation.parameters[place]), limit: size}
    asked = runner.parameters.listing(operation, created, asking)
    page, request = _asked(runner, operation, asked), None
    found = part_of(operation, page.value, "$items")
    with suppress(ClauseBroken):  # that there is no link is for the clause about pages
        request = next_request(operation, runner.write(operation, asked), page)
    is_page = isinstance(found, list) and len(found) == size
    if not is_page or request is None or place[1] in dict(parse_qsl(request.query)):
        return
    shown = part_of(operation, runner.ask(operation, request).value, "$items")
    others = [one for one in shown if not _has(find(one, where, value), value)] if isinstance(shown, list) else ()
    if others:
        due = f"{_name(where)} = {_as_text(value)} behind the link to the next page, {request.query}"
        raise ClauseBroken(due, _as_text(find(others[0], where)))


def _asking_for(value: Any, parameter: Parameter) -> Any:
    """The value of a parameter that asks for one value of a member."""
    return [value] if _is_list(parameter.value_type) else value


def _has(found: Any, value: Any) -> bool:
    """Whether what is found at a place is a value, or a list that has it."""
    return equal(found, value) or (isinstance(found, list) and any(equal(one, value) for one in found))


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _name(place: Pointer) -> str:
    return ".".join(map(str, place))


def _two_values(values: ValueGenerator, roles: Roles, place: Pointer, parameter: Parameter) -> tuple[Any, Any] | None:
    """Two different values of a member that can be sent and asked for, or None."""
    settable = _settable(values, roles, place)
    if settable is None:
        return None
    create, kind, body = settable
    fitting = [
        one
        for one in _values_of(values, roles, create, kind, place)
        if isinstance(one, (str, int, float))
        if parameter.accepts(_asking_for(one, parameter))
        if values.is_valid(create, _body_with(values, create, body, place, one))
    ]
    others = [one for one in fitting[1:] if _is_other(one, fitting[0])]
    return (fitting[0], others[0]) if others else None


def _settable(values: ValueGenerator, roles: Roles, place: Pointer) -> tuple[Operation, ValueType, Any] | None:
    """The creation that can set a member, the type of that, and a body to set it in; None if none can."""
    create, media = roles.create, values.media(roles.create) if roles.create is not None else None
    if create is None or media is None or not has_place(item_type(create, media), place):
        return None
    kind = type_at(item_type(create, media), place)
    return None if kind.keyword(READ_ONLY) else (create, kind, next(values.bodies(create), {}))


def _body_with(values: ValueGenerator, create: Operation, body: Any, place: Pointer, value: Any) -> Any:
    """A body whose item has a value at a place; of a list, as an element, behind another text if that fits."""
    media = values.media(create)
    is_list = media is not None and _is_list(type_at(item_type(create, media), place))
    proposed = ([_ANOTHER, value], [value]) if is_list else (value,)
    item = item_sent(create, body)
    bodies = [with_item(create, body, with_value_at(item, place, one)) for one in proposed]
    return next((one for one in bodies if values.is_valid(create, one)), bodies[-1])


def _is_list(kind: ValueType) -> bool:
    return "array" in (kind.types or ())


def _is_other(one: Any, other: Any) -> bool:
    """Whether two values differ. Neither text is in the other, as a filter by texts may be one by parts of them."""
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() not in other.lower() and other.lower() not in one.lower()
    return not equal(one, other)


def _values_of(values: ValueGenerator, roles: Roles, create: Operation, kind: ValueType, at: Pointer) -> list[Any]:
    """Values of a member. The digits of one number are in another, so that a filter by parts of them is found."""
    kind, is_list = (kind.item(), True) if _is_list(kind) else (kind, False)
    listed, types = kind.keyword("enum"), kind.types or frozenset()
    if isinstance(listed, list):
        return listed
    if "boolean" in types:
        return [True, False]
    schema, place = next(values.member_schemas(create, None, roles.resource))
    at = (*at, 0) if is_list else at
    found = [values.other_member_value(schema, (*place, *at), ABSENT) for _ in range(_ITEMS)]
    if "integer" in types:
        return [*_NUMBERS, *found]
    is_free = "string" in types and kind.keyword("pattern") is None and kind.keyword("format") is None
    return [*found, *_WORDS] if is_free else found


def _made_naming(runner: StoryRunner, roles: Roles, member: str, named: CreatedItem) -> CreatedItem:
    """A new item, one member of which names another item; raises `Skipped`."""
    create = roles.create
    if create is None:
        raise Skipped(f"no operation creates a {roles.resource}")
    resource = runner.environment.contract.resources[roles.resource]
    is_parent = resource.parent is not None and resource.parent.resource == named.resource
    parent = named if is_parent else runner.parent_of(roles.resource)
    made = runner.creation.create(create, parent, next(runner.environment.values.bodies(create), {}), named=named)
    is_naming = isinstance(made, CreatedItem) and isinstance(made.body.get(member), str | int)
    if not isinstance(made, CreatedItem) or not is_naming or not _is_kept(runner, roles, made, (member,)):
        raise Skipped(f"no {roles.resource} was made whose {member} names a {named.resource}")
    return made


def _made_with(
    runner: StoryRunner, roles: Roles, parent: CreatedItem | None, place: Pointer, value: Any
) -> CreatedItem:
    """A new item with a value at a place in it; raises `Skipped`."""
    create, values = roles.create, runner.environment.values
    if create is None:
        raise Skipped(f"no operation creates a {roles.resource}")
    body: Any = next(values.bodies(create), {})
    made = runner.creation.create(create, parent, _body_with(values, create, body, place, value))
    is_made = isinstance(made, CreatedItem) and _has(find(made.body, place), value)  # a link names what is there
    if not isinstance(made, CreatedItem) or not is_made or not _is_kept(runner, roles, made, place):
        raise Skipped(f"no {roles.resource} was made with {_name(place)} = {value}")
    return made


def _is_kept(runner: StoryRunner, roles: Roles, made: CreatedItem, place: Pointer) -> bool:
    """Whether a read shows a value as it was sent, if it shows it: a filter is not to blame for another one."""
    shown = item_in(roles.read, runner.read(made).value) if roles.read is not None else {}
    return equal(find(shown, place, find(made.body, place)), find(made.body, place))


def check_pages(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if a page has more items than were asked for, pages lose items, or the total is wrong."""
    limit = limit_of(operation)
    if limit is None:
        raise Skipped("the document does not show which parameter limits a page")
    size = _smallest_page(operation.parameters[limit])
    first = runner.make(roles.resource)
    check_listable(runner, first)
    created = [first, *(runner.beside(first) for _ in range(size))]
    count = count_parameter(operation)
    counting = {count: True} if count is not None else {}
    asked = runner.parameters.listing(operation, first, {limit: size, **counting})
    page = _asked(runner, operation, asked)
    found, name = part_of(operation, page.value, "$items"), f"{limit[1]}={size}"
    if not 200 <= page.response.status < 300 or not isinstance(found, list):
        raise Skipped(f"it answered {page.response.status} to {name}")
    if len(found) > size:
        raise ClauseBroken(f"at most {size} items for {name}", f"{len(found)} items")
    if len(found) < size and not _may_be_short(runner, operation, page):
        raise ClauseBroken(f"{size} of at least {len(created)} items for {name}", f"{len(found)} items")
    total = _total_of(operation, page)
    if total is not None and total < len(created):
        raise ClauseBroken(f"a total of at least {len(created)}", f"{total}")
    if count is not None and total is None and place_of(operation.success.body, "$total") is not None:
        raise ClauseBroken(f"the number of all items for {count[1]}=true", "a page without it")
    check_flags(operation, page, is_first=True, is_last=False, items=len(found))
    if is_guessed(operation.grounds, *PAGE_FACTS):
        return
    number = _check_walk(runner, operation, created, total, size)
    if number is not None:
        check_number_of_pages(operation, page, size, number)
        _check_whole(runner, operation, asked, limit, number)
    _check_second_page(runner, operation, asked, len(created), size)


def _may_be_short(runner: StoryRunner, operation: Operation, page: ListPage) -> bool:
    """Whether a text says that a page may have fewer items than were asked for, and this one leads to another."""
    limit = limit_of(operation)
    described = operation.parameters[limit].description if limit is not None else ""
    told = f"{text_of(runner.environment.contract, operation)} {described}"
    return _SHORT_PAGES.search(told) is not None and bool(part_of(operation, page.value, "$next"))


def _check_whole(
    runner: StoryRunner, operation: Operation, asked: ListValues, limit: ParameterKey, number: int
) -> None:
    """Break the clause where a page with all items says that there are more, or more pages than one."""
    places = (place_of(operation.success.body, one) for one in ("$page.next", "$pages"))
    if (has_flags(operation) or any(places)) and operation.parameters[limit].accepts(number):
        page = _asked(runner, operation, {**asked, limit: number})
        found = part_of(operation, page.value, "$items")
        if isinstance(found, list) and len(found) == number:
            check_flags(operation, page, is_first=True, is_last=True, items=number)
            check_number_of_pages(operation, page, number, number)
            following = operation.listing.page.first + 1 if operation.listing is not None else 0
            if part_of(operation, page.value, "$page.next") == following:
                raise ClauseBroken(f"no number of a next page on a page of all {number} items", f"{following}")


def _check_second_page(runner: StoryRunner, operation: Operation, asked: ListValues, least: int, size: int) -> None:
    """Break the clause where the second page tells wrong facts of itself, or the link does not lead to it."""
    key = runner.environment.model.items(operation.listing.resource).key if operation.listing is not None else ""
    found = [*islice(pages(operation, key, asked, partial(_asked, runner, operation), size), 2)]
    if len(found) < 2 or not all(200 <= page.response.status < 300 for page in found):
        return
    first, second = found
    total, items = _total_of(operation, second), part_of(operation, second.value, "$items")
    if total is not None and total < least:
        raise ClauseBroken(f"a total of at least {least} on the second page too", f"{total}")
    check_numbers(operation, first, second)
    if isinstance(items, list) and operation.listing is not None and operation.listing.page.cursor is None:
        check_flags(operation, second, is_first=False, is_last=None, items=len(items))
    request = next_request(operation, runner.write(operation, asked), first) if items else None
    if request is not None:
        step = runner.ask(operation, request)
        shown, before = (part_of(operation, value, "$items") for value in (step.value, first.value))
        if step.is_success and shown != items and (not shown or any(one in before for one in shown)):
            behind = "no items" if not shown else "items of the first page"
            raise ClauseBroken(f"the items of the second page for its link, {request.query}", behind)


def _total_of(operation: Operation, page: ListPage) -> int | None:
    """The number of all items of a list, in the body or in a header field, if the document says that it is."""
    if is_guessed(operation.grounds, TOTAL):
        return None
    fields = (page.response.header(name) or "" for name, place in operation.success.headers if place == "$total")
    shown = (part_of(operation, page.value, "$total"), *(int(text) for text in fields if text.isdecimal()))
    return next((one for one in shown if type(one) is int), None)


def _counts_all(runner: StoryRunner, operation: Operation, created: CreatedItem) -> bool:
    """Whether the total without a filter is that of all pages; a wrong one is for the clause about pages."""
    keys, ending, total = keys_on_pages(runner, operation, runner.parameters.listing(operation, created))
    return total == keys.total() and ending is ListEnding.LAST


def _smallest_page(limit: Parameter) -> int:
    """The smallest page that has more than one item, as the document allows; raises `Skipped` for a large one."""
    least: float = limit.value_type.keyword("minimum", 0)
    if least > _LARGEST_PAGE:
        raise Skipped(f"a page has at least {least} items, and no more than {_LARGEST_PAGE + 1} are made for one")
    return max(2, math.ceil(least))


def _check_walk(
    runner: StoryRunner, operation: Operation, created: list[CreatedItem], total: int | None, size: int
) -> int | None:
    """Raise `ClauseBroken` if small pages, read to their end, lack an item or have it twice, or are not as many.

    Returns the number of the items on all pages; None if the end was not reached.
    """
    asked, resource = runner.parameters.listing(operation, created[0]), created[0].resource
    keys, ending, _ = keys_on_pages(runner, operation, asked, size=size, most=_MOST_ON_SMALL_PAGES)
    for one in created:
        times = keys[str(key_of(runner, one))]
        if times > 1:
            raise ClauseBroken(f"the {resource} {one.key} once on all pages", f"{times} times")
        if not times and ending is ListEnding.REPEATED:
            raise ClauseBroken(f"a page with other items behind one without the {resource} {one.key}", "the same")
        if not times and ending is ListEnding.LAST:
            raise ClauseBroken(f"the {resource} {one.key} on some page", "pages without it")
    if ending is ListEnding.LAST and total is not None and total > keys.total():
        raise ClauseBroken(f"a total of {keys.total()}, which all pages have together", f"{total}")
    return keys.total() if ending is ListEnding.LAST else None


def key_of(runner: StoryRunner, created: CreatedItem) -> Any:
    """The key of an item, as lists show it."""
    item = runner.known.get(created.resource, created.key) or {}
    return item.get(runner.environment.model.items(created.resource).key, created.key)


def is_listed_elsewhere(runner: StoryRunner, created: CreatedItem) -> bool:
    """Whether an item is in the list below another choice of a parameter of its path too, as of another stage."""
    listing = runner.environment.roles[created.resource].list
    if created.parent is not None or listing is None or listing.listing is None or not listing.listing.within:
        return False
    with suppress(Skipped, NotObservable):
        led = {("path", one): value for one, value in created.values.items() if ("path", one) in listing.parameters}
        elsewhere = with_other_choice(listing, runner.parameters.leading_to(listing, None, None, led))
        return str(key_of(runner, created)) in keys_on_pages(runner, listing, elsewhere).keys
    return False


def keys_on_pages(
    runner: StoryRunner, operation: Operation, asked: ListValues, size: int = _PAGE, most: int = _MOST_LISTED
) -> PageWalk:
    """The keys of a list, of which about so many items at `most` are read; raises `Skipped` and `NotObservable`."""
    resource = operation.listing.resource if operation.listing else ""
    key = runner.environment.model.items(resource).key
    keys: Counter[str] = Counter()
    total, leads_on = None, False
    for number, page in enumerate(pages(operation, key, asked, partial(_asked, runner, operation), size), 1):
        found = part_of(operation, page.value, "$items")
        if is_beyond(page, number):
            return PageWalk(keys, ListEnding.LAST, total)
        if not 200 <= page.response.status < 300 or not isinstance(found, list):
            raise Skipped(f"it answered {page.response.status}")
        if not all(isinstance(one, Mapping) and key in one for one in found):
            raise NotObservable("the list does not show the keys of its items")
        total = _total_of(operation, page) if number == 1 else total
        keys.update(str(one[key]) for one in found)
        if is_end(operation, page, len(found), keys.total()) or _has_no_next(operation, page):
            return PageWalk(keys, ListEnding.LAST, total)
        if keys.total() > most:
            return PageWalk(keys, ListEnding.OPEN, total)
        leads_on = _leads_on(operation, page)
    return PageWalk(keys, ListEnding.REPEATED if leads_on else ListEnding.OPEN, total)


def _leads_on(operation: Operation, page: ListPage) -> bool:
    """Whether a request for the page behind a page can be made."""
    paging = operation.listing.page if operation.listing is not None else None
    if paging is None:
        return False
    wanted = "$more" if is_cursor_a_key(operation) else "$next"
    by_cursor = paging.cursor is not None and bool(part_of(operation, page.value, wanted))
    return by_cursor or paging.offset is not None or paging.number is not None


def _has_no_next(operation: Operation, page: ListPage) -> bool:
    """Whether a page says that it is the last: it shows no cursor of the next one, where the document has one."""
    has_cursor = operation.listing is not None and operation.listing.page.cursor is not None
    if is_cursor_a_key(operation):
        return part_of(operation, page.value, "$more") is False
    is_shown = place_of(operation.success.body, "$next") is not None
    return has_cursor and is_shown and part_of(operation, page.value, "$next") in (None, "")


def _asked(runner: StoryRunner, operation: Operation, values: ListValues) -> ListPage:
    step = runner.ask(operation, runner.write(operation, values))
    return ListPage(step.response, step.value)
