"""Runs of `verify` in this process, against servers over HTTP."""

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lookalike.verify.execution.options import Options
from lookalike.verify.results import Report
from lookalike.verify.run import Run
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.target import Credentials, ReadOperation, Target, UsableItems
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import environment_of, environment_of_mock, mocked
from tests.support.in_process import CONTRACT, PARTS

QUICK = ("clauses", "probes", "sweep")


def judged_mock(url: str, options: Options | None = None) -> Report:
    """What is found of a mock, which tells all that must be known of it."""
    client = Client(url, ConnectionSettings(), Budget())
    environment = environment_of_mock(CONTRACT, client, mocked(client, None), 1)
    return Run(environment, options or Options(), lambda text: None).report()


def judged(
    url: str,
    target: Target,
    options: Options | None = None,
    concurrency: int = 1,
    sleep: Callable[[float], None] = time.sleep,
) -> Report:
    """What is found of any server; `sleep` waits for one that is busy or away."""
    client = Client(url, ConnectionSettings(), Budget(), sleep)
    environment = environment_of(CONTRACT, client, replace(target, concurrency=concurrency), 1)
    return Run(environment, options or Options(), lambda text: None).report()


def target(observed: bool = False, owned: int = 2, **more: Any) -> Target:
    """What is known of a server that holds the bundled leads and tokens."""
    leads: list[dict[str, Any]] = copy.deepcopy(PARTS.data["lead"])
    key = ("contact_number", "country_code")
    items = tuple({**CONTRACT.item_defaults["lead"], **{field: lead[field] for field in key}} for lead in leads[:owned])
    tags = tuple(tag["id"] for tag in PARTS.data["tag"][:3])
    return Target(
        credentials={"bearerAuth": Credentials("tok-valid", "tok-expired", "tok-revoked")},
        usable={"lead": UsableItems(items, (9000000101, 9000000102), (9999999999,), tags)},
        observe={"lead": ReadOperation("/leads/{contact_number}")} if observed else {},
        **more,
    )


def wrong_readings(report: Report, choices: Mapping[str, str]) -> dict[str, str]:
    """The readings of which something else was found than the choice that the server has."""
    readings = {reading.id: reading for reading in report.readings}
    return {id: readings[id].choice for id, choice in choices.items() if choice not in readings[id].choice.split(" | ")}


def open_readings(report: Report) -> set[str]:
    """The readings that were not decided."""
    return {reading.id for reading in report.readings if reading.status != "decided"}
