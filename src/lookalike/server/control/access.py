"""Access to the control API: clients with its token, or where it has none, programs on this machine.

Without a token, address, Host and Origin must all be local: a page in a browser on this machine can send requests to
127.0.0.1, and can let a name of its own resolve to that address (DNS rebinding).
"""

import hmac
import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from lookalike.errors import UsageError

PREFIX = "/__lookalike/"
"""The default prefix of all paths of the control API."""

_ENTRIES = ("console", "proxy")
_PARTS = ("api", "elements", "exchange", "journal", "journal_events", "json_text", "messages", "page", "repeating")
_VIEWS = ("settings", "state", "verdict")
_LIBRARIES = ("vendor/htm.mjs", "vendor/preact.mjs")
CONSOLE = frozenset({"", "console.css", *(f"{name}.js" for name in (*_ENTRIES, *_PARTS, *_VIEWS)), *_LIBRARIES})
"""The paths of the console below the prefix."""

REFERENCE = frozenset({"docs", "docs.js", "rapidoc.js"})
"""The paths of the reference page below the prefix."""

_IS_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+/\Z").match


class Refusal(NamedTuple):
    """The status of a refusal, 401 or 403, and the reason with the remedy."""

    status: int
    why: str


def checked_prefix(prefix: str | None, base_path: str, paths: Iterable[str]) -> tuple[str, ...]:
    """The prefix of the control API in a tuple, which is empty where it is turned off (None).

    `base_path` and `paths` are those of the operations. Raises `UsageError` for what is no prefix, or would hide them.
    """
    if prefix is None:
        return ()
    if not _IS_PATH(prefix):
        raise UsageError(f"--control-prefix: {prefix!r} is not a path like {PREFIX}")
    remedy = "move that with --control-prefix PATH, or turn it off with --no-control"
    if f"{base_path}/".startswith(prefix):
        raise UsageError(f"the base path {base_path} is below {prefix}, the control API; {remedy}")
    for path in paths:
        if f"{path}/".startswith(prefix):
            raise UsageError(f"the path {path} of the document is below {prefix}, the control API; {remedy}")
    return (prefix,)


def is_health(path: str, prefix: str) -> bool:
    """Whether a path is one of the health checks, which are open to every client."""
    return path.startswith(prefix) and path.removeprefix(prefix) in {"health", "health/live", "health/ready"}


def is_of_console(path: str, prefix: str) -> bool:
    """Whether a path is a file of the console or the reference: open to every client, since they hold no secrets."""
    return path.startswith(prefix) and path.removeprefix(prefix) in CONSOLE | REFERENCE


def is_loopback_host(host: str) -> bool:
    """Whether an address to listen on, or a name of one, is reached from this machine only."""
    return _is_local_name(host)


def refusal(token: str | None, address: str | None, scheme: str, headers: Mapping[str, str]) -> Refusal | None:
    """The reason to refuse a request to the control API, else None; the names of headers are in lower case.

    An empty token counts as none, since every client would have it.
    """
    if token:
        return None if _holds(token, headers.get("authorization", "")) else _NO_TOKEN
    why = _foreign(address or "", scheme, headers)
    return Refusal(403, f"{why}; to let others in, start with --control-token TOKEN") if why else None


def _foreign(address: str, scheme: str, headers: Mapping[str, str]) -> str | None:
    """The reason why a request cannot be trusted to come from a program on this machine; None if it can."""
    if not _is_loopback(address):
        return "the control API answers this machine only"
    proxied = next((name for name in headers if name.startswith(_OF_PROXIES)), None)
    if proxied is not None:
        return f"the header field {proxied} is of a proxy, behind which the client may be anywhere"
    host = headers.get("host", "")
    if not _is_local_name(urlsplit(f"//{host}").hostname if _is_parsable(host) else None):
        return f"the Host {host!r} is not this machine; use localhost"
    if "origin" in headers and headers["origin"] != f"{scheme}://{host}":
        return "pages of other origins may not use the control API"
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        return "pages of other origins may not use the control API"
    return None


# The beginnings of header fields that proxies, tunnels and content delivery networks add (RFC 7239, RFC 9110 section
# 7.6.3): the address of the connection is theirs then, and not that of the client.
_OF_PROXIES = (
    *("forwarded", "x-forwarded-", "x-real-ip", "via", "cf-", "true-client-ip", "x-client-ip", "x-cluster-client-ip"),
    *("x-original-", "x-envoy-", "x-amzn-", "x-azure-", "fastly-", "fly-"),
)
_NO_TOKEN = Refusal(401, "send the token of --control-token: Authorization: Bearer TOKEN")


def _holds(token: str, credentials: str) -> bool:
    scheme, _, given = credentials.partition(" ")
    same = hmac.compare_digest(token.encode(), given.strip().encode("utf-8", "surrogateescape"))
    return same and scheme.lower() == "bearer"


def _is_loopback(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_loopback


def _is_parsable(host: str) -> bool:
    try:
        return bool(urlsplit(f"//{host}").hostname)
    except ValueError:
        return False


def _is_local_name(name: str | None) -> bool:
    return name is not None and (name == "localhost" or name.endswith(".localhost") or _is_loopback(name))
