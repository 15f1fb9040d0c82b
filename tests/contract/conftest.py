"""The conformance suite of the Lead API, which any server can be put to: a test for each clause of openapi.yaml.

    pytest tests/contract                   the mock, started on a free port
    pytest tests/contract --base-url URL    the server whose operations are below URL

The tests are those of the plugin (`--lookalike-url`), which judges by worlds: a server fails for what no choice of the
readings explains, and for nothing that the page leaves open. `-k` selects clauses, and the other options of the plugin
work as well.

A Lookalike mock on this machine needs nothing else. Any other server is described by a target file
(`--lookalike-target`), or by environment variables, each with `LOOKALIKE_` before its name:

    TOKEN          a valid access token
    EXPIRED_TOKEN  one that has expired
    LEAD           the contact number of a lead that you can spare: it gets tags and data
    LEAD_COUNTRY   its country code, needed with SPARE_LEADS only
    ABSENT_LEAD    a contact number that no lead has
    SPARE_LEADS    unused contact numbers, separated by commas: the lead gets them for a while, and then its own again
"""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import lookalike

DOCUMENT = Path(__file__).parents[2] / "openapi.yaml"
_PREFIX = "LOOKALIKE_"
_NEEDED = ("TOKEN", "LEAD", "ABSENT_LEAD")


# This file is read before the configuration only where the folder is named on the command line; in any other run of the
# tests of this project, no suite is collected.
def pytest_configure(config: pytest.Config) -> None:
    """Point the plugin at the server that --base-url names, or at a mock."""
    if config.option.lookalike_url is not None:
        return
    config.option.lookalike_document = str(DOCUMENT)
    config.option.lookalike_url = config.getoption("--base-url") or _mock(config)
    target = target_of({name.removeprefix(_PREFIX): value for name, value in os.environ.items() if value})
    if target and config.option.lookalike_target is None:
        folder = tempfile.TemporaryDirectory()
        config.add_cleanup(folder.cleanup)
        file = Path(folder.name) / "target.yaml"
        file.write_text(json.dumps(target), encoding="utf-8")
        config.option.lookalike_target = str(file)


def _mock(config: pytest.Config) -> str:
    server = lookalike.Mock(lookalike.load(DOCUMENT)).serve()
    config.add_cleanup(server.close)
    return server.url


def target_of(environ: Mapping[str, str]) -> dict[str, Any]:
    """The target file that environment variables stand for; empty if there are none.

    Raises `pytest.UsageError` where one is missing, or is not a number.
    """
    if not any(name in environ for name in _NEEDED):
        return {}
    missing = [f"{_PREFIX}{name}" for name in _NEEDED if name not in environ]
    if missing:
        raise pytest.UsageError(f"set {', '.join(missing)} too; tests/contract/conftest.py explains them")
    tokens = {"valid": "TOKEN", "expired": "EXPIRED_TOKEN"}
    lead = {"contact_number": "LEAD", "country_code": "LEAD_COUNTRY"}
    try:
        return {
            "credentials": {"bearerAuth": {key: environ[name] for key, name in tokens.items() if name in environ}},
            "resources": {
                "lead": {
                    "owned": [{key: int(environ[name]) for key, name in lead.items() if name in environ}],
                    "absent": [int(environ["ABSENT_LEAD"])],
                    "spare": [*_numbers(environ.get("SPARE_LEADS", ""))],
                }
            },
        }
    except ValueError as error:
        raise pytest.UsageError(f"a contact number or country code is no number: {error}") from None


def _numbers(text: str) -> Iterator[int]:
    return (int(number) for number in text.split(",") if number.strip())
