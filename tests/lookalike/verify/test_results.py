"""Results are values; a copy without secrets has the same form."""

from typing import NamedTuple

from lookalike.verify.results import ClauseResult, ClauseStatus, Failure, RecordedExchange, RecordedRequest, redacted


class Pair(NamedTuple):
    """A value as stories keep it in a recipe."""

    name: str
    number: int


def hide(text: str) -> str:
    return text.replace("s3cret", "$TOKEN")


def test_secrets_are_in_no_text_of_a_result_however_deep_it_is() -> None:
    sent = RecordedRequest("GET", "/s3cret", "a=s3cret", {"x-s3cret": "s3cret"}, "s3cret")
    exchange = RecordedExchange("curl s3cret", "GET s3cret", 200, "s3cret", sent)
    recipe = {"moves": (Pair("s3cret", 1), Pair("b", 2)), "s3cret": ["s3cret", None, 1.5, True]}
    failure = Failure("a", "s3cret", (exchange,), "s3cret", "s3cret", 3, 3, known={"s3cret": "s3cret"}, recipe=recipe)
    shown = redacted(failure, hide)
    assert "s3cret" in repr(failure)
    assert "s3cret" not in repr(shown)
    assert shown.recipe["moves"] == (Pair("$TOKEN", 1), Pair("b", 2))
    assert shown.recipe["$TOKEN"] == ["$TOKEN", None, 1.5, True]


def test_a_result_without_secrets_stays_equal() -> None:
    result = ClauseResult("a", "it holds", ("here",), ClauseStatus.HELD, 3)
    assert redacted(result, hide) == result
    assert redacted(result, hide).status is ClauseStatus.HELD
