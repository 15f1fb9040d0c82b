"""The items that a story created, and the paths at which it deleted some."""

from lookalike.http import Headers, Request, Response
from lookalike.verify.oracle.tracked_items import CreatedItems

DELETE = Request("DELETE", "/terminals/2", "", Headers({}), b"", 0.0)


def test_an_item_with_the_key_of_a_deleted_one_is_still_to_be_deleted() -> None:
    created = CreatedItems()
    created.note(DELETE, Response(204, (), b""))
    assert created.is_deleted(DELETE.path)
    created.note_made(DELETE.path)
    assert not created.is_deleted(DELETE.path)
