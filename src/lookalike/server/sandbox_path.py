"""The sandbox in the path of a request, for clients that cannot send a header: `/__sandbox/NAME/pets`."""

from lookalike.errors import SandboxError
from lookalike.http import Headers, Request
from lookalike.sandboxes import HEADER

PREFIX = "/__sandbox/"


def without_sandbox(path: str) -> str:
    """The path without the sandbox that it begins with."""
    return split_sandbox(path)[1]


def split_sandbox(path: str) -> tuple[str, str]:
    """The name of the sandbox that a path begins with, empty if it begins with none, and the rest of the path."""
    if not path.startswith(PREFIX):
        return "", path
    name, _, rest = path.removeprefix(PREFIX).partition("/")
    return name, f"/{rest}"


def in_sandbox(request: Request) -> Request:
    """The request with the sandbox of its path in the header, and the rest of the path.

    Raises `SandboxError` if path and header name two.
    """
    name, rest = split_sandbox(request.path)
    if not name:
        return request
    if request.headers.get(HEADER, name) != name:
        raise SandboxError(400, f"the path names the sandbox {name}, and the header Lookalike-Sandbox another one")
    headers = Headers({**request.headers, HEADER: name})
    return request._replace(path=rest, headers=headers, base_path=request.path.removesuffix(rest))
