"""Servers whose items have links to themselves."""

from collections.abc import Callable
from typing import Any

from tests.catalogue.server import Item, Server
from tests.catalogue.ways import Member, Spoil, correct, wrong
from tests.support.servers.serving import Answer, Asked

Path = Callable[[int], str]


def path_of(id: int) -> str:
    return f"/cabins/{id}"


def another(id: int) -> str:
    return f"/cabins/{id + 1}"


def the_first(id: int) -> str:
    return "/cabins/1"


def linking(url: Path = path_of, self: Path = path_of) -> Callable[[Item], Item]:
    """What is shown of a cabin, with links."""
    return lambda item: {**item, "url": url(item["id"]), "_links": {"self": {"href": self(item["id"])}}}


def located(path: Path = path_of) -> Spoil:
    """The Location of a new cabin."""

    def spoil(server: Server, asked: Asked, answer: Answer) -> Answer:
        if answer.status != 201:
            return answer
        return answer._replace(headers={**answer.headers, "Location": path(answer.body["id"])})

    return spoil


def listing_another(server: Server, asked: Asked, answer: Answer) -> Answer:
    """A list in which all items have the link to one."""
    answer = located()(server, asked, answer)
    is_list = server.operation_id(asked) == "listCabins" and answer.status == 200
    return answer._replace(body=[{**one, "url": "/cabins/1"} for one in answer.body]) if is_list else answer


def echoing_another(server: Server, asked: Asked, answer: Answer) -> Answer:
    """A creation that is answered with the link to another item."""
    answer = located()(server, asked, answer)
    return answer._replace(body={**answer.body, "url": "/cabins/1"}) if answer.status == 201 else answer


def cabins(shown: Callable[[Item], Item] | None = None, spoil: Spoil | None = None) -> dict[str, Any]:
    """A server of cabins, in which links may lead elsewhere."""
    return {"shown": shown or linking(), "spoil": spoil or located()}


READ, MADE = "getCabin.answers-as-documented", "createCabin.answers-as-documented"

DEFECTS: tuple[Member, ...] = (
    wrong("cabins", "url leads to another cabin", READ, **cabins(linking(url=another))),
    wrong("cabins", "_links.self leads to another cabin", READ, **cabins(linking(self=another))),
    wrong("cabins", "_links.self always leads to the first cabin", READ, **cabins(linking(self=the_first))),
    wrong("cabins", "lists link one cabin", "listCabins.answers-as-documented", **cabins(spoil=listing_another)),
    wrong("cabins", "a creation links another cabin", MADE, **cabins(spoil=echoing_another)),
    wrong("cabins", "Location is another cabin", MADE, **cabins(spoil=located(another))),
    wrong("cabins", "Location is the list", MADE, **cabins(spoil=located(lambda _: "/cabins"))),
    wrong("cabins", "Location is a relative path that leads nowhere", MADE, **cabins(spoil=located("{}".format))),
)

CORRECT: tuple[Member, ...] = (
    correct("cabins", "as it is", **cabins()),
    correct(
        "cabins",
        "links the host and prefix of a gateway",
        **cabins(
            linking("https://api.example.com/v2/cabins/{}".format, "/v2/cabins/{}".format),
            located("v2/cabins/{}".format),
        ),
    ),
    correct("cabins", "links a page for people", **cabins(linking(url="https://example.com/cabins/blue-{}".format))),
    correct("cabins", "links itself with a query", **cabins(linking(self="/cabins/{}?expand=all".format))),
)
