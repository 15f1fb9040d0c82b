"""Servers whose items have links to themselves."""

from collections.abc import Callable
from typing import Any

from tests.catalogue.server import Item, Server
from tests.catalogue.ways import Member, Spoil, correct, wrong
from tests.support.servers.serving import Answer, Asked

Path = Callable[[int], str]


def path_of(id: int) -> str:
    return f"/rooms/{id}"


def another(id: int) -> str:
    return f"/rooms/{id + 1}"


def the_first(id: int) -> str:
    return "/rooms/1"


def linking(url: Path = path_of, self: Path = path_of) -> Callable[[Item], Item]:
    """What is shown of a room, with links."""
    return lambda item: {**item, "url": url(item["id"]), "_links": {"self": {"href": self(item["id"])}}}


def located(path: Path = path_of) -> Spoil:
    """The Location of a new room."""

    def spoil(server: Server, asked: Asked, answer: Answer) -> Answer:
        if answer.status != 201:
            return answer
        return answer._replace(headers={**answer.headers, "Location": path(answer.body["id"])})

    return spoil


def listing_another(server: Server, asked: Asked, answer: Answer) -> Answer:
    """A list in which all items have the link to one."""
    answer = located()(server, asked, answer)
    is_list = server.operation_id(asked) == "listRooms" and answer.status == 200
    return answer._replace(body=[{**one, "url": "/rooms/1"} for one in answer.body]) if is_list else answer


def echoing_another(server: Server, asked: Asked, answer: Answer) -> Answer:
    """A creation that is answered with the link to another item."""
    answer = located()(server, asked, answer)
    return answer._replace(body={**answer.body, "url": "/rooms/1"}) if answer.status == 201 else answer


def rooms(shown: Callable[[Item], Item] | None = None, spoil: Spoil | None = None) -> dict[str, Any]:
    """A server of rooms, in which links may lead elsewhere."""
    return {"shown": shown or linking(), "spoil": spoil or located()}


READ, MADE = "getRoom.answers-as-documented", "createRoom.answers-as-documented"

DEFECTS: tuple[Member, ...] = (
    wrong("rooms", "url leads to another room", READ, **rooms(linking(url=another))),
    wrong("rooms", "_links.self leads to another room", READ, **rooms(linking(self=another))),
    wrong("rooms", "_links.self always leads to the first room", READ, **rooms(linking(self=the_first))),
    wrong("rooms", "lists link one room", "listRooms.answers-as-documented", **rooms(spoil=listing_another)),
    wrong("rooms", "a creation links another room", MADE, **rooms(spoil=echoing_another)),
    wrong("rooms", "Location is another room", MADE, **rooms(spoil=located(another))),
    wrong("rooms", "Location is the list", MADE, **rooms(spoil=located(lambda _: "/rooms"))),
    wrong("rooms", "Location is a relative path that leads nowhere", MADE, **rooms(spoil=located("{}".format))),
)

CORRECT: tuple[Member, ...] = (
    correct("rooms", "as it is", **rooms()),
    correct(
        "rooms",
        "links the host and prefix of a gateway",
        **rooms(
            linking("https://api.example.com/v2/rooms/{}".format, "/v2/rooms/{}".format), located("v2/rooms/{}".format)
        ),
    ),
    correct("rooms", "links a page for people", **rooms(linking(url="https://example.com/rooms/blue-{}".format))),
    correct("rooms", "links itself with a query", **rooms(linking(self="/rooms/{}?expand=all".format))),
)
