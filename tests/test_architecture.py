"""The order of imports, the one place of each library, and the proof that each of these rules can fail."""

import ast
import sys
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "lookalike"

# From the bottom to the top. A row may import the rows above it in this table, and nothing else: neither the rows
# below nor its neighbours, in whatever function or `if TYPE_CHECKING` the import stands. Rooms within a folder are
# named by their path.
LAYERS = (
    ("errors", "durations", "cache", "json_values", "pacing"),
    ("naming", "http", "readings"),
    ("schema",),
    ("openapi",),
    ("contract",),
    ("codecs",),
    ("model",),
    ("stores", "verify", "har", "faults", "oauth", "exchanges"),
    ("journal", "snapshots", "transcripts", "reports", "callbacks", "replays", "editable_state"),
    ("service",),
    ("sandboxes",),
    ("assembly",),
    ("soundness",),
    ("server",),
    ("api", "verification"),
    ("proxy", "pytest_plugin", "schemathesis_hooks"),
    ("__init__",),
    ("cli",),
    ("__main__",),
)
LEVELS = {name: level for level, names in enumerate(LAYERS) for name in names}

# The same within folders that have rooms. Modules of such a folder that are in no room are not bound by this table.
ROOMS = {
    "schema": (
        ("formats", "regexes"),
        ("pattern_process",),
        ("vocabulary", "keywords", "messages", "value_types"),
        ("view", "explanation", "excerpts"),
        ("published_errors", "directions", "costly_patterns", "member_validator", "doubtful_rules"),
        ("uncompiled",),
        ("validator",),
        ("generation",),
    ),
    "openapi": (
        ("zones",),
        ("fetching",),
        ("sources",),
        ("yaml_text",),
        ("document",),
        ("walk",),
        ("object_types", "example_values", "json_paths"),
        ("overlays", "bundling", "combining", "dynamic_references", "path_templates"),
        ("applied_schemas", "member_types"),
        ("upgrading", "recovery", "structure"),
        ("load",),
    ),
    "contract.inference": (
        ("kinds",),
        ("envelopes", "sketches", "descriptions", "states"),
        ("raw_operation", "verbs"),
        ("sent_items",),
        ("resources",),
        ("resource_operation", "item_paths"),
        ("accounts", "tombstones", "query_parameters", "grounds"),
        ("sessions", "presence"),
        ("rules",),
        ("operation_index", "inferred", "remote_calls"),
        (
            "nearby_paths",
            "dependents",
            "stated_references",
            "state_guards",
            "uniqueness",
            "bare_keys",
            "account_operations",
            "by_example",
        ),
        ("existence", "versions"),
        ("assumed_items",),
        ("infer",),
        ("combined_documents", "explain"),
    ),
    "model": (
        ("state", "rejections", "minting"),
        ("context",),
        ("generated_values",),
        ("request", "response"),
        ("resources",),
        ("strictness",),
        ("dependencies",),
        ("success_builder",),
        ("operation_handler",),
        ("behaviour",),
        ("seeds",),
        ("populate",),
    ),
    "verify": (
        ("defaults",),
        ("results",),
        ("events", "interruption"),
        ("side_by_side",),
        ("server",),
        ("requests",),
        ("oracle", "roles", "coverage"),
        ("memberships", "bulk_creations", "sign_in"),
        ("clauses", "attribution"),
        ("environment",),
        ("runner",),
        ("stories",),
        ("safety", "run_state"),
        ("setup", "execution", "saved_stories"),
        ("access",),
        ("run",),
        ("calibration", "traffic"),
    ),
}


class Door(NamedTuple):
    """The places where libraries may be imported: modules, or packages with all that is in them."""

    libraries: tuple[str, ...]
    places: tuple[str, ...]
    only_one: bool = False
    """Whether a single module may have it, wherever in those places it is."""


DOORS = (
    Door(("click",), ("cli",)),
    Door(("faker",), ("schema.generation.faker_values",), only_one=True),
    # The fixture of the plugin hands out clients of these libraries.
    Door(("flask", "werkzeug"), ("server", "pytest_plugin")),
    Door(("httptools",), ("server.http1",), only_one=True),
    Door(("jsonschema", "jsonschema_rs"), ("schema",)),
    Door(("jwt",), ("model", "cli"), only_one=True),
    Door(("prometheus_client",), ("server.metrics",), only_one=True),
    Door(("psycopg",), ("stores",)),
    Door(("sqlite3",), ("stores", "pytest_plugin")),
    Door(("hypothesis", "schemathesis"), ("verify", "pytest_plugin", "schemathesis_hooks")),
    Door(("jinja2",), ("reports",), only_one=True),
    Door(("jsonpath",), ("openapi.json_paths",), only_one=True),
    Door(("requests", "urllib3"), ("verify.server", "pytest_plugin")),
    Door(("httpx",), ("pytest_plugin",)),
    Door(("pytest",), ("pytest_plugin",)),
    Door(("yaml",), ("openapi.yaml_text",), only_one=True),
)

