"""Checks of a story that a generated client tells: each prints a line of JSON, as those of `story.mjs` do.

The client is the package `client` on the path. It is made anew for each document, so that its types are unknown here.
"""

import importlib
import json
import pkgutil
import sys
from collections.abc import Callable
from typing import Any

URL = sys.argv[1] if len(sys.argv) > 1 else ""


def check(name: str, claim: Callable[[], Any], wanted: Any = True) -> None:
    """Print whether what a claim finds is as wanted, and else what it is."""
    try:
        got = claim()
    except Exception as error:  # noqa: BLE001  # whatever it is, the check does not hold
        got = f"{type(error).__name__}: {error}"
    print(json.dumps({"name": name, "ok": got == wanted, "got": "" if got == wanted else str(got)[:300]}))


def attempt(act: Callable[[], Any]) -> Any:
    """What an act gives; the error itself where it fails, so that the story goes on."""
    try:
        return act()
    except Exception as error:  # noqa: BLE001  # the checks about it tell
        return error


class Client:
    """The operations of the generated client, by the beginning or the end of their names."""

    def __init__(self, **login: str) -> None:
        made = importlib.import_module("client.client")
        self._client = made.AuthenticatedClient(URL, **login) if login else made.Client(URL)
        root = importlib.import_module("client.api")
        found = pkgutil.walk_packages(root.__path__, f"{root.__name__}.")
        self._modules = {one.name.rpartition(".")[2]: one.name for one in found if not one.ispkg}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        named = (one for key, one in self._modules.items() if f"_{key}_".startswith(f"_{name}_") or key.endswith(name))
        operation = importlib.import_module(next(named))

        def call(*path: Any, **more: Any) -> Any:
            return operation.sync_detailed(*path, client=self._client, **more)

        return call


def models() -> Any:
    """The generated module with the values of the document's schemas."""
    return importlib.import_module("client.models")


def file(content: bytes, name: str, media_type: str) -> Any:
    """A file as the client sends it."""
    import io

    return importlib.import_module("client.types").File(io.BytesIO(content), name, media_type)
