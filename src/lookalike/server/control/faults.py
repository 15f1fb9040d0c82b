"""The fault rules of a mock, each with the number of requests that it has counted."""

from collections import Counter
from typing import Any

import flask

from lookalike.faults.profiles import PROFILES
from lookalike.server.control.messages import Routes, json_response, no_content, object_body, unknown_name
from lookalike.service import MockService


def get_faults(mock: MockService) -> flask.Response:
    """The fault rules in force, each with the number of requests that it has counted."""
    return json_response(_counted_faults(mock))


def put_faults(mock: MockService) -> flask.Response:
    """Have these fault rules and no others, until the next reset."""
    mock.set_faults(object_body())
    return get_faults(mock)


def delete_faults(mock: MockService) -> flask.Response:
    """Have no fault rules."""
    mock.set_faults({})
    return no_content()


def get_fault_profiles(_: MockService) -> flask.Response:
    """The profiles of --chaos: fault rules by name."""
    return json_response(PROFILES)


def get_fault(mock: MockService, fault: str) -> flask.Response:
    """One fault rule."""
    return json_response(_counted_fault(mock, fault))


def put_fault(mock: MockService, fault: str) -> flask.Response:
    """Add a fault rule, or replace the one of that name, whose count restarts."""
    before = mock.faults
    mock.set_faults({**before, fault: object_body()}, anew=fault)
    return json_response(_counted_fault(mock, fault), 200 if fault in before else 201)


def delete_fault(mock: MockService, fault: str) -> flask.Response:
    """Delete a fault rule."""
    _counted_fault(mock, fault)
    mock.set_faults({name: rule for name, rule in mock.faults.items() if name != fault})
    return no_content()


def _counted_faults(mock: MockService) -> list[dict[str, Any]]:
    requests = Counter[str]()
    for key, counter in mock.fault_plan().counts.items():
        requests[key.partition(" ")[0]] += counter.requests
    return [{"name": name, "requests": requests[name], "rule": rule} for name, rule in mock.faults.items()]


def _counted_fault(mock: MockService, name: str) -> dict[str, Any]:
    found = next((one for one in _counted_faults(mock) if one["name"] == name), None)
    if found is None:
        raise unknown_name("fault", name, mock.faults)
    return found


ROUTES: Routes = (
    ("/fault-profiles", "GET", get_fault_profiles),
    ("/faults", "GET", get_faults),
    ("/faults", "PUT", put_faults),
    ("/faults", "DELETE", delete_faults),
    ("/faults/<fault>", "GET", get_fault),
    ("/faults/<fault>", "PUT", put_fault),
    ("/faults/<fault>", "DELETE", delete_fault),
)
