"""Repositories that are found by their names."""

import json
from typing import Any

from jsonschema import Draft202012Validator

from tests.support.servers.serving import Answer, Asked

ERROR = {"description": "no", "content": {"application/json": {"schema": {"type": "object"}}}}


def document(paths: dict[str, Any], **schemas: Any) -> str:
    info = {"title": "Unusual", "version": "1"}
    return json.dumps({"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}})


def shown(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "done", "content": {"application/json": {"schema": schema}}}


def taken(schema: dict[str, Any], media: str = "application/json") -> dict[str, Any]:
    return {"required": True, "content": {media: {"schema": schema}}}


NAME = {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"}
TITLE = {"type": "string", "minLength": 1}


class Repositories:
    """Repositories that are found by their names, and whose PATCH has a member for another name."""

    def __init__(self, member: str = "name", needed: bool = False, forgets_titles: bool = False) -> None:
        self.member, self.needed, self.forgets_titles = member, needed, forgets_titles
        self.items = {"mine": {"name": "mine", "title": "Mine"}}
        repository, parameter = {"$ref": "#/components/schemas/Repository"}, {"name": "name", "in": "path"}
        self.document = document(
            {
                "/repositories": {
                    "get": {"operationId": "list", "responses": {"200": shown({"type": "array", "items": repository})}},
                    "post": {
                        "operationId": "create",
                        "requestBody": taken(repository),
                        "responses": {"201": shown(repository), "400": ERROR},
                    },
                },
                "/repositories/{name}": {
                    "parameters": [{**parameter, "required": True, "schema": NAME}],
                    "get": {"operationId": "read", "responses": {"200": shown(repository), "404": ERROR}},
                    "patch": {
                        "operationId": "change",
                        "requestBody": taken(
                            {
                                "type": "object",
                                "required": [member] if needed else [],
                                "properties": {member: NAME, "title": TITLE},
                            }
                        ),
                        "responses": {"200": shown(repository), "400": ERROR, "404": ERROR},
                    },
                    "delete": {"operationId": "delete", "responses": {"204": {"description": "done"}, "404": ERROR}},
                },
            },
            Repository={
                "type": "object",
                "required": ["name", "title"],
                "properties": {"name": NAME, "title": TITLE},
            },
        )
        schemas = json.loads(self.document)
        self.new = Draft202012Validator(schemas["components"]["schemas"]["Repository"])
        change = schemas["paths"]["/repositories/{name}"]["patch"]["requestBody"]
        self.change = Draft202012Validator(change["content"]["application/json"]["schema"])

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == ("repositories",):
            return Answer(200, [*self.items.values()]) if asked.method == "GET" else self._created(asked.body)
        found = self.items.get(asked.path[-1])
        if found is None:
            return Answer(404, {})
        if asked.method == "PATCH":
            if not self.change.is_valid(asked.body) or (self.member in asked.body and not self.needed):
                return Answer(400, {})
            new = {**found, **({} if self.forgets_titles else {"title": asked.body.get("title", found["title"])})}
            new["name"] = asked.body.get(self.member, found["name"])
            del self.items[found["name"]]
            found = self.items[new["name"]] = new
        if asked.method == "DELETE":
            del self.items[found["name"]]
            return Answer(204)
        return Answer(200, found)

    def _created(self, body: Any) -> Answer:
        if not self.new.is_valid(body) or body["name"] in self.items:
            return Answer(400, {})
        self.items[body["name"]] = body
        return Answer(201, body)
