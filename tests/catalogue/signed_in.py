"""Servers that sign up accounts, log them in and out, and show who asks."""

from collections.abc import Callable

from tests.catalogue import reception
from tests.catalogue.reception import (
    MANAGER,
    Account,
    accounts,
    begin,
    current,
    log_in,
    public,
    sessions,
    token_in,
)
from tests.catalogue.server import Server
from tests.catalogue.ways import Member, correct, on, with_body, wrong
from tests.support.servers.serving import Answer, Asked

Does = Callable[[Server, Asked], Answer]


def any_password(account: Account | None, password: str) -> bool:
    return account is not None


def first_letters(account: Account | None, password: str) -> bool:
    return account is not None and account["password"][:4] == password[:4]


def one_for_all(server: Server, account: Account) -> str:
    return "the-token-of-everyone"


def same_for_each(server: Server, account: Account) -> str:
    return f"the-token-of-{account['email']}"


def unknown_session(server: Server, account: Account, token: str) -> Answer:
    """The session of a login is not remembered."""
    answer = begin(server, account, token)
    del sessions(server)[token]
    return answer


def single_session(server: Server, account: Account, token: str) -> Answer:
    """A login ends the other sessions of the account."""
    for other in [one for one, email in sessions(server).items() if email == account["email"]]:
        del sessions(server)[other]
    return begin(server, account, token)


def second_factor(server: Server, account: Account, token: str) -> Answer:
    return Answer(200, {"secondFactor": True})


def after_three(server: Server, asked: Asked) -> Answer:
    """An account is locked after three wrong passwords."""
    tries, email = server.memory.setdefault("tries", {}), asked.body["email"]
    if tries.get(email, 0) >= 3:
        return server.problem(403, "locked")
    answer = log_in()(server, asked)
    tries[email] = tries.get(email, 0) + 1 if answer.status == 401 else 0
    return answer


def not_confirmed(status: int, message: str) -> Does:
    """A read for accounts alone whose address was confirmed."""

    def does(server: Server, asked: Asked) -> Answer:
        return server.problem(status, message) if current(server, asked) != MANAGER else server.right(asked)

    return does


def refusing_new(status: int) -> Does:
    """A login for accounts alone that were approved."""

    def does(server: Server, asked: Asked) -> Answer:
        is_new = asked.body["email"] != MANAGER["email"]
        return server.problem(status, "wrong name or password") if is_new else server.right(asked)

    return does


def refusing_codes(server: Server, asked: Asked) -> Answer:
    """A login that takes a code of a second factor, which this account has not."""
    return server.problem(401, "wrong code") if "code" in asked.body else server.right(asked)


def the_manager(server: Server, asked: Asked) -> Answer:
    return Answer(200, public(MANAGER))


def the_latest(server: Server, asked: Asked) -> Answer:
    """The account that was signed up last."""
    return Answer(200, public([*accounts(server).values()][-1]))


def in_capitals(server: Server, asked: Asked) -> Answer:
    shown = public(current(server, asked))
    return Answer(200, {**shown, "email": shown["email"].upper()})


def only_id(server: Server, asked: Asked) -> Answer:
    return Answer(200, {"id": current(server, asked)["id"]})


def next_token(server: Server, asked: Asked, answer: Answer) -> Answer:
    """A token is good for one request."""
    sessions(server).pop(token_in(asked) if token_in(asked) != "of-the-manager" else "", None)
    return answer


def forgets_cookie(server: Server, asked: Asked) -> Answer:
    """A logout that asks the client to forget the cookie, and does nothing else."""
    return Answer(204, headers={"Set-Cookie": "stay=; Max-Age=0"})


def keeps_session(server: Server, asked: Asked) -> Answer:
    return Answer(204)


def read_by_anyone(server: Server, asked: Asked) -> Answer:
    return server.read(asked.path, asked)


def deleted_by_anyone(server: Server, asked: Asked) -> Answer:
    return server.delete(asked.path, asked)


def listed_to_anyone(server: Server, asked: Asked) -> Answer:
    return Answer(200, server.below(asked.path))


