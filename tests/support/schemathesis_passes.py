"""How Schemathesis alone is to test the Lead API: in two passes, each as strict as the document allows."""

import json
from typing import Any, NamedTuple

from tests.support.in_process import ASHA
from tests.support.paths import ROOT

DOCUMENT = ROOT / "openapi.yaml"
EXAMPLES = 60
TOKEN = "tok-valid"

# A module of hooks that puts the state of a mock back, by the URL in the environment.
RESET_BEFORE_EACH_CASE = """
import os
import requests
import schemathesis

@schemathesis.hook
def before_call(context, case, kwargs):
    requests.post(os.environ["RESET"], timeout=30).raise_for_status()
"""


class Pass(NamedTuple):
    """Which path numbers are sent, and the statuses that valid and invalid requests get."""

    parameters: dict[str, int]
    valid: list[str]
    invalid: list[str]


# With the number of a lead that is there, what is valid succeeds. The 401 is for the cases without a token.
KNOWN = Pass({"path.contact-number": ASHA}, valid=["201"], invalid=["400", "401"])

# With any number there is a 404 instead, or a success with the number that the document has as an example.
ANY = Pass({}, valid=["201", "404"], invalid=["400", "401", "404"])


def configuration(which: Pass) -> dict[str, Any]:
    """The configuration of Schemathesis for a pass, by the names of its configuration file.

    Every check is on but `max_response_time`, since the document promises nothing about time. The stateful phase is
    off, since it needs a second operation that reads or deletes, or links.
    """
    # What earlier runs or answers taught would make each run another one.
    unlearned = {"extra-data-sources": {"responses": False}}
    return {
        "headers": {"Authorization": f"Bearer {TOKEN}"},
        "parameters": which.parameters,
        "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
        "cache": {"enabled": False},
        "phases": {
            "examples": unlearned,
            "coverage": unlearned,
            "fuzzing": {**unlearned, "error-feedback": {"enabled": False}},
            "stateful": {"enabled": False},
        },
        # How long it takes to make a case says nothing about the server.
        "suppress-health-check": ["all"],
        # A redirect is an answer that is not documented, wherever it leads.
        "max-redirects": 0,
        "checks": {
            "not_a_server_error": {"expected-statuses": ["2xx", "4xx"]},
            "positive_data_acceptance": {"expected-statuses": which.valid},
            "negative_data_rejection": {"expected-statuses": which.invalid},
            "missing_required_header": {"expected-statuses": ["400"]},
        },
    }


def toml(table: dict[str, Any], name: str = "") -> str:
    """A table of a configuration file; keys may hold dots."""
    values = [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in table.items() if not isinstance(value, dict)]
    tables = [
        toml(value, f"{name}.{json.dumps(key)}".lstrip(".")) for key, value in table.items() if isinstance(value, dict)
    ]
    return "\n".join([*([f"[{name}]"] if name else []), *values, *tables])
