"""Soundness: the check of a document and of the files that it names, with every problem that is found."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from lookalike.assembly import bundled_document, token_tables
from lookalike.contract.contract import Contract
from lookalike.contract.lint import lint
from lookalike.errors import WARNING, LookalikeError, Problem
from lookalike.json_values import pointer_to
from lookalike.model.behaviour import Model
from lookalike.model.response.examples import NO_FITTING_BODY, ResponseBodies
from lookalike.model.seeds import seed_problems
from lookalike.openapi.document import Document, load_referenced
from lookalike.openapi.load import load_as_written
from lookalike.openapi.sources import Source, SourceReader, beside
from lookalike.openapi.yaml_text import garbage_collection_paused
from lookalike.readings import Chosen
from lookalike.schema.vocabulary import KEYWORD


@dataclass(frozen=True, slots=True)
class Findings:
    """The result of a check: the document, its problems, and for a sound one the counts of its parts.

    `counts` has the number of operations, clauses and readings, each under its noun in the singular.
    """

    document: Source
    problems: tuple[Problem, ...]
    counts: Mapping[str, int]


def check(source: Source | None, overlays: Iterable[Source] = (), reader: SourceReader | None = None) -> Findings:
    """Check a document, by default the bundled one; `reader` has the rules for references.

    Raises `UsageError` or `DocumentError` if the document cannot be read at all.
    """
    with garbage_collection_paused():  # the document is walked by every collection, and holds no garbage
        return _check(source or bundled_document(), overlays, reader or SourceReader())


def _check(source: Source, overlays: Iterable[Source], reader: SourceReader) -> Findings:
    document = load_as_written(source, overlays, reader)
    linted = lint(document, source, reader)
    contract = linted.contract
    if contract is None:
        return Findings(source, linted.problems, {})
    problems = [
        *_token_problems(source, contract.document, reader),
        *_seed_problems(source, contract, reader),
        *_response_problems(contract),
    ]
    counts = {"operation": contract.operations, "clause": contract.clauses, "reading": contract.readings}
    return Findings(source, tuple(problems), {name: len(values) for name, values in counts.items()})


def _response_problems(contract: Contract) -> Iterator[Problem]:
    """The schemas of responses for which no body could be generated, each once, however many responses refer to it."""
    bodies = ResponseBodies(contract)
    responses = (response for operation in contract.operations for response in operation.responses.values())
    content = [media for response in responses for media in response.content.values() if media.schema_pointer]
    # Schemas that refer to the same one share what is compiled of them, so that its identity tells which are the same.
    distinct = {media.schema_pointer if media.examples else id(media.schema): media for media in content}
    for pointer, media in ((media.schema_pointer, media) for media in distinct.values()):
        if not media.examples and bodies.accepts_lean(media):
            continue
        body = bodies.of(media)
        if body.issue:
            remedy = "Add an example that fits, or loosen the schema"
            what = "no body could be generated that fits this schema" + body.issue.removeprefix(NO_FITTING_BODY)
            refused = None if body.refused is None else pointer_to(bodies.root, body.refused)
            yield replace(contract.document.problem(what, refused or pointer, remedy), severity=WARNING)


def _token_problems(source: Source, document: Document, reader: SourceReader) -> Iterator[Problem]:
    name = document.data.get(KEYWORD, {}).get("tokens")
    if name is None:
        return
    try:
        tokens = load_referenced(beside(source, name), document.text.zone, reader)
        token_tables(tokens.data, tokens.name)
    except LookalikeError as error:
        yield document.problem(str(error), (KEYWORD, "tokens"))


def _seed_problems(source: Source, contract: Contract, reader: SourceReader) -> Iterator[Problem]:
    model = Model(contract, {})
    files = {resource.seed: name for name, resource in contract.resources.items() if resource.seed}
    for file, resource in files.items():
        try:
            seeds = load_referenced(beside(source, file), contract.document.text.zone, reader)
        except LookalikeError as error:
            yield contract.document.problem(str(error), (KEYWORD, "resources", resource, "seed"))
        else:
            yield from _unfit_seeds(seeds, model)


def _unfit_seeds(seeds: Document, model: Model) -> Iterator[Problem]:
    """The problems of seeds under the default choices, and under each choice that forms keys in another way."""
    seen = set()
    for reading, choice in (("", ""), *_choices_of_keys(model.contract)):
        choices = model.contract.choices({reading: choice} if reading else {})
        for problem in seed_problems(model, seeds.data, choices.__getitem__):
            if problem.pointer not in seen:
                seen.add(problem.pointer)
                under = f" (under the reading {reading}={choice})" if reading else ""
                yield seeds.problem(problem.what + under, problem.pointer)


def _choices_of_keys(contract: Contract) -> Iterator[tuple[str, str]]:
    """The readings with their choices that decide which fields form the key of a resource."""
    for resource in contract.resources.values():
        if isinstance(resource.keys, Chosen):
            yield from ((resource.keys.reading, choice) for choice in resource.keys.by_choice)
