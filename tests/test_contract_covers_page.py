"""The contract holds all that the vendor's page says: each section and row of it, and each clause and reading.

The tables here were made by reading the page, and name its places; they are what the document is compared with, since
the page is not part of the project.
"""

import copy
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from lookalike.contract.reader import load_contract
from lookalike.schema.vocabulary import CLAUSE, KEYWORD, WHEN, clauses_of
from lookalike.transcripts.transcript import read_transcripts
from tests.support.paths import ROOT

SESSIONS = ROOT / "fixtures" / "sessions"
CONTRACT = load_contract(ROOT / "openapi.yaml")
DATA = CONTRACT.document.data

# Every heading, table row and listed point of the page, from top to bottom. A point that stands alone under its
# heading is that heading; a heading that only the page's layout nests is named without the one above it.
PAGE = (
    "Documentation",
    "Update Lead API",
    "Last updated",
    "Update Lead Details and Tags",
    "Endpoint",
    "Purpose",
    "Authentication",
    "Authentication / Required",
    "Authentication / Header Format",
    "Authentication / Error States",
    "Authentication / Error Response Example",
    "Authentication / Note",
    "Request Specifications",
    "Headers",
    "Headers / Authorization",
    "Headers / Content-Type",
    "Headers / Accept",
    "Supported Media Types",
    "Supported Media Types / application/json",
    "Path Parameters",
    "Path Parameters / contact-number",
    "Request Body",
    "Request Body / Schema Definition",
    "Validation Rules",
    "Validation Rules / add_tags",
    "Validation Rules / remove_tags",
    "Validation Rules / lead_data",
    "Validation Rules / new_contact_number",
    "Validation Rules / new_country_code",
    "Request Body / Example",
    "Response Handling",
    "Success Response",
    "Success Response / status",
    "Success Response / message",
    "Success Response / success",
    "Error Responses",
    "Error Responses / 401",
    "Error Responses / 404",
    "Error Responses / 400",
    "Advanced Details",
    "Advanced Details / Idempotency",
    "Advanced Details / Partial Updates",
    "Advanced Details / Tag Operations",
)

CLAUSES = (
    *("AUTH-1", "AUTH-2", "AUTH-3", "AUTH-4"),
    *("OK-1", "LEAD-1"),
    *("BODY-1", "BODY-2", "BODY-3", "BODY-4", "BODY-5", "BODY-6", "BODY-7", "MEDIA-1"),
    *("TAG-1", "TAG-2", "DATA-1", "MOVE-1", "MOVE-2", "IDEM-1", "ATOM-1"),
)

# No single rule, step or answer states these: why, and the session that shows each.
OF_THE_WHOLE = {
    "BODY-7": ("about every request: whatever it is, there is an answer", "BODY-7-no-body-is-too-strange"),
    "MEDIA-1": ("about how a header is read, as HTTP has it", "MEDIA-1-json-by-any-spelling"),
    "IDEM-1": ("about two requests, where an answer is to one", "IDEM-1-the-same-again"),
    "ATOM-1": ("about all steps of a request together", "ATOM-1-all-or-nothing"),
}

FURTHER = "..."  # any other choice that a pattern allows

# The choices of each reading, the default first.
READINGS = {
    "requirement": ("enforced", "tags-suffice", "any-field", "not-enforced"),
    "empty-data": ("present", "absent"),
    "order": ("validate-first", "lookup-first", "parse-first"),
    "auth-order": ("first", "after-parse", "after-route", "last"),
    "path-type": ("404", "400"),
    "number-form": ("national", "international", "either"),
    "number-spelling": ("same", "rejected"),
    "precision": ("exact", "double", "rejected"),
    "number-domain": ("accepted", "rejected"),
    "fraction": ("accepted", "rejected", "truncated"),
    "unknown-tag": ("accepted", "rejected", "ignored"),
    "tag-conflict": ("remove-wins", "add-wins"),
    "merge": ("shallow", "deep"),
    "null": ("stored", "deletes-key"),
    "null-field": ("rejected", "absent"),
    "null-in-new": ("dropped", "stored"),
    "reserved-keys": ("data", "ignored", "rejected"),
    "country-alone": ("applied", "ignored"),
    "own-number": ("no-op", "occupied"),
    "occupied": ("400", "409"),
    "media-type": ("400", "415", "ignored", "body-ignored"),
    "empty-body": ("400", "as-empty-object"),
    "scheme-case": ("insensitive", "sensitive"),
    "semicolon": ("rejected", "tolerated"),
    "second-header": ("none", FURTHER),
    "unknown-field": ("ignored", "rejected"),
    "messages": ("string", "array"),
    "extra-members": ("absent", "present"),
    "accept": ("ignored", "406"),
    "method": ("405", "404"),
}

