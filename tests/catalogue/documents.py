"""The documents of all shapes: those of `shapes`, and those of operations that concern more than one item."""

from collections.abc import Mapping
from typing import Any

from tests.catalogue import shapes
from tests.catalogue.shapes import NAME, NUMBER, TEXT, Collection, Schema, Shape, at, crud, op, shape


def _rooms() -> Shape:
    """Items with links to themselves: in a member, by their relation, and in the Location of their creation."""
    self_link: Schema = {"type": "object", "required": ["href"], "properties": {"href": TEXT}}
    links: Schema = {"type": "object", "readOnly": True, "properties": {"self": self_link}}
    room: Schema = {
        "type": "object",
        "required": ["name"],
        "properties": {"id": NUMBER, "name": NAME, "url": {**TEXT, "readOnly": True}, "_links": links},
    }
    here, item = crud("Room", "Room")
    here["post"]["responses"]["201"]["headers"] = {"Location": {"schema": {**TEXT, "format": "uri-reference"}}}
    paths = {"/rooms": here, "/rooms/{id}": {"parameters": [at("id")], **item}}
    return shape("rooms", {"Room": room}, paths, Collection("/rooms", "id"))


def _plans() -> Shape:
    """A deletion that takes along what names the deleted item, as its text says."""
    return _owned("plans", "Plan", "Step", "Deletes the plan together with all of its steps.")


def _teams() -> Shape:
    """A deletion that others prevent, as its text says."""
    return _owned("teams", "Team", "Player", "A team cannot be deleted while it has players.", 409)


def _owned(name: str, owner: str, owned: str, text: str, *refusals: int) -> Shape:
    """Items that name an owner in a member, and an owner whose deletion has a text."""
    key = f"{owner.lower()}Id"
    one: Schema = {"type": "object", "required": ["name"], "properties": {"id": NUMBER, "name": NAME}}
    other: Schema = {**one, "required": ["name", key], "properties": {**one["properties"], key: {"type": "integer"}}}
    paths: dict[str, Any] = {}
    places = []
    for noun in (owner, owned):
        here, item = crud(noun, noun, refusals=(400, 422))
        path = f"/{noun.lower()}s"
        paths |= {path: here, f"{path}/{{id}}": {"parameters": [at("id")], **item}}
        places.append(Collection(path, "id"))
    deletion = op(f"delete{owner}", "204", None, 404, *refusals, description=text)
    paths[f"{places[0].path}/{{id}}"]["delete"] = deletion
    return shape(name, {owner: one, owned: other}, paths, *places, links={key: places[0].path})


SHAPES: Mapping[str, Shape] = {**shapes.SHAPES, **{one.name: one for one in (_rooms(), _plans(), _teams())}}
