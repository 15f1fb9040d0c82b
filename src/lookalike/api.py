"""The Python API; `lookalike` exports it."""

import json
import os
import time
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal
from wsgiref.types import WSGIApplication

from lookalike import assembly, soundness
from lookalike.assembly import Content, Sources
from lookalike.callbacks.sender import CallbackSender
from lookalike.contract.contract import Contract
from lookalike.contract.reader import load_contract
from lookalike.contract.routing import path_prefix
from lookalike.errors import UsageError
from lookalike.http import Headers, Request, Response
from lookalike.model.response.prefer import Variation
from lookalike.model.strictness import Strictness
from lookalike.openapi.document import Document, parse_document
from lookalike.openapi.sources import Source, source_of
from lookalike.sandboxes import Sandboxes
from lookalike.server.dispatch import Dispatcher
from lookalike.server.mock_handler import DEFAULTS, MockOptions
from lookalike.service import MockService
from lookalike.soundness import Findings
from lookalike.stores.memory import MemoryStore

if TYPE_CHECKING:
    from lookalike.server.serve import MockServer

FileOrUrl = str | os.PathLike[str]
"""The path of a file, or an http(s) URL."""

DocumentLike = FileOrUrl | Mapping[str, Any]
"""An OpenAPI document: the path of a file in YAML or JSON, an http(s) URL, or the document as a mapping."""


def load(
    document: DocumentLike,
    *,
    overlays: Iterable[FileOrUrl] = (),
    strict: bool = False,
    infer: bool = True,
) -> Contract:
    """The contract of an API, from its OpenAPI document (2.0, 3.0, 3.1 or 3.2).

    `overlays` are OpenAPI Overlay files, applied in order. Errors of the document are in `contract.left_out`
    (operations that cannot be served) and `contract.ignored`; with `strict` it is an error. With `infer`, operations
    without `x-lookalike` are read as REST resources; without, their responses are the documented examples.

    References and files in a mapping are relative to the current folder.

    Raises `UsageError` if something cannot be read, and `DocumentError` where it is no sound description of an API.
    """
    source = _in_memory(document) if isinstance(document, Mapping) else _source(document)
    return load_contract(source, [_source(overlay) for overlay in overlays], strict, infer)


def check(document: FileOrUrl, *, overlays: Iterable[FileOrUrl] = ()) -> Findings:
    """Check a document and the files that it names: OpenAPI, `x-lookalike`, examples, seeds and tokens.

    Raises `UsageError` or `DocumentError` if the document cannot be read at all; any other problem is in the
    findings, with its place.
    """
    return soundness.check(_source(document), [_source(overlay) for overlay in overlays])


