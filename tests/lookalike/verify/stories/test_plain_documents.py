"""Documents with hardly a word of prose, as frameworks write them: names and types show what a server must do."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import lookalike
from lookalike.verify.clauses import inferred_clauses
from lookalike.verify.roles import values_told
from tests.support.servers.judging import judged
from tests.support.servers.serving import Answer, Asked, serving

WHOLE, FLAG = {"type": "integer"}, {"type": "boolean"}
RANK = {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 99}, {"type": "null"}]}
AT = {"name": "id", "in": "path", "required": True, "schema": WHOLE}
LABELS = {"type": "array", "items": {"type": "string"}}
NEW = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string"}, "rank": RANK, "labels": LABELS},
}
TASK = {
    "type": "object",
    "required": ["id", "text", "done"],
    "properties": {
        "id": WHOLE,
        "text": {"type": "string"},
        "rank": RANK,
        "labels": LABELS,
        "done": FLAG,
        "owner": {"type": "string"},
        "created_at": {"type": "string", "format": "date-time"},
    },
}
QUERY: dict[str, dict[str, Any]] = {
    "skip": {"type": "integer", "minimum": 0, "default": 0},
    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
    "done": {"anyOf": [FLAG, {"type": "null"}]},
    "sort": {"type": "string", "enum": ["created_at", "-created_at"], "default": "-created_at"},
}
REVIEW = {"type": "object", "properties": {"id": WHOLE, "task_id": WHOLE, "stars": WHOLE}}
NEW_REVIEW = {"type": "object", "required": ["task_id", "stars"], "properties": {"task_id": WHOLE, "stars": WHOLE}}
OWNER = {"name": "owner", "in": "query", "description": "Only tasks of this owner.", "schema": {"type": "string"}}
LABEL = {"name": "label", "in": "query", "description": "Only tasks with this label.", "schema": {"type": "string"}}
SEARCH = {"name": "q", "in": "query", "description": "Search in texts.", "schema": {"type": "string"}}


def body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def answers(status: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {status: {"description": "", **(body(schema) if schema else {})}}


PATHS: dict[str, dict[str, Any]] = {
    "/tasks": {
        "get": {
            "operationId": "listTasks",
            "parameters": [
                SEARCH,
                OWNER,
                LABEL,
                *({"name": name, "in": "query", "schema": one} for name, one in QUERY.items()),
            ],
            "responses": answers("200", {"type": "array", "items": TASK}) | answers("422"),
        },
        "post": {
            "operationId": "createTask",
            "requestBody": {"required": True, **body(NEW)},
            "responses": answers("201", TASK) | answers("422"),
        },
    },
    "/tasks/{id}/finish": {
        "parameters": [AT],
        "post": {
            "operationId": "finishTask",
            "description": "Sets done to true.",
            "responses": answers("200", TASK) | answers("404") | {"409": {"description": "Finished already."}},
        },
    },
    "/reviews": {
        "post": {
            "operationId": "createReview",
            "requestBody": {"required": True, **body(NEW_REVIEW)},
            "responses": answers("201", REVIEW) | answers("422") | answers("409"),
        }
    },
    "/reviews/{id}": {
        "parameters": [AT],
        "get": {"operationId": "getReview", "responses": answers("200", REVIEW) | answers("404")},
        "delete": {"operationId": "deleteReview", "responses": answers("204") | answers("404")},
    },
    "/tasks/{id}": {
        "parameters": [AT],
        "get": {"operationId": "getTask", "responses": answers("200", TASK) | answers("404")},
        "delete": {"operationId": "deleteTask", "responses": answers("204") | answers("404")},
    },
}
DEFECTS = {
    "skip is ignored": "listTasks.paged-as-asked",
    "done is ignored": "listTasks.filtered-as-asked",
    "owner is ignored": "listTasks.filtered-as-asked",
    "label finds those where it is the first": "listTasks.filtered-as-asked",
    "q is ignored": "listTasks.filtered-as-asked",
    "q finds nothing": "listTasks.filtered-as-asked",
    "the default order is another": "listTasks.ordered-as-asked",
    "the maximum is ignored": "createTask.refused-when-invalid",
    "nothing is finished": "finishTask.read-as-answered",
    "a task ends twice": "finishTask.refused-when-done",
    "stars are lost": "createReview.readable-after-create",
}


class Tasks:
    """The tasks, with one defect or none."""

    def __init__(self, defect: str = "") -> None:
        self.defect = defect
        self.tasks: dict[str, dict[str, Any]] = {}
        self.reviews: dict[str, dict[str, Any]] = {}
        self.numbers = count(1)

    def __call__(self, asked: Asked) -> Answer:
        """The answer to a request."""
        if asked.path == ("tasks",):
            return self.create(asked.body) if asked.method == "POST" else self.list(dict(asked.query))
        if asked.path == ("reviews",):
            return self.review(asked.body)
        items, id = self.reviews if asked.path[0] == "reviews" else self.tasks, asked.path[1]
        if id not in items:
            return Answer(404)
        if asked.method == "DELETE":
            del items[id]
            return Answer(204)
        return self.finish(items, id) if asked.path[-1] == "finish" else Answer(200, items[id])

    def finish(self, items: dict[str, dict[str, Any]], id: str) -> Answer:
        """A task that is done from now on."""
        if items[id]["done"] and "twice" not in self.defect:
            return Answer(409)
        finished = {**items[id], "done": "undone" not in self.defect}
        items[id] = items[id] if "finished" in self.defect else finished
        return Answer(200, finished)

    def review(self, sent: Any) -> Answer:
        """A new review of a task, which has one at most."""
        if not isinstance(sent, dict) or any(type(sent.get(name)) is not int for name in ("task_id", "stars")):
            return Answer(422)
        if any(one["task_id"] == sent["task_id"] for one in self.reviews.values()):
            return Answer(409)
        number = next(self.numbers)
        stars = 1 if "stars" in self.defect else sent["stars"]
        self.reviews[str(number)] = {"id": number, "task_id": sent["task_id"], "stars": stars}
        return Answer(201, self.reviews[str(number)])

    def create(self, sent: Any) -> Answer:
        """A new task."""
        rank = sent.get("rank") if isinstance(sent, dict) else None
        is_rank = rank is None or (type(rank) is int and 0 <= rank <= (99 if "maximum" not in self.defect else rank))
        labels = sent.get("labels", []) if isinstance(sent, dict) else None
        is_list = isinstance(labels, list) and all(isinstance(one, str) for one in labels)
        if not is_list or not isinstance(sent.get("text"), str) or not is_rank:
            return Answer(422)
        number = next(self.numbers)
        made = f"2030-01-01T00:{number // 60 % 60:02}:{number % 60:02}Z"
        self.tasks[str(number)] = {
            "id": number,
            "text": sent["text"],
            "rank": rank,
            "labels": labels,
            "done": False,
            "owner": "ann",
            "created_at": made,
        }
        return Answer(201, self.tasks[str(number)])

    def list(self, query: dict[str, str]) -> Answer:
        """A page of the tasks."""
        skip, limit, done = query.get("skip", "0"), query.get("limit", "50"), query.get("done")
        is_valid = skip.isdecimal() and limit.isdecimal() and 1 <= int(limit) <= 100
        sort = query.get("sort", "created_at" if "order" in self.defect else "-created_at")
        if not is_valid or done not in (None, "true", "false") or sort not in QUERY["sort"]["enum"]:
            return Answer(422)
        found = list(self.tasks.values())[:: -1 if sort.startswith("-") else 1]
        if done is not None and "done" not in self.defect:
            found = [one for one in found if one["done"] is (done == "true")]
        if "owner" in query and self.defect != "owner is ignored":
            found = [one for one in found if query["owner"] == one["owner"]]
        if "label" in query:
            asked = slice(1 if "first" in self.defect else None)
            found = [one for one in found if query["label"] in one["labels"][asked]]
        if "q" in query and self.defect != "q is ignored":
            found = [one for one in found if query["q"] in one["text"] and self.defect != "q finds nothing"]
        start = 0 if "skip" in self.defect else int(skip)
        return Answer(200, found[start : start + int(limit)])


def document(paths: dict[str, Any]) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "Tasks", "version": "1"}, "paths": paths}


def failures(defect: str, cwd: Path, *clauses: str) -> tuple[set[str], set[str]]:
    """Those of some clauses that are broken, and those that are held."""
    file = cwd / "document.json"
    file.write_text(json.dumps(document(PATHS)))
    selected = [part for clause in clauses or {*DEFECTS.values()} for part in ("--clause", clause)]
    with serving(Tasks(defect)) as url:
        found = judged(url, cwd, "--only", "clauses", *selected, document=file)
    return {*found.failures()}, found.held()


@pytest.mark.repetitive
@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found_where_names_and_types_alone_show_it(defect: str, tmp_path: Path) -> None:
    assert failures(defect, tmp_path)[0] == {DEFECTS[defect]}


def test_a_server_that_does_as_names_and_types_show_holds_all(tmp_path: Path) -> None:
    assert failures("", tmp_path) == (set(), {*DEFECTS.values()})


def test_an_action_that_does_nothing_breaks_what_its_text_says(tmp_path: Path) -> None:
    clause = "finishTask.read-as-answered"
    assert failures("a task stays undone", tmp_path, clause) == ({clause}, set())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The value of done becomes `true`.", {"done": True}),
        ("Done is set to true.", {"done": True}),
        ("The task becomes `true` and gets a number.", {"done": True}),
        ("Done becomes true later.", {}),
        ("Done becomes false.", {}),
    ],
)
def test_the_text_of_an_action_says_which_value_a_member_has_afterwards(text: str, told: dict[str, Any]) -> None:
    action = {**PATHS["/tasks/{id}/finish"]["post"], "description": text}
    contract = lookalike.load(document({**PATHS, "/tasks/{id}/finish": {"parameters": [AT], "post": action}}))
    assert values_told(contract, next(one for one in contract.operations if one.id == "finishTask")) == told


@pytest.mark.parametrize("action", ["/tasks/{id}/finish/", "/tasks/{id}/完成"])
def test_a_path_of_an_action_may_end_in_a_slash_or_in_any_script(action: str) -> None:
    paths = {action if path == "/tasks/{id}/finish" else path: one for path, one in PATHS.items()}
    contract = lookalike.load(document(paths))
    assert "finishTask.answers-as-documented" in inferred_clauses(contract)


@pytest.mark.parametrize("text", ["Finished already.", "The task is already finished", "It has been finished already"])
def test_a_refusal_says_that_an_action_was_done(text: str) -> None:
    action = PATHS["/tasks/{id}/finish"]["post"]
    responses = {**action["responses"], "409": {"description": text}}
    path = {"parameters": [AT], "post": {**action, "responses": responses}}
    contract = lookalike.load(document({**PATHS, "/tasks/{id}/finish": path}))
    assert "finishTask.refused-when-done" in inferred_clauses(contract)


@pytest.mark.parametrize(
    ("text", "is_judged"),
    [("Tasks that are done cannot be deleted.", True), ("Done tasks are deleted soon.", False)],
)
def test_a_text_says_in_which_states_an_operation_is_refused(text: str, is_judged: bool) -> None:
    deletion = {**PATHS["/tasks/{id}"]["delete"], "description": text}
    contract = lookalike.load(document({**PATHS, "/tasks/{id}": {**PATHS["/tasks/{id}"], "delete": deletion}}))
    assert ("deleteTask.refused-in-state" in inferred_clauses(contract)) is is_judged
