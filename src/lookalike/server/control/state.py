"""The state of a mock: all items, those of a resource, and one; a reset, and generated items."""

from collections.abc import Mapping
from typing import Any

import flask

from lookalike.model.state import Key
from lookalike.server.control.messages import (
    INTEGER,
    ControlError,
    Routes,
    checked_members,
    json_body,
    json_response,
    no_content,
    object_body,
    unknown_name,
)
from lookalike.service import MockService

_MAX_ITEMS = 10_000  # of each resource, that a request may generate


# The members of a request for items.
_POPULATE: Mapping[str, type | tuple[type, ...]] = {"count": int, "seed": int}


_POPULATE_TEXTS = {"count": "an integer", "seed": "an integer"}


def get_state(mock: MockService) -> flask.Response:
    """All items by resource."""
    return json_response(mock.state())


def put_state(mock: MockService) -> flask.Response:
    """Replace all items."""
    mock.replace_state(json_body())
    return json_response(mock.state())


def patch_state(mock: MockService) -> flask.Response:
    """Replace all items of the resources that are named."""
    mock.patch_state(object_body())
    return json_response(mock.state())


def get_resource(mock: MockService, resource: str) -> flask.Response:
    """All items of a resource."""
    return json_response(mock.state()[_known(mock, resource)])


def get_item(mock: MockService, resource: str, key: str) -> flask.Response:
    """One item."""
    return json_response(mock.item(resource, _existing(mock, resource, key)))


def put_item(mock: MockService, resource: str, key: str) -> flask.Response:
    """Create an item, or replace it."""
    body, found = json_body(), _found(mock, _known(mock, resource), key)
    item = mock.put_item(resource, _new(key, body) if found is None else found, body)
    return json_response(item, 201 if found is None else 200)


def patch_item(mock: MockService, resource: str, key: str) -> flask.Response:
    """Set some fields of an item."""
    return json_response(mock.patch_item(resource, _existing(mock, resource, key), object_body()))


def delete_item(mock: MockService, resource: str, key: str) -> flask.Response:
    """Delete an item."""
    mock.delete_item(resource, _existing(mock, resource, key))
    return no_content()


def reset(mock: MockService) -> flask.Response:
    """Go back to the initial items, with an empty journal."""
    mock.reset()
    return no_content()


def populate(mock: MockService) -> flask.Response:
    """Generate items until there are so many of each resource."""
    from lookalike.model.populate import populated

    body = checked_members(_POPULATE, _POPULATE_TEXTS)
    count = body.get("count")
    if count is None or not 0 < count <= _MAX_ITEMS:
        raise ControlError(422, f"count must be an integer from 1 to {_MAX_ITEMS}")
    mock.replace_state(populated(mock.model, mock.state(), count, mock.choose, body.get("seed")))
    return json_response(mock.state())


def _known(mock: MockService, resource: str) -> str:
    if resource not in mock.model.contract.resources:
        raise unknown_name("resource", resource, mock.model.contract.resources)
    return resource


def _keys(text: str) -> tuple[Key, ...]:
    """The keys that a text in a URL may stand for: an integer, where it is written as one, and the text itself."""
    return (int(text), text) if INTEGER.match(text) else (text,)


def _found(mock: MockService, resource: str, text: str) -> Key | None:
    return next((key for key in _keys(text) if mock.item(resource, key) is not None), None)


def _existing(mock: MockService, resource: str, text: str) -> Key:
    key = _found(mock, _known(mock, resource), text)
    if key is None:
        raise ControlError(404, f"there is no {resource} {text}")
    return key


def _new(text: str, item: Any) -> Key:
    """The key of an item that does not exist yet; digits are a text where the item itself has them as a text."""
    return text if isinstance(item, dict) and text in item.values() else _keys(text)[0]


ROUTES: Routes = (
    ("/state", "GET", get_state),
    ("/state", "PUT", put_state),
    ("/state", "PATCH", patch_state),
    ("/state/<resource>", "GET", get_resource),
    ("/state/<resource>/<path:key>", "GET", get_item),
    ("/state/<resource>/<path:key>", "PUT", put_item),
    ("/state/<resource>/<path:key>", "PATCH", patch_item),
    ("/state/<resource>/<path:key>", "DELETE", delete_item),
    ("/reset", "POST", reset),
    ("/populate", "POST", populate),
)
