"""`--faults FILE` and `--chaos PROFILE`: the fault rules that a mock starts with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lookalike.contract.contract import Contract
from lookalike.errors import UsageError
from lookalike.faults.profiles import PROFILES
from lookalike.faults.rules import read_rules
from lookalike.openapi.yaml_text import load_yaml


def read_faults(file: Path | None, profile: str | None, contract: Contract) -> Mapping[str, Any]:
    """The rules of a file and of a profile, by name; raises `UsageError` with the place of one that is wrong."""
    rules: Mapping[str, Any] = {}
    if file is not None:
        rules = load_yaml(file)
        read_rules(rules, contract, f"--faults {file}")
    named = PROFILES[profile] if profile is not None else {}
    double = next((name for name in named if name in rules), None)
    if double is not None:
        raise UsageError(f"--faults {file} (#/{double}): --chaos {profile} has a rule of that name", "Rename yours")
    return {**rules, **named}
