"""Documents that are combined: each has a collection of things."""

from typing import Any


def document(noun: str, base: str = "", **more: Any) -> dict[str, Any]:
    """A document with a collection of things, which all such documents call Thing, and an operation `list`."""
    thing = {"$ref": "#/components/schemas/Thing"}
    shown = {"description": "d", "content": {"application/json": {"schema": thing}}}
    listed = {"application/json": {"schema": {"type": "array", "items": thing}, "example": [{"id": 1, "name": noun}]}}
    key = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": noun, "version": "1"},
        **({"servers": [{"url": f"https://example.com{base}"}]} if base else {}),
        "paths": {
            f"/{noun}s": {
                "get": {"operationId": "list", "responses": {"200": {"description": "d", "content": listed}}},
                "post": {
                    "requestBody": {"required": True, "content": {"application/json": {"schema": thing}}},
                    "responses": {"201": shown},
                },
            },
            f"/{noun}s/{{id}}": {
                "parameters": [key],
                "get": {"responses": {"200": shown, "404": {"description": "none"}}},
            },
        },
        "components": {
            "schemas": {
                "Thing": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"id": {"type": "integer", "readOnly": True}, "name": {"type": "string"}},
                }
            }
        },
        **more,
    }