# The one module that walks JSON Pointers and follows references; see there.
WALKER = "json_values"
NO_WALKERS = frozenset({"contract.routing"})  # walks a tree of routes, which holds no references


class Import(NamedTuple):
    """An import: `target` is a name like a module's, or a library's when it is `foreign`."""

    line: int
    target: str
    foreign: bool


@dataclass(frozen=True)
class Module:
    """A module by its name within the package: `contract.document`, and `contract` for `contract/__init__.py`."""

    name: str
    tree: ast.Module
    imports: tuple[Import, ...]

    @property
    def layer(self) -> str:
        return self.name.partition(".")[0]


Modules = Mapping[str, Module]
Rule = Callable[[Modules], Iterator[str]]


def read_modules(source: Path) -> Modules:
    paths = {_name(path.relative_to(source)): path for path in sorted(source.rglob("*.py"))}
    known = {*LEVELS, *(parent for name in paths for parent in accumulate(name.split("."), "{}.{}".format))}
    modules = {}
    for name, path in paths.items():
        tree = ast.parse(path.read_text(encoding="utf-8"), path)
        modules[name] = Module(name, tree, tuple(_imports(tree, _package(path.relative_to(source)), known)))
    return modules


def _name(path: Path) -> str:
    return _package(path) if path.stem == "__init__" and path.parent.parts else ".".join(path.with_suffix("").parts)


def _package(path: Path) -> str:
    return ".".join(path.parent.parts)


def _imports(tree: ast.Module, package: str, known: Set[str]) -> Iterator[Import]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield _import(node.lineno, alias.name, "", known)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield _import(node.lineno, _absolute(node, package), alias.name, known)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    within = ["lookalike", *package.split(".")] if package else ["lookalike"]
    parents = within[: len(within) - node.level + 1]
    return ".".join([*parents, node.module] if node.module else parents)


def _import(line: int, source: str, name: str, known: Set[str]) -> Import:
    root, _, within = source.partition(".")
    if root != "lookalike":
        return Import(line, root, foreign=True)
    inner = f"{within}.{name}" if within else name
    return Import(line, (inner if name and inner in known else within) or "__init__", foreign=False)


def layers(modules: Modules) -> Iterator[str]:
    for module in modules.values():
        if module.layer not in LEVELS:
            yield f"{module.name} is in no layer"
            continue
        for line, target, foreign in module.imports:
            layer = target.partition(".")[0]
            if not foreign and layer != module.layer and LEVELS.get(layer, sys.maxsize) >= LEVELS[module.layer]:
                yield f"{module.name}:{line} imports {target}, which is not below {module.layer}"


