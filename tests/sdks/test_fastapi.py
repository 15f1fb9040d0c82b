"""An app's document as FastAPI writes it, and a client that reads each answer by the app's own models."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, TypeAdapter

from tests.support.running import running_mock


class Status(StrEnum):
    """The states of a visit."""

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


class Model(BaseModel):
    """A model that allows no other members, as a client in a language with types."""

    model_config = ConfigDict(extra="forbid")


class Credentials(Model):
    """What a login takes."""

    email: str
    password: str


class Token(Model):
    """What a login gives."""

    access_token: str
    token_type: str = "bearer"


class User(Model):
    """Who is logged in."""

    id: UUID
    email: str


class NewDoctor(Model):
    """A doctor without a key."""

    name: str


class Doctor(NewDoctor):
    """A doctor."""

    id: int


class NewVisit(Model):
    """A visit as it is booked."""

    doctor_id: int
    starts_at: datetime
    minutes: int = 30


class Visit(NewVisit):
    """A visit, and what became of it."""

    id: UUID
    status: Status
    booked_by_id: UUID
    cancelled_at: datetime | None
    cancellation_reason: str | None


class Reason(Model):
    """Why a visit is cancelled."""

    reason: str


class Visits(Model):
    """A page of visits."""

    data: list[Visit]
    count: int


Secured = Annotated[Any, Depends(HTTPBearer())]


def clinic() -> FastAPI:
    """The app, whose functions are never called: its document is all that is used of it."""
    app = FastAPI(title="Clinic")

    @app.post("/login", response_model=Token)
    def login(body: Credentials) -> None: ...

    @app.get("/users/me", response_model=User)
    def me(token: Secured) -> None: ...

    @app.post("/doctors/", response_model=Doctor, status_code=201)
    def hire(token: Secured, body: NewDoctor) -> None: ...

    @app.get("/doctors/", response_model=list[Doctor])
    def doctors(token: Secured) -> None: ...

    @app.get("/doctors/{doctor_id}/visits", response_model=list[Visit])
    def visits_of_doctor(token: Secured, doctor_id: int) -> None: ...

    @app.post("/visits/", response_model=Visit, status_code=201)
    def book(token: Secured, body: NewVisit) -> None: ...

    @app.get("/visits/", response_model=Visits)
    def visits(token: Secured, status: Status | None = None, skip: int = 0, limit: int = 100) -> None: ...

    @app.get("/visits/{visit_id}", response_model=Visit)
    def visit(token: Secured, visit_id: UUID) -> None: ...

    @app.post("/visits/{visit_id}/cancel", response_model=Visit)
    def cancel(token: Secured, visit_id: UUID, body: Reason) -> None: ...

    return app


Call = Callable[..., Any]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    document: Path = tmp_path_factory.mktemp("clinic") / "openapi.json"
    document.write_text(json.dumps(clinic().openapi()))
    with running_mock(str(document), "--log", "off") as mock, httpx.Client(base_url=mock.url) as client:
        yield client


@pytest.fixture
def call(client: httpx.Client) -> Call:
    """Sends a model with a token, and reads the answer as another model."""

    def send(method: str, path: str, shown: Any, sent: BaseModel | None = None, **query: Any) -> Any:
        content = None if sent is None else sent.model_dump_json(exclude_unset=True)
        headers = {"Content-Type": "application/json"}
        answer = client.request(method, path, content=content, headers=headers, params=query)
        return TypeAdapter(shown).validate_json(answer.content)

    token = send("POST", "/login", Token, Credentials(email="asha@example.com", password="secret"))
    client.headers["Authorization"] = f"Bearer {token.access_token}"
    return send


def test_a_story_of_a_clinic_is_told_by_the_models_of_its_app(client: httpx.Client, call: Call) -> None:
    me = call("GET", "/users/me", User)
    first, second = (call("POST", "/doctors/", Doctor, NewDoctor(name=name)) for name in ("Rao", "Moe"))
    at = datetime(2026, 5, 4, 9, tzinfo=UTC)
    booked = [
        call("POST", "/visits/", Visit, NewVisit(doctor_id=one.id, starts_at=at)) for one in (first, second, first)
    ]
    begun = (booked[0].status, booked[0].minutes, booked[0].booked_by_id, booked[0].cancelled_at)
    assert begun == (Status.SCHEDULED, 30, me.id, None)
    page = call("GET", "/visits/", Visits, skip=2, limit=2)
    assert (page.data, page.count) == (booked[2:], 3)
    assert call("GET", f"/doctors/{second.id}/visits", list[Visit]) == [booked[1]]
    gone = call("POST", f"/visits/{booked[0].id}/cancel", Visit, Reason(reason="ill"))
    assert (gone.status, gone.cancellation_reason, gone.cancelled_at is None) == (Status.CANCELLED, "ill", False)
    assert call("GET", "/visits/", Visits, status="cancelled").data == [gone]
    assert client.get(f"/visits/{uuid4()}").status_code == 404
    assert client.post("/visits/", json={"doctor_id": "no"}).json()["detail"][0]["loc"][0] == "body"
