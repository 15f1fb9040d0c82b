"""Faults of the network for responses that do not cross one: the errors that a client would have seen."""

from lookalike.http import Response


def delay_of(response: Response) -> float:
    """The seconds until a response is there as a whole."""
    return response.delay + (response.transmission.duration if response.transmission is not None else 0.0)


def is_reset(response: Response) -> bool:
    """Whether the connection is reset instead."""
    return response.transmission is not None and response.transmission.is_reset


def is_cut(response: Response) -> bool:
    """Whether the connection is closed before the end of the body."""
    length = response.transmission.length if response.transmission is not None else None
    return length is not None and length < len(response.body)
