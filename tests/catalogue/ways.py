"""How the servers of the catalogue differ from the plain one: what they answer, keep and do instead."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.catalogue.server import Server, Ways
from tests.support.servers.serving import Answer, Asked

Item = dict[str, Any]
# The clauses about what is kept of a note.
CHANGED_NOTE = "replaceNote.changed-after-change changeNote.changed-after-change"
READ_NOTE = f"createNote.readable-after-create {CHANGED_NOTE}"
Spoil = Callable[[Server, Asked, Answer], Answer]


@dataclass(frozen=True, slots=True)
class Member:
    """A server of some shape; a defect breaks one of its `clauses`, and a correct server has none.

    On a server that `keeps` what is made, no request could delete it.
    """

    name: str
    shape: str
    ways: Ways
    clauses: tuple[str, ...] = ()
    keeps: bool = False

    def server(self) -> Server:
        """The server, without any items."""
        return Server(self.shape, self.ways)


def correct(shape: str, name: str, keeps: bool = False, **ways: Any) -> Member:
    """A correct server."""
    return Member(f"{shape}: {name}", shape, Ways(**ways), keeps=keeps)


def wrong(shape: str, name: str, clauses: str, **ways: Any) -> Member:
    """A server with one defect; a verdict may name any of the clauses, which are separated by spaces."""
    return Member(f"{shape}: {name}", shape, Ways(**ways), tuple(clauses.split()))


def lax(shape: str, pointer: str, clauses: str) -> Member:
    """A server that does not look at one keyword of its document."""
    return wrong(shape, f"takes what breaks {pointer}", clauses, lax=(pointer,))


# Ways to spoil


def on(id: str, change: Callable[[Answer], Answer]) -> Spoil:
    """Another answer to the operations whose ids are given, where they succeed."""

    def spoil(server: Server, asked: Asked, answer: Answer) -> Answer:
        is_meant = server.operation_id(asked) in id.split() and answer.status < 300
        return change(answer) if is_meant else answer

    return spoil


def refusing(id: str, change: Callable[[Answer], Answer]) -> Spoil:
    """Another answer to an operation where it is refused."""

    def spoil(server: Server, asked: Asked, answer: Answer) -> Answer:
        is_meant = server.operation_id(asked) in id.split() and answer.status >= 400
        return change(answer) if is_meant else answer

    return spoil


def with_status(status: int) -> Callable[[Answer], Answer]:
    return lambda answer: answer._replace(status=status)


def with_body(body: Any) -> Callable[[Answer], Answer]:
    return lambda answer: answer._replace(body=body)


def with_header(name: str, value: str) -> Callable[[Answer], Answer]:
    return lambda answer: answer._replace(headers={**answer.headers, name: value})


def without_header(name: str) -> Callable[[Answer], Answer]:
    return lambda answer: answer._replace(headers={one: value for one, value in answer.headers.items() if one != name})


def with_member(name: str, value: Any) -> Callable[[Answer], Answer]:
    return lambda answer: answer._replace(body={**answer.body, name: value})


def with_item(change: Callable[[Item], Item]) -> Callable[[Answer], Answer]:
    """The first item of a list in another way."""

    def changed(answer: Answer) -> Answer:
        return answer._replace(body=[change(one) for one in answer.body])

    return changed


def as_latin_1(answer: Answer) -> Answer:
    body = json.dumps(answer.body, ensure_ascii=False).encode("latin-1", "replace")
    return answer._replace(body=body, headers={**answer.headers, "Content-Type": "application/json; charset=utf-8"})


# Ways to keep


def keeping(**changes: Callable[[Any], Any]) -> Callable[[Item, Item], Item]:
    """Members that are kept in another way."""
    return lambda new, before: {name: changes[name](value) if name in changes else value for name, value in new.items()}


def ignoring(*names: str) -> Callable[[Item, Item], Item]:
    """Members that a change leaves as they were."""

    def kept(new: Item, before: Item) -> Item:
        old = {name: before[name] for name in names if name in before}
        return {**new, **old}

    return kept


def losing(*names: str) -> Callable[[Item, Item], Item]:
    """Members that are never kept."""
    return lambda new, before: {name: value for name, value in new.items() if name not in names}


def as_ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()


def as_double(number: int) -> int:
    return int(float(number))


def cross_talk(new: Item, before: Item) -> Item:
    return {**new, "code": "AAA-00"} if "code" in new and before else new


def without_empty(new: Item, before: Item) -> Item:
    """Empty values are taken for ones that were not sent."""
    return {
        **{name: value for name, value in before.items() if new.get(name, 1) in ("", 0, False, None)},
        **{n: v for n, v in new.items() if v not in ("", 0, False, None)},
    }


# What servers do instead


def right_but(*more: Callable[[Server, Asked, Answer], Answer]) -> Callable[[Server, Asked], Answer]:
    def does(server: Server, asked: Asked) -> Answer:
        answer = server.right(asked)
        for change in more:
            answer = change(server, asked, answer)
        return answer

    return does


def deletes_nothing(server: Server, asked: Asked) -> Answer:
    return Answer(204) if asked.path in server.items else server.problem(404)


def deletes_all(server: Server, asked: Asked) -> Answer:
    if asked.path not in server.items:
        return server.problem(404)
    for place in [one for one in server.items if one[:-1] == asked.path[:-1]]:
        del server.items[place]
    return Answer(204)


def leaves_children(server: Server, asked: Asked) -> Answer:
    if asked.path not in server.items:
        return server.problem(404)
    del server.items[asked.path]
    return Answer(204)


def same_id(server: Server, asked: Asked) -> Answer:
    answer = server.right(asked)
    if answer.status != 201:
        return answer
    number = str(answer.body["id"])
    item = server.items.pop((*asked.path, number))
    server.items[*asked.path, "1"] = {**item, "id": 1}
    return answer._replace(body={**answer.body, "id": 1})


def stores_nothing(server: Server, asked: Asked) -> Answer:
    answer = server.right(asked)
    if answer.status == 201:
        server.items.pop((*asked.path, str(answer.body["id"])), None)
    return answer


def not_listed(server: Server, asked: Asked, answer: Answer) -> Answer:
    return answer._replace(body=answer.body[:-1]) if isinstance(answer.body, list) else answer


def unfiltered(name: str) -> Callable[[Server, Asked], Answer]:
    def does(server: Server, asked: Asked) -> Answer:
        return server.right(asked._replace(query={one: value for one, value in asked.query.items() if one != name}))

    return does


def inverted_filter(server: Server, asked: Asked) -> Answer:
    if "kind" not in asked.query:
        return server.right(asked)
    every = server.right(asked._replace(query={})).body
    return Answer(200, [one for one in every if one.get("kind") != asked.query["kind"]])


def one_too_many(server: Server, asked: Asked) -> Answer:
    query = {**asked.query, **({"limit": str(int(asked.query["limit"]) + 1)} if "limit" in asked.query else {})}
    return server.right(asked._replace(query=query))


def total_of_page(server: Server, asked: Asked, answer: Answer) -> Answer:
    return answer._replace(body={**answer.body, "total": len(answer.body["data"])}) if answer.status == 200 else answer


def total_of_all(server: Server, asked: Asked, answer: Answer) -> Answer:
    """The total counts what a filter leaves out too."""
    return answer._replace(body={**answer.body, "total": len(server.below(asked.path))})


def total_of_rest(server: Server, asked: Asked, answer: Answer) -> Answer:
    passed = int(asked.query.get("cursor", "").removeprefix("after") or 0)
    return (
        answer._replace(body={**answer.body, "total": answer.body["total"] - passed})
        if answer.status == 200
        else answer
    )


def merging(server: Server, asked: Asked) -> Answer:
    before = server.items.get(asked.path, {})
    answer = server.right(asked)
    if answer.status == 200:
        server.items[asked.path] = {**before, **server.items[asked.path]}
        return answer._replace(body=server.ways.shown(server.items[asked.path]))
    return answer


def replacing(server: Server, asked: Asked) -> Answer:
    before = server.items.get(asked.path, {})
    answer = server.right(asked)
    if answer.status == 200:
        kept = {"id", "made", *asked.body, "title", "kind"}
        server.items[asked.path] = {name: value for name, value in {**before, **asked.body}.items() if name in kept}
        return answer._replace(body=server.items[asked.path])
    return answer


def taking_all(server: Server, asked: Asked) -> Answer:
    """A change takes over whatever was sent."""
    answer = server.right(asked)
    if answer.status == 200:
        server.items[asked.path] |= {name: value for name, value in asked.body.items() if name != "id"}
        return answer._replace(body=server.items[asked.path])
    return answer


def echoing(name: str) -> Spoil:
    """A member as it was sent in the answer alone, although another value is kept."""

    def spoil(server: Server, asked: Asked, answer: Answer) -> Answer:
        is_change = asked.method != "GET" and answer.status < 300 and isinstance(asked.body, dict)
        if not is_change or name not in asked.body:
            return answer
        return answer._replace(body={**answer.body, name: asked.body[name]})

    return spoil


def changing_all(server: Server, asked: Asked) -> Answer:
    """The members that were sent go to every item."""
    answer = server.right(asked)
    if answer.status == 200:
        for place, item in server.items.items():
            if place[:-1] == asked.path[:-1]:
                server.items[place] = {**item, "title": server.items[asked.path]["title"]}
    return answer


def any_parent(server: Server, asked: Asked) -> Answer:
    """The tasks of all projects."""
    found = [item for place, item in server.items.items() if place[0] == "projects" and len(place) == 4]
    return Answer(200, found) if asked.path[:2] in server.items else Answer(404)


def under_any_parent(server: Server, asked: Asked) -> Answer:
    item = next((one for place, one in server.items.items() if len(place) == 4 and place[3] == asked.path[3]), None)
    return Answer(200, item) if item is not None else server.problem(404)


def any_body(server: Server, asked: Asked) -> Answer:
    """The stored answer for a key, whatever the body is."""
    key = asked.headers.get("idempotency-key", "")
    return server.answered[key][1] if key in server.answered else server.right(asked)


def no_parent_checked(server: Server, asked: Asked) -> Answer:
    if asked.path[:2] not in server.items:
        number = next(server.numbers)
        server.store((*asked.path, str(number)), {**asked.body, "id": number})
        return Answer(201, {**asked.body, "id": number})
    return server.right(asked)


def members_of_all(server: Server, asked: Asked) -> Answer:
    return (
        Answer(200, [item for place, item in server.items.items() if place[0] == "users"])
        if asked.path[:2] in server.items
        else server.problem(404)
    )


def answered_204(server: Server, asked: Asked) -> Answer:
    return Answer(204)


def crashing(status: int = 500) -> Callable[[Server, Asked], Answer]:
    return lambda server, asked: Answer(status)
