"""Links of an item to itself: the Location of its creation, and the members of it that hold its own URL."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from lookalike.contract.contract import Operation
from lookalike.contract.path_segments import segments, suffix
from lookalike.contract.responses import response_for
from lookalike.http import Request, Response
from lookalike.naming.members import is_links, is_own_url
from lookalike.schema.directions import READ_ONLY
from lookalike.verify.clauses import DOCUMENTED, clause_id
from lookalike.verify.oracle.comparison import value_of
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.item_bodies import item_type
from lookalike.verify.roles import item_in
from lookalike.verify.runner.endings import ClauseBroken
from lookalike.verify.runner.observation import GONE
from lookalike.verify.runner.story_runner import StoryRunner

_SELF = "self"  # the relation of a resource to itself (RFC 4287 section 4.2.7.2, registered by RFC 8288)


class _OwnLink(NamedTuple):
    """A link of an item to itself, and its place in words; `is_stated` where a relation says that it is one."""

    place: str
    target: str
    is_stated: bool


def check_location(runner: StoryRunner, operation: Operation, created: CreatedItem, answer: Response) -> None:
    """Raise `ClauseBroken` about answers if Location leads to another item, or to none (RFC 9110 section 15.3.2)."""
    location = answer.header("Location")
    read = _read_request(runner, created)
    if not location or read is None:
        return
    link = _OwnLink("Location", location, is_stated=True)
    asked = next(request for request, one in reversed(runner.exchanges) if one is answer)
    described = response_for(operation.responses, str(answer.status))
    is_documented = described is not None and any(one.name.lower() == "location" for one in described.headers)
    if _leads_elsewhere(runner, created, read, link) or _is_lost(runner, read, asked, location, is_documented):
        due = f"Location: {read.path}, where the {created.resource} is"
        raise ClauseBroken(due, f"Location: {location}", clause_id(operation, DOCUMENTED))


def check_own_links(runner: StoryRunner, operation: Operation, created: CreatedItem, value: Any) -> None:
    """Raise `ClauseBroken` about answers if one shows an item with the link to another one as its own.

    Where what is read of the item has the same link, the cause is one, and the read is blamed.
    """
    roles, read = runner.environment.roles[created.resource], _read_request(runner, created)
    for link in _links_in(operation, value):
        if read is None or (not link.is_stated and _is_sent(runner, created, link.place)):
            continue
        if _leads_elsewhere(runner, created, read, link):
            is_read_so = roles.read is not None and link in _links_in(roles.read, runner.read(created).value)
            blamed = roles.read if is_read_so and roles.read is not None else operation
            due = f"{link.place} = {read.path}, where the {created.resource} is"
            raise ClauseBroken(due, link.target, clause_id(blamed, DOCUMENTED))


def check_shown_links(runner: StoryRunner, operation: Operation, created: CreatedItem, answer: Response | None) -> None:
    """Break the clause about answers where a new item, or the `answer` to its creation, has the link to another one."""
    read = runner.environment.roles[created.resource].read
    if read is not None:
        check_own_links(runner, read, created, runner.read(created).value)
    if answer is not None:
        check_own_links(runner, operation, created, value_of(answer))


def _links_in(operation: Operation, value: Any) -> list[_OwnLink]:
    """The links to itself that an answer about one item, or a list, shows of it: in the item, or beside it."""
    parts = (item_in(operation, value), value)
    return [*dict.fromkeys(link for part in parts if isinstance(part, Mapping) for link in _own_links(part))]


def _read_request(runner: StoryRunner, created: CreatedItem) -> Request | None:
    """The request that reads an item, or None where no operation does."""
    read = runner.environment.roles[created.resource].read
    return runner.write(read, runner.parameters.leading_to(read, created)) if read is not None else None


def _own_links(item: Mapping[str, Any]) -> Iterator[_OwnLink]:
    """The links of an item to itself: by their relation, as in HAL and JSON:API, or by the names of members."""
    for name, value in item.items():
        if is_links(name):
            entries: Sequence[Any] = value if isinstance(value, list) else ()
            link = value.get(_SELF) if isinstance(value, Mapping) else next(filter(_is_self, entries), None)
            if (target := _target(link)) is not None:
                yield _OwnLink(f"{name}.{_SELF}", target, is_stated=True)
        elif is_own_url(name) and (target := _target(value)) is not None:
            yield _OwnLink(name, target, is_stated=name == _SELF)


def _is_self(link: Any) -> bool:
    return isinstance(link, Mapping) and link.get("rel") == _SELF


def _target(link: Any) -> str | None:
    """The URL of a link, which is a text or an object with an `href`."""
    target = link.get("href") if isinstance(link, Mapping) else link
    return target if isinstance(target, str) and target and "{" not in target else None


def _is_sent(runner: StoryRunner, created: CreatedItem, name: str) -> bool:
    """Whether clients set a member, so that its URL may be of anything."""
    roles = runner.environment.roles[created.resource]
    for write in (roles.create, *roles.changes):
        media = runner.environment.values.media(write) if write is not None else None
        kind = item_type(write, media) if write is not None and media is not None else None
        if kind is not None and name in kind.properties and not kind.member(name).keyword(READ_ONLY):
            return True
    return False


def _leads_elsewhere(runner: StoryRunner, created: CreatedItem, right: Request, link: _OwnLink) -> bool:
    """Whether a link has the form of the path of an item, and leads to another one, or, on this server, to none.

    A server behind a gateway may not know its own host and prefix, so that these are not compared. A name such as
    `url` may also be that of a page for people: then only a path that shows another item tells.
    """
    read = runner.environment.roles[created.resource].read
    if read is None:
        return False
    led, own = (segments(urlsplit(path).path) for path in (link.target, right.path))  # without a format, as `.json`
    led, template = led[-len(own) :], segments(read.path)
    if led == own or len(led) != len(own) or len(template) != len(own):
        return False
    if any(part != there for part, there, name in zip(led, own, template, strict=True) if "{" not in name):
        return False
    key, path = runner.environment.model.items(created.resource).key, "/".join(["", *led]) + suffix(read.path)
    step, shown = runner.ask(read, right._replace(path=path)), runner.read(created)
    if not step.is_success:
        return shown.is_success and (link.is_stated or _is_kin(led[-1], own[-1]))
    return bool(item_in(read, step.value).get(key) != item_in(read, shown.value).get(key))


def _is_kin(key: str, own: str) -> bool:
    """Whether two keys are numbers, or may be made in one way, so that one is not a name and the other an id."""
    return key.isdecimal() == own.isdecimal() and (key.isdecimal() or len(key) == len(own))


def _is_lost(runner: StoryRunner, read: Request, asked: Request, location: str, is_documented: bool) -> bool:
    """Whether a Location is the target of the creation itself, or leads to nothing on this server.

    A new item is named by Location, else by the target (RFC 9110 section 15.3.2), and relative references are resolved
    against the target (section 10.2.2). A link to where reads lead, below another prefix, may be that of a gateway.
    A server that sends the target where the document has no Location says no more than it must.
    """
    base = runner.environment.client.url
    led, own = urlsplit(urljoin(base + asked.path, location)), urlsplit(base)
    if (led.scheme, led.netloc) != (own.scheme, own.netloc) or not led.path.startswith(own.path):
        return False
    path = led.path.removeprefix(own.path)
    if segments(path)[-len(segments(read.path)) :] == segments(read.path):
        return False
    if segments(path) == segments(asked.path):
        return is_documented and segments(path) != segments(read.path)
    followed = read._replace(path=path, query=led.query)
    response = runner.environment.client.read(followed)
    runner.exchanges.append((followed, response))
    return response.status in GONE
