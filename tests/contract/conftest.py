"""A conformance suite for the Lead API, which any server can be put to.

    pytest tests/contract                   the mock, started on a free port
    pytest tests/contract --base-url URL    the server whose operations are below URL

Schemathesis makes the requests from openapi.yaml, the same ones in each run, and judges the answers by what the
document says under the default choices of its readings. There is one pass with the number of a lead that is there and
one with numbers that no lead has. The suite fails, too, where 201, 400, 401, 404 or 405 was never answered, since a
server that answers everything alike would otherwise pass.

What is to be known of the server comes from environment variables. A Lookalike mock whose state can be put back needs
none of the first five: it is taken to have the bundled leads and tokens.

    LOOKALIKE_TOKEN          a valid access token
    LOOKALIKE_EXPIRED_TOKEN  one that has expired; without it, the test of that is skipped
    LOOKALIKE_LEAD           the contact number of a lead that you can spare: it gets random tags and data
    LOOKALIKE_ABSENT_LEAD    a contact number that no lead has
    LOOKALIKE_LEAD_COUNTRY   the country code of the lead, needed with LOOKALIKE_MAY_MOVE only
    LOOKALIKE_MAY_MOVE       1: the lead may get another number and country code; each time it gets its own back
    LOOKALIKE_CONTROL_TOKEN  the token of a mock's control API, which one on this machine may do without

What is sent depends on whether the state of the server can be put back. A Lookalike mock is reset before each case, by
`POST /__lookalike/reset`; on this machine that is tried on any server that answers `/__lookalike/health` as the mock
does, elsewhere only with a control token. Every other server is spared whatever could change more than that one lead:

- path numbers are those of the lead and of the absent one, and one word that is no number;
- of the methods that are not documented, only safe ones are tried (GET, OPTIONS, TRACE);
- new_contact_number and new_country_code are not sent to the lead, unless LOOKALIKE_MAY_MOVE is 1.
"""

import os
from collections.abc import Iterator

import pytest
import requests

from tests.contract.target import Target, UnusableError, target
from tests.support.running import running_mock


@pytest.fixture(scope="session")
def base_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the server under test is."""
    url = request.config.getoption("--base-url")
    if url is not None:
        yield url
        return
    with running_mock("--log", "off") as mock:
        yield mock.url


@pytest.fixture(scope="session")
def server(base_url: str) -> Target:
    """The server under test."""
    try:
        return target(base_url, os.environ)
    except (UnusableError, requests.RequestException) as error:
        pytest.fail(str(error), pytrace=False)
