"""Secrets in traffic: found by the names of fields, parameters and members, and hidden wherever they stand."""

import re
from collections.abc import Collection, Iterator
from threading import Lock

from lookalike.codecs.parameter_styles import form_decoded, query_fields
from lookalike.http import ObservedExchange, essence
from lookalike.verify.server.redaction import Redaction

SHOWN = "$SECRET"
"""The text in place of a secret."""

_FIELD = re.compile(r"authorization|(^|-)(api-?key|auth|key|password|secret|session|token)(-|$)", re.IGNORECASE)
_WORDS = (
    r"(?:(?:user|client|new|old|current)_?)?(?:pass(?:word|wd|phrase)|pwd|secret|api_?key|private_?key|credentials?|"
    r"(?:(?:access|refresh|id|auth|session|bearer|csrf)_?)?token|authorization|jwt)"
)
_PARAMETER = re.compile(rf"{_WORDS}|key|sig(?:nature)?|(?:client_?)?assertion", re.IGNORECASE)
_IN_JSON = re.compile(rf'("{_WORDS}"\s*:\s*)"((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_COOKIE = re.compile(r"([^=;,\s]+)=([^;,]*)")
_SET_COOKIE = "set-cookie"
_FORM = "application/x-www-form-urlencoded"
_LEAST = 8  # characters of a text that is hidden wherever it stands; shorter ones stand within others
_MOST = 100  # that are remembered, since each is looked for in each text


class TrafficSecrets:
    """The secrets of the exchanges so far; threads may share them.

    `names` are those of fields, parameters and cookies that hold secrets besides the usual ones, such as API keys.
    """

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = frozenset(name.lower() for name in names)
        self._found: dict[str, None] = {}
        self._redaction = Redaction({})
        self._lock = Lock()

    def learn(self, exchange: ObservedExchange) -> None:
        """Remember the secrets of an exchange."""
        new = {text for text in self._secrets_of(exchange) if len(text) >= _LEAST} - self._found.keys()
        if not new:
            return
        with self._lock:
            self._found |= dict.fromkeys(new)
            for oldest in [*self._found][: max(0, len(self._found) - _MOST)]:
                del self._found[oldest]
            self._redaction = Redaction(dict.fromkeys(self._found, SHOWN))

    def hide(self, text: str) -> str:
        """A text without the secrets that are known."""
        return self._redaction.hide(text)

    def hide_in_field(self, name: str, value: str) -> str:
        """The value of a header field: without cookies or credentials, where its name suggests them."""
        if _is_of_cookies(name):
            return _COOKIE.sub(rf"\1={SHOWN}", value, count=1 if name.lower() == _SET_COOKIE else 0)
        if self._is_secret_field(name):
            scheme, space, rest = value.partition(" ")
            return f"{scheme} {SHOWN}" if space and rest else SHOWN
        return self.hide(value)

    def hide_in_query(self, query: str) -> str:
        """A query, or a form, without the values of parameters whose names tell of secrets."""
        return self.hide("&".join(self._parameter(*part.partition("=")) for part in query.split("&")))

    def hide_in_body(self, text: str, media_type: str) -> str:
        """A body without the values of members whose names tell of secrets."""
        if media_type == _FORM:
            return self.hide_in_query(text)
        return self.hide(_IN_JSON.sub(rf'\1"{SHOWN}"', text))

    def _is_secret_field(self, name: str) -> bool:
        return name.lower() in self._names or _FIELD.search(name) is not None

    def _is_secret_parameter(self, name: str) -> bool:
        return name.lower() in self._names or _PARAMETER.fullmatch(name) is not None

    def _parameter(self, name: str, equals: str, value: str) -> str:
        return f"{name}{equals}{SHOWN if equals and self._is_secret_parameter(form_decoded(name)) else value}"

    def _secrets_of(self, exchange: ObservedExchange) -> Iterator[str]:
        request, response = exchange.request, exchange.response
        for name, value in (*request.headers.items(), *(response.headers if response is not None else ())):
            if _is_of_cookies(name):
                yield from (pair[2] for pair in _COOKIE.finditer(_cookies(name, value)))
            elif self._is_secret_field(name):
                yield value.partition(" ")[2] or value
        parameters = query_fields(request.query)
        if essence(request.headers.get("content-type", "")) == _FORM:
            parameters += query_fields(request.body.decode("latin-1"))
        for name, value in parameters:
            if self._is_secret_parameter(name):
                yield from (value, form_decoded(value))
        for body in (request.body, response.body if response is not None else b""):
            yield from (match[2] for match in _IN_JSON.finditer(body.decode("utf-8", "replace")))


def _is_of_cookies(name: str) -> bool:
    return name.lower() in {"cookie", _SET_COOKIE}


def _cookies(name: str, value: str) -> str:
    """The pairs in a field: attributes of Set-Cookie are no secrets (RFC 6265 section 4.1.1)."""
    return value.partition(";")[0] if name.lower() == _SET_COOKIE else value
