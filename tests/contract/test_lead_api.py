"""The Lead API as its document describes it; conftest.py says what this can be pointed at."""

from typing import Any

import pytest
import schemathesis
from schemathesis import BaseSchema, Case, Response

from tests.contract.passes import ANY, DOCUMENT, KNOWN, Pass, configuration
from tests.contract.target import NO_NUMBER, Target

NEVER_MISSING = {201, 400, 401, 404, 405}


def schema_of(which: Pass) -> BaseSchema:
    config = schemathesis.Config.from_dict(configuration(which))
    return schemathesis.openapi.from_path(DOCUMENT, config=config)


LEADS = schema_of(KNOWN)
NUMBERS = schema_of(ANY)


def judge(server: Target, case: Case[Any]) -> Response | None:
    """Check the answer to a case against the document; there is none where the case must not be sent."""
    if not server.confine(case):
        return None
    server.reset()
    answer = case.call(base_url=server.url, session=server.session)
    server.seen.add(answer.status_code)
    try:
        case.validate_response(answer, transport_kwargs={"base_url": server.url})
    finally:
        server.put_back(case, answer.status_code)
    return answer


# Where no lead is, so that nothing can change; validity is decided before a lead is looked up.
@pytest.mark.parametrize(
    "body",
    [{}, {"add_tags": [1]}, {"new_country_code": 91}, {"new_contact_number": 9988776655}],
    ids=["nothing", "only tags", "only a country code", "a number without country code"],
)
def test_a_body_without_what_a_rule_requires_is_answered_400(body: dict[str, Any], server: Target) -> None:
    answer = judge(server, update(server.absent, server.token, body))
    assert answer is not None
    assert answer.status_code == 400


def test_a_number_that_no_lead_has_is_answered_404(server: Target) -> None:
    answer = judge(server, update(server.absent, server.token))
    assert answer is not None
    assert answer.status_code == 404


def test_a_word_in_place_of_the_number_is_answered_404(server: Target) -> None:
    answer = judge(server, update(NO_NUMBER, server.token))
    assert answer is not None
    assert answer.status_code == 404


def test_without_a_valid_token_it_is_not_told_that_no_lead_has_a_number(server: Target) -> None:
    answer = judge(server, update(server.absent, "nobody's"))
    assert answer is not None
    assert answer.status_code == 401


def test_an_expired_token_is_answered_401(server: Target) -> None:
    if server.expired_token is None:
        pytest.skip("LOOKALIKE_EXPIRED_TOKEN is not set")
    answer = judge(server, update(server.lead, server.expired_token))
    assert answer is not None
    assert answer.status_code == 401


@LEADS.parametrize()
def test_a_lead_that_is_there_is_changed_by_a_valid_request_and_by_no_other(case: Case[Any], server: Target) -> None:
    judge(server, case)


@NUMBERS.parametrize()
def test_any_number_is_answered_as_the_document_says(case: Case[Any], server: Target) -> None:
    judge(server, case)


# It looks back on the tests above, and so must stay the last.
def test_no_status_that_the_tests_are_about_was_never_answered(server: Target) -> None:
    missing = sorted(NEVER_MISSING - server.seen)
    assert not missing, f"never answered: {', '.join(map(str, missing))}, so that nothing was proved about them"


def update(number: int | str, token: str, body: dict[str, Any] | None = None) -> Case[Any]:
    """An update; it is valid and changes nothing where no body is given."""
    operation = LEADS["/leads/{contact-number}/update"]["PUT"]
    case: Case[Any] = operation.Case(
        path_parameters={"contact-number": number},
        headers={"Authorization": f"Bearer {token}"},
        body={"lead_data": {}} if body is None else body,
        media_type="application/json",
    )
    return case
