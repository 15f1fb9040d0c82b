"""The Lead API once more: plain ifs and dictionaries, written from the vendor's page and the list of readings alone.

It shares nothing with the package, so that an error would have to be made twice to stay unseen.
"""

import json
import re
from typing import Any

Lead = dict[str, Any]

DEFAULTS = {
    "requirement": "enforced",
    "empty-data": "present",
    "order": "validate-first",
    "path-type": "404",
    "number-form": "national",
    "tag-conflict": "remove-wins",
    "merge": "shallow",
    "null": "stored",
    "null-in-new": "dropped",
    "null-field": "rejected",
    "reserved-keys": "data",
    "country-alone": "applied",
    "own-number": "no-op",
    "occupied": "400",
    "unknown-field": "ignored",
}
FIELDS = ("add_tags", "remove_tags", "lead_data", "new_contact_number", "new_country_code")
RESERVED = ("tags", "contact_number", "country_code", "data")
MESSAGES = {401: "UnAuthorized Access-Token!", 404: "Invalid contact number!", 201: "Successfully updated lead."}


def update(  # noqa: PLR0911  # plain ifs are the point
    leads: list[Lead], readings: dict[str, str], token_is_valid: bool, number: str, text: str
) -> int:
    """Answer PUT /leads/{number}/update with a status; change the leads in place where it is 201."""
    if not token_is_valid:
        return 401
    wrong_path = not re.fullmatch("0|[1-9][0-9]*", number)
    if wrong_path and readings["path-type"] == "400":
        return 400
    lead = None if wrong_path else next((a for a in leads if number in names(a, readings)), None)
    if lead is None and readings["order"] == "lookup-first":
        return 404
    try:
        body = json.loads(text, parse_constant=int)  # NaN and Infinity are not JSON, and no int either
    except ValueError:
        return 400
    if lead is None and readings["order"] == "parse-first":
        return 404
    if not is_valid(body, readings):
        return 400
    if lead is None:
        return 404
    if readings["null-field"] == "absent":
        body = {name: value for name, value in body.items() if name not in FIELDS or value is not None}
    changed = json.loads(json.dumps(lead))
    change_tags(changed, body, readings)
    change_data(changed, body, readings)
    if not move(leads, lead, changed, body, readings):
        return int(readings["occupied"])
    lead.update(changed)
    return 201


def names(lead: Lead, readings: dict[str, str]) -> list[str]:
    national = str(lead["contact_number"])
    international = str(lead["country_code"]) + national
    return {"national": [national], "international": [international], "either": [national, international]}[
        readings["number-form"]
    ]


def is_valid(body: Any, readings: dict[str, str]) -> bool:  # noqa: PLR0911  # plain ifs are the point
    if not isinstance(body, dict):
        return False
    if readings["null-field"] == "absent":
        body = {name: value for name, value in body.items() if name not in FIELDS or value is not None}
    if readings["unknown-field"] == "rejected" and not set(body) <= set(FIELDS):
        return False
    for name in ("add_tags", "remove_tags"):
        if name in body and not (isinstance(body[name], list) and all(is_number(tag) for tag in body[name])):
            return False
    for name in ("new_contact_number", "new_country_code"):
        if name in body and not (is_number(body[name]) and body[name] == int(body[name])):
            return False
    if "lead_data" in body and not isinstance(body["lead_data"], dict):
        return False
    if readings["reserved-keys"] == "rejected" and set(body.get("lead_data", {})) & set(RESERVED):
        return False
    if "new_contact_number" in body:
        return "new_country_code" in body
    return meets_requirement(body, readings)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def meets_requirement(body: Any, readings: dict[str, str]) -> bool:
    enough = {
        "enforced": ["lead_data"],
        "tags-suffice": ["lead_data", "add_tags", "remove_tags"],
        "any-field": ["lead_data", "add_tags", "remove_tags", "new_country_code"],
    }
    if readings["requirement"] == "not-enforced":
        return True
    present = set(body)
    if readings["empty-data"] == "absent" and body.get("lead_data") == {}:
        present.remove("lead_data")
    return bool(present & set(enough[readings["requirement"]]))


def change_tags(lead: Lead, body: Any, readings: dict[str, str]) -> None:
    added, removed = body.get("add_tags", []), body.get("remove_tags", [])
    for tag in added:
        if tag not in lead["tags"]:
            lead["tags"].append(tag)
    for tag in removed:
        if tag in lead["tags"] and not (readings["tag-conflict"] == "add-wins" and tag in added):
            lead["tags"].remove(tag)


def change_data(lead: Lead, body: Any, readings: dict[str, str]) -> None:
    data = body.get("lead_data", {})
    if readings["reserved-keys"] == "ignored":
        data = {name: value for name, value in data.items() if name not in RESERVED}
    merge(lead["data"], data, readings)


def merge(old: Any, new: Any, readings: dict[str, str]) -> None:
    for name, value in new.items():
        if value is None and readings["null"] == "deletes-key":
            old.pop(name, None)
        elif isinstance(value, dict) and readings["merge"] == "deep":
            if not isinstance(old.get(name), dict):
                old[name] = {}
                if readings["null-in-new"] == "stored":
                    old[name] = value
                    continue
            merge(old[name], value, readings)
        else:
            old[name] = value


def move(leads: list[Lead], lead: Lead, changed: Lead, body: Any, readings: dict[str, str]) -> bool:
    """Give the lead its new number; False where that number is taken."""
    if "new_contact_number" in body:
        changed["contact_number"] = int(body["new_contact_number"])
        changed["country_code"] = int(body["new_country_code"])
        if names(changed, readings)[0] == names(lead, readings)[0] and readings["own-number"] == "occupied":
            return False
    elif "new_country_code" in body and readings["country-alone"] == "applied":
        changed["country_code"] = int(body["new_country_code"])
    taken = {name for other in leads if other is not lead for name in names(other, readings)}
    return not taken & set(names(changed, readings))