class Mock(MockService):
    """A mock of an API: it answers requests as the contract says, and keeps state.

    `data` are the initial items, a list for each resource, and `tokens` the credentials that it accepts, a list for
    each security scheme; each is the path of a file or its content, and the files that the document names are used
    otherwise. `readings` choose how to read what the document leaves open, by their ids; `profile` is a file of them,
    as `calibrate` writes it.

    Without `security`, no credentials are required. With `errors="report"`, an invalid request is answered as if it
    were valid, and a header tells what is wrong. With `strict_accept`, media types in Accept and Content-Type that the
    document does not name are refused, as vendors' own, and so are times without a zone. `populate` generates so many
    items of each resource. With `dynamic`, bodies that no state decides vary, drawn from `seed` or else from the time
    (that needs the extra `lookalike[dynamic]`).

    A mock may be used from several threads. Raises `UsageError` if data, tokens or readings do not fit the contract.

        >>> mock = lookalike.Mock(lookalike.load("pets.yaml"), data={"pet": [{"id": 1, "name": "Rex"}]})
        >>> mock.handle(lookalike.Request("GET", "/pets/1")).json()
        {'id': 1, 'name': 'Rex'}
    """

    def __init__(
        self,
        contract: Contract,
        *,
        data: FileOrUrl | Mapping[str, Any] | None = None,
        tokens: FileOrUrl | Mapping[str, Any] | None = None,
        readings: Mapping[str, str] | None = None,
        profile: FileOrUrl | None = None,
        security: bool = True,
        errors: Literal["refuse", "report"] = "refuse",
        strict_accept: bool = False,
        populate: int = 0,
        dynamic: bool = False,
        seed: int | None = None,
    ) -> None:
        sources = Sources(
            data=_content(data),
            tokens=_content(tokens),
            profile=None if profile is None else _source(profile),
            readings=readings or {},
            populate=populate,
            strictness=Strictness(security, errors == "refuse", strict_accept),
            variation=Variation(dynamic, seed),
        )
        parts = assembly.parts_of(contract, sources)
        super().__init__(parts.model, MemoryStore(), parts.choices, parts.data, parts.data_name)
        self.credentials = parts.credentials
        self.callbacks = CallbackSender() if contract.has_callbacks or contract.webhooks else None

    @property
    def contract(self) -> Contract:
        """The contract that it keeps."""
        return self.model.contract

    def handle(self, request: Request) -> Response:
        """The response to a request, whose path is below the base path of the contract.

        A request without a time is taken to arrive now; names of headers may be in any case.
        """
        headers, at = request.headers, request.at
        return super().handle(
            request._replace(
                headers=headers if isinstance(headers, Headers) else Headers(headers),
                at=time.time() if at == 0.0 else at,
            )
        )

    def sandbox(self, name: str) -> MockService:
        """The sandbox of a name, made if there is none, with a state, a journal, readings and a clock of its own.

        Requests over HTTP reach it with the header `Lookalike-Sandbox: NAME`. Raises `SandboxError` for a text that is
        no name, and where there are too many.

            >>> mock.sandbox("test-7").handle(lookalike.Request("GET", "/pets/1")).json()
            {'id': 1, 'name': 'Rex'}
        """
        return self._sandboxes.get(name)

    @cached_property
    def _sandboxes(self) -> Sandboxes:
        return Sandboxes(self)

    @cached_property
    def wsgi_app(self) -> WSGIApplication:
        """The mock and its control API as a WSGI application (PEP 3333)."""
        from lookalike.server.app import create_app

        return create_app(self, self._options(), sandboxes=self._sandboxes)

    def serve(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        base_path: str | None = None,
        cors: bool = True,
        max_body: int = DEFAULTS.max_body,
        control_token: str | None = None,
    ) -> "MockServer":
        """Serve the mock and its control API over HTTP in a thread of its own, until the server is closed.

        Port 0 takes a free one. `base_path` is the prefix of all paths, by default the one of the document's first
        server. `max_body` is the longest request body, in bytes. Without a `control_token`, only programs on this
        machine may use the control API.

            >>> with mock.serve() as server:
            ...     requests.get(f"{server.url}/pets/1")

        Raises `UsageError` if the address cannot be bound.
        """
        from lookalike.server.serve import MockServer

        return MockServer(
            Dispatcher(self, self._options(base_path, cors, max_body, control_token), self._sandboxes), host, port
        )

    def _options(
        self,
        base_path: str | None = None,
        cors: bool = True,
        max_body: int = DEFAULTS.max_body,
        control_token: str | None = None,
    ) -> MockOptions:
        prefix = path_prefix(self.contract.base_path if base_path is None else base_path)
        return MockOptions(prefix, cors, max_body, control_token)


def _source(given: FileOrUrl) -> Source:
    return source_of(os.fspath(given))


def _content(given: FileOrUrl | Mapping[str, Any] | None) -> Content | None:
    return given if given is None or isinstance(given, Mapping) else _source(given)


def _in_memory(document: Mapping[str, Any]) -> Document:
    """A document from a mapping, by way of JSON: so it is a copy, holds JSON only, and every problem has a place."""
    try:
        text = json.dumps(document, indent=2)
    except (TypeError, ValueError) as error:
        raise UsageError(f"the document is no JSON: {error}") from None
    return parse_document(text, "document")
