"""Rejections: why a request is refused, as values, and the status that an operation answers for each kind.

Which of several rejections is answered is decided in `operation_handler`, by the order of decisions.
"""

from collections import Counter
from collections.abc import Container, Mapping
from typing import Any, NamedTuple, final

from lookalike.contract.contract import Contract
from lookalike.readings import Chosen, Policy
from lookalike.schema.validator import Violation

# The kinds of rejections. Each operation answers one with the first status of its row that is documented there; where
# none is, with the first of the row, which the response of a range or `default` may describe. For invalid input, the
# whole document tells it then.
INVALID = "invalid"
CONFLICTING = "conflicting"
UNPARSABLE = "unparsable"
MISSING = "missing"  # a required body; it is invalid input where no reading tells it apart
UNSUPPORTED = "unsupported"
UNACCEPTABLE = "unacceptable"
UNAUTHENTICATED = "unauthenticated"
FORBIDDEN = "forbidden"

_STATUSES: Mapping[str, tuple[str, ...]] = {
    INVALID: ("422", "400"),  # RFC 9110 section 15.5.21
    UNPARSABLE: ("400", "422"),
    CONFLICTING: ("409", "422", "400"),  # RFC 5789 section 2.2
    UNSUPPORTED: ("415",),
    UNACCEPTABLE: ("406",),
    UNAUTHENTICATED: ("401", "403"),
    FORBIDDEN: ("403",),
}


@final
class Rejection(NamedTuple):
    """A reason to refuse a request.

    `status` is the status to answer, or one of the kinds above; `readings` are those that the refusal rests on.
    """

    status: str
    violations: tuple[Violation, ...]
    readings: tuple[str, ...] = ()

    def because_of(self, policy: Policy[str]) -> "Rejection":
        """The same rejection, resting on the reading of a policy too."""
        return self._replace(readings=(*self.readings, *readings_of(policy)))

    def combined_with(self, other: "Rejection | None") -> "Rejection":
        """Both rejections as one where they have the same status, so that a client learns of all at once; else this."""
        if other is None or other.status != self.status:
            return self
        readings = dict.fromkeys((*self.readings, *other.readings))
        return Rejection(self.status, (*self.violations, *other.violations), tuple(readings))


def statuses_by_kind(documented: Container[str], of_invalid: str) -> dict[str, str]:
    """The status for each kind of rejection, given the statuses that an operation documents.

    Where it documents none for invalid input, that is `of_invalid`, as of the whole document. Errors that are described
    in general only, by a range or `default`, are those of any client error, and so 400 is (RFC 9110 section 15.5.1):
    the SDKs of such APIs know no 422.
    """
    is_general = any(one in documented for one in ("default", "4XX", "4xx"))
    usual = {INVALID: "400" if is_general else of_invalid}
    return {
        kind: next((one for one in row if one in documented), usual.get(kind, row[0]))
        for kind, row in _STATUSES.items()
    }


def status_of_invalid(contract: Contract) -> str:
    """The status for invalid input to an operation of a contract that documents none.

    It is 422 where the schemas are made by Pydantic, as FastAPI and django-ninja answer; else the one of 422 and 400
    that more operations document. Without either it is 400 (RFC 9110 section 15.5.1), as most frameworks answer.
    """
    count = Counter(status for operation in contract.operations for status in operation.responses)
    is_usual = count["422"] >= max(count["400"], 1) or _is_of_pydantic(contract.document.data)
    return "422" if is_usual else "400"


def _is_of_pydantic(data: Mapping[str, Any]) -> bool:
    """Whether most members have titles as Pydantic makes them of names: `Project Id` of `project_id`."""
    schemas = (one for one in data.get("components", {}).get("schemas", {}).values() if isinstance(one, Mapping))
    members = ((name, one) for schema in schemas for name, one in schema.get("properties", {}).items())
    # Other frameworks, too, give `name` the title `Name`.
    of_words = [(name, one) for name, one in members if "_" in name and isinstance(one, Mapping)]
    titled = [name for name, one in of_words if one.get("title") == name.replace("_", " ").title()]
    return len(titled) * 2 > len(of_words)


def readings_of(*policies: Policy[str]) -> tuple[str, ...]:
    """The readings that policies depend on."""
    return tuple(policy.reading for policy in policies if isinstance(policy, Chosen))


def readings_behind(violations: tuple[Violation, ...]) -> tuple[str, ...]:
    """The readings that violations depend on, each once."""
    return tuple(dict.fromkeys(reading for violation in violations for reading in violation.when))
