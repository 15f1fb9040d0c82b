"""Lessons about values: how each member of an item is kept, and which members are not taken at all."""

from contextlib import suppress
from typing import Any

from lookalike.contract.builtin_readings import members_of
from lookalike.contract.contract import Operation
from lookalike.json_values import ABSENT
from lookalike.verify.calibration.bodies import SentMembers, accepts, make_item, renamed, shown_members, whole_and_least
from lookalike.verify.calibration.calibrator import Calibrator
from lookalike.verify.oracle.normalisations import Normalisations, names_of_ways
from lookalike.verify.roles import Roles
from lookalike.verify.runner.endings import Skipped

_MIXED = " Mixed {} Case "
_FRACTION = 1.23456789


def normalisations(calibrator: Calibrator, roles: Roles) -> None:
    """The ways in which values are kept: spaces, letter case, decimals, duplicates; and members that are not taken."""
    create = roles.create
    if create is None:
        return
    whole, _ = whole_and_least(calibrator, create)
    members = members_of(calibrator.environment.contract, roles.resource)
    telling = {
        name: value
        for name in whole.keys() & members.keys() - calibrator.environment.model.items(roles.resource).identity_fields
        if (value := _telling(calibrator, create, whole, name)) is not ABSENT
    }
    proposed = {**whole, **telling}
    bodies = [proposed] if accepts(calibrator, create, proposed) else []
    bodies += [{**renamed(calibrator, create, whole), name: value} for name, value in telling.items()]
    decided: set[str] = set()
    for body in bodies:
        if decided >= telling.keys():
            break
        with suppress(Skipped):
            shown = shown_members(calibrator, roles, make_item(calibrator, roles, body))
            if whole.keys() <= body.keys():
                calibrator.decisions.shown.setdefault(roles.resource, (shown, calibrator.results[-1]))
            for name in telling.keys() & body.keys() & shown.keys() - decided:
                if body[name] == telling[name]:
                    _kept(calibrator, roles.resource, name, body[name], shown[name])
                    decided.add(name)


def _telling(calibrator: Calibrator, operation: Operation, body: SentMembers, name: str) -> Any:
    """A value of a member that shows how it is kept, or `ABSENT`."""
    media, value = calibrator.environment.values.media(operation), body[name]
    proposals: list[Any] = []
    if isinstance(value, str):
        proposals = [_MIXED.format(value), f"Mixed {value} Case", value.swapcase(), f" {value} "]
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        proposals = [_FRACTION, value + 0.123456]
    elif isinstance(value, list):
        first = value[0] if value else "Mixed Case"
        proposals = [[f" {first} X", "b", f" {first} X"], [first, first]] if isinstance(first, str) else [[first] * 2]
    fitting = (one for one in proposals if media is not None and accepts(calibrator, operation, {**body, name: one}))
    return next(fitting, ABSENT)


def _kept(calibrator: Calibrator, resource: str, name: str, sent: Any, shown: Any) -> None:
    ways, step = Normalisations().explaining(name, sent, shown), calibrator.results[-1]
    if ways:
        calibrator.decide(f"{resource}.{name}.kept", " ".join(names_of_ways(ways)) or "as-sent", step)
        calibrator.decide(f"{resource}.{name}.sent", "taken", step)
    elif type(sent) is type(shown) and not _resembles(sent, shown):
        calibrator.decide(f"{resource}.{name}.sent", "ignored", step)


def _resembles(sent: Any, shown: Any) -> bool:
    """Whether a value was made of another, by more than the normalisations that are known."""
    if isinstance(sent, str) and isinstance(shown, str):
        return bool(shown) and (shown.lower() in sent.lower() or sent.strip().lower() in shown.lower())
    return isinstance(sent, (int, float, list, dict))
