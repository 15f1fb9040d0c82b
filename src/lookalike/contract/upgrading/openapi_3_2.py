"""OpenAPI 3.2 in terms of 3.1, which it adds to: what the additions mean for a server and its clients.

Media types that are referred to were put in their places when the document was bundled, and the method QUERY is read
like every other.
"""

from typing import Any

from lookalike.contract.document import Document, Origin
from lookalike.contract.kinds import objects, pointer_of


def upgrade(document: Document) -> Document:
    """The document in terms of OpenAPI 3.1."""
    moved: dict[tuple[str, ...], Origin] = {}
    for link, node, kind in objects(document.data):
        if kind == "example" and "dataValue" in node and "value" not in node:
            here = pointer_of(link)
            node["value"] = node.pop("dataValue")
            moved[(*map(str, here), "value")] = Origin((*here, "dataValue"))
        elif kind == "media-type" and "itemSchema" in node:
            _items(node)
    document.data["openapi"] = "3.1.1"
    return document.moved(document.data, moved)


def _items(media: dict[str, Any]) -> None:
    """A schema of each item of a sequence is that of a list's items (3.2.0 section 4.14.1)."""
    media.setdefault("schema", {"type": "array", "items": media["itemSchema"]})
