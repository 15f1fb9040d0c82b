"""Signing in is judged with accounts that the run signs up itself, and that of the target file stays as it is."""

import json
from pathlib import Path

import pytest

from tests.catalogue.reception import MANAGER, accounts, log_in, sessions
from tests.catalogue.server import Server, Ways
from tests.catalogue.shapes import SHAPES
from tests.catalogue.signed_in import CORRECT, DEFECTS
from tests.catalogue.ways import Member
from tests.support.servers.judging import CLAUSES, Judged, judged
from tests.support.servers.serving import Answer, Asked, serving

RULES = ("logIn.gives-session", "logIn.refused-with-wrong-password", "logOut.ends-session", "getMe.shows-own-user")
OF_THE_MANAGER = "Bearer of-the-manager"


def judge(server: Server, cwd: Path, *options: str, target: str = "") -> Judged:
    document = cwd / "openapi.json"
    document.write_text(json.dumps(server.shape.document))
    with serving(server) as url:
        return judged(url, cwd, *options, document=document, target=target or server.shape.target)


def about(shape: str, *rules: str) -> list[str]:
    """The options to judge by some clauses, as far as the document has them, and by one about a read."""
    missing = {"visitors": "logOut.ends-session", "lodge": "getMe.shows-own-user"}.get(shape)
    clauses = ["listRooms.answers-as-documented", *(one for one in rules if one != missing)]
    return [*CLAUSES, *(text for one in clauses for text in ("--clause", one))]


def other_than(shape: str, members: tuple[Member, ...]) -> list[Member]:
    """The members of other shapes; the catalogue has them all."""
    return [one for one in members if one.shape != shape]


@pytest.mark.parametrize("member", other_than("visitors", DEFECTS), ids=lambda one: one.name)
def test_a_defect_of_signing_in_is_named(member: Member, tmp_path: Path) -> None:
    found = judge(member.server(), tmp_path, *about(member.shape, *member.clauses))
    assert set(member.clauses) & found.failures().keys(), found.output


@pytest.mark.parametrize("member", other_than("guests", CORRECT), ids=lambda one: one.name)
def test_a_correct_way_of_signing_in_is_accused_of_nothing(member: Member, tmp_path: Path) -> None:
    found = judge(member.server(), tmp_path, *about(member.shape, *RULES))
    assert found.failures() == {}, found.output


def test_the_account_of_the_credentials_is_neither_changed_nor_logged_out_nor_deleted(tmp_path: Path) -> None:
    server = Server("guests", Ways())
    found = judge(server, tmp_path, *CLAUSES)
    assert accounts(server) == {MANAGER["email"]: MANAGER}
    assert "of-the-manager" in sessions(server)
    sent = [one for one in server.asked if one.headers.get("authorization") == OF_THE_MANAGER]
    assert {(one.method, *one.path) for one in sent if "diaries" not in one.path} == {("GET", "me"), ("GET", "rooms")}
    assert {"deleteMe.answers-as-documented", "logOut.answers-as-documented"} <= found.held()


def test_without_a_sign_up_nobody_is_logged_out(tmp_path: Path) -> None:
    server = Server("lodge", Ways())
    found = judge(server, tmp_path, *CLAUSES, target="credentials: {stay: {valid: of-the-manager}}\n")
    assert {one.method for one in server.asked} == {"GET"}, found.output
    assert "logOut.is-implemented" not in found.held()


def test_a_wrong_password_is_tried_once_and_with_an_account_of_the_run_alone(tmp_path: Path) -> None:
    tries: list[Asked] = []

    def noting(server: Server, asked: Asked) -> Answer:
        answer = log_in()(server, asked)
        tries.extend([asked] if answer.status == 401 and asked.body["email"] in accounts(server) else [])
        return answer

    server = Server("guests", Ways(does={"logIn": noting}))
    found = judge(server, tmp_path, *CLAUSES)
    assert "logIn.refused-with-wrong-password" in found.held(), found.output
    assert len(tries) == 1
    assert tries[0].body["email"] != MANAGER["email"]


def test_no_wrong_password_is_tried_with_the_account_of_the_target_file_if_the_server_is_to_last(
    tmp_path: Path,
) -> None:
    server = Server("lodge", Ways())
    target = SHAPES["lodge"].target.replace("disposable: true\n", "")
    found = judge(server, tmp_path, *CLAUSES, target=target)
    passwords = {one.body["password"] for one in server.asked if one.method == "POST"}
    assert passwords == {MANAGER["password"]}
    assert "could lock" in found.statuses()["logIn.refused-with-wrong-password"]
    assert "logIn.gives-session" in found.held()


def test_the_password_of_the_target_file_is_never_shown(tmp_path: Path) -> None:
    found = judge(DEFECTS[2].server(), tmp_path, *about("lodge", "logIn.refused-with-wrong-password"))
    assert found.failures(), found.output
    assert "opensesame" not in found.output + json.dumps(found.report)
    assert "$PASSWORD" in found.output
