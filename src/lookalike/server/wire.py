"""What of HTTP/1.1 messages does not depend on who reads and writes them (RFC 9110, RFC 9112)."""

from http import HTTPStatus

from lookalike.http import Response

Fields = tuple[tuple[str, str], ...]

_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
WITHOUT_LENGTH = frozenset({*range(100, 200), 204, 304})  # RFC 9110 section 8.6


def status_line(status: int) -> str:
    """`201 Created`; a status without a standard phrase stands alone."""
    return _STATUS_LINES.get(status) or f"{status} "


def with_length(response: Response) -> Fields:
    """The header fields of a response, with its length where it has one."""
    if response.status in WITHOUT_LENGTH:
        return response.headers
    return (*response.headers, ("Content-Length", str(len(response.body))))


def origin_form(target: str) -> tuple[str, str]:
    """Path and query of the target of a request, which may be a whole URL (RFC 9112 section 3.2.2)."""
    path, _, query = target.partition("?")
    if not path.startswith("/") and "://" in path:
        path = "/" + path.partition("://")[2].partition("/")[2]
    return path, query
