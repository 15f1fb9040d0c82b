"""What a document leaves to a server is no violation, and the fault that lies beside it is one still."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from lookalike.schema.view import SchemaView
from lookalike.verify.oracle.normalisations import Normalisations
from tests.support.servers import ways
from tests.support.servers.judging import CLAUSES, NOTES, Judged, judged
from tests.support.servers.notes import Notes, with_others
from tests.support.servers.serving import Answer, Asked, serving

SEEN = {
    "createNote.readable-after-create",
    "createNote.listed-after-create",
    "replaceNote.changed-after-change",
    "changeNote.changed-after-change",
    "changeNote.rest-kept-after-change",
    "deleteNote.absent-after-delete",
}
OTHERS = ["old-0", "old-1"]
UNLISTED = SEEN - {"createNote.listed-after-create"}

FREEDOMS: dict[str, Callable[[], Notes]] = {
    "texts are trimmed": partial(Notes, kept=ways.without_outer_spaces),
    "texts are folded to lower case": partial(Notes, kept=ways.in_lower_case),
    "times are respelt": partial(Notes, kept=ways.at_the_same_instant),
    "numbers are rounded to two decimals": partial(Notes, kept=ways.with_two_decimals),
    "duplicates are dropped": partial(Notes, kept=ways.without_duplicates),
    "members are completed": partial(Notes, kept=ways.with_defaults),
    "members are added": partial(Notes, shown=ways.with_more),
    "members change at each read": lambda: Notes(shown=ways.with_counted_reads()),
    "a refusal has another status": partial(Notes, refused=422),
    "what is gone is a 410": partial(Notes, gone=410),
    "what is deleted is marked": partial(Notes, soft="marked"),
    "deleting the unknown is a 204": partial(Notes, delete_unknown=204),
    "unknown members are kept": partial(Notes, unknown_members="kept"),
    "unknown members are refused": partial(Notes, unknown_members="refused"),
    "titles are unique": partial(Notes, unique="title"),
    "titles are unique for ever": partial(Notes, unique="title", unique_for_ever=True),
    "ids come again": partial(Notes, reuses_ids=True),
    "PUT keeps what was not sent": partial(Notes, put_keeps=True),
    "PUT creates what is not there": partial(Notes, put_unknown=200),
    "the newest come first": partial(Notes, newest_first=True),
}


def judge(server: Notes, cwd: Path, *options: str, **more: Any) -> Judged:
    with serving(with_others(server)) as url:
        return judged(url, cwd, *(options or CLAUSES), **more)


@pytest.mark.parametrize("name", FREEDOMS)
def test_a_choice_that_the_document_leaves_open_is_no_violation_and_hides_no_clause(name: str, tmp_path: Path) -> None:
    server = FREEDOMS[name]()
    found = judge(server, tmp_path)
    assert (found.failures(), found.exit_code) == ({}, 0), found.output
    assert found.held() >= SEEN, found.statuses()
    assert [*server.items] == OTHERS


SETS = [
    *(
        {"target": f"$.components.schemas.{schema}.properties.tags", "update": {"uniqueItems": True}}
        for schema in ("NewNote", "ChangedNote")
    ),
    {"target": "$.components.schemas.NewNote.example.tags", "remove": True},
    {"target": "$.components.schemas.NewNote.example", "update": {"tags": ["b", "a"]}},
]


def test_an_item_that_comes_twice_in_a_set_may_be_refused_or_dropped_and_not_be_kept(tmp_path: Path) -> None:
    dropping = judge(Notes(kept=ways.without_duplicates), tmp_path, changes=SETS)
    assert (dropping.failures(), dropping.exit_code) == ({}, 0), dropping.output
    keeping = judge(Notes(), tmp_path, changes=SETS)
    assert {"createNote.refused-when-invalid", "replaceNote.refused-when-invalid"} <= {*keeping.failures()}


class Guarded(Notes):
    """A server that changes a note only where the tag of its current state is sent (RFC 6585 section 3)."""

    def __call__(self, asked: Asked) -> Answer:
        current, sent = f'"{crc32(repr(self.items.get(asked.path[-1])).encode())}"', asked.headers.get("if-match")
        if asked.method == "PUT" and asked.path[1] in self.items and sent not in (current, "*"):
            return Answer(412 if sent else 428)
        answer = super().__call__(asked)
        return answer._replace(headers={"ETag": current}) if asked.method == "GET" else answer


def test_a_demanded_tag_that_is_asked_for_with_428_is_no_acceptance_of_a_request_without_it(tmp_path: Path) -> None:
    tag = {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}}
    put = "$.paths['/notes/{id}'].put"
    found = judge(Guarded(), tmp_path, changes=[{"target": put, "update": {"parameters": [tag]}}])
    assert (found.failures(), found.exit_code) == ({}, 0), found.output
    assert "replaceNote.refused-when-invalid" in found.held(), found.statuses()


def test_a_note_that_is_deleted_and_still_read_but_not_listed_is_softly_deleted(tmp_path: Path) -> None:
    found = judge(Notes(soft="unlisted"), tmp_path)
    assert (found.failures(), found.exit_code) == ({}, 0), found.output


def test_a_list_may_end_after_its_first_page_and_is_then_no_witness(tmp_path: Path) -> None:
    server = with_others(Notes(page=10), 12)
    with serving(server) as url:
        found = judged(url, tmp_path, *CLAUSES)
    assert (found.failures(), found.exit_code) == ({}, 0), found.output
    assert found.held() >= UNLISTED


class Filtering(Notes):
    """A server whose list has the notes of one label alone, which are those at work unless another is asked for."""

    def __call__(self, asked: Asked) -> Answer:
        answer = super().__call__(asked)
        if (asked.method, asked.path) == ("GET", ("notes",)):
            label = asked.query.get("label", "Work")
            return Answer(200, [one for one in answer.body if one.get("label") == label])
        return answer


@pytest.mark.parametrize(("default", "is_lost"), [("Work", False), ("Home", True)])
def test_a_filter_may_leave_a_note_out_by_its_default(default: str, is_lost: bool, tmp_path: Path) -> None:
    labels = {"type": "string", "enum": ["Work", "Home"]}
    filtering = [
        {"target": "$.components.schemas.Label", "update": {"enum": ["Work", "Home"]}},
        {
            "target": "$.paths['/notes'].get",
            "update": {"parameters": [{"name": "label", "in": "query", "schema": {**labels, "default": default}}]},
        },
    ]
    found = judge(Filtering(), tmp_path, changes=filtering)
    assert ("createNote.listed-after-create" in found.failures()) == is_lost, found.output
    assert ("createNote.listed-after-create" in found.held()) != is_lost, found.statuses()


CREATES = [
    {
        "target": "$.paths['/notes/{id}'].put.responses",
        "update": {
            "201": {
                "description": "It is new.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}},
            }
        },
    }
]


@pytest.mark.parametrize("status", [200, 201, 404])
def test_a_put_to_an_unknown_id_creates_or_is_a_404_and_leaves_nothing_behind(status: int, tmp_path: Path) -> None:
    server = Notes(put_unknown=status)
    found = judge(server, tmp_path, changes=CREATES)
    assert (found.failures(), found.exit_code) == ({}, 0), found.output
    assert found.held() >= SEEN, found.statuses()
    assert [*server.items] == OTHERS


FAULTS: dict[str, tuple[Callable[[], Notes], str]] = {
    "titles are cut": (partial(Notes, kept=ways.cut), "createNote.readable-after-create"),
    "titles lose inner characters": (partial(Notes, kept=ways.without_dashes), "createNote.readable-after-create"),
    "times lose their offset": (partial(Notes, kept=ways.as_wall_time), "createNote.readable-after-create"),
    "numbers lose their decimals": (partial(Notes, kept=ways.in_whole_numbers), "createNote.readable-after-create"),
    "a tag is lost": (partial(Notes, kept=ways.without_the_second_tag), "createNote.readable-after-create"),
    "a member is lost": (partial(Notes, kept=ways.without_the_label), "createNote.readable-after-create"),
    "a member of a member is lost": (partial(Notes, kept=ways.without_the_city), "createNote.readable-after-create"),
    "a status that no document names": (partial(Notes, created=203), "createNote.answers-as-documented"),
    "what is not valid is taken": (partial(Notes, checks=False), "createNote.refused-when-invalid"),
    "what is not valid is a 500": (partial(Notes, refused=500), "createNote.refused-when-invalid"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_beside_a_choice_that_the_document_leaves_open(name: str, tmp_path: Path) -> None:
    made, clause = FAULTS[name]
    server = made()
    found = judge(server, tmp_path)
    assert (clause in found.failures(), found.exit_code) == (True, 1), found.output
    assert [*server.items] == OTHERS


class Forgetful(Notes):
    """A server that answers a write as it should, and then keeps what was there before."""

    forgets = ""

    def __call__(self, asked: Asked) -> Answer:
        before = {id: dict(item) for id, item in self.items.items()}
        answer = super().__call__(asked)
        if asked.method == self.forgets and answer.status < 300:
            self.items = before
        return answer


@pytest.mark.parametrize(
    ("method", "clause"),
    [
        ("POST", "createNote.readable-after-create"),
        ("PUT", "replaceNote.changed-after-change"),
        ("PATCH", "changeNote.changed-after-change"),
        ("DELETE", "deleteNote.absent-after-delete"),
    ],
)
def test_keeping_the_old_after_a_success_is_found(method: str, clause: str, tmp_path: Path) -> None:
    server = Forgetful()
    server.forgets = method
    found = judge(server, tmp_path)
    assert (clause in found.failures(), found.exit_code) == (True, 1), found.output


def test_a_put_that_says_to_have_created_and_did_not_is_found(tmp_path: Path) -> None:
    class Empty(Notes):
        def replace(self, id: str, asked: Asked) -> Answer:
            return super().replace(id, asked) if id in self.items else Answer(201, {**asked.body, "id": id})

    found = judge(Empty(), tmp_path, changes=CREATES)
    assert (
        {*found.failures()} & {"replaceNote.unknown-is-404", "replaceNote.readable-after-create"},
        found.exit_code,
    ) != (
        set(),
        0,
    ), found.output
    assert found.exit_code == 1


def test_an_id_that_is_given_while_it_is_in_use_is_found(tmp_path: Path) -> None:
    class Overwriting(Notes):
        def new_id(self, item: dict[str, Any]) -> str:
            return "1"

    found = judge(Overwriting(), tmp_path, "--only", "sequences", "--examples", "60", "--exit-first")
    assert found.exit_code == 1, found.output


def test_a_change_that_forgets_the_rest_is_found(tmp_path: Path) -> None:
    class Forgetting(Notes):
        def change(self, id: str, asked: Asked) -> Answer:
            old = self.items.get(id)
            if old is not None:
                self.items[id] = {name: old[name] for name in ("id", "title", "made")}
            return super().change(id, asked)

    found = judge(Forgetting(), tmp_path)
    assert "changeNote.rest-kept-after-change" in found.failures(), found.output


def test_a_list_without_the_newest_of_few_is_found(tmp_path: Path) -> None:
    class Stale(Notes):
        def list(self) -> Answer:
            return super().list()._replace(body=[*map(self.shown, [*self.items.values()][:-1])])

    found = judge(Stale(), tmp_path)
    assert "createNote.listed-after-create" in found.failures(), found.output


class Replaying(Notes):
    """A server that answers a POST whose Idempotency-Key it knows as it did before, and does nothing."""

    def create(self, asked: Asked) -> Answer:
        stored: dict[str, Answer] = vars(self).setdefault("known", {})
        key = asked.headers.get("idempotency-key", "")
        if key not in stored:
            answer = super().create(asked)
            if key:
                stored[key] = answer
            return answer
        return stored[key]


def test_a_stored_answer_to_a_constant_idempotency_key_is_no_violation(tmp_path: Path) -> None:
    server = Replaying()
    found = judge(server, tmp_path, *CLAUSES, "--header", "Idempotency-Key: run-7")
    assert (found.failures(), found.exit_code) == ({}, 0), found.output
    assert found.held() >= SEEN, found.statuses()
    assert [*server.items] == OTHERS


CHANGED = "$.components.schemas.ChangedNote"
READ = "$.components.schemas.Note.properties"


def test_only_members_that_the_schema_of_the_change_has_are_changed(tmp_path: Path) -> None:
    class Narrow(Notes):
        def change(self, id: str, asked: Asked) -> Answer:
            body = asked.body if isinstance(asked.body, dict) else {}
            taken = {name: value for name, value in body.items() if name == "price"}
            return super().change(id, asked._replace(body=taken if body == asked.body else asked.body))

    narrow = [{"target": f"{CHANGED}.properties.{name}", "remove": True} for name in ("label", "tags", "due", "place")]
    title = {"target": f"{CHANGED}.properties.title", "remove": True}
    found = judge(Narrow(), tmp_path, changes=[*narrow, title])
    assert (found.failures(), found.exit_code) == ({}, 0), found.output
    assert "changeNote.changed-after-change" in found.held()
    assert "changeNote.rest-kept-after-change" in found.held()


@pytest.mark.parametrize("name", ["label", "place"])
def test_a_member_that_the_schema_of_the_read_lacks_need_not_be_read(name: str, tmp_path: Path) -> None:
    def without(item: dict[str, Any]) -> dict[str, Any]:
        return {member: value for member, value in item.items() if member != name}

    found = judge(Notes(shown=without), tmp_path, changes=[{"target": f"{READ}.{name}", "remove": True}])
    assert (found.failures(), found.exit_code) == ({}, 0), found.output
    assert found.held() >= SEEN


AS_TEXT = [{"target": f"{READ}.price", "remove": True}, {"target": READ, "update": {"price": {"type": "string"}}}]


@pytest.mark.parametrize(("shown", "code"), [(str, 0), ("{:.0f}".format, 1)], ids=["as it was sent", "rounded"])
def test_a_number_that_is_documented_as_text_when_read_is_compared_as_a_number(
    shown: Any, code: int, tmp_path: Path
) -> None:
    def as_text(item: dict[str, Any]) -> dict[str, Any]:
        return ways.changed(item, price=shown)

    found = judge(Notes(shown=as_text), tmp_path, changes=AS_TEXT)
    assert found.exit_code == code, found.output
    assert bool(found.failures()) == bool(code)


NEW = [f"$.components.schemas.{schema}.properties" for schema in ("NewNote", "ChangedNote")]
MASKED = {
    "as the schema of the read has it": (
        [
            {"target": f"{READ}.label", "remove": True},
            {"target": READ, "update": {"label": {"type": "string", "pattern": r"^\*"}}},
        ],
        0,
    ),
    "of a member that is writeOnly in requests": (
        [
            action
            for place in NEW
            for action in (
                {"target": f"{place}.label", "remove": True},
                {"target": place, "update": {"label": {"type": "string", "maxLength": 40, "writeOnly": True}}},
            )
        ],
        0,
    ),
    "although the schema of the read takes it as it was sent": ([], 1),
}


@pytest.mark.parametrize("name", MASKED)
def test_a_value_that_is_shown_masked_is_compared_unless_the_document_shows_that_it_is(
    name: str, tmp_path: Path
) -> None:
    def masked(item: dict[str, Any]) -> dict[str, Any]:
        return ways.changed(item, label="*{:.1}".format)

    changes, code = MASKED[name]
    found = judge(Notes(shown=masked), tmp_path, changes=changes)
    assert (bool(found.failures()), found.exit_code) == (bool(code), code), found.output
    assert code or found.held() >= SEEN


STATE = {"type": "string", "enum": ["open", "done"]}
FILTERED = [
    *({"target": place, "update": {"state": {**STATE, "readOnly": True}}} for place in (*NEW, READ)),
    {
        "target": "$.paths['/notes'].get",
        "update": {"parameters": [{"name": "state", "in": "query", "schema": STATE}]},
    },
]


class ListingByState(Notes):
    """A server whose notes are all open, and which lists them by that state."""

    def __call__(self, asked: Asked) -> Answer:
        answer = super().__call__(asked)
        is_for_others = (asked.method, asked.path, asked.query.get("state")) == ("GET", ("notes",), "done")
        return Answer(200, []) if is_for_others else answer


@pytest.mark.parametrize(("server", "accused"), [(ListingByState, set()), (Notes, {"listNotes.filtered-as-asked"})])
def test_a_filter_by_a_member_that_the_server_sets_is_tried_with_the_value_of_a_new_item(
    server: type[Notes], accused: set[str], tmp_path: Path
) -> None:
    def opened(item: dict[str, Any]) -> dict[str, Any]:
        return {**item, "state": "open"}

    found = judge(server(shown=opened), tmp_path, changes=FILTERED)
    assert found.failures().keys() == accused, found.output
    assert found.statuses()["listNotes.filtered-as-asked"].startswith("violated" if accused else "held")


class Moderated(Notes):
    """A server that lists a note once somebody has done it."""

    def list(self) -> Answer:
        return Answer(200, [self.shown(self.items[id]) for id in OTHERS])


@pytest.mark.parametrize(
    ("described", "outcome"), [("The notes that are done.", "not-observable"), ("All notes, done or open.", "violated")]
)
def test_a_list_lacks_items_in_another_state_than_the_one_it_is_described_by(
    described: str, outcome: str, tmp_path: Path
) -> None:
    def with_state(item: dict[str, Any]) -> dict[str, Any]:
        return {**item, "state": "done" if item["id"] in OTHERS else "open"}

    changes = [*FILTERED[:-1], {"target": "$.paths['/notes'].get", "update": {"description": described}}]
    found = judge(Moderated(shown=with_state), tmp_path, changes=changes)
    assert found.statuses()["createNote.listed-after-create"].startswith(outcome), found.output
    assert {*found.failures()} <= {"createNote.listed-after-create"}


@pytest.mark.parametrize(("default", "code"), [({"default": ["id", "title"]}, 0), ({}, 1)], ids=["shown", "not shown"])
def test_members_that_a_read_leaves_out_by_default_are_missed_unless_the_document_shows_the_default(
    default: dict[str, Any], code: int, tmp_path: Path
) -> None:
    class Sparse(Notes):
        """A server whose reads show ids and titles alone."""

        def read(self, id: str) -> Answer:
            answer = super().read(id)
            few = {name: answer.body[name] for name in ("id", "title")} if answer.status == 200 else None
            return answer._replace(body=few)

    fields = {"name": "fields", "in": "query", "schema": {"type": "array", "items": {"type": "string"}, **default}}
    changes = [{"target": "$.paths['/notes/{id}'].get", "update": {"parameters": [fields]}}]
    found = judge(Sparse(), tmp_path, changes=changes)
    assert (bool(found.failures()), found.exit_code) == (bool(code), code), found.output


class Renaming(Notes):
    """A server whose ids are made of titles, of letters alone if these are `plain`: a note with another title moves."""

    loses = False
    plain = False

    def new_id(self, item: dict[str, Any]) -> str:
        return str(item["title"]).strip().replace(" ", "-").replace("&", "and").lower() or "none"

    def fits(self, body: Any, is_part: bool = False) -> bool:
        title = body.get("title", "a") if isinstance(body, dict) else ""
        is_plain = isinstance(title, str) and re.fullmatch("[A-Za-z -]+", title) is not None
        return super().fits(body, is_part) and (is_plain or not self.plain)

    def replace(self, id: str, asked: Asked) -> Answer:
        return self._moved(id, super().replace(id, asked))

    def change(self, id: str, asked: Asked) -> Answer:
        return self._moved(id, super().change(id, asked))

    def _moved(self, id: str, answer: Answer) -> Answer:
        if answer.status != 200:
            return answer
        item = self.items.pop(id)
        item["id"] = self.new_id(item)
        if not self.loses:
            self.items[item["id"]] = item
            self.touched.add(item["id"])
        return Answer(200, self.shown(item))


TITLE = {
    "target": "$.components.schemas.NewNote",
    "update": {"properties": {"title": {"pattern": "^[A-Za-z -]+$"}}, "example": {"title": "Buy milk"}},
}
ONLY_TITLE = [
    {"target": f"$.components.schemas.{schema}.properties.{name}", "remove": True}
    for schema in ("NewNote", "ChangedNote", "Note")
    for name in ("label", "tags", "due", "place", "price")
] + [{"target": f"$.components.schemas.NewNote.example.{name}", "remove": True} for name in ("label", "tags", "due")]


def test_a_note_that_moves_with_its_title_is_followed_and_deleted_under_its_new_id(tmp_path: Path) -> None:
    server = Renaming()
    server.plain = True
    changed = {"target": "$.components.schemas.ChangedNote.properties.title", "update": {"pattern": "^[A-Za-z -]+$"}}
    found = judge(server, tmp_path, changes=[*ONLY_TITLE, TITLE, changed])
    assert (found.failures(), found.exit_code) == ({}, 0), found.output
    assert {"replaceNote.changed-after-change", "changeNote.changed-after-change"} <= found.held(), found.statuses()
    assert [*server.items] == OTHERS


def test_a_note_that_is_lost_when_it_is_renamed_is_found(tmp_path: Path) -> None:
    server = Renaming()
    server.loses = True
    found = judge(server, tmp_path, changes=[*ONLY_TITLE, TITLE])
    assert found.exit_code == 1, found.output
    assert {"replaceNote.changed-after-change", "changeNote.changed-after-change"} & {*found.failures()}


@pytest.mark.parametrize("status", [501, 503])
def test_a_documented_failure_is_no_refusal_and_no_violation(status: int, tmp_path: Path) -> None:
    documented = [
        {"target": "$.paths['/notes'].post.responses", "update": {str(status): {"description": "Not today."}}}
    ]
    found = judge(Notes(instead={"POST /notes": Answer(status)}), tmp_path, changes=documented)
    assert found.failures() == {}, found.output
    assert found.exit_code == 0
    assert "createNote.refused-when-invalid" not in found.held()


LATER = [
    {
        "target": f"$.paths['{path}'].{method}.responses",
        "update": {
            "202": {
                "description": "It will be done.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}},
            }
        },
    }
    for path, method in (("/notes", "post"),)
] + [{"target": "$.paths['/notes/{id}'].delete.responses", "update": {"202": {"description": "It will be done."}}}]
PATIENT = "credentials: {}\nsettle: 1s\n"


def test_an_effect_that_was_promised_by_202_is_waited_for_as_long_as_the_target_file_says(tmp_path: Path) -> None:
    server = Notes(created=202, deleted=202, delay=0.05)
    clauses = ("--clause", "createNote.readable-after-create", "--clause", "deleteNote.absent-after-delete")
    found = judge(server, tmp_path, *CLAUSES, *clauses, changes=LATER, target=PATIENT)
    assert (found.failures(), found.exit_code) == ({}, 0), found.output
    assert {"createNote.readable-after-create", "deleteNote.absent-after-delete"} <= found.held(), found.statuses()


def test_an_effect_that_was_promised_by_202_is_not_judged_at_once(tmp_path: Path) -> None:
    found = judge(Notes(created=202, deleted=202, delay=0.3), tmp_path, changes=LATER)
    assert (found.failures(), found.exit_code) == ({}, 0), found.output


def test_a_promised_effect_that_never_comes_is_found_after_that_time(tmp_path: Path) -> None:
    server = Forgetful(created=202)
    server.forgets = "POST"
    target = "credentials: {}\nsettle: 200ms\n"
    found = judge(
        server, tmp_path, *CLAUSES, "--clause", "createNote.readable-after-create", changes=LATER, target=target
    )
    assert "createNote.readable-after-create" in found.failures(), found.output


TINY = NOTES.with_name("tiny.yaml")


class Coloured(Notes):
    """Notes of tiny.yaml: with a text, and a colour where the server wants one."""

    wants_colour = False

    def fits(self, body: Any, is_part: bool = False) -> bool:
        texts = isinstance(body, dict) and all(isinstance(body.get(name, ""), str) for name in ("text", "colour"))
        return texts and "text" in body and (not self.wants_colour or "colour" in body)

    def stored(self, body: Any) -> dict[str, Any]:
        return {name: body[name] for name in ("text", "colour") if name in body}

    def answer_created(self, item: dict[str, Any]) -> Answer:
        return Answer(201, {name: int(value) if name == "id" else value for name, value in item.items()})

    def read(self, id: str) -> Answer:
        return self.answer_created(self.items[id])._replace(status=200) if id in self.items else Answer(404)


@pytest.mark.parametrize("wants", [True, False], ids=["needed", "free"])
def test_a_documented_choice_is_no_violation_and_is_told(wants: bool, tmp_path: Path) -> None:
    server = Coloured()
    server.wants_colour = wants
    with serving(server) as url:
        found = judged(url, tmp_path, *CLAUSES, document=TINY)
    assert (found.failures(), found.exit_code) == ({}, 0), found.output
    assert "createNote.readable-after-create" in found.held()
    colour: dict[str, str] = next(one for one in found.report["readings"] if one["id"] == "colour")
    assert ("needed" if wants else "free") in colour["choice"].split(" | ")


def test_each_normalisation_that_was_seen_is_in_the_report(tmp_path: Path) -> None:
    found = judge(Notes(kept=ways.in_lower_case), tmp_path)
    assert "note.label: letters become lower case" in found.report["normalisations"]
    assert "kept otherwise than sent: note.label: letters become lower case" in found.output


NUMBER = {"type": "number", "multipleOf": 0.05}
ROUNDED = {
    "to the documented unit": (NUMBER, 1.23, 1.25, True),
    "to the documented unit, in the other direction": (NUMBER, 1.23, 1.2, False),
    "to a unit that is not documented": ({"type": "number"}, 1.23, 1.25, False),
    "to two decimals": ({"type": "number"}, 1.23456, 1.23, True),
    "to one decimal": ({"type": "number"}, 1.23456, 1.2, False),
    "a text with a point": ({"type": "string"}, "0180", "180.00", True),
    "a text without a point": ({"type": "string"}, "0180", "180", False),
    "a text without its last zero": ({"type": "string"}, "1.50", "1.5", False),
    "a documented decimal without its last zero": ({"type": "string", "format": "decimal"}, "1.50", "1.5", True),
    "another documented decimal": ({"type": "string", "format": "decimal"}, "1.50", "1.51", False),
}


@pytest.mark.parametrize("name", ROUNDED)
def test_a_number_may_be_rounded_or_respelt(name: str) -> None:
    schema, sent, shown, is_free = ROUNDED[name]
    assert (
        bool(Normalisations().explaining("pet.weight", sent, shown, SchemaView({"schema": schema}, ("schema",))))
        is is_free
    )


def test_a_number_is_rounded_in_one_way_for_the_whole_run() -> None:
    view, normalisations = SchemaView({"schema": NUMBER}, ("schema",)), Normalisations()
    normalisations.keep({"pet.weight": normalisations.explaining("pet.weight", 1.23, 1.25, view)})
    assert normalisations.in_words() == ["pet.weight: numbers are rounded to the documented multipleOf"]
    assert not normalisations.explaining("pet.weight", 1.23, 1.23, view)
