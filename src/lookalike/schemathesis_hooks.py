"""Hooks for Schemathesis: the check `lookalike` judges each response as `lookalike judge` would.

Schemathesis loads the module that the environment variable SCHEMATHESIS_HOOKS names. Its own checks are about one
response; this one also knows of the items that earlier responses showed.
"""

import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import schemathesis
from schemathesis.core.failures import Failure, FailureGroup, Severity
from schemathesis.schemas import BaseSchema

from lookalike.api import load
from lookalike.http import Headers, ObservedExchange, Request, Response
from lookalike.verify.traffic.base_url import BaseUrl
from lookalike.verify.traffic.judge import TrafficFinding, TrafficJudge

_OF_SCHEMATHESIS = "x-schemathesis-"


class BrokenClause(Failure):
    """A clause of the document that a response breaks."""

    def __init__(self, operation: str, finding: TrafficFinding) -> None:
        super().__init__(
            operation=operation,
            title=f"Breaks the clause {finding.clause}",
            message=f"Expected: {finding.expected}\nGot: {finding.got}",
            severity=Severity.HIGH,
        )


class _JudgeOfSchema:
    """The judge of the exchanges with one server, which several threads may call."""

    def __init__(self, document: Mapping[str, Any], url: str) -> None:
        parts = urlsplit(url)
        base = BaseUrl(f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/"))
        self._judge = TrafficJudge(load(document), base)
        self._number = 0
        self._lock = threading.Lock()

    def findings(self, exchange: ObservedExchange) -> tuple[TrafficFinding, ...]:
        """The clauses that a server breaks in an exchange."""
        with self._lock:
            self._number += 1
            found = self._judge.judge(exchange._replace(number=self._number))
        return tuple(one for one in found if not one.is_of_client)


# A list, since schemas have no hash; a run has one, and few test suites have more.
_JUDGES: list[tuple[BaseSchema, _JudgeOfSchema]] = []
_LOCK = threading.Lock()


def _judge_of(schema: BaseSchema) -> _JudgeOfSchema:
    with _LOCK:
        found = next((judge for known, judge in _JUDGES if known is schema), None)
        if found is None:
            found = _JudgeOfSchema(schema.raw_schema, schema.get_base_url())
            _JUDGES.append((schema, found))
    return found


@schemathesis.check
def lookalike(ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]) -> None:
    """Raise the clauses that a response breaks."""
    findings = _judge_of(case.operation.schema).findings(_exchange(response))
    failures = [BrokenClause(case.operation.label, finding) for finding in findings]
    if len(failures) > 1:
        raise FailureGroup(failures)
    if failures:
        raise failures[0]


def _exchange(response: schemathesis.Response) -> ObservedExchange:
    sent = response.request
    url = urlsplit(sent.url or "")
    body = sent.body if isinstance(sent.body, bytes) else (sent.body or "").encode()
    # The number of the test case is another one in each request, and so would look like another user.
    named = {name: _text(value) for name, value in sent.headers.items()}
    headers = Headers({name: value for name, value in named.items() if not name.lower().startswith(_OF_SCHEMATHESIS)})
    at = time.time() - response.elapsed
    request = Request(sent.method or "GET", url.path, url.query, headers, body, at, scheme=url.scheme)
    fields = tuple((name, value) for name, values in response.headers.items() for value in values)
    answer = Response(response.status_code, fields, response.content)
    return ObservedExchange(0, f"{url.scheme}://{url.netloc}", request, answer, response.elapsed)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