LONGEST_QUOTE = 6

Entry = tuple[str, str]


def edited(edit: Callable[[Any], object]) -> Any:
    """The data of the document after a change."""
    data = copy.deepcopy(DATA)
    edit(data)
    return data


def sources(data: Any) -> dict[Entry, tuple[str, ...]]:
    """The places that each clause, reading and entry of what binds nobody comes from."""
    ours = data[KEYWORD]
    bound = {(kind, id): tuple(entry["from"]) for kind in ("clauses", "readings") for id, entry in ours[kind].items()}
    return bound | {("binds-nobody", place): (place,) for place in ours["binds-nobody"]}


def named(data: Any) -> Counter[str]:
    """How many entries name each place."""
    return Counter(place for places in sources(data).values() for place in set(places))


def left_out(data: Any) -> set[str]:
    """The places of the page that no entry names."""
    return set(PAGE) - set(named(data))


def made_up(data: Any) -> set[str]:
    """The places that are not on the page."""
    return set(named(data)) - set(PAGE)


def without_its_entries(data: Any) -> Any:
    """The parts of a document that may refer to clauses and readings."""
    lists = {"clauses", "readings", "binds-nobody"}
    return {**data, KEYWORD: {key: value for key, value in data[KEYWORD].items() if key not in lists}}


