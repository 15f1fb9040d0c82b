"""The model against an independent one, over sequences of requests, under the defaults and under random readings."""

import json
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from lookalike.service import MockService
from tests.support import naive
from tests.support.in_process import AUTHORIZED, CONTRACT, JSON, mock, put

CODES = (1, 9, 91)
NUMBERS = (123, 1123, 91123, 191123)
TAGS = (1, 2, 3, 2.5)
NAMES = ("a", "b", "tags", "data")
LEADS: list[naive.Lead] = [
    {"contact_number": 123, "country_code": 91, "tags": [1, 2], "data": {"a": {"b": 1, "c": [1]}, "b": "old"}},
    {"contact_number": 1123, "country_code": 1, "tags": [], "data": {}},
    {"contact_number": 555, "country_code": 9, "tags": [3, 2.5], "data": {"tags": None}},
]
PATHS = ("123", "1123", "91123", "191123", "91191123", "555", "9555", "7", "0123", "-123", "-0", "1.5", "abc", "1e2")
SCHEMES = ("Bearer tok-valid", "Bearer tok-valid", "Bearer tok-valid", "Bearer tok-expired", "Basic tok-valid", "")

nested = st.recursive(
    st.sampled_from([None, True, 0, -1, 1.5, "text", [1, None]]),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=4,
)
wrong: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, "9876543210", "", [], {}, [1], 1.5, [None], ["1"], [True], [[1]]]
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "add_tags": st.lists(st.sampled_from([*TAGS, 2.0]), max_size=3),
    "remove_tags": st.lists(st.sampled_from(TAGS), max_size=3),
    "lead_data": st.dictionaries(st.sampled_from(NAMES), nested, max_size=3),
    "new_contact_number": st.sampled_from([*NUMBERS, 123.0]),
    "new_country_code": st.sampled_from(CODES),
    "name": nested,
}
valid_bodies = st.fixed_dictionaries({}, optional=FIELDS)
any_bodies = st.fixed_dictionaries({}, optional={name: value | wrong for name, value in FIELDS.items()})
texts = st.sampled_from(["", "{", "[]", "null", "7", '"{}"', '{"lead_data": {"a": NaN}}', '{"a": 1,}', "{} {}"])
bodies = st.one_of(valid_bodies.map(json.dumps), valid_bodies.map(json.dumps), any_bodies.map(json.dumps), texts)
choices = st.fixed_dictionaries(
    {name: st.sampled_from(list(CONTRACT.readings[name].choices)) for name in naive.DEFAULTS}
)


class UnderTheDefaults(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.choices: dict[str, str] = naive.DEFAULTS
        self.naive: list[naive.Lead] = json.loads(json.dumps(LEADS))
        self.mock: MockService = mock(data={"lead": LEADS})

    @rule(path=st.sampled_from(PATHS), body=bodies, credentials=st.sampled_from(SCHEMES))
    def send(self, path: str, body: str, credentials: str) -> None:
        headers = {**JSON, **({"Authorization": credentials} if credentials else {})}
        self.compare(path, body, credentials == AUTHORIZED["Authorization"], headers)

    @rule(index=st.sampled_from(range(len(LEADS))), body=valid_bodies.map(json.dumps))
    def change(self, index: int, body: str) -> None:
        """Most paths above lead nowhere once the leads have moved; this one always finds its lead."""
        self.compare(naive.names(self.naive[index], self.choices)[-1], body, True, {**JSON, **AUTHORIZED})

    def compare(self, path: str, body: str, token_is_valid: bool, headers: dict[str, str]) -> None:
        status = naive.update(self.naive, self.choices, token_is_valid, path, body)
        response = put(self.mock, path, body, headers)
        answer = json.loads(response.body)
        assert response.status == status, (path, body, answer)
        assert answer.keys() == {"status", "message", "success"}
        assert (answer["status"], answer["success"]) == (status, status == 201)
        assert answer["message"] == naive.MESSAGES.get(status, answer["message"] or "a message")
        assert in_order(self.mock.state()["lead"]) == in_order(self.naive)


class UnderRandomReadings(UnderTheDefaults):
    @initialize(choices=choices)
    def choose(self, choices: dict[str, str]) -> None:
        self.choices = choices
        self.mock = mock(choices, {"lead": LEADS})


def in_order(leads: Any) -> list[str]:
    """The leads as sorted texts; equal numbers have equal texts, but true is not 1."""
    return sorted(json.dumps(plain(lead), sort_keys=True) for lead in leads)


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def test_the_defaults_of_the_naive_model_are_those_of_the_contract() -> None:
    assert naive.DEFAULTS.items() <= CONTRACT.choices({}).items()


TestUnderTheDefaults = UnderTheDefaults.TestCase
TestUnderTheDefaults.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)
TestUnderRandomReadings = UnderRandomReadings.TestCase
TestUnderRandomReadings.settings = settings(
    max_examples=100, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
