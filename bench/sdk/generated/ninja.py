"""Employees and departments, as django-ninja 1.7 describes them: pages in an envelope, a list below a department."""

import json
from functools import partial
from typing import Any

from bench.sdk.generated.story import Client, attempt, check, models

model, api = models(), Client(token="token")
department = attempt(lambda: api.create_department(body=model.DepartmentIn(title="Ops")).parsed)
check("a department is created", lambda: department.title, "Ops")
check("departments are listed", lambda: api.list_departments().parsed, [department])


def employee(number: int) -> Any:
    return model.EmployeeIn(first_name=f"F{number}", last_name="LM"[number % 2], department_id=department.id)


def created(number: int) -> Any:
    return api.create_employee(body=employee(number)).parsed


def listed(**query: object) -> tuple[list[str], int]:
    found = json.loads(api.list_employees(**query).content)
    return [one["first_name"] for one in found["items"]], found["count"]


made = [attempt(partial(created, number)) for number in range(5)]
check("employees are created", lambda: [one.first_name for one in made], ["F0", "F1", "F2", "F3", "F4"])
check("they are listed and counted", listed, (["F0", "F1", "F2", "F3", "F4"], 5))
check("they are paged", lambda: listed(limit=2, offset=3), (["F3", "F4"], 5))
check("they are filtered", lambda: listed(last_name="M"), (["F1", "F3"], 2))
check("those of a department are listed", lambda: len(api.staff(department.id).parsed), 5)
check("an unknown department is 404", lambda: api.staff(999).status_code, 404)
check("one is read", lambda: api.get_employee(made[0].id).parsed, made[0])
check("an unknown one is told", lambda: "no employee 999" in api.get_employee(999).parsed.message)
renamed = attempt(lambda: model.EmployeeIn(first_name="Z", last_name="Q"))
check("one is changed", lambda: api.update_employee(made[0].id, body=renamed).parsed.first_name, "Z")
check("one is deleted", lambda: api.delete_employee(made[0].id).status_code, 200)
check("and gone", lambda: api.get_employee(made[0].id).status_code, 404)
check("a department is deleted", lambda: api.del_department(department.id).status_code, 204)
check("and gone too", lambda: api.get_department(department.id).status_code, 404)
