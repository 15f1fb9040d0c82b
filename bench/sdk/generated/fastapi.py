"""Projects with tasks, as FastAPI 0.165 describes them: a login, nested collections, pages, an action, errors."""

from functools import partial
from typing import Any
from uuid import uuid4

from bench.sdk.generated.story import Client, attempt, check, models

model = models()
guest = Client()
token = attempt(
    lambda: (
        guest.login(body=model.BodyLoginLoginAccessTokenPost(username="asha@example.com", password="secret12")).parsed
    )
)
check("a login gives a token", lambda: (bool(token.access_token), token.token_type), (True, "bearer"))
check("without a token nothing is read", lambda: guest.read_project(uuid4()).status_code, 401)
api = Client(token=getattr(token, "access_token", "none"))
new = attempt(
    lambda: guest.signup(body=model.UserCreate(email="mo@example.com", password="longenough", full_name="Mo")).parsed
)
check("a user signs up", lambda: (new.email, new.full_name, new.is_active), ("mo@example.com", "Mo", True))
check("me is the one who logged in", lambda: api.me().parsed.email, "asha@example.com")

project = attempt(lambda: api.create_project(body=model.ProjectIn(name="Home", description="d")).parsed)
check("a project is created", lambda: (project.name, project.description, project.task_count), ("Home", "d", 0))
check("it is read", lambda: api.read_project(project.id).parsed, project)
check("it is listed", lambda: api.list_projects().parsed, [project])
check(
    "it is replaced", lambda: api.replace_project(project.id, body=model.ProjectIn(name="House")).parsed.name, "House"
)
check("its owner stays", lambda: api.read_project(project.id).parsed.owner_id, project.owner_id)
check("an unknown project is 404", lambda: "no project" in api.read_project(uuid4()).parsed.detail)
check("an invalid key is 422", lambda: api.read_project("7").parsed.detail[0].loc[0], "path")
check(
    "an empty name is 422",
    lambda: api.create_project(body=model.ProjectIn(name="")).parsed.detail[0].loc,
    ["body", "name"],
)


def created(number: int) -> Any:
    priority = model.Priority("high" if number % 2 else "low")
    return api.create_task(project.id, body=model.TaskIn(title=f"T{number}", tags=["a"], priority=priority)).parsed


tasks = [attempt(partial(created, number)) for number in range(5)]
check(
    "tasks are to do, of their project", lambda: {(one.status, one.project_id) for one in tasks}, {("todo", project.id)}
)
check("the project counts them", lambda: api.read_project(project.id).parsed.task_count, 5)


def page(**query: object) -> tuple[list[str], int, int, int]:
    found = api.list_tasks(project.id, **query).parsed
    return [one.title for one in found.items], found.total, found.page, found.pages


check("a page has its numbers", lambda: page(page=2, size=2), (["T2", "T3"], 5, 2, 3))
check("the last page is short", lambda: page(page=3, size=2), (["T4"], 5, 3, 3))
check("tasks are filtered", lambda: page(priority=model.Priority.HIGH)[0], ["T1", "T3"])
check("tasks are sorted", lambda: page(sort="-title")[0], ["T4", "T3", "T2", "T1", "T0"])
doing = model.TaskUpdate(status=model.Status.DOING)
check("a task is changed", lambda: api.change_task(project.id, tasks[0].id, body=doing).parsed.status, "doing")
check("and keeps the rest", lambda: api.read_task(project.id, tasks[0].id).parsed.title, "T0")
check("tasks are filtered by state", lambda: page(status=model.Status.DOING)[0], ["T0"])
check("a task is completed", lambda: api.complete(project.id, tasks[1].id).parsed.status, "done")
check("and stays so", lambda: api.read_task(project.id, tasks[1].id).parsed.status, "done")
check("a task is deleted", lambda: api.delete_task(project.id, tasks[0].id).status_code, 200)
check("and gone", lambda: api.read_task(project.id, tasks[0].id).status_code, 404)
check("tasks of an unknown project are 404", lambda: api.list_tasks(uuid4()).status_code, 404)
check("a project is deleted", lambda: api.delete_project(project.id).status_code, 204)
check("with its tasks", lambda: api.read_task(project.id, tasks[2].id).status_code, 404)
