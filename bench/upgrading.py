"""How documents are upgraded to OpenAPI 3.1, beside what two npm packages make of them.

`@scalar/openapi-upgrader` upgrades documents of OpenAPI 3.0 and Swagger 2.0, `swagger2openapi` the latter to 3.0. The
documents are a sample of those of bench/corpus.py, and one of Swagger 2.0 beside this file, since the sample has few.
Both results are compared value by value. Each difference that is known is counted, with the side that is right and why;
the others are printed, and make the command fail.
"""

import argparse
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from bench.corpus import CACHE, documents, installed
from lookalike.json_values import ABSENT
from lookalike.openapi.document import Document, load_document
from lookalike.openapi.load import normalized
from lookalike.openapi.upgrading import swagger_2_0
from lookalike.openapi.yaml_text import load_yaml

HERE = Path(__file__).parent
PACKAGES = ("@scalar/openapi-upgrader@0.1.11", "swagger2openapi@7.0.8")
_MOST_PRINTED = 40
_LARGE = 250_000

Place = tuple[str, ...]


class Difference(NamedTuple):
    """A value that one of two documents has at a place and the other has otherwise, or not (`ABSENT`)."""

    place: Place
    ours: Any
    theirs: Any
    our_root: Any
    their_root: Any

    @property
    def name(self) -> str:
        """The name of the member, or of the list that the value is in."""
        return next((step for step in reversed(self.place) if not step.isdigit()), "")

    def around(self, root: Any) -> Any:
        """The object that the member is in."""
        steps = self.place
        while steps and steps[-1].isdigit():
            steps = steps[:-1]
        return _at(root, steps[:-1])


class Known(NamedTuple):
    """A kind of difference: what it is, who is right or at least does what is meant, and why."""

    what: str
    right: str
    why: str
    holds: Callable[[Difference], bool]


