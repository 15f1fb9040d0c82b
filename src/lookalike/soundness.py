"""Soundness: whether a document and the files that it names can be relied on, with everything that is wrong told."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lookalike.assembly import bundled_document, token_tables
from lookalike.contract.contract import Contract
from lookalike.contract.lint import document_problems
from lookalike.contract.reader import load_contract
from lookalike.errors import LookalikeError, Problem
from lookalike.model.behaviour import Model
from lookalike.model.response.examples import ResponseBodies
from lookalike.model.seeds import seed_problems
from lookalike.openapi.document import Document, load_document
from lookalike.openapi.load import load_as_written
from lookalike.openapi.sources import Source, beside
from lookalike.readings import Chosen
from lookalike.schema.vocabulary import KEYWORD


@dataclass(frozen=True, slots=True)
class Findings:
    """What a check found: the file, its problems, and how many there are of each thing that it looked at."""

    document: Source
    problems: tuple[Problem, ...]
    counts: Mapping[str, int]


def check(source: Source | None, overlays: Iterable[Source] = ()) -> Findings:
    """Check a document, or the bundled one; raises `UsageError` or `DocumentError` where it cannot be read at all."""
    source = source or bundled_document()
    document = load_as_written(source, overlays)
    problems = document_problems(document, source)
    if problems:
        return Findings(source, tuple(problems), {})
    contract = load_contract(source, overlays)
    named = [
        *_token_problems(source, contract.document),
        *_seed_problems(source, contract),
        *_answer_problems(contract),
    ]
    counts = {"operation": contract.operations, "clause": contract.clauses, "reading": contract.readings}
    return Findings(source, tuple(named), {name: len(values) for name, values in counts.items()})


def _answer_problems(contract: Contract) -> Iterator[Problem]:
    """Schemas of answers for which no body is found that fits."""
    bodies = ResponseBodies(contract)
    answers = (answer for operation in contract.operations for answer in operation.responses.values())
    places = {
        media.schema_pointer: media for answer in answers for media in answer.content.values() if media.schema_pointer
    }
    for place, media in places.items():
        if bodies.of(media).issue:
            remedy = "Add an example that fits, or loosen the schema"
            yield contract.document.problem("no body is found that fits this schema", place, remedy)


def _token_problems(source: Source, document: Document) -> Iterator[Problem]:
    name = document.data.get(KEYWORD, {}).get("tokens")
    if name is None:
        return
    try:
        tokens = load_document(beside(source, name))
        token_tables(tokens.data, tokens.name)
    except LookalikeError as error:
        yield document.problem(str(error), (KEYWORD, "tokens"))


def _seed_problems(source: Source, contract: Contract) -> Iterator[Problem]:
    model = Model(contract, {})
    files = {resource.seed: name for name, resource in contract.resources.items() if resource.seed}
    for file, resource in files.items():
        try:
            seeds = load_document(beside(source, file))
        except LookalikeError as error:
            yield contract.document.problem(str(error), (KEYWORD, "resources", resource, "seed"))
        else:
            yield from _flaws_of(seeds, model)


def _flaws_of(seeds: Document, model: Model) -> Iterator[Problem]:
    """What is wrong with seeds under the default choices, or under another way to form keys."""
    told = set()
    for reading, choice in (("", ""), *_ways_to_form_keys(model.contract)):
        choices = model.contract.choices({reading: choice} if reading else {})
        for flaw in seed_problems(model, seeds.data, choices.__getitem__):
            if flaw.pointer not in told:
                told.add(flaw.pointer)
                under = f" (under the reading {reading}={choice})" if reading else ""
                yield seeds.problem(flaw.what + under, flaw.pointer)


def _ways_to_form_keys(contract: Contract) -> Iterator[tuple[str, str]]:
    for resource in contract.resources.values():
        if isinstance(resource.keys, Chosen):
            yield from ((resource.keys.reading, choice) for choice in resource.keys.by_choice)