DEFECTS: tuple[Member, ...] = (
    *(
        wrong(shape, name, "logIn.refused-with-wrong-password", does={"logIn": log_in(compared)})
        for shape in ("guests", "visitors", "lodge")
        for name, compared in (("any password is taken", any_password),)
    ),
    wrong(
        "guests",
        "the first letters of a password are enough",
        "logIn.refused-with-wrong-password",
        does={"logIn": log_in(first_letters)},
    ),
    *(
        wrong(shape, "a new session is not known", "logIn.gives-session", does={"logIn": log_in(begin=unknown_session)})
        for shape in ("guests", "visitors", "lodge")
    ),
    wrong("lodge", "no password is right", "logIn.gives-session", does={"logIn": log_in(lambda one, text: False)}),
    wrong(
        "guests",
        "everyone gets one token",
        "logIn.gives-session getMe.shows-own-user",
        does={"logIn": log_in(token_of=one_for_all)},
    ),
    *(
        wrong(shape, f"the current user is {name}", "getMe.shows-own-user", does={"getMe": does})
        for shape in ("guests", "visitors")
        for name, does in (("always the first", the_manager), ("the latest", the_latest))
    ),
    wrong("guests", "a logout leaves the session", "logOut.ends-session", does={"logOut": keeps_session}),
    wrong("lodge", "a logout leaves the session to the client", "logOut.ends-session", does={"logOut": forgets_cookie}),
    wrong(
        "guests",
        "a login answers with another type",
        "logIn.answers-as-documented",
        spoil=on("logIn", with_body({"accessToken": 7})),
    ),
    wrong("guests", "anyone reads a diary", "getDiary.unknown-is-404", does={"getDiary": read_by_anyone}),
    wrong("guests", "anyone deletes a diary", "deleteDiary.unknown-is-404", does={"deleteDiary": deleted_by_anyone}),
    wrong(
        "guests",
        "diaries of others are listed",
        "createDiary.listed-after-create",
        does={"listDiaries": listed_to_anyone},
    ),
)

CORRECT: tuple[Member, ...] = (
    *(correct(shape, "as it is", keeps=shape == "visitors") for shape in ("guests", "visitors", "lodge")),
    *(
        correct(shape, name, keeps=shape == "visitors" or is_closed, does=does)
        for shape in ("guests", "visitors")
        for name, is_closed, does in (
            ("an account has one token", False, {"logIn": log_in(token_of=same_for_each)}),
            ("an account has one session at a time", False, {"logIn": log_in(begin=single_session)}),
            ("an account is locked after three wrong passwords", False, {"logIn": after_three}),
            ("a second factor is asked for", True, {"logIn": log_in(begin=second_factor)}),
            ("accounts must be approved first", True, {"logIn": refusing_new(401)}),
            ("new accounts may not log in yet", True, {"logIn": refusing_new(403)}),
            (
                "new accounts may do nothing",
                False,
                {"getMe": not_confirmed(403, "no"), "listRooms": not_confirmed(403, "no")},
            ),
            (
                "addresses must be verified first",
                False,
                dict.fromkeys(("getMe", "listRooms"), not_confirmed(401, "verify your address first")),
            ),
            ("the current user is shown in capitals", False, {"getMe": in_capitals}),
            ("the current user has no name", False, {"getMe": only_id}),
        )
    ),
    correct("guests", "nobody can sign up", does={"signUp": lambda server, asked: server.problem(403)}),
    correct("guests", "a token is good for one request", spoil=next_token),
    correct("visitors", "a logout ends the session all the same", keeps=True, does={"logOut": reception.log_out}),
    correct("lodge", "a code that is sent must be right", does={"logIn": refusing_codes}),
    correct("lodge", "a wrong password is answered 200", does={"logIn": log_in(refusal=Answer(200, {"error": "no"}))}),
    correct(
        "lodge",
        "every visitor gets a cookie",
        does={"logIn": log_in(refusal=Answer(200, {"error": "no"}, {"Set-Cookie": "stay=of-a-visitor"}))},
    ),
)
