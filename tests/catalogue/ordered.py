"""Servers of lists in an order that is asked for, or that the document states."""

from collections.abc import Callable, Mapping
from time import gmtime, strftime, time
from typing import Any

from tests.catalogue.server import Server
from tests.catalogue.ways import Member, correct, wrong
from tests.support.servers.serving import Answer, Asked

Item = Mapping[str, Any]


def sorted_by(
    key: Callable[[Any], Any] = str, downwards: bool = False, ignoring: str = ""
) -> Callable[[Server, Asked], Answer]:
    """The list in the order that is asked for, by a key of the values; items without a value come last."""

    def does(server: Server, asked: Asked) -> Answer:
        answer, name = server.right(asked), asked.query.get("sort", "")
        if answer.status != 200 or not name or name == ignoring:
            return answer
        member = name.removeprefix("-")
        having = [one for one in answer.body if member in one]
        having.sort(key=lambda one: key(one[member]), reverse=name.startswith("-") != downwards)
        return Answer(200, [*having, *(one for one in answer.body if member not in one)])

    return does


def folded(value: Any) -> Any:
    """Texts without regard to their case."""
    return value.casefold() if isinstance(value, str) else value


def as_it_is(value: Any) -> Any:
    return value


def by_length(value: Any) -> int:
    return len(str(value))


def newest_first(server: Server, asked: Asked) -> Answer:
    every = server.below(asked.path)
    return Answer(200, every[::-1][: int(asked.query.get("limit", 50))])


def newest_second_first(server: Server, asked: Asked) -> Answer:
    """The posts of the latest second first, and those of one second in the order in which they were written."""
    every = sorted(server.below(asked.path), key=lambda one: str(one["made"]), reverse=True)
    return Answer(200, every[: int(asked.query.get("limit", 50))])


def dated(server: Server, asked: Asked) -> Answer:
    """A new post, with the second in which it was written."""
    answer = server.right(asked)
    item = server.items[*asked.path, str(answer.body["id"])]
    item["made"] = strftime("%Y-%m-%dT%H:%M:%SZ", gmtime())
    return answer._replace(body=item)


def replaced(server: Server, asked: Asked) -> Answer:
    """A changed post, which was written when it was."""
    made = server.items.get(asked.path, {}).get("made")
    answer = server.right(asked)
    if answer.status == 200:
        server.items[asked.path]["made"] = made
        return answer._replace(body=server.items[asked.path])
    return answer


def directed(server: Server, asked: Asked) -> Answer:
    """The logs as they were written, or the other way round."""
    every = server.below(asked.path)
    return Answer(200, every[::-1] if asked.query.get("order") == "DESC" else every)


def by_second(server: Server, asked: Asked) -> Answer:
    """The logs by the second in which they were written, and those of one second as they were written."""
    made = server.memory.setdefault("made", {})
    is_down = asked.query.get("order") == "DESC"
    return Answer(200, sorted(server.below(asked.path), key=lambda one: int(made[one["id"]]), reverse=is_down))


def timed(server: Server, asked: Asked) -> Answer:
    """A new log, of whose second the server alone knows."""
    answer = server.right(asked)
    server.memory.setdefault("made", {})[answer.body.get("id")] = time()
    return answer


DEFECTS: tuple[Member, ...] = (
    wrong("films", "the order is not looked at", "listFilms.ordered-as-asked"),
    wrong(
        "films",
        "the sign of an order is not looked at",
        "listFilms.ordered-as-asked",
        does={
            "listFilms": lambda server, asked: sorted_by(as_it_is)(
                server, asked._replace(query={name: one.removeprefix("-") for name, one in asked.query.items()})
            )
        },
    ),
    wrong(
        "films",
        "numbers are not sorted",
        "listFilms.ordered-as-asked",
        does={"listFilms": sorted_by(as_it_is, ignoring="year")},
    ),
    wrong(
        "films",
        "dates are not sorted",
        "listFilms.ordered-as-asked",
        does={"listFilms": sorted_by(as_it_is, ignoring="shown")},
    ),
    wrong(
        "films", "texts are sorted by length", "listFilms.ordered-as-asked", does={"listFilms": sorted_by(by_length)}
    ),
    wrong("posts", "the oldest come first", "listPosts.ordered-as-asked"),
    wrong("logs", "the direction is not looked at", "listLogs.ordered-as-asked"),
)

CORRECT: tuple[Member, ...] = (
    correct("films", "sorts as computers do", does={"listFilms": sorted_by(as_it_is)}),
    correct("films", "sorts without regard to case", does={"listFilms": sorted_by(folded)}),
    correct("films", "sorts downwards without a sign", does={"listFilms": sorted_by(as_it_is, downwards=True)}),
    correct("logs", "as it is", does={"listLogs": directed}),
    correct("logs", "knows seconds only", does={"listLogs": by_second, "createLog": timed}),
    correct("posts", "shows the newest first", does={"listPosts": newest_first}),
    correct(
        "posts",
        "knows seconds only",
        does={"listPosts": newest_second_first, "createPost": dated, "replacePost": replaced},
    ),
)
