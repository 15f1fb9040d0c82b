"""The value of the fixture `lookalike`: a sandbox of a mock, and the ways to reach it from a test."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lookalike.api import Mock
from lookalike.contract.routing import path_prefix
from lookalike.errors import UsageError
from lookalike.http import Headers, Request, Response
from lookalike.journal import JournalEntry
from lookalike.model.state import Item, Key
from lookalike.pytest_plugin.clock import SandboxClock
from lookalike.sandboxes import HEADER, Sandboxes
from lookalike.server.app import LookalikeApp, create_app
from lookalike.server.dispatch import Dispatcher
from lookalike.server.mock_handler import MockOptions
from lookalike.server.sandbox_path import PREFIX
from lookalike.server.serve import MockServer
from lookalike.service import MockService

if TYPE_CHECKING:
    import httpx
    import requests
    from flask.testing import FlaskClient

    from lookalike.pytest_plugin.httpx_transport import SandboxTransport

ORIGIN = "http://lookalike.localhost"
"""The origin of a mock in this process. Names below localhost are this machine (RFC 6761 section 6.3), so that a
request which goes astray reaches no server."""

_LOOPBACK = "127.0.0.1"
_MOST_TOLD = 20  # exchanges of a failed test that are shown


class SharedMock:
    """A mock that many tests share, each by a sandbox of its own; parts that no test uses are not made."""

    def __init__(self, mock: Mock) -> None:
        self.mock = mock
        self.sandboxes = Sandboxes(mock)
        self.base_path = path_prefix(mock.contract.base_path)
        self._options = MockOptions(self.base_path)

    @cached_property
    def dispatcher(self) -> Dispatcher:
        """The mock and its control API as a function of requests."""
        return Dispatcher(self.mock, self._options, self.sandboxes)

    @cached_property
    def app(self) -> LookalikeApp:
        """The same as a Flask application."""
        return create_app(self.mock, self._options, sandboxes=self.sandboxes)

    @cached_property
    def server(self) -> MockServer:
        """The same as an HTTP server in a thread, on a free port of this machine."""
        return MockServer(self.dispatcher, _LOOPBACK, 0)

    def close(self) -> None:
        """Stop the server, if it was started."""
        if "server" in self.__dict__:
            self.server.close()


class LookalikeFixture:
    """A mock of an API in a sandbox of its own, as it was at the start.

    It is reached in this process by `client` (of Flask), `session` (of requests), `httpx`, `transport` and `handle`,
    and over HTTP at `url`: all of them share one state.
    """

    def __init__(self, shared: SharedMock, name: str) -> None:
        self.sandbox = name
        self.service: MockService = shared.sandboxes.get(name)
        self._shared = shared

    def close(self) -> None:
        """Delete the sandbox."""
        self._shared.sandboxes.delete(self.sandbox)

    @property
    def url(self) -> str:
        """The URL below which the operations are, served over HTTP: for a client in a thread, process or browser."""
        server = self._shared.server
        return f"http://{server.host}:{server.port}{PREFIX}{self.sandbox}{self._shared.base_path}"

    @property
    def base_url(self) -> str:
        """The URL below which the operations are for `session`, `httpx` and `transport`, within this process."""
        return f"{ORIGIN}{self._shared.base_path}"

    @cached_property
    def client(self) -> "FlaskClient":
        """The test client of Flask; its paths begin with the base path of the document."""
        client = self._shared.app.test_client()
        client.environ_base["HTTP_LOOKALIKE_SANDBOX"] = self.sandbox
        return client

    @cached_property
    def session(self) -> "requests.Session":
        """A `requests.Session` for URLs below `base_url`, and for paths alone, such as "/pets"."""
        from lookalike.pytest_plugin.requests_adapter import MockSession

        return MockSession(ORIGIN, self.base_url, self.send)

    @cached_property
    def transport(self) -> "SandboxTransport":
        """A transport for `httpx.Client` and `httpx.AsyncClient`, with `base_url` as their base."""
        from lookalike.pytest_plugin.httpx_transport import SandboxTransport

        return SandboxTransport(self.send)

    @cached_property
    def httpx(self) -> "httpx.Client":
        """An `httpx.Client` with the base URL of the mock."""
        from lookalike.pytest_plugin.httpx_transport import client_of

        return client_of(self.transport, self.base_url)

    def send(self, request: Request) -> Response:
        """The response to a request whose path begins with the base path; the control API answers too."""
        fields = {"host": "localhost", **request.headers, HEADER: self.sandbox}
        return self._shared.dispatcher.respond(request._replace(headers=Headers(fields)), _LOOPBACK)

    def handle(self, request: Request) -> Response:
        """The response to a request whose path is below the base path."""
        return self.send(request._replace(path=self._shared.base_path + request.path))

    @property
    def state(self) -> dict[str, list[Item]]:
        """All items by resource."""
        return self.service.state()

    def replace_state(self, data: Mapping[str, Any]) -> None:
        """Replace all items by others, a list by resource; raises `UsageError` if they do not fit the contract."""
        self.service.replace_state(data)

    def item(self, resource: str, key: Key) -> Item | None:
        """The item under a key, or None."""
        return self.service.item(resource, key)

    def put_item(self, resource: str, key: Key, item: Mapping[str, Any]) -> Item:
        """Create an item under its key or replace it; raises `StateError` if it does not fit the contract."""
        return self.service.put_item(resource, key, item)

    def patch_item(self, resource: str, key: Key, members: Mapping[str, Any]) -> Item:
        """Set some members of an item; raises `StateError` if the result does not fit the contract."""
        return self.service.patch_item(resource, key, members)

    def delete_item(self, resource: str, key: Key) -> bool:
        """Delete an item; False if there is none."""
        return self.service.delete_item(resource, key)

    def reset(self) -> None:
        """Go back to the initial items and readings, with an empty journal."""
        self.service.reset()

    @property
    def journal(self) -> list[JournalEntry]:
        """The exchanges of this test, newest first."""
        return self.service.journal()

    @cached_property
    def clock(self) -> SandboxClock:
        """The time that the mock goes by in this test."""
        return SandboxClock(self.service)

    @property
    def credentials(self) -> Mapping[str, Mapping[str, str]]:
        """A token that is `valid`, one that is `expired` and one that is `revoked`, by security scheme."""
        return self.service.credentials

    def reading(self, id: str, choice: str | None = None) -> str:
        """The choice of a reading, which a second argument sets for this test.

        Raises `UsageError` if there is no such reading or choice.
        """
        if choice is not None:
            self.service.set_readings({id: choice})
        if id not in self.service.choices:
            known = ", ".join(self.service.choices) or "none"
            raise UsageError(
                f"the document states no reading {id!r} (it states: {known}); a built-in one is chosen by the mark: "
                "@pytest.mark.lookalike(readings={ID: CHOICE})"
            )
        return self.service.choices[id]

    def fault(self, name: str = "fault", **rule: Any) -> None:
        """Have a fault rule for this test, as in `fault(operation="listPets", first=2, status=503)`.

        A second rule of the same name replaces the first. Raises `UsageError` for what is not a rule, or breaks the
        contract.
        """
        self.service.set_faults({**self.service.faults, name: rule}, anew=name)

    def told(self) -> str:
        """The latest exchanges in lines, oldest first, each with the reason of its answer."""
        entries = self.service.journal(limit=_MOST_TOLD + 1)
        lines = [_line(entry) for entry in entries[:_MOST_TOLD]]
        more = ["..."] if len(entries) > _MOST_TOLD else []
        return "\n".join([*more, *reversed(lines)]) or "the mock was asked nothing"


def _line(entry: JournalEntry) -> str:
    request, response = entry.request, entry.outcome.response
    query = f"?{request.query}" if request.query else ""
    return "  ".join([f"{request.method} {request.path}{query} -> {response.status}", *_reason(response)])


def _reason(response: Response) -> Iterator[str]:
    reason = response.header("Lookalike-Reason")
    if reason:
        yield reason
