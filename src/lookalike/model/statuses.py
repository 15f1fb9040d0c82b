"""Statuses: with which of the documented ones an operation refuses a request, by the kind of its fault."""

from collections.abc import Container, Mapping

from lookalike.model.faults import (
    CONFLICTING,
    FORBIDDEN,
    INVALID,
    UNACCEPTABLE,
    UNAUTHENTICATED,
    UNPARSABLE,
    UNSUPPORTED,
)

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


def statuses(documented: Container[str]) -> dict[str, str]:
    """The status for each kind of fault, given the statuses that an operation documents."""
    return {kind: next((one for one in row if one in documented), row[0]) for kind, row in _REFUSALS.items()}
