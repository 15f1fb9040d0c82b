"""The tree of errors: the drawing at the top of `errors.py` is the tree, and nothing else leaves the package."""

import importlib
import pickle
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping

import pytest

import lookalike
from lookalike import errors
from lookalike.errors import DocumentError, Location, LookalikeError, Problem, StateError, UsageError

# Exceptions that never leave the room that raises them, each with the reason why it is not in the tree.
INTERNAL = {
    "codecs.content_coding.ContentCodingError": "a compressed body that cannot be read, which the mock handler answers",
    "codecs.decoding.PartTypeError": "carries violations from part of a body to the request reader, which answers 400",
    "codecs.json_text.DecodeError": "a body that is not JSON, which the request reader answers with 400",
    "codecs.parameter_styles.StyleError": "a parameter not in its style, which the request reader answers with 400",
    "har.reading._Unreadable": "an entry that is not as HAR has it, which the reader leaves out and says so",
    "json_values.PointerError": "a reference that leads to no value; whoever followed it says where it stands",
    "model.resources.json_patch.PatchConflict": "a JSON Patch whose test fails, which effects answer with 409",
    "model.resources.json_patch.PatchError": "a JSON Patch that cannot be applied, which effects answer with 400",
    "oauth.requests.OAuthError": "a request to the authorization server that gets an error, as RFC 6749 has it",
    "openapi.json_paths._TooManySteps": "ends the search of a JSONPath, which the overlay tells with its place",
    "openapi.zones.NotAllowed": "a connection that a document may not make; the reader of sources says which",
    "pacing.TakesLong": "a request with too many steps for its thread, which is then carried on in another one",
    "pytest_plugin.conformance.ClauseBrokenByServer": "the failure of a test that stands for a clause",
    "schema.generation.patterns._NoMatch": "a part of a pattern that no string fits, where the search goes back",
    "schema.generation.work.Exhausted": "no value was found in time, so that the caller takes another one",
    "schemathesis_hooks.BrokenClause": "a failure of a check, which Schemathesis reports",
    "server.control.messages.ControlError": "an error response of the control API, made by its error handler",
    "server.wsgi.BodyIncomplete": "a body that ended early, which the WSGI callable answers with 400",
    "server.wsgi.BodyTooLarge": "a body over the limit, which the WSGI callable answers with 413",
    "stores.database.Conflict": "a transaction that was not serialisable, which is tried again",
    "verify.execution.failures.EnoughFailures": "ends a run at its first failure",
    "verify.oracle.worlds.Unpredictable": "an outcome that rests on unknown values; the session concludes nothing",
    "verify.oracle.worlds._Open": "a question of the model without an answer yet, at which worlds fork",
    "verify.server.transport_errors.TransportError": "no whole response; the client raises NoResponse or Unreachable",
    "verify.stories.search.Counterexample": "a failing story, which Hypothesis shrinks",
    "verify.stories.search._Ended": "ends a search, past Hypothesis, which would take an Exception for a failure",
    "verify.runner.endings.ClauseBroken": "a broken clause, which the run makes a failure of",
}


def drawn(text: str) -> Iterator[tuple[str, str]]:
    """The errors of a drawing, each with the one that it is below."""
    above: list[str] = []
    for line in text.splitlines():
        match = re.match(r"([│├└─ ]*)([A-Z]\w+) {2,}\S", line)
        if match:
            depth = len(match[1]) // 4
            above[depth:] = [match[2]]
            yield match[2], above[depth - 1] if depth else ""


def defined(classes: Iterable[type[BaseException]]) -> Iterator[type[BaseException]]:
    for one in classes:
        yield one
        yield from defined(one.__subclasses__())


def own(root: type[BaseException]) -> dict[str, type[BaseException]]:
    """The exceptions of the package below one, by module and name."""
    for module in pkgutil.walk_packages(lookalike.__path__, "lookalike."):
        if module.name != "lookalike.__main__":
            importlib.import_module(module.name)
    found = (one for one in defined([root]) if one.__module__.startswith("lookalike."))
    return {f"{one.__module__}.{one.__name__}".removeprefix("lookalike."): one for one in found}


