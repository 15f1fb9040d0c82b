"""The API of `fixtures/contracts/pets` on FastAPI and Pydantic, with the conventions that these have by themselves.

Invalid input is a 422, members that are not in a model are dropped, the newest come first, and texts are trimmed.
"""

import socket
import sys
from datetime import UTC, datetime
from itertools import count
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, StringConstraints
from starlette.exceptions import HTTPException

app = FastAPI()
api = APIRouter(prefix="/api")
pets: dict[int, dict[str, Any]] = {}
visits: dict[int, dict[UUID, dict[str, Any]]] = {}
users: dict[str, dict[str, Any]] = {}
settings: dict[str, Any] = {"language": "en", "newsletter": False}
ids = count(4711, 3)

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class NewPet(BaseModel):
    name: Name
    kind: Literal["cat", "dog", "bird"]
    tags: list[str] = []


class PetChange(BaseModel):
    name: Name = ""
    kind: Literal["cat", "dog", "bird"] = "cat"
    tags: list[str] = []


class NewVisit(BaseModel):
    reason: str
    cost: float | None = None


class User(BaseModel):
    email: Annotated[str, StringConstraints(to_lower=True)]
    password: str | None = None


class Settings(BaseModel):
    language: str = "en"
    newsletter: bool = False


@app.exception_handler(HTTPException)
async def as_documented(request: Request, error: HTTPException) -> JSONResponse:
    return JSONResponse({"error": error.detail}, error.status_code)


def pet_of(pet_id: int) -> dict[str, Any]:
    if pet_id not in pets:
        raise HTTPException(404, f"no pet {pet_id}")
    return pets[pet_id]


@api.get("/pets")
def list_pets(
    kind: str | None = None, tag: str | None = None, sort: str | None = None, limit: int = 20, offset: int = 0
) -> dict[str, Any]:
    found = [pet for pet in reversed(pets.values()) if kind in (None, pet["kind"]) and (not tag or tag in pet["tags"])]
    if sort:
        found.sort(key=lambda pet: str(pet.get(sort.lstrip("-"))), reverse=sort.startswith("-"))
    return {"data": found[offset : offset + limit], "total": len(found)}


@api.post("/pets", status_code=201)
def create_pet(new: NewPet) -> dict[str, Any]:
    id = next(ids)
    pets[id] = {"id": id, **new.model_dump(), "created_at": datetime.now(UTC).isoformat()}
    return pets[id]


@api.get("/pets/{pet_id}")
def get_pet(pet_id: int) -> dict[str, Any]:
    return pet_of(pet_id)


@api.put("/pets/{pet_id}")
def update_pet(pet_id: int, new: NewPet) -> dict[str, Any]:
    pet_of(pet_id).update(new.model_dump())
    return pets[pet_id]


@api.patch("/pets/{pet_id}")
def change_pet(pet_id: int, change: PetChange) -> dict[str, Any]:
    pet_of(pet_id).update(change.model_dump(exclude_unset=True))
    return pets[pet_id]


@api.delete("/pets/{pet_id}", status_code=204)
def delete_pet(pet_id: int) -> Response:
    pets.pop(pet_id, None)
    visits.pop(pet_id, None)
    return Response(status_code=204)


@api.get("/pets/{pet_id}/visits")
def list_visits(pet_id: int) -> list[dict[str, Any]]:
    pet_of(pet_id)
    return [*visits.get(pet_id, {}).values()]


@api.post("/pets/{pet_id}/visits", status_code=201)
def add_visit(pet_id: int, new: NewVisit) -> dict[str, Any]:
    pet_of(pet_id)
    id = uuid4()
    cost = {} if new.cost is None else {"cost": round(new.cost, 2)}
    visits.setdefault(pet_id, {})[id] = {"id": str(id), "reason": new.reason, **cost}
    return visits[pet_id][id]


@api.get("/pets/{pet_id}/visits/{visit_id}")
def get_visit(pet_id: int, visit_id: UUID) -> dict[str, Any]:
    found = visits.get(pet_id, {}).get(visit_id)
    if found is None:
        raise HTTPException(404, f"no visit {visit_id}")
    return found


@api.post("/pets/{pet_id}/vaccinate", status_code=202)
def vaccinate_pet(pet_id: int) -> dict[str, Any]:
    pet_of(pet_id)
    return {"message": "ordered"}


@api.get("/users/{username}")
def get_user(username: str) -> dict[str, Any]:
    if username not in users:
        raise HTTPException(404, f"no user {username}")
    return users[username]


@api.put("/users/{username}")
def put_user(username: str, user: User, response: Response) -> dict[str, Any]:
    response.status_code = 200 if username in users else 201
    users[username] = {"username": username, "email": user.email}
    return users[username]


@api.get("/settings")
def get_settings() -> dict[str, Any]:
    return settings


@api.patch("/settings")
async def change_settings(request: Request) -> Any:
    try:
        change = Settings.model_validate_json(await request.body())
    except ValueError:
        return JSONResponse({"error": "these are no settings"}, 400)
    settings.update(change.model_dump(exclude_unset=True))
    return settings


app.include_router(api)

if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as for a listener that uvicorn makes itself
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])
