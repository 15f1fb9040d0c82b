"""A word means one thing: no two classes or type aliases of the package have one name, but for the reasoned few."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "lookalike"

# Names that mean two things, each with the reason why that is better than two names.
SHARED = {
    "Action": "an effect of an operation, and the Action Object of the Overlay Specification (private)",
    "Unexplained": "an observation that no world explains, and a branch of a schema that is not explained (private)",
    "Pointer": "a JSON Pointer (RFC 6901) both times: its tokens, and in documents any sequence of them (private)",
    "Reference": "a `$ref`: where it stands, and when a document is recovered also what it is there for (private)",
    "Rule": "of inference, and of a schema (private)",
    "Target": "the server to judge, as its file describes it, and what a search for a value works on (private)",
}


def names(module: ast.Module) -> Iterator[str]:
    """The classes and type aliases at the top of a module, those that are private without their underscore."""
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            yield node.name.lstrip("_")
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and is_type(node.value):
            yield node.targets[0].id.lstrip("_")


def is_type(node: ast.expr) -> bool:
    """Whether an expression is that of a type: `Mapping[str, Any]`, `Put | Delete`, `Item`."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.BitOr) and is_type(node.left) and is_type(node.right)
    if isinstance(node, ast.Subscript):
        return is_type(node.value)
    if isinstance(node, ast.Attribute):
        return is_name_of_type(node.attr)
    return isinstance(node, ast.Name) and is_name_of_type(node.id)


def is_name_of_type(name: str) -> bool:
    bare = name.lstrip("_")
    return bare in {"str", "int", "float", "bytes", "dict", "list", "tuple", "set", "frozenset", "type"} or (
        bare[:1].isupper() and not bare.isupper()
    )


def shared(modules: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The names that several modules define, and those modules."""
    found: dict[str, list[str]] = {}
    for name, text in modules:
        for one in dict.fromkeys(names(ast.parse(text))):
            found.setdefault(one, []).append(name)
    return {name: places for name, places in found.items() if len(places) > 1}


def source() -> Iterator[tuple[str, str]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield str(path.relative_to(SOURCE)), path.read_text(encoding="utf-8")


def test_no_name_means_two_things() -> None:
    found = shared(source())
    news = {name: places for name, places in found.items() if name not in SHARED}
    assert news == {}, "give the newer one a name of its own, or a reason in SHARED"
    assert SHARED.keys() - found.keys() == set(), "no longer shared: take them out of SHARED"


MODULES = {
    "one.py": "class Story: ...\nclass _Run: ...\nKey = int | str\nOTHER = 3\nT = TypeVar('T')\nname = str(3)",
    "two.py": "class Teller: ...\nStep = tuple[Story, ...]",
}


def test_names_that_differ_are_let_pass() -> None:
    assert shared({**MODULES, "three.py": "OTHER = 4\nT = TypeVar('T')\nname = str(4)"}.items()) == {}


@pytest.mark.parametrize(
    ("planted", "name"),
    [
        ("class Story: ...", "Story"),
        ("class Run(Story): ...", "Run"),
        ("class _Teller: ...", "Teller"),
        ("Key = Mapping[str, Any]", "Key"),
        ("_Step = typing.Any", "Step"),
        ("class Key: ...", "Key"),
        ("Teller = One | Other", "Teller"),
    ],
)
def test_a_name_that_is_defined_twice_is_found(planted: str, name: str) -> None:
    assert [*shared({**MODULES, "planted.py": planted}.items())] == [name]
