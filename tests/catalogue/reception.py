"""What a server does with accounts: it signs them up, logs them in and out, and shows who asks.

Sessions are in the server's memory by their tokens, accounts by their addresses.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from tests.support.servers.serving import Answer, Asked

if TYPE_CHECKING:
    from tests.catalogue.server import Server

Account = dict[str, Any]
MANAGER = {"id": 0, "email": "ann@example.com", "name": "Ann", "password": "opensesame"}


def accounts(server: "Server") -> dict[str, Account]:
    """The accounts by their addresses; that of the manager was there before."""
    found: dict[str, Account] = server.memory.setdefault("accounts", {MANAGER["email"]: {**MANAGER}})
    return found


def sessions(server: "Server") -> dict[str, str]:
    """The addresses of the accounts that are logged in, by their tokens."""
    found: dict[str, str] = server.memory.setdefault("sessions", {"of-the-manager": MANAGER["email"]})
    return found


def token_in(asked: Asked) -> str:
    """The token of a request, in its Authorization field or in a cookie."""
    given = asked.headers.get("authorization", "")
    return given.removeprefix("Bearer ") if given.startswith("Bearer ") else _cookie(asked)


def _cookie(asked: Asked) -> str:
    name, _, value = asked.headers.get("cookie", "").partition("=")
    return value if name == "stay" else ""


def current(server: "Server", asked: Asked) -> Account:
    """The account whose token a request has."""
    return accounts(server)[sessions(server)[token_in(asked)]]


def public(account: Account) -> dict[str, Any]:
    return {name: account[name] for name in ("id", "email", "name") if name in account}


def sign_up(server: "Server", asked: Asked) -> Answer:
    if asked.body["email"] in accounts(server):
        return server.problem(409, "that address is taken")
    account = {"id": next(server.numbers), **asked.body}
    accounts(server)[account["email"]] = account
    return Answer(201, public(account))


def new_token(server: "Server", account: Account) -> str:
    """Another token at each login."""
    server.memory["logins"] = server.memory.get("logins", 0) + 1
    return sha256(f"{account['email']} {server.memory['logins']}".encode()).hexdigest()


def is_right(account: Account | None, password: str) -> bool:
    return account is not None and account["password"] == password


def begin(server: "Server", account: Account, token: str) -> Answer:
    """The answer to a login, which is accepted from now on."""
    sessions(server)[token] = account["email"]
    if server.shape.name == "lodge":
        return Answer(200, {}, {"Set-Cookie": f"stay={token}; HttpOnly"})
    return Answer(200, {"accessToken": token})


def log_in(
    is_right: Callable[[Account | None, str], bool] = is_right,
    token_of: Callable[["Server", Account], str] = new_token,
    begin: Callable[["Server", Account, str], Answer] = begin,
    refusal: Answer | None = None,
) -> Callable[["Server", Asked], Answer]:
    """A login with its own ways to compare passwords, to make tokens, to begin a session, and to refuse one."""

    def does(server: "Server", asked: Asked) -> Answer:
        account = accounts(server).get(asked.body["email"])
        if not is_right(account, asked.body["password"]) or account is None:
            return refusal or server.problem(401, "wrong name or password")
        return begin(server, account, token_of(server, account))

    return does


def log_out(server: "Server", asked: Asked) -> Answer:
    if server.shape.name != "visitors":
        del sessions(server)[token_in(asked)]
    return Answer(204)


def get_me(server: "Server", asked: Asked) -> Answer:
    return Answer(200, public(current(server, asked)))


def delete_me(server: "Server", asked: Asked) -> Answer:
    gone = current(server, asked)["email"]
    del accounts(server)[gone]
    for token in [one for one, email in sessions(server).items() if email == gone]:
        del sessions(server)[token]
    return Answer(204)


def list_rooms(server: "Server", asked: Asked) -> Answer:
    return Answer(200, ["blue", "red"])


def create_diary(server: "Server", asked: Asked) -> Answer:
    number = next(server.numbers)
    item = {"id": number, "title": asked.body["title"]}
    server.store(("diaries", str(number)), item)
    server.memory[f"owner of {number}"] = current(server, asked)["email"]
    return Answer(201, item)


def is_own(server: "Server", asked: Asked, key: str) -> bool:
    """Whether a diary is that of the account whose token a request has."""
    return bool(server.memory.get(f"owner of {key}") == current(server, asked)["email"])


def list_diaries(server: "Server", asked: Asked) -> Answer:
    return Answer(200, [one for one in server.below(asked.path) if is_own(server, asked, str(one["id"]))])


def get_diary(server: "Server", asked: Asked) -> Answer:
    return server.read(asked.path, asked) if is_own(server, asked, asked.path[1]) else server.problem(404)


def delete_diary(server: "Server", asked: Asked) -> Answer:
    return server.delete(asked.path, asked) if is_own(server, asked, asked.path[1]) else server.problem(404)


OPERATIONS: dict[str, Callable[["Server", Asked], Answer]] = {
    "signUp": sign_up,
    "logIn": log_in(),
    "logOut": log_out,
    "getMe": get_me,
    "deleteMe": delete_me,
    "listRooms": list_rooms,
    "createDiary": create_diary,
    "listDiaries": list_diaries,
    "getDiary": get_diary,
    "deleteDiary": delete_diary,
}
