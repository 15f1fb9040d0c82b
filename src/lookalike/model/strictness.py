"""Strictness: which checks refuse a request."""

from typing import NamedTuple


class Strictness(NamedTuple):
    """The checks whose failure refuses a request.

    Without `validity`, violations are only reported in a header field. Without `media_types`, an Accept or Content-Type
    that servers usually accept is tolerated, documented or not, and so is a time as ISO 8601 has it, such as one
    without a zone; a server under test may do otherwise, so the model of the verifier is strict.
    """

    security: bool = True
    validity: bool = True
    media_types: bool = True


STRICT = Strictness()
