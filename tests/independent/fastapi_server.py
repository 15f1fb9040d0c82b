"""The Lead API on FastAPI, Pydantic and Uvicorn, as one would write it there; numbers are international."""

import copy
import json
import socket
import sys
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from starlette.exceptions import HTTPException

WORLD: dict[str, Any] = json.loads(sys.stdin.readline()) if __name__ == "__main__" else {}
LARGEST = 2**53

app = FastAPI()
bearer = HTTPBearer(auto_error=False)
leads: list[dict[str, Any]] = []


def whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def storable(value: dict[str, Any]) -> dict[str, Any]:
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # neither NaN nor half a surrogate pair
    return value


def broken(value: Any) -> Any:
    if isinstance(value, int):
        raise ValueError("not a fraction")
    return value


Whole = Annotated[int, Field(strict=True, ge=-LARGEST, le=LARGEST)]
Fraction = Annotated[float, BeforeValidator(broken), Field(strict=True, allow_inf_nan=False)]
Integer = Annotated[Whole, BeforeValidator(whole)]
Tag = Annotated[Whole | Fraction, BeforeValidator(whole)]


class Update(BaseModel):
    model_config = ConfigDict(strict=True)

    add_tags: list[Tag] = []
    remove_tags: list[Tag] = []
    lead_data: Annotated[dict[str, Any], AfterValidator(storable)] = {}
    new_contact_number: Integer = 0
    new_country_code: Integer = 0

    @model_validator(mode="after")
    def go_together(self) -> "Update":
        given = self.model_fields_set
        if "new_contact_number" in given and "new_country_code" not in given:
            raise ValueError("new_country_code is required when new_contact_number is present")
        if not given & {"add_tags", "remove_tags", "lead_data", "new_contact_number"}:
            raise ValueError("nothing to update")
        return self


def envelope(status: int, message: str | list[str], headers: Any = None) -> JSONResponse:
    return JSONResponse({"status": status, "message": message, "success": status < 400}, status, headers)


@app.exception_handler(RequestValidationError)
def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    return envelope(400, [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()])


@app.exception_handler(HTTPException)
def failed(request: Request, error: HTTPException) -> JSONResponse:
    return envelope(error.status_code, [error.detail] if error.status_code == 400 else error.detail, error.headers)


def authorized(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> None:
    if credentials is None or WORLD["tokens"].get(credentials.credentials) != "valid":
        raise HTTPException(401, "UnAuthorized Access-Token!", {"WWW-Authenticate": "Bearer"})


def digits(lead: dict[str, Any]) -> str:
    text = f"{lead['country_code']}{lead['contact_number']}"
    return text.lstrip("0") or "0"


def find(number: str) -> dict[str, Any]:
    lead = next((lead for lead in leads if digits(lead) == number), None)
    if lead is None:
        raise HTTPException(404, "Invalid contact number!")
    return lead


def in_range(number: str) -> str:
    if int(number) > LARGEST:
        raise ValueError("the contact number is too large")
    return number


Number = Annotated[str, Path(pattern="^(0|[1-9][0-9]{0,30})$"), AfterValidator(in_range)]


@app.put("/leads/{number}/update", dependencies=[Depends(authorized)])
async def update(number: Number, body: Update) -> JSONResponse:
    lead, given = find(number), body.model_fields_set
    changed = dict(lead)
    if "new_contact_number" in given:
        changed["contact_number"] = body.new_contact_number
    if "new_country_code" in given:
        changed["country_code"] = body.new_country_code
    if any(digits(other) == digits(changed) for other in leads if other is not lead):
        raise HTTPException(400, "this number belongs to another lead")
    tags = list(dict.fromkeys([*lead["tags"], *body.add_tags]))
    changed["tags"] = [tag for tag in tags if tag not in body.remove_tags]
    changed["data"] = {**lead["data"], **body.lead_data}
    lead.update(changed)
    return envelope(201, "Successfully updated lead.")


@app.get("/leads/{number}", dependencies=[Depends(authorized)])
async def show(number: str) -> JSONResponse:
    shown = next((lead for lead in leads if number in {digits(lead), str(lead["contact_number"])}), None)
    return JSONResponse(shown) if shown else envelope(404, "Invalid contact number!")


@app.post("/reset")
async def reset(request: Request) -> JSONResponse:
    leads[:] = copy.deepcopy(json.loads(await request.body() or b"null") or WORLD)["leads"]
    return JSONResponse({})


if __name__ == "__main__":
    leads[:] = copy.deepcopy(WORLD["leads"])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off")).run([listener])