def misdrawn(drawing: Mapping[str, str], classes: Mapping[str, type[BaseException]]) -> list[str]:
    """How a drawing differs from the classes of the tree."""
    tree = {one.__name__: one.__base__.__name__ for one in classes.values() if one.__base__}
    tree["LookalikeError"] = ""
    return [
        *(f"draw {name} below {base or 'nothing'} in errors.py" for name, base in (tree.items() - drawing.items())),
        *(f"no class {name} is below {base or 'nothing'}" for name, base in (drawing.items() - tree.items())),
    ]


def test_the_drawing_shows_every_error_below_its_base() -> None:
    classes = {name: one for name, one in own(LookalikeError).items() if issubclass(one, LookalikeError)}
    assert len(classes) > 10
    assert misdrawn(dict(drawn(errors.__doc__ or "")), classes | {"errors.LookalikeError": LookalikeError}) == []


def test_every_exception_outside_the_tree_of_errors_is_listed_with_a_reason() -> None:
    others = {name for name, one in own(BaseException).items() if not issubclass(one, LookalikeError)}
    assert others == INTERNAL.keys()


@pytest.mark.parametrize(
    ("drawing", "finding"),
    [
        ("LookalikeError   any\n├── UsageError   a\n└── StateError   b", "draw StateError below UsageError"),
        ("LookalikeError   any\n├── UsageError   a", "draw StateError below UsageError"),
        (
            "LookalikeError   any\n├── UsageError   a\n│   └── StateError   b\n└── LostError   c",
            "no class LostError is below LookalikeError",
        ),
    ],
)
def test_a_drawing_that_differs_is_found(drawing: str, finding: str) -> None:
    classes: dict[str, type[BaseException]] = {"a": LookalikeError, "b": UsageError, "c": StateError}
    assert any(found.startswith(finding) for found in misdrawn(dict(drawn(drawing)), classes))


def test_a_drawing_as_the_classes_are_is_not_complained_of() -> None:
    classes: dict[str, type[BaseException]] = {"a": LookalikeError, "b": UsageError, "c": StateError}
    drawing = "LookalikeError   any\n└── UsageError   a\n    └── StateError   b\n"
    assert misdrawn(dict(drawn(drawing)), classes) == []


def test_a_message_tells_the_place_the_fault_and_the_remedy() -> None:
    place = Location("pets.yaml", 3, 7, "/paths/~1pets")
    error = UsageError("there is no schema 'Pte'", "Did you mean Pet?", place)
    assert str(error) == "pets.yaml:3:7 (#/paths/~1pets): there is no schema 'Pte'. Did you mean Pet?"
    assert error.problem == Problem("there is no schema 'Pte'", "Did you mean Pet?", place)


def test_errors_carry_their_data() -> None:
    broken = DocumentError([Problem("one"), Problem("two", "Mend it")])
    assert ([problem.what for problem in broken.problems], str(broken)) == (["one", "two"], "one\ntwo. Mend it")
    unfit = StateError("pet", ["name is required", "age must be an integer"], 7)
    assert (unfit.resource, unfit.key, unfit.reasons) == ("pet", 7, ("name is required", "age must be an integer"))
    assert str(unfit) == "name is required; age must be an integer"


@pytest.mark.parametrize(
    "error",
    [UsageError("a", "b", Location("c", 1, 2, "")), DocumentError([Problem("a")]), StateError("pet", ["a", "b"], 7)],
    ids=lambda error: type(error).__name__,
)
def test_an_error_survives_the_way_to_another_process(error: LookalikeError) -> None:
    copied = pickle.loads(pickle.dumps(error))
    assert (str(copied), vars(copied)) == (str(error), vars(error))
