"""Why a request is refused, as a value; what comes of it is decided where the order of decisions is."""

from collections.abc import Container, Mapping
from typing import NamedTuple, final

from lookalike.readings import Chosen, Policy
from lookalike.schema.validator import Violation

# Kinds of faults, which each operation answers with a status of its own (`statuses.py`).
INVALID = "invalid"
CONFLICTING = "conflicting"
UNPARSABLE = "unparsable"
UNSUPPORTED = "unsupported"
UNACCEPTABLE = "unacceptable"
UNAUTHENTICATED = "unauthenticated"
FORBIDDEN = "forbidden"


@final
class Rejection(NamedTuple):
    """A reason to refuse: the status to answer or a kind, what does not fit, and the readings that it rests on."""

    status: str
    violations: tuple[Violation, ...]
    readings: tuple[str, ...] = ()

    def because_of(self, policy: Policy[str]) -> "Rejection":
        """The same fault, which a policy made the answer."""
        return self._replace(readings=(*self.readings, *readings_of(policy)))

    def combined_with(self, other: "Rejection | None") -> "Rejection":
        """Both faults as one, where they are of the same kind, else this one."""
        if other is None or other.status != self.status:
            return self
        readings = dict.fromkeys((*self.readings, *other.readings))
        return Rejection(self.status, (*self.violations, *other.violations), tuple(readings))


def readings_of(*policies: Policy[str]) -> tuple[str, ...]:
    """The readings that some policies depend on."""
    return tuple(policy.reading for policy in policies if isinstance(policy, Chosen))


def readings_behind(violations: tuple[Violation, ...]) -> tuple[str, ...]:
    """The readings that some violations depend on."""
    return tuple(dict.fromkeys(reading for violation in violations for reading in violation.when))


# The first that is documented; else the first of the row, which the answers of a range or `default` may stand for.
_REFUSALS: Mapping[str, tuple[str, ...]] = {
    INVALID: ("422", "400"),
    UNPARSABLE: ("400", "422"),
    CONFLICTING: ("409", "422", "400"),  # RFC 5789 section 2.2
    UNSUPPORTED: ("415",),
    UNACCEPTABLE: ("406",),
    UNAUTHENTICATED: ("401", "403"),
    FORBIDDEN: ("403",),
}


def rejection_statuses(documented: Container[str]) -> dict[str, str]:
    """The status for each kind of fault, given the statuses that an operation documents."""
    return {kind: next((one for one in row if one in documented), row[0]) for kind, row in _REFUSALS.items()}
