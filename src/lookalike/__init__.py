"""Lookalike: a mock server and a contract-testing toolkit, both driven by one OpenAPI document.

>>> import lookalike
>>> contract = lookalike.load("openapi.yaml")
>>> mock = lookalike.Mock(contract)
>>> mock.handle(lookalike.Request("GET", "/pets/1")).status
200
>>> with mock.serve() as server:
...     print(server.url)
http://127.0.0.1:49152

The names in `__all__` are the public API, and stay as they are; everything else may change. Errors and messages are
loaded at once, all other names when they are first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

from lookalike.errors import DocumentError, Location, LookalikeError, Problem, StateError, UsageError, VerificationError
from lookalike.http import Handler, Headers, Request, Response

if TYPE_CHECKING:
    from lookalike.api import Mock, check, load
    from lookalike.contract.contract import Contract
    from lookalike.journal import JournalEntry
    from lookalike.server.serve import MockServer
    from lookalike.soundness import Findings
    from lookalike.verification import Calibration, calibrate, verify
    from lookalike.verify.access import Access
    from lookalike.verify.results import Report

__all__ = [
    "Access",
    "Calibration",
    "Contract",
    "DocumentError",
    "Findings",
    "Handler",
    "Headers",
    "JournalEntry",
    "Location",
    "LookalikeError",
    "Mock",
    "MockServer",
    "Problem",
    "Report",
    "Request",
    "Response",
    "StateError",
    "UsageError",
    "VerificationError",
    "calibrate",
    "check",
    "load",
    "verify",
]

# Loaded when it is first used (PEP 562), so that `import lookalike` takes no longer than the command line needs.
_MODULES = {
    "Access": "verify.access",
    "Calibration": "verification",
    "Contract": "contract.contract",
    "Findings": "soundness",
    "JournalEntry": "journal",
    "Mock": "api",
    "MockServer": "server.serve",
    "Report": "verify.results",
    "calibrate": "verification",
    "check": "api",
    "load": "api",
    "verify": "verification",
}

# The package `lookalike.verify` would be found under the name of the function, and take its place whenever a module of
# it is imported for the first time. It is imported here, where it costs nothing (it is empty), and its name is given
# back: an import sets the attribute of the parent only once. `from lookalike.verify.results import …` works as ever.
importlib.import_module("lookalike.verify")
del globals()["verify"]


if not TYPE_CHECKING:  # a type checker that saw this function would take any name for one of the package

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
        except ModuleNotFoundError as error:
            error.add_note(f"lookalike.{name} needs more: run: pip install 'lookalike[verify]'")
            raise
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
