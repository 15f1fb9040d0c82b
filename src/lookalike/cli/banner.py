"""The banner of a mock: its address, its operations, and command lines to try, which work as they are."""

import shlex
from base64 import b64decode
from collections.abc import Iterator
from typing import Any, NamedTuple

from lookalike.assembly import Parts
from lookalike.cli.documents import typed
from lookalike.cli.first_request import (
    Body,
    Candidate,
    bearer_token,
    credentials_for,
    first_request,
    types_of_parts,
)
from lookalike.codecs.json_text import to_json
from lookalike.codecs.media_types import is_form, is_multipart
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.security import BEARER
from lookalike.service import MockService

SHOWN = 12
"""The number of operations that are shown by default, so that the line to try does not scroll away."""

_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # shown, not bound
_MARKED = ("@", "<")  # with which curl names a file


class Banner(NamedTuple):
    """The settings of a banner that are known before the port is."""

    host: str
    base_path: str
    is_guarded: bool
    shows_all: bool
    control: str | None  # the prefix of the control API, where that is open to programs on this machine
    token: str = ""  # of the control API, where it was generated
    scheme: str = "http"
    trusted: str = ""  # the file of the certificate that was made on the spot


def lines(banner: Banner, port: int, mock: MockService, parts: Parts) -> Iterator[str]:
    """The lines of the banner, the first one at once."""
    contract = parts.model.contract
    yield f"Lookalike is listening on {_origin(banner.scheme, banner.host, port)}"
    if banner.trusted:
        yield f"Clients must trust {banner.trusted} (curl --cacert, NODE_EXTRA_CA_CERTS, REQUESTS_CA_BUNDLE)"
    if len(contract.document.mounts) > 1:
        origin = _origin(banner.scheme, _ANY_ADDRESS.get(banner.host, banner.host), port)
        for source, path, *_ in contract.document.mounts:
            yield f"{typed(source)} is at {origin}{banner.base_path}{path or '/'}"
    yield from _operations(banner, contract)
    is_bearer = any(scheme.kind == BEARER for scheme in contract.schemes.values())
    token = bearer_token(parts.valid_token) if is_bearer else ""
    if token:
        yield f"A valid token: {token}"
    origin = _origin(banner.scheme, _ANY_ADDRESS.get(banner.host, banner.host), port)
    proposal = first_request(mock, credentials_for(contract.schemes, parts.credentials, token), banner.is_guarded)
    if proposal.found is not None:
        yield "Try it:"
        yield f"  {curl(proposal.found, origin + _prefix(proposal.found.operation, banner.base_path, contract))}"
    elif proposal.why:
        yield f"No request to try: {proposal.why}"
    resource = next(iter(contract.resources), None)
    if banner.token:
        yield f"The token of the control API: {banner.token}"
    if resource is not None and banner.control is not None:
        header = f" -H 'Authorization: Bearer {banner.token}'" if banner.token else ""
        yield "See the items that it stores:"
        yield f"  curl -s {origin}{banner.control}state/{resource}{header}"
    if banner.control is not None:
        yield f"The console, in a browser: {origin}{banner.control}"


def _operations(banner: Banner, contract: Contract) -> Iterator[str]:
    shown = contract.operations if banner.shows_all else contract.operations[:SHOWN]
    for operation in shown:
        elsewhere = operation.base_path if operation.base_path != contract.base_path else ""
        path = _prefix(operation, banner.base_path, contract) + elsewhere + operation.path
        yield f"  {operation.method} {path}  {operation.summary}".rstrip()
    left = len(contract.operations) - len(shown)
    if left:
        yield f"  and {left} more operation{'s' if left > 1 else ''}; --list shows all"


def _prefix(operation: Operation, base_path: str, contract: Contract) -> str:
    """The base path of the mock, unless an operation has servers of its own, whose path it keeps."""
    return base_path if operation.base_path == contract.base_path else ""


def _origin(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def curl(candidate: Candidate, base: str) -> str:
    """The command line that sends a request below a URL."""
    request = candidate.request
    query = f"?{request.query}" if request.query else ""
    words = ["curl", "-i", *_method(request.method), base + request.path + query]
    for name, value in request.headers.items():
        words += _field(name, value)
    if candidate.body is not None:
        words += _body(candidate.body)
    return shlex.join(words)


def _method(method: str) -> list[str]:
    """The words that choose a method; with -X HEAD, curl would wait for a body that never comes."""
    return {"GET": [], "HEAD": ["-I"]}.get(method, ["-X", method])


def _field(name: str, value: str) -> list[str]:
    scheme, _, credentials = value.partition(" ")
    if name == "authorization" and scheme == "Basic":
        return ["-u", b64decode(credentials).decode()]
    if name == "cookie":
        return ["-b", value]
    if name == "content-type" and (is_form(value) or is_multipart(value)):
        return []  # curl says so itself, of a multipart form with the boundary that it chose
    return ["-H", f"{name.title()}: {value}"]


def _body(body: Body) -> list[str]:
    if is_multipart(body.media.media_type):
        return [word for part in _parts(body) for word in ("-F", part)]
    text = body.content.decode()
    return ["--data-raw" if text.startswith(_MARKED) else "-d", text]


def _parts(body: Body) -> Iterator[str]:
    """The parts of a multipart form, one for each item of a list, as `to_multipart` writes them."""
    types = types_of_parts(body.media)
    for name, value in body.value.items():
        for one in value if isinstance(value, list) else [value]:
            yield f"{name}={_part(one, types.get(name, ''))}"


def _part(value: Any, media_type: str) -> str:
    text = value if isinstance(value, str) else to_json(value).decode()
    if not media_type and not set(text) & set('";,\\') and not text.startswith(_MARKED):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    kind = media_type or ("text/plain" if isinstance(value, str) else "application/json")
    return f'"{escaped}";type={kind}'
