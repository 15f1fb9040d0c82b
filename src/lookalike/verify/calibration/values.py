"""Lessons about values: how each member of an item is kept, and which members are not taken at all."""

import json
import re
from contextlib import suppress
from typing import Any

from lookalike.contract.builtin_readings import MASKED, members_of
from lookalike.contract.contract import Operation
from lookalike.json_values import is_number
from lookalike.model.resources.normalisation import compile_normalisation
from lookalike.verify.calibration.bodies import SentMembers, accepts, make_item, renamed, shown_members, whole_and_least
from lookalike.verify.calibration.calibrator import Calibrator
from lookalike.verify.oracle.normalisations import Normalisations, names_of_ways
from lookalike.verify.roles import Roles
from lookalike.verify.runner.endings import Skipped

_MIXED = " Mixed {} Case "
_FRACTION = 1.23456789
_MASK = re.compile("[*xX\u2022\u25cf]{3,}")


def normalisations(calibrator: Calibrator, roles: Roles) -> None:
    """The ways in which values are kept: spaces, letter case, decimals, duplicates; and members that are not taken."""
    create = roles.create
    if create is None:
        return
    whole, _ = whole_and_least(calibrator, create)
    members = members_of(calibrator.environment.contract, roles.resource)
    telling = {
        name: values
        for name in whole.keys() & members.keys() - calibrator.environment.model.items(roles.resource).identity_fields
        if (values := _telling(calibrator, create, whole, name))
    }
    proposed = {**whole, **{name: values[0] for name, values in telling.items()}}
    bodies = [(proposed, {*telling})] if accepts(calibrator, create, proposed) else []
    for name, values in telling.items():
        bodies += [({**renamed(calibrator, create, whole), name: value}, {name}) for value in values]
    decided: set[str] = set()
    for body, asked in bodies:
        if asked <= decided:
            continue
        with suppress(Skipped):
            shown = shown_members(calibrator, roles, make_item(calibrator, roles, body))
            if whole.keys() <= body.keys():
                calibrator.decisions.shown.setdefault(roles.resource, (shown, calibrator.results[-1]))
            for name in (asked & shown.keys()) - decided:
                _kept(calibrator, roles.resource, name, body[name], shown[name])
                decided.add(name)


def _telling(calibrator: Calibrator, operation: Operation, body: SentMembers, name: str) -> list[Any]:
    """Values of a member that show how it is kept, the most telling first; a server may refuse some."""
    media, value = calibrator.environment.values.media(operation), body[name]
    proposals: list[Any] = []
    if isinstance(value, str):
        proposals = [_MIXED.format(value), f"Mixed {value} Case", value.swapcase(), f" {value} "]
    elif is_number(value):
        proposals = [_FRACTION, value + 0.123456]
    elif isinstance(value, list):
        first = value[0] if value else "Mixed Case"
        texts = [[f" z{first} X", "b", f" z{first} X", "a"], [first, first]]
        proposals = texts if isinstance(first, str) else [[first] * 2]
    return [one for one in proposals if media is not None and accepts(calibrator, operation, {**body, name: one})]


def _kept(calibrator: Calibrator, resource: str, name: str, sent: Any, shown: Any) -> None:
    ways, step = Normalisations().explaining(name, sent, shown), calibrator.results[-1]
    if ways:
        names = names_of_ways(ways)
        names += ["sorted"] if _is_sorted(compile_normalisation(names, None)(sent), shown) else []
        calibrator.decide(f"{resource}.{name}.kept", " ".join(names) or "as-sent", step)
        calibrator.decide(f"{resource}.{name}.sent", "taken", step)
    elif isinstance(sent, str) and isinstance(shown, str) and _MASK.fullmatch(shown):
        calibrator.decide(f"{resource}.{name}.kept", MASKED + json.dumps(shown), step)
        calibrator.decide(f"{resource}.{name}.sent", "taken", step)
    elif type(sent) is type(shown) and not _resembles(sent, shown):
        calibrator.decide(f"{resource}.{name}.sent", "ignored", step)


def _is_sorted(kept: Any, shown: Any) -> bool:
    """Whether a list is shown in the order of its texts, in which it was not sent."""
    is_list = isinstance(kept, list) and all(isinstance(one, str) for one in kept)
    return is_list and kept != shown and sorted(kept) == shown


def _resembles(sent: Any, shown: Any) -> bool:
    """Whether a value was made of another, by more than the normalisations that are known."""
    if isinstance(sent, str) and isinstance(shown, str):
        return bool(shown) and (shown.lower() in sent.lower() or sent.strip().lower() in shown.lower())
    return isinstance(sent, (int, float, list, dict))
