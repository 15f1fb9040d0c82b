"""Reports as a run may give them: one with something of every kind, one of a right server, one that came to nothing."""

from dataclasses import replace

from lookalike.verify.results import (
    ClauseResult,
    ClauseStatus,
    Failure,
    ReadingResult,
    ReadingStatus,
    RecordedExchange,
    RecordedRequest,
    Report,
    Verdict,
)

URL = "https://crm.example"


def exchange(body: str, status: int, response: str) -> RecordedExchange:
    """An update of a lead, and the answer to it."""
    curl = f"curl -i -X PUT {URL}/leads/9876543210/update -H \"Authorization: Bearer $TOKEN\" -d '{body}'"
    sent = RecordedRequest("PUT", "/leads/9876543210/update", "", {"authorization": "Bearer $TOKEN"}, body)
    return RecordedExchange(curl, "PUT /leads/9876543210/update", status, response, sent)


DONE = '{"status":201,"message":"Successfully updated lead.","success":true}'
ADD = exchange('{"add_tags": [101]}', 201, DONE)
REFUSED = exchange('{"add_tags": [101, 101]}', 400, '{"status":400}')
FAILED = exchange('{"lead_data": {"note": "```"}}', 500, "<html>\n<h1>Oops</h1>\n</html>")

CLAUSES = (
    ClauseResult("OK-1", "A success is answered 201.", ("Success Response",), ClauseStatus.HELD, 12),
    ClauseResult(
        "TAG-1", "Tags are a set | adding twice is fine.", ("Idempotency", "Purpose"), ClauseStatus.VIOLATED, 3
    ),
    ClauseResult("BODY-7", "Never a 5xx.", ("Error Responses",), ClauseStatus.VIOLATED, 1),
    ClauseResult(
        "DATA-1", "Other members stay.", ("Purpose",), ClauseStatus.NOT_OBSERVABLE, 4, "name a read operation"
    ),
    ClauseResult("ATOM-1", "All or nothing.", ("Updates",), ClauseStatus.NOT_OBSERVABLE, 2, "name a read operation"),
    ClauseResult(
        "AUTH-3", "Expired tokens are refused.", ("States",), ClauseStatus.NOT_EXERCISED, 0, "no expired token"
    ),
)
READINGS = (
    ReadingResult("merge", "Is lead_data merged deeply?", ReadingStatus.DECIDED, "deep", "curl deep -> 201"),
    ReadingResult("null", "Is null stored?", ReadingStatus.UNDECIDED, "stored | deletes-key"),
    ReadingResult("order", "What is checked first?", ReadingStatus.NOT_OBSERVABLE, "lookup-first | validate-first"),
    ReadingResult("method", "What answers other methods?", ReadingStatus.CONTRADICTED, "", "curl $TOKEN -> 200"),
)
FLAKY = Failure("TAG-1", "a tag twice", (ADD, REFUSED), "status 201: done", "status 400", 2, 3)
WAIVED = Failure("BODY-7", "backticks", (FAILED,), "no 5xx", "status 500", 3, 3, "ticket 7, until May")
OF_A_READING = Failure("method", "GET", (ADD,), "status 405, or status 404", "status 200", 3, 3)
OF_NOTHING = Failure("", "something else", (ADD,), "status 406", "status 200", 3, 3)

REPORT = Report(
    url=URL,
    document="openapi.yaml",
    verdict=Verdict.VIOLATES,
    exit_code=1,
    clauses=CLAUSES,
    readings=READINGS,
    failures=(FLAKY, WAIVED, OF_A_READING, OF_NOTHING),
    requests=1234,
    seconds=1.5,
    seed=7,
    left_behind=("lead 9876543210: the key note",),
    statuses={201: 1200, 400: 33, 500: 1},
)
CONFORMING = replace(
    REPORT,
    verdict=Verdict.CONFORMS,
    exit_code=0,
    clauses=CLAUSES[:1],
    readings=READINGS[:1],
    failures=(),
    left_behind=(),
)
UNJUDGED = Report(
    url=URL,
    document="openapi.yaml",
    verdict=Verdict.UNJUDGED,
    exit_code=3,
    clauses=tuple(replace(clause, status=ClauseStatus.NOT_EXERCISED, requests=0) for clause in CLAUSES),
    readings=(),
    failures=(),
    requests=1,
    seconds=0.1,
    seed=7,
    problem="it answers with HTML; is the base path right?",
    statuses={200: 1},
)
INTERRUPTED = replace(REPORT, verdict=Verdict.UNJUDGED, exit_code=130)
