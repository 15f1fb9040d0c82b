"""`Prefer`: a client may ask for a documented answer (RFC 7240)."""

from collections.abc import Callable

from lookalike.contract.choices import Choose
from lookalike.contract.contract import Operation
from lookalike.http import Response
from lookalike.model.answers import Answers, Outcome, Reason

Preferred = Callable[[str, Choose], Outcome | None]


def compile_prefer(operation: Operation, answers: Answers) -> Preferred:
    """The function from a Prefer field to the answer that it asks for; None where it asks for none."""

    def preferred(field: str, choose: Choose) -> Outcome | None:
        wanted = preferences(field)
        code, example = wanted.get("code"), wanted.get("example")
        if code is None and example is None:
            return None
        status = code if code is not None else _status_of(operation, example or "")
        if status not in operation.answers:
            return _unknown("code", code or "", operation.answers, choose) if code else _no_example(example, choose)
        if example is not None and example not in operation.answers[status].examples:
            return _no_example(example, choose)
        applied = ", ".join(f"{name}={wanted[name]}" for name in ("code", "example") if name in wanted)
        return _forced(status, example, applied, choose)

    def _forced(status: str, example: str | None, applied: str, choose: Choose) -> Outcome:
        reason = Reason((f"asked for by Prefer: {applied}",), operation.answers[status].clauses)
        outcome = answers.documented(status, reason, choose, (("Preference-Applied", applied),))
        names = operation.answers[status].examples
        if not names:
            return outcome
        body = answers.example(status, example or next(iter(names)))
        response = outcome.response
        return outcome._replace(response=Response(response.status, response.headers, body))

    def _no_example(example: str | None, choose: Choose) -> Outcome:
        known = {name for answer in operation.answers.values() for name in answer.examples}
        return _unknown("example", example or "", sorted(known), choose)

    def _unknown(what: str, value: str, known: object, choose: Choose) -> Outcome:
        text = f"Prefer: {what}={value} is not documented for {operation.id}; documented: {', '.join(known)}"  # type: ignore[arg-type]
        return answers.documented("400", Reason((text,)), choose)

    return preferred


def preferences(field: str) -> dict[str, str]:
    """The preferences of a Prefer field by name, the first of each counting (RFC 7240 section 2)."""
    found: dict[str, str] = {}
    for part in field.split(","):
        name, _, value = part.partition(";")[0].partition("=")
        found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found


def _status_of(operation: Operation, example: str) -> str:
    return next((status for status, answer in operation.answers.items() if example in answer.examples), "")