def main() -> None:
    """Print the differences; exit with 1 where one is not known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=100, help="how many documents; 0 for all")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    chosen = parser.parse_args()
    files = [one for one in documents(installed()) if one.stat().st_size <= _LARGE]
    random.Random(chosen.seed).shuffle(files)  # noqa: S311  # no secret
    compared, found = 0, Counter[str]()
    unknown: list[str] = []
    for file, package, ours, theirs in _pairs([HERE / "upgrading.yaml", *files[: chosen.sample or None]]):
        compared += 1
        for one in differences(ours, theirs):
            known = next((kind for kind in KNOWN if kind.holds(one)), None)
            if known is None:
                unknown.append(
                    f"{file.name} {package} #/{'/'.join(one.place)}: {_short(one.ours)} | {_short(one.theirs)}"
                )
            else:
                found[known.what] += 1
    print(f"{compared} pairs of documents compared; {len(unknown)} differences that are not known")
    for kind in KNOWN:
        if found[kind.what]:
            print(f"{found[kind.what]:6}  {kind.what}\n        {kind.right}: {kind.why}")
    print(*unknown[:_MOST_PRINTED], sep="\n")
    sys.exit(bool(unknown))


def _pairs(files: list[Path]) -> Iterator[tuple[Path, str, Any, Any]]:
    """Each document as it is upgraded here, and by a package that takes its version."""
    read = {str(file): load_yaml(file) for file in files}
    by_others = _upgraded_by_others({name: data for name, data in read.items() if _version(data) in ("2", "3.0")})
    for name, theirs in by_others.items():
        document = load_document(Path(name))
        if theirs["swagger2openapi"] is not None:
            yield Path(name), "swagger2openapi", _from_2_0(document), theirs["swagger2openapi"]
        if theirs["scalar"] is not None:
            yield Path(name), "scalar", normalized(load_document(Path(name))).data, theirs["scalar"]


def _from_2_0(document: Document) -> Any:
    return swagger_2_0.upgrade(Document(deepcopy(document.data), document.text)).data


def _version(data: Any) -> str:
    return "2" if str(data.get("swagger", "")).startswith("2") else str(data.get("openapi", ""))[:3]


def _upgraded_by_others(read: dict[str, Any]) -> dict[str, Any]:
    folder = CACHE / "upgrading"
    if not (folder / "node_modules").is_dir():
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *PACKAGES]
        subprocess.run(command, check=True, stdout=sys.stderr)
    lines = "".join(json.dumps({"file": name, "data": data}, default=str) + "\n" for name, data in read.items())
    command = ["node", str(HERE / "upgrading.mjs"), str(folder)]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    return {one["file"]: one for one in map(json.loads, done.stdout.splitlines())}


def differences(ours: Any, theirs: Any) -> Iterator[Difference]:
    """The places where two documents differ, each the outermost one."""
    pending: list[tuple[Place, Any, Any]] = [((), ours, theirs)]
    while pending:
        place, one, other = pending.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            names = dict.fromkeys((*one, *other))
            pending += [((*place, str(name)), one.get(name, ABSENT), other.get(name, ABSENT)) for name in names]
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            pending += [((*place, str(index)), *both) for index, both in enumerate(zip(one, other, strict=True))]
        elif one != other or isinstance(one, bool) != isinstance(other, bool):
            yield Difference(place, one, other, ours, theirs)


def _at(root: Any, place: Iterable[str]) -> Any:
    for step in place:
        root = root[int(step)] if isinstance(root, list) else root.get(step) if isinstance(root, dict) else None
    return root


def _short(value: Any) -> str:
    return "absent" if value is ABSENT else json.dumps(value, default=str)[:80]


_NUMBER_FORMATS = frozenset({"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"})
_BYTES = ("byte", "binary", "base64")
_ARRAYS = frozenset(
    {"style", "explode", "encoding", "items", "x-collection-format", "x-collectionFormat", "x-s2o-warning"}
)
_BODIES = frozenset({"requestBody", "requestBodies", "parameters", "content", "$ref", "required"})


def _here(one: Difference) -> dict[str, Any]:
    found = one.around(one.our_root)
    return found if isinstance(found, dict) else {}


def _there(one: Difference) -> dict[str, Any]:
    found = one.around(one.their_root)
    return found if isinstance(found, dict) else {}


def _says_null(schema: dict[str, Any]) -> bool:
    lists = (value for name in ("enum", "anyOf", "oneOf") if isinstance(value := schema.get(name), list))
    return any(None in values or {"type": "null"} in values for values in lists)


def _is_of_form(one: Difference) -> bool:
    return "requestBody" in one.place or "requestBodies" in one.place


def _is_by_reference(one: Difference) -> bool:
    bodies = "#/components/requestBodies/"
    return one.place[:2] == ("components", "requestBodies") or any(
        bodies in json.dumps(value, default=str) for value in (_here(one), _there(one))
    )


KNOWN = (
    Known("the number of the version", "both", "a patch of 3.0 or 3.1", lambda one: one.place == ("openapi",)),
    Known(
        "minimum and maximum of a format such as int32",
        "ours",
        "the format is a promise that validators of 3.1 do not check",
        lambda one: one.name in ("minimum", "maximum") and _here(one).get("format") in _NUMBER_FORMATS,
    ),
    Known(
        "members beside $ref",
        "ours",
        "3.0 ignores them (3.0.3 section 4.7.23.1), in 3.1 they would count; those that say who sets a value stay",
        lambda one: "$ref" in _there(one) and one.ours is ABSENT,
    ),
    Known(
        "nullable: false, and nullable without a type",
        "ours",
        "no keyword of 3.1; without a type, null is allowed already",
        lambda one: one.name == "nullable" and one.ours is ABSENT,
    ),
    Known(
        "null beside an enum, around one reference, or among alternatives",
        "ours",
        "nullable has no effect there by the letter; its author means it, and the server answers null",
        lambda one: (
            one.name in ("enum", "anyOf", "oneOf", "allOf") and _says_null(_here(one)) and not _says_null(_there(one))
        ),
    ),
    Known(
        "characters of $ref that a URI has no place for",
        "ours",
        "they are escaped (RFC 3986 section 3.5)",
        lambda one: one.name == "$ref" and unquote(str(one.ours)) == unquote(str(one.theirs)),
    ),
    Known(
        "x-nullable",
        "ours",
        "the extension by which documents of 2.0 say it",
        lambda one: one.name in ("type", "x-nullable") and "x-nullable" in _there(one),
    ),
    Known(
        "example as examples of the name default or response",
        "both",
        "the same, of which 3.1 knows either",
        lambda one: one.name in ("example", "examples"),
    ),
    Known(
        "the format of bytes, and the schema beside them",
        "ours",
        "kept beside contentMediaType, since clients and generators know it",
        lambda one: (one.ours in _BYTES or one.name == "schema") and one.theirs is ABSENT,
    ),
    Known(
        "the media type of bytes in base64",
        "ours",
        "@scalar/openapi-upgrader takes that of the body which they are in",
        lambda one: one.name == "contentMediaType" and _here(one).get("contentEncoding") == "base64",
    ),
    Known(
        "the style of arrays (collectionFormat)",
        "ours",
        "the others lose tsv, and those of forms with the items of their arrays",
        lambda one: one.name in _ARRAYS,
    ),
    Known(
        "required of a form with required members",
        "ours",
        "a form that may be left out has no member that is required",
        lambda one: one.name == "required" and one.theirs is ABSENT and _is_of_form(one),
    ),
    Known(
        "a body by reference",
        "ours",
        "@scalar/openapi-upgrader leaves it among the parameters, swagger2openapi writes it out",
        lambda one: one.name in _BODIES and _is_by_reference(one),
    ),
    Known(
        "discriminator as a text",
        "ours",
        "2.0 has the name of the member there, 3.0 an object",
        lambda one: one.name == "discriminator" and isinstance(one.theirs, str),
    ),
    Known(
        "media types of responses",
        "ours",
        "@scalar/openapi-upgrader writes application/json for what an operation produces",
        lambda one: len(one.place) > 1 and one.place[-2] == "content" and "responses" in one.place,
    ),
)


if __name__ == "__main__":
    main()