def objects(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every object in a document, at any depth."""
    if isinstance(node, Mapping):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from objects(child)


def asked(node: Mapping[str, Any]) -> Iterator[str]:
    """The readings on which an object depends by itself."""
    if isinstance(node.get("reading"), str):
        yield node["reading"]
    yield from node.get(WHEN, {})


def stated(node: Mapping[str, Any]) -> Iterator[str]:
    """The clauses that an object names by itself: a rule or answer, a step, or a security scheme."""
    yield from clauses_of(node)
    listed = node.get("clauses", ())
    for ids in listed.values() if isinstance(listed, Mapping) else [listed]:
        yield from ids


def never_asked(data: Any) -> set[str]:
    """The readings on which nothing depends."""
    return set(READINGS) - {id for node in objects(without_its_entries(data)) for id in asked(node)}


def never_stated(data: Any) -> set[str]:
    """The clauses that no rule, answer, step or security scheme names."""
    return set(CLAUSES) - {id for node in objects(without_its_entries(data)) for id in stated(node)}


def too_long(data: Any) -> set[str]:
    """The quotes that are more than the few words on which a reading turns."""
    quotes = (quote for reading in data[KEYWORD]["readings"].values() for quote in reading.get("quotes", ()))
    return {quote for quote in quotes if not 0 < len(quote.split()) <= LONGEST_QUOTE}


def test_each_place_of_the_page_is_listed_once() -> None:
    assert [place for place, times in Counter(PAGE).items() if times > 1] == []


def test_every_section_and_row_of_the_page_is_bound_or_said_to_bind_nobody() -> None:
    assert left_out(DATA) == set()


def test_no_place_is_named_that_is_not_on_the_page() -> None:
    assert made_up(DATA) == set()


def test_every_clause_and_reading_says_where_it_comes_from() -> None:
    assert [entry for entry, places in sources(DATA).items() if not places] == []


def test_no_entry_names_a_place_twice() -> None:
    assert [entry for entry, places in sources(DATA).items() if len(set(places)) < len(places)] == []


def test_what_binds_nobody_has_a_reason_and_binds_nobody() -> None:
    reasons = DATA[KEYWORD]["binds-nobody"]
    assert [place for place, reason in reasons.items() if not reason.strip()] == []
    assert [place for place in reasons if named(DATA)[place] > 1] == []


def alone(data: Any) -> dict[Entry, set[str]]:
    """The entries that are the only one for a place, with those places."""
    times = named(data)
    only = {entry: {place for place in places if times[place] == 1} for entry, places in sources(data).items()}
    return {entry: places for entry, places in only.items() if places}


ALONE = alone(DATA)


def test_there_are_entries_of_each_kind_that_are_the_only_one_for_a_place() -> None:
    assert {kind for kind, _ in ALONE} == {"clauses", "readings", "binds-nobody"}


@pytest.mark.parametrize(("entry", "places"), ALONE.items(), ids=map(" ".join, ALONE))
def test_a_dropped_entry_that_is_the_only_one_for_a_place_leaves_it_out(entry: Entry, places: set[str]) -> None:
    kind, id = entry
    assert left_out(edited(lambda data: data[KEYWORD][kind].pop(id))) == places


@pytest.mark.parametrize("place", PAGE)
def test_a_place_that_no_entry_names_any_more_is_left_out(place: str) -> None:
    def forget(data: Any) -> None:
        data[KEYWORD]["binds-nobody"].pop(place, None)
        for entry in (*data[KEYWORD]["clauses"].values(), *data[KEYWORD]["readings"].values()):
            entry["from"] = [other for other in entry["from"] if other != place]

    assert left_out(edited(forget)) == {place}


@pytest.mark.parametrize("kind", ["clauses", "readings"])
def test_a_place_with_another_name_is_made_up(kind: str) -> None:
    def rename(data: Any) -> None:
        next(iter(data[KEYWORD][kind].values()))["from"].append("Validation Rules / tags")

    assert made_up(edited(rename)) == {"Validation Rules / tags"}


def test_the_clauses_are_those_that_were_read_out_of_the_page() -> None:
    assert sorted(CONTRACT.clauses) == sorted(CLAUSES)


def test_the_readings_their_choices_and_defaults_are_those_that_were_read_out_of_the_page() -> None:
    found = {
        id: (reading.default, {*reading.choices, *([FURTHER] if reading.other else [])})
        for id, reading in CONTRACT.readings.items()
    }
    assert found == {id: (choices[0], set(choices)) for id, choices in READINGS.items()}


def test_the_default_is_the_first_choice_that_the_document_lists() -> None:
    assert [id for id, reading in CONTRACT.readings.items() if next(iter(reading.choices)) != reading.default] == []


def test_every_reading_decides_something() -> None:
    assert never_asked(DATA) == set()


def test_every_clause_is_stated_somewhere_or_is_about_the_whole() -> None:
    assert never_stated(DATA) == set(OF_THE_WHOLE)


@pytest.mark.parametrize(("clause", "session"), [(clause, name) for clause, (_, name) in OF_THE_WHOLE.items()])
def test_a_clause_about_the_whole_is_shown_by_a_session(clause: str, session: str) -> None:
    transcripts = read_transcripts(SESSIONS / "clauses" / f"{session}.yaml", CONTRACT)
    assert any(clause in transcript.clauses for transcript in transcripts)


def put(data: Any) -> Any:
    return data["paths"]["/leads/{contact-number}/update"]["put"]


def schema(data: Any, name: str) -> Any:
    return data["components"]["schemas"][name]


NEVER_ASKED: dict[str, Callable[[Any], object]] = {
    "method": lambda data: data[KEYWORD]["decide"].pop("method"),
    "number-form": lambda data: data[KEYWORD]["resources"]["lead"].pop("key"),
    "extra-members": lambda data: (schema(data, "ThreeMembers").pop("allOf"), data[KEYWORD].pop("members")),
    "merge": lambda data: put(data)[KEYWORD]["apply"][2]["merge"].pop("depth"),
    "country-alone": lambda data: put(data)[KEYWORD]["apply"][4].pop(WHEN),
    "unknown-field": lambda data: schema(data, "LeadUpdate")["x-lookalike-also"].pop(),
    "semicolon": lambda data: data["components"]["securitySchemes"]["bearerAuth"][KEYWORD].pop("semicolon"),
}


@pytest.mark.parametrize(("reading", "edit"), NEVER_ASKED.items(), ids=NEVER_ASKED)
def test_a_reading_on_which_nothing_depends_any_more_is_missed(reading: str, edit: Callable[[Any], object]) -> None:
    assert never_asked(edited(edit)) == {reading}


NEVER_STATED: dict[str, Callable[[Any], object]] = {
    "OK-1": lambda data: put(data)["responses"]["201"].pop(CLAUSE),
    "BODY-6": lambda data: schema(data, "LeadUpdate")["allOf"][0].pop(CLAUSE),
    "DATA-1": lambda data: put(data)[KEYWORD]["apply"][2].pop("clauses"),
    "AUTH-1": lambda data: data["components"]["securitySchemes"]["bearerAuth"][KEYWORD]["clauses"].pop("missing"),
}


@pytest.mark.parametrize(("clause", "edit"), NEVER_STATED.items(), ids=NEVER_STATED)
def test_a_clause_that_is_stated_nowhere_any_more_is_missed(clause: str, edit: Callable[[Any], object]) -> None:
    assert never_stated(edited(edit)) == {clause, *OF_THE_WHOLE}


def test_only_the_few_words_on_which_a_reading_turns_are_quoted() -> None:
    assert too_long(DATA) == set()


@pytest.mark.parametrize("quote", ["", "one two three four five six seven"])
def test_a_quote_that_is_empty_or_longer_is_refused(quote: str) -> None:
    assert too_long(edited(lambda data: data[KEYWORD]["readings"]["merge"]["quotes"].append(quote))) == {quote}