def cycles(modules: Modules) -> Iterator[str]:
    graph = {
        module.name: {found.target for found in module.imports if not found.foreign} for module in modules.values()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield " imports ".join(reversed(error.args[1]))


def doors(modules: Modules) -> Iterator[str]:
    for door in DOORS:
        users: set[str] = set()
        for module in modules.values():
            for line, target, foreign in module.imports:
                if foreign and target in door.libraries:
                    users.add(module.name)
                    if not any(f"{module.name}.".startswith(f"{place}.") for place in door.places):
                        yield f"{module.name}:{line} imports {target}, which belongs to {' and '.join(door.places)}"
        if door.only_one and len(users) > 1:
            yield f"{' and '.join(sorted(users))} import {' or '.join(door.libraries)}, and only one module may"


def rooms(modules: Modules) -> Iterator[str]:
    for folder, rows in ROOMS.items():
        levels = {name: level for level, names in enumerate(rows) for name in names}
        for module in modules.values():
            room = _room_in(folder, module.name)
            if not room:
                continue
            if room not in levels:
                yield f"{module.name} is in no room of {folder}"
                continue
            for line, target, foreign in module.imports:
                other = "" if foreign else _room_in(folder, target)
                if other and other != room and levels.get(other, sys.maxsize) >= levels[room]:
                    yield f"{module.name}:{line} imports {target}, which is not below {room}"


def _room_in(folder: str, module: str) -> str:
    """The room of a module in a folder, empty for modules elsewhere and the folder itself."""
    return module.removeprefix(f"{folder}.").partition(".")[0] if module.startswith(f"{folder}.") else ""


def walkers(modules: Modules) -> Iterator[str]:
    """Loops that walk a JSON Pointer or follow a reference, outside of the one module that bounds both."""
    for module in modules.values():
        if module.name == WALKER or module.name in NO_WALKERS:
            continue
        for loop in ast.walk(module.tree):
            if isinstance(loop, ast.For) and any(_steps_into(node, loop) for node in ast.walk(loop)):
                yield f"{module.name}:{loop.lineno} walks a pointer, which belongs to {WALKER}"
            if isinstance(loop, ast.While | ast.For) and any(map(_is_ref, ast.walk(loop))) and _follows(loop):
                yield f"{module.name}:{loop.lineno} follows references, which belongs to {WALKER}"


def _steps_into(node: ast.AST, loop: ast.For) -> bool:
    """Whether an assignment is `node = node[token]` or `node = node.get(token)`, with the token of a loop."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            tokens = {one.id for one in ast.walk(loop.target) if isinstance(one, ast.Name)}
            return any(_is_step(inner, name, tokens) for inner in ast.walk(value))
    return False


def _is_step(node: ast.AST, name: str, tokens: set[str]) -> bool:
    match node:
        case ast.Subscript(value=ast.Name(id=held), slice=key):
            used = {one.id for one in ast.walk(key) if isinstance(one, ast.Name)}
            return held == name and not tokens.isdisjoint(used)
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id=held), attr="get" | "setdefault"), args=[ast.Name(id=key), *_]
        ):
            return held == name and key in tokens
    return False


def _is_ref(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == "$ref"


def _follows(loop: ast.While | ast.For) -> bool:
    """Whether a loop gives a name anew that it looks for a reference in: `node = ...` beside `node["$ref"]`."""
    looked: set[str] = set()
    for node in ast.walk(loop):
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value="$ref")):
                looked.add(name)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[ast.Constant(value="$ref"), *_]
            ):
                looked.add(name)
    assigned = {
        target.id
        for node in ast.walk(loop)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return not looked.isdisjoint(assigned)


RULES: tuple[Rule, ...] = (layers, rooms, cycles, doors, walkers)


@pytest.fixture(scope="module")
def source() -> Modules:
    return read_modules(SOURCE)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_source_keeps_the_rule(source: Modules, rule: Rule) -> None:
    assert "contract.contract" in source
    assert list(rule(source)) == []


Files = dict[str, str]


class Offence(NamedTuple):
    """Files that break a rule, and the beginning of what it says of them."""

    rule: Rule
    files: Files
    finding: str


LAWFUL: dict[str, Files] = {
    "downwards": {
        "errors.py": "",
        "contract/__init__.py": "",
        "openapi/yaml_text.py": "import yaml\nimport lookalike.errors",
        "model/request/tokens.py": "import jwt\nfrom lookalike.openapi import document\nfrom lookalike.errors import A",
        "stores/memory.py": "import sqlite3",
        "server/app.py": "import flask\nfrom werkzeug.http import parse_date",
        "verify/stories/search.py": "import hypothesis",
        "cli/__init__.py": "from lookalike import __version__, contract\nfrom lookalike.cli import mock",
        "cli/mock.py": "from lookalike import server",
        "__init__.py": "from lookalike.server.app import create_app",
    },
    "a namesake of a layer": {"http.py": "from http import HTTPStatus", "contract/a.py": "import http.server, server"},
    "a room below": {
        "verify/oracle/worlds.py": "from lookalike.verify.server import client",
        "verify/server/transport.py": "import requests",
        "verify/run.py": "from lookalike.verify.oracle.worlds import f",
    },
}

OFFENCES = {
    "upwards": Offence(layers, {"http.py": "import lookalike.cli.mock"}, "http:1 imports cli.mock,"),
    "upwards by name": Offence(
        layers, {"model/state.py": "from lookalike import server"}, "model.state:1 imports server,"
    ),
    "upwards to a file that is yet to come": Offence(
        layers, {"model/state.py": "from lookalike.service import Mock"}, "model.state:1 imports service,"
    ),
    "upwards from a function": Offence(
        layers, {"service.py": "def f():\n    from lookalike.server.app import g"}, "service:2 imports server.app,"
    ),
    "upwards for the types alone": Offence(
        layers,
        {"model/state.py": "if TYPE_CHECKING:\n    from lookalike.stores.memory import Memory"},
        "model.state:2 imports stores.memory,",
    ),
    "upwards by a relative import": Offence(
        layers, {"contract/a.py": "from ..model import state"}, "contract.a:1 imports model,"
    ),
    "upwards to the package itself": Offence(
        layers, {"service.py": "from lookalike import __version__"}, "service:1 imports __init__,"
    ),
    "to a neighbour": Offence(
        layers, {"verify/run.py": "import lookalike.stores.sql"}, "verify.run:1 imports stores.sql,"
    ),
    "in no layer": Offence(layers, {"helpers.py": ""}, "helpers is in no layer"),
    "to no layer": Offence(layers, {"cli/a.py": "import lookalike.helpers"}, "cli.a:1 imports helpers,"),
    "a cycle": Offence(
        cycles,
        {
            "contract/a.py": "from lookalike.contract.b import f",
            "contract/b.py": "def f():\n    from lookalike.contract import a",
        },
        "contract.a imports contract.b imports contract.a",
    ),
    "a cycle through a package": Offence(
        cycles,
        {
            "contract/__init__.py": "from lookalike.contract.a import f",
            "contract/a.py": "from lookalike.contract import VERSION",
        },
        "contract imports contract.a imports contract",
    ),
    "a room above": Offence(
        rooms,
        {"verify/server/client.py": "from lookalike.verify.stories.story import f"},
        "verify.server.client:1 imports verify.stories.story,",
    ),
    "a room beside": Offence(
        rooms,
        {"model/request/body.py": "from lookalike.model.response.headers import f"},
        "model.request.body:1 imports model.response.headers,",
    ),
    "a room above in a folder of a folder": Offence(
        rooms,
        {
            "contract/inference/infer.py": "",
            "contract/inference/rules/lists.py": "import lookalike.contract.inference.infer",
        },
        "contract.inference.rules.lists:1 imports contract.inference.infer, which is not below rules",
    ),
    "no room": Offence(rooms, {"model/helpers.py": ""}, "model.helpers is in no room of model"),
    "two modules at one door": Offence(
        doors,
        {"model/request/tokens.py": "import jwt", "cli/token.py": "import jwt"},
        "cli.token and model.request.tokens import jwt",
    ),
    "a second walker": Offence(
        walkers,
        {"model/state.py": "def at(node, pointer):\n    for token in pointer:\n        node = node[int(token)]"},
        "model.state:2 walks a pointer,",
    ),
    "a second walker by name": Offence(
        walkers,
        {"model/state.py": "def at(node, pointer):\n    for token in pointer:\n        node = node.get(token) or {}"},
        "model.state:2 walks a pointer,",
    ),
    "a second follower": Offence(
        walkers,
        {"model/state.py": "def f(node):\n    while '$ref' in node:\n        node = look(node['$ref'])"},
        "model.state:2 follows references,",
    ),
    "a second follower with a limit": Offence(
        walkers,
        {"model/state.py": "def f(n):\n    for _ in range(9):\n        ref = n.get('$ref')\n        n = look(ref)"},
        "model.state:2 follows references,",
    ),
    "a package with the name of a door's module": Offence(
        doors, {"contract/document.py": "import yaml"}, "contract.document:1 imports yaml,"
    ),
} | {
    f"{library} at the wrong door": Offence(
        doors, {"service.py": f"def f():\n    from {library}.parts import x"}, f"service:2 imports {library},"
    )
    for door in DOORS
    for library in door.libraries
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("files", LAWFUL.values(), ids=LAWFUL)
def test_what_is_lawful_breaks_no_rule(tmp_path: Path, files: Files, rule: Rule) -> None:
    assert list(rule(_planted(tmp_path, files))) == []


@pytest.mark.parametrize("offence", OFFENCES.values(), ids=OFFENCES)
def test_an_offender_is_found_by_its_rule_alone(tmp_path: Path, offence: Offence) -> None:
    modules = _planted(tmp_path, offence.files)
    found = {rule: list(rule(modules)) for rule in RULES}
    assert len(found[offence.rule]) == 1
    assert found.pop(offence.rule)[0].startswith(offence.finding)
    assert not any(found.values())


TESTS = Path(__file__).parent


def borrowed(tests: Path) -> Iterator[str]:
    """Imports of test modules; what tests share is in `tests/support`, or beside them in modules of their own."""
    for path in sorted(tests.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").rpartition(".")[2].startswith("test_"):
                yield f"{path.relative_to(tests)}:{node.lineno} imports {node.module}"


def test_no_module_of_tests_is_a_library_of_others() -> None:
    assert list(borrowed(TESTS)) == []


def test_a_borrower_is_found(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(
        "import os\nfrom tests.test_b import run\nfrom tests.support.running import run"
    )
    assert list(borrowed(tmp_path)) == ["test_a.py:2 imports tests.test_b"]


def _planted(source: Path, files: Files) -> Modules:
    for name, text in files.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_modules(source)
