"""Profiles: how one server reads its document, as `calibrate` writes it and `mock --profile` follows it.

A profile is YAML with a choice for each reading that was decided, stated or built-in, and the body of errors that the
document does not describe:

    readings: {pet.delete-unknown: succeeds, createPet.refusal: '422'}
    errors: {media-type: application/json, body: {detail: $answer.reason}}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lookalike.contract.builtin_readings import builtin_reading
from lookalike.contract.contract import Contract, check_choice
from lookalike.contract.decided_readings import settled
from lookalike.contract.extension import ErrorTemplate
from lookalike.errors import UsageError
from lookalike.openapi.sources import Source
from lookalike.openapi.yaml_text import load_yaml

_PROFILE = "a choice for each reading, as in `readings: {ID: CHOICE}`"
_ERRORS = "a media type and a body, as in `errors: {media-type: application/json, body: {error: $answer.reason}}`"


@dataclass(frozen=True, slots=True)
class Profile:
    """The choices of readings, and the body of undocumented errors, if it is known."""

    readings: Mapping[str, str] = field(default_factory=dict)
    errors: ErrorTemplate | None = None

    def as_data(self) -> dict[str, Any]:
        """The profile as it is written."""
        errors = self.errors
        written: dict[str, Any] = {"readings": dict(self.readings)}
        return written | ({"errors": {"media-type": errors.media_type, "body": errors.body}} if errors else {})

    def with_choices(self, contract: Contract, readings: Mapping[str, str]) -> "Profile":
        """The profile with further choices, which count before its own; raises `UsageError` for an unknown one."""
        for id, choice in readings.items():
            _check(contract, id, choice)
        return replace(self, readings={**self.readings, **readings})

    def applied(self, contract: Contract) -> Contract:
        """The contract of a server that is as the profile says, apart from the readings that the document states."""
        builtin = {id: choice for id, choice in self.readings.items() if id not in contract.readings}
        contract = settled(contract, builtin)
        has_own = self.errors is None or contract.error_template is not None
        return contract if has_own else replace(contract, error_template=self.errors)


NO_PROFILE = Profile()


def stated_choices(contract: Contract, choices: Mapping[str, str]) -> dict[str, str]:
    """The choices of the readings that the document states."""
    return {id: choice for id, choice in choices.items() if id in contract.readings}


def load_profile(file: Source, contract: Contract) -> Profile:
    """Read a profile; raises `UsageError` with the place of what is wrong."""
    raw = _object(load_yaml(file), str(file), _PROFILE)
    readings = {
        str(name): str(choice)
        for name, choice in _object(raw.get("readings", {}), f"{file} (#/readings)", _PROFILE).items()
    }
    for id, choice in readings.items():
        try:
            _check(contract, id, choice)
        except UsageError as error:
            raise UsageError(f"{file} (#/readings): {error}") from None
    errors = raw.get("errors")
    if errors is None:
        return Profile(readings)
    if not isinstance(errors, Mapping) or not isinstance(errors.get("media-type"), str) or "body" not in errors:
        raise UsageError(f"{file} (#/errors): expected {_ERRORS}")
    return Profile(readings, ErrorTemplate(errors["media-type"], errors["body"]))


def _check(contract: Contract, id: str, choice: str) -> None:
    if id in contract.readings:
        check_choice(contract.readings[id], choice)
        return
    reading = builtin_reading(contract, id)
    if reading is None:
        known = [*contract.readings, "the built-in ones of its operations, resources and members"]
        raise UsageError(
            f"there is no reading {id!r}; this contract has: {', '.join(known)} (see the guide to calibrate)"
        )
    check_choice(reading, choice)


def _object(raw: Any, name: str, expected: str) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise UsageError(f"{name}: expected {expected}")
    return dict(raw)
