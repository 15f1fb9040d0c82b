"""The journal of a run holds each write before it is sent, and can be read however the run ended."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.errors import UsageError
from lookalike.http import Headers, Request, Response
from lookalike.verify.oracle.ledger import Deletion
from lookalike.verify.safety.journal import (
    Entry,
    Journal,
    JournalError,
    RecordedStatus,
    RecordedWrite,
    read_journal,
    remaining_creations,
)
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.transport import ConnectionSettings
from tests.support.answering import answering

URL = "https://staging.example.com/v1"
CREATE = Request("POST", "/pets", "", Headers({"Authorization": "Bearer s3cret"}), '{"name": "Čapek"}'.encode())
DELETE = Request("DELETE", "/pets/1")


def write(path: Path, url: str = URL, is_synced: bool = True) -> list[Entry]:
    """A journal of a run that created an item and deleted it, and its entries."""
    journal = Journal(path, url, is_synced=is_synced)
    journal.record_request(CREATE)
    journal.record_response(CREATE, 201)
    journal.record_creation(Deletion("deletePet", "/pets/1"))
    journal.record_request(DELETE)
    journal.record_response(DELETE, 204)
    journal.close()
    return [
        RecordedWrite("POST", "/pets", '{"name": "Čapek"}'),
        RecordedStatus("POST", "/pets", 201),
        Deletion("deletePet", "/pets/1"),
        RecordedWrite("DELETE", "/pets/1", ""),
        RecordedStatus("DELETE", "/pets/1", 204),
    ]


@pytest.mark.parametrize(("is_synced", "expected"), [(True, [["url"], ["method"], ["made"]]), (False, [])])
def test_each_line_without_which_something_would_stay_is_on_the_disk_at_once_where_that_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_synced: bool, expected: list[list[str]]
) -> None:
    synced: list[str] = []
    file = tmp_path / "journal.jsonl"
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(file.read_text().splitlines()[-1]))
    write(file, is_synced=is_synced)
    kinds = [sorted(json.loads(line).keys() & {"url", "method", "made"}) for line in synced]
    assert kinds == expected


def test_a_write_is_in_the_journal_before_the_server_has_it_and_a_read_is_not(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    seen: list[list[Entry]] = []

    def handle(request: Request) -> Response:
        seen.append(read_journal(file))
        return Response(201)

    with answering(handle) as url:
        client = Client(url, ConnectionSettings(), Budget())
        journal = Journal(file, client.url)
        client.before_each(journal.record_request)
        client.after_each(journal.record_response)
        client.send(CREATE)
        client.send(Request("GET", "/pets"))
        journal.close()
    assert [entries[-1] for entries in seen] == [
        RecordedWrite("POST", "/pets", '{"name": "Čapek"}'),
        RecordedStatus("POST", "/pets", 201),
    ]


def test_secrets_are_in_no_journal(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    journal = Journal(file, URL, lambda text: text.replace("s3cret", "$TOKEN"))
    journal.record_request(CREATE._replace(query="token=s3cret", body=b'{"token": "s3cret"}'))
    journal.close()
    assert "s3cret" not in file.read_text()
    assert read_journal(file) == [RecordedWrite("POST", "/pets", '{"token": "$TOKEN"}')]


def test_a_journal_that_ends_at_any_byte_is_read_up_to_there(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    entries = write(whole)
    content = whole.read_bytes()
    header = content.index(b"\n")
    for length in range(header, len(content)):
        cut.write_bytes(content[:length])
        read = read_journal(cut, URL)
        assert read == entries[: len(read)]
        assert len(read) >= content[:length].count(b"\n") - 1


def test_a_journal_that_ends_at_any_byte_is_continued_by_the_next_run(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    entries = write(whole)
    content = whole.read_bytes()
    for length in range(len(content)):
        cut.write_bytes(content[:length])
        write(cut)
        read = read_journal(cut, URL)
        assert read[-len(entries) :] == entries
        assert read[: -len(entries)] == entries[: len(read) - len(entries)]


def test_two_runs_that_share_a_journal_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    ours, theirs = Journal(file, URL), Journal(file, "http://localhost:1")
    for number in range(3):
        ours.record_creation(Deletion("deletePet", f"/pets/{number}"))
        theirs.record_creation(Deletion("deleteItem", f"/items/{number}"))
    ours.close()
    theirs.close()
    assert [entry.path for entry in read_journal(file, URL) if isinstance(entry, Deletion)] == [
        "/pets/0",
        "/pets/1",
        "/pets/2",
    ]
    assert len(read_journal(file)) == 6


def test_a_journal_about_another_server_is_refused_by_both_names(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    write(file)
    with pytest.raises(UsageError, match=f"is about {URL}, not about http://localhost:1"):
        read_journal(file, "http://localhost:1")


def test_a_line_that_is_none_of_a_journal_is_told_with_its_number(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    write(file)
    lines = file.read_text().splitlines()
    lines[2:2] = ["[1, 2]"]
    file.write_text("\n".join(lines))
    with pytest.raises(UsageError, match=r"journal.jsonl:3: this is not a line of a journal"):
        read_journal(file)


@given(
    st.one_of(st.binary(), st.lists(st.sampled_from(["{", "[", '"url"', ":", '"a"', "}", "\n", "0", ","])).map("".join))
)
def test_any_file_is_a_journal_or_told_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes | str
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.jsonl"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    try:
        read_journal(file)
    except UsageError as error:
        assert "\n" not in str(error)  # noqa: PT017  # most contents are refused, and a few are not


@pytest.mark.parametrize(
    "content",
    [
        b'{"url": "' + b"[" * 100_000,
        b"[" * 100_000 + b'\n{"url": "a"}',
        b'{"made": 1, "by": {}}\n{"url": 1}',
        b"\xff\xfe",
    ],
)
def test_a_hostile_file_is_told_in_one_line_or_read_as_far_as_it_is_a_journal(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "hostile.jsonl"
    file.write_bytes(content)
    try:
        assert read_journal(file) == []
    except UsageError as error:
        assert "\n" not in str(error)  # noqa: PT017  # some of them are refused, and some hold nothing


@pytest.mark.parametrize("name", [".", "missing.jsonl", "null\0.jsonl"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"cannot be read|is no regular file"):
        read_journal(tmp_path / name)


def test_a_journal_that_cannot_be_made_is_told_with_the_option(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be written: No such file or directory; give another"):
        Journal(tmp_path / "missing" / "journal.jsonl", URL)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="it is a device of Linux")
def test_a_full_disk_ends_the_run_before_anything_is_changed() -> None:
    with pytest.raises(JournalError, match="cannot be written: No space left on device; without it nothing may be"):
        Journal(Path("/dev/full"), URL)


# What is left


CREATED = Deletion("deletePet", "/pets/1")


def deleted(status: int) -> list[Entry]:
    return [RecordedWrite("DELETE", "/pets/1", ""), RecordedStatus("DELETE", "/pets/1", status)]


@pytest.mark.parametrize("status", [200, 204, 404, 410])
def test_an_item_is_gone_by_a_delete_that_was_confirmed(status: int) -> None:
    assert remaining_creations([CREATED, *deleted(status)]) == []


@pytest.mark.parametrize("status", [202, 301, 400, 401, 403, 405, 409, 423, 429, 500, 503])
def test_an_item_remains_where_its_delete_was_refused_or_only_promised(status: int) -> None:
    assert remaining_creations([CREATED, *deleted(status)]) == [CREATED]


def test_an_item_remains_where_its_delete_was_not_answered_or_it_was_created_again() -> None:
    assert remaining_creations([CREATED, *deleted(204)[:1]]) == [CREATED]
    assert remaining_creations([CREATED, *deleted(204), CREATED]) == [CREATED]


def test_what_was_created_last_comes_first_since_it_may_belong_to_what_was_created_before() -> None:
    child = Deletion("deleteToy", "/pets/1/toys/2")
    assert remaining_creations([CREATED, child]) == [child, CREATED]


@pytest.mark.parametrize(
    "gone",
    [Deletion("deletePet", "/pets", query="name=Rex"), Deletion("deletePet", "/pets.delete", body='{"pet": "a?&"}')],
)
def test_items_that_no_path_names_are_told_apart_by_query_and_body(gone: Deletion, tmp_path: Path) -> None:
    other = gone._replace(query=gone.query and "name=Tom", body=gone.body and '{"pet": "b"}')
    file = tmp_path / "journal.jsonl"
    journal = Journal(file, URL)
    journal.record_creation(gone)
    journal.record_creation(other)
    journal.record_response(Request("DELETE", gone.path), 204)
    journal.record_deletion(gone)
    journal.close()
    assert remaining_creations(read_journal(file)) == [other]


def test_the_lines_of_a_journal_are_json_with_the_id_of_the_run(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    write(file)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert lines[0]["url"] == URL
    assert len({line["run"] for line in lines}) == 1


def test_a_journal_is_not_for_the_eyes_of_others(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    write(file)
    assert file.stat().st_mode & 0o077 == 0
