"""The causes for which there is no response, each with a remedy, from the errors of the libraries."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import BadStatusLine, HTTPException, IncompleteRead, InvalidURL, LineTooLong, UnknownProtocol
from typing import NamedTuple

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    InvalidHeader,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
)

IS_HTTP = "check that a server for HTTP/1.1 is at this URL"
PROXY_CREDENTIALS = (
    "it cannot be reached: the proxy of the environment asks for credentials (407)",
    "set them in HTTP_PROXY or HTTPS_PROXY, or name the host in NO_PROXY",
)


class TransportError(Exception):
    """The failure to get a whole response: what happened, and what to do about it.

    A `lasting` cause, such as an unknown host name, is the same at the next request. A request that was not `sent`
    cannot have changed anything.
    """

    def __init__(self, what: str, remedy: str, *, lasting: bool = False, sent: bool = True) -> None:
        self.what = what
        self.remedy = remedy
        self.lasting = lasting
        self.sent = sent
        super().__init__(f"{what}; {remedy}")


_SPEAK_HTTP_1 = "let it, or a gateway before it, accept HTTP/1.1"
_SMALLER_HEADER = "a response may have 100 header fields, each of 64 KiB"
_SEE_ITS_LOG = "see the log of the server"


class _Cause(NamedTuple):
    """A cause: the errors that show it, a pattern that their text holds, and a sentence about it.

    `{why}` is the text of the innermost error, `{seconds}` the timeout.
    """

    kinds: tuple[type[BaseException], ...]
    pattern: str
    what: str
    remedy: str
    lasting: bool = False
    sent: bool = True


# The first one that fits counts, so the more telling ones come first: a failure of a proxy may hold a refused
# connection, for instance. An error whose text tells more than its class has several rows.
_CAUSES = (
    _Cause((ProxyError,), r"\b407\b", *PROXY_CREDENTIALS, lasting=True, sent=False),
    _Cause(
        (ProxyError,),
        "",
        "it cannot be reached through the proxy of the environment ({why})",
        "correct HTTP_PROXY or HTTPS_PROXY, or name the host in NO_PROXY",
        lasting=True,
        sent=False,
    ),
    _Cause(
        (NameResolutionError,),
        "",
        "it cannot be reached: its host name cannot be resolved",
        "check the URL, and the DNS or VPN of this machine",
        lasting=True,
        sent=False,
    ),
    _Cause(
        (ssl.SSLCertVerificationError,),
        "",
        "it cannot be reached: its TLS certificate is not trusted ({why})",
        "name the certificates to trust with --cacert, or trust any with --insecure",
        lasting=True,
        sent=False,
    ),
    _Cause(
        (ssl.SSLError,),
        "WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE",
        "it cannot be reached: it does not speak TLS",
        "give its URL with http://, or the port where it speaks TLS",
        lasting=True,
        sent=False,
    ),
    _Cause(
        (ssl.SSLError,),
        "NO_APPLICATION_PROTOCOL",
        "it cannot be reached: it refuses HTTP/1.1 in the TLS handshake",
        _SPEAK_HTTP_1,
        lasting=True,
        sent=False,
    ),
    _Cause(
        (ssl.SSLError,),
        "",
        "it cannot be reached: the TLS handshake failed ({why})",
        "check the scheme and port of the URL, and the TLS settings of the server",
        lasting=True,
        sent=False,
    ),
    _Cause(
        (ConnectionRefusedError,),
        "",
        "it cannot be reached: the connection is refused",
        "check that it runs, and the port of the URL",
        sent=False,
    ),
    _Cause(
        (NewConnectionError,),
        "",
        "it cannot be reached: {why}",
        "check the URL, and the network of this machine",
        sent=False,
    ),
    _Cause(
        (ConnectTimeoutError,),
        "",
        "it cannot be reached: no connection within {seconds:.3g} s",
        "check the URL, and firewalls or the VPN on the way",
        sent=False,
    ),
    _Cause(
        (ReadTimeoutError, TimeoutError),
        "",
        "it did not answer completely within {seconds:.3g} s",
        "if it needs longer, allow that with --timeout",
    ),
    _Cause((UnknownProtocol,), "", "it answers in {why}, not in HTTP/1.1", _SPEAK_HTTP_1, lasting=True),
    _Cause((LineTooLong,), "", "a line of its header is longer than 64 KiB", _SMALLER_HEADER),
    # An alert of TLS begins with its type and version (RFC 8446 section 5.1) ...
    _Cause((BadStatusLine,), r"^\x15\x03", "it speaks TLS", "give its URL with https://", lasting=True),
    # ... and a frame of HTTP/2 with its length in 24 bits (RFC 9113 section 4.1).
    _Cause((BadStatusLine,), r"^\0\0", "it answers in HTTP/2 to HTTP/1.1", _SPEAK_HTTP_1, lasting=True),
    _Cause((ConnectionError,), "", "it closed the connection without a complete answer", _SEE_ITS_LOG),
    _Cause((BadStatusLine,), "", "it answered with something that is no HTTP ({why})", IS_HTTP),
    _Cause((IncompleteRead,), "", "it closed the connection before its answer was complete", _SEE_ITS_LOG),
    _Cause((HTTPException,), "more than", "its header is too large ({why})", _SMALLER_HEADER),  # it has no class
    _Cause((InvalidHeader,), "", "its answer is not framed as HTTP/1.1 demands ({why})", IS_HTTP),
    _Cause((InvalidURL,), "", "the request cannot be sent ({why})", "nothing was sent", sent=False),
    _Cause((ValueError,), "", "the request cannot be sent ({why})", "nothing was sent", sent=False),
    _Cause((HTTPException, HTTPError), "", "its answer is not framed as HTTP/1.1 demands ({why})", IS_HTTP),
    _Cause((Exception,), "", "it closed the connection ({why})", _SEE_ITS_LOG),
)


@contextmanager
def explaining(seconds: float) -> Iterator[None]:
    """Turn the errors of the libraries into `TransportError`."""
    try:
        yield
    except (requests.RequestException, HTTPError, HTTPException, OSError, ValueError) as error:
        raise _explained(error, seconds) from None


def _explained(error: Exception, seconds: float) -> TransportError:
    """The reason why there is no response, by the first row of the table that fits."""
    chain = tuple(_chain(error))
    why = _one_line(chain[-1])
    for cause in _CAUSES:
        if any(isinstance(one, cause.kinds) and re.search(cause.pattern, str(one)) for one in chain):
            what = cause.what.format(why=why, seconds=seconds)
            return TransportError(what, cause.remedy, lasting=cause.lasting, sent=cause.sent)
    raise AssertionError("the last row fits any error")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and those that it was made of, which Requests and urllib3 keep in attributes and arguments."""
    yield error
    for inner in (getattr(error, "reason", None), *error.args, error.__cause__):
        if isinstance(inner, BaseException):
            yield from _chain(inner)


def _one_line(error: BaseException) -> str:
    text = getattr(error, "verify_message", None) or getattr(error, "strerror", None) or str(error)
    return ascii(" ".join(text.split())[:80]).strip("'\"") or type(error).__name__
