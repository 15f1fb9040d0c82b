"""Writing exchanges to a transcript, which `lookalike replay` takes, with keys of the server as captured values."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from lookalike.codecs.media_types import is_json
from lookalike.errors import UsageError
from lookalike.http import Request, Response, essence
from lookalike.json_values import Pointer, format_pointer
from lookalike.naming.words import normalised, singular
from lookalike.openapi.yaml_text import write_yaml
from lookalike.proxy.exchange_order import ProxiedExchange
from lookalike.verify.results import redacted
from lookalike.verify.traffic.base_url import BaseUrl
from lookalike.verify.traffic.secrets import TrafficSecrets

_JSON = "application/json"
_MOST_STEPS = 10_000  # that are kept until the end, when it is known which keys are used
_UNMISTAKABLE = 8  # characters of a text that is taken for the same key wherever it stands
_DEPTH = 2  # of values in a response that may be keys, as `metadata.name`
# Fields of each client and connection, on which no answer of an API depends.
_OF_THE_CLIENT = re.compile(
    r"accept-encoding|accept-language|authorization|cache-control|connection|content-length|dnt|host|origin|pragma|"
    r"priority|referer|sec-.*|upgrade-insecure-requests|user-agent|via|x-forwarded-.*"
)


class _ChosenKey(NamedTuple):
    """A value that the server chose: the step and place where it came, and the path and noun of what was created."""

    name: str
    value: Any
    step: int
    pointer: Pointer
    path: str
    noun: str


class TranscriptWriter:
    """A transcript that is being made in a new file of a folder; raises `UsageError` if the folder cannot be."""

    def __init__(self, folder: Path, base: BaseUrl, secrets: TrafficSecrets) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"--record {folder}: {error.strerror}") from None
        self._folder = folder
        self._base = base
        self._secrets = secrets
        self._recorded: list[tuple[str, Request, Response, bool]] = []
        self.unrecorded = 0

    def write(self, proxied: ProxiedExchange) -> None:
        """Take up an exchange, if it was with an operation of the server, which answered it."""
        exchange = proxied.exchange
        path = self._base.below(exchange)
        if path is None or proxied.is_mocked or proxied.failure or exchange.response is None:
            return
        if len(self._recorded) == _MOST_STEPS or "request.body" in exchange.missing:
            self.unrecorded += 1
            return
        is_whole = "response.body" not in exchange.missing
        self._recorded.append((path, exchange.request, exchange.response, is_whole))

    def close(self) -> Path | None:
        """Write the file, and return its path; None if there was no exchange."""
        if not self._recorded:
            return None
        number = 1
        while (file := self._folder / f"session-{number}.yaml").exists():
            number += 1
        steps = _Steps(self._secrets).of(self._recorded)
        title = f"Recorded of {self._base.origin}{self._base.path}"
        write_yaml(file, redacted({"title": title, "proves": [], "steps": steps}, self._secrets.hide))
        return file


class _Steps:
    """The steps of a transcript; each expects the status, and what the client had sent or the server had chosen."""

    def __init__(self, secrets: TrafficSecrets) -> None:
        self._secrets = secrets
        self._keys: list[_ChosenKey] = []
        self._used: dict[int, dict[str, str]] = {}
        self._sent: dict[int | str, set[tuple[str | int, str]]] = {}

    def of(self, recorded: list[tuple[str, Request, Response, bool]]) -> list[dict[str, Any]]:
        """The steps of exchanges, each with its path below the base and whether its response is whole."""
        steps = [self._step(number, *one) for number, one in enumerate(recorded)]
        for number, captured in self._used.items():
            steps[number]["capture"] = captured
        return steps

    def _step(self, number: int, path: str, request: Request, response: Response, is_whole: bool) -> dict[str, Any]:
        in_path: list[_ChosenKey] = []
        target = self._path(path, in_path)
        if request.query:
            target += f"?{self._query(self._secrets.hide_in_query(request.query))}"
        media_type = request.headers.get("content-type", "")
        step: dict[str, Any] = {"request": f"{request.method} {target}"}
        if "authorization" not in request.headers:
            step["token"] = "none"  # the word of transcripts for no token
        if headers := self._headers(request, media_type):
            step["headers"] = headers
        sent = _parsed(request.body) if is_json(essence(media_type)) else None
        hidden = None if sent is None else _parsed(self._hidden(request.body.decode(), _JSON).encode())
        if hidden is not None:  # a secret that is a number leaves no JSON behind
            step["body"] = self._value("", hidden)
        elif request.body:
            step |= self._raw(request.body, media_type)
        item = in_path[-1].step if in_path and target.endswith("}") else number if request.method == "POST" else path
        pairs = self._sent.setdefault(item, set())
        pairs |= {(name, json.dumps(value)) for (name,), value in _scalars(sent, (), 1)}
        shown = _parsed(response.body) if is_whole else None
        expected = self._expected(shown, in_path, pairs) if isinstance(shown, Mapping) else {}
        step["answer"] = {"status": response.status, "body": expected} if expected else response.status
        if request.method in ("POST", "PUT") and 200 <= response.status < 300:
            self._keys += self._chosen(number, path, sent, shown)
        return step

    def _headers(self, request: Request, media_type: str) -> dict[str, str | None]:
        """The fields that may matter to the answer, without secrets; a transcript has JSON where it says nothing."""
        fields: dict[str, str | None] = {
            name: self._secrets.hide_in_field(name, value)
            for name, value in request.headers.items()
            if not _OF_THE_CLIENT.fullmatch(name) and (name, value) not in {("accept", "*/*"), ("content-type", _JSON)}
        }
        return fields if media_type else {**fields, "content-type": None}

    def _raw(self, body: bytes, media_type: str) -> dict[str, str]:
        try:
            return {"text": self._hidden(body.decode(), media_type)}
        except UnicodeDecodeError:
            return {"bytes": base64.b64encode(body).decode()}

    def _hidden(self, text: str, media_type: str) -> str:
        return self._secrets.hide_in_body(text, essence(media_type))

    # Keys of the server

    def _chosen(self, number: int, path: str, sent: Any, shown: Any) -> Iterator[_ChosenKey]:
        """The values of a response that may be keys: texts and integers that the request does not have."""
        own = {json.dumps(value) for _, value in _scalars(sent, (), 9)} | {*path.split("/")}
        noun = normalised(singular(path.rstrip("/").rpartition("/")[2]))
        for pointer, value in _scalars(shown, (), _DEPTH):
            if isinstance(value, str | int) and not isinstance(value, bool) and json.dumps(value) not in own:
                name = re.sub(r"\W", "_", f"{noun}_{pointer[-1]}_{number + 1}")
                yield _ChosenKey(name, value, number, pointer, path.rstrip("/"), noun)

    def _use(self, key: _ChosenKey) -> str:
        self._used.setdefault(key.step, {})[key.name] = format_pointer(key.pointer)
        return f"${{{key.name}}}"

    def _path(self, path: str, found: list[_ChosenKey]) -> str:
        """A path with keys in place of values: behind the path where they were created, or long ones anywhere."""
        segments = path.split("/")
        shown = []
        for place, segment in enumerate(segments):
            before = "/".join(segments[:place])
            fitting = (
                key
                for key in reversed(self._keys)
                if str(key.value) == unquote(segment) and (key.path == before or len(segment) >= _UNMISTAKABLE)
            )
            key = next(fitting, None)
            shown.append(self._secrets.hide(segment) if key is None else self._use(key))
            found += [] if key is None else [key]
        return "/".join(shown)

    def _query(self, query: str) -> str:
        def shown(pair: str) -> str:
            name, equals, value = pair.partition("=")
            key = self._key_in(name, unquote(value), as_text=True)
            return pair if key is None else f"{name}{equals}{self._use(key)}"

        return "&".join(map(shown, query.split("&")))

    def _value(self, name: str, value: Any) -> Any:
        """A value of a request with keys in place of those that members are named after."""
        if isinstance(value, dict):
            return {member: self._value(member, one) for member, one in value.items()}
        if isinstance(value, list):
            return [self._value(singular(name), one) for one in value]
        key = self._key_in(name, value)
        return value if key is None else self._use(key)

    def _key_in(self, name: str, value: Any, as_text: bool = False) -> _ChosenKey | None:
        """The key that a member or parameter holds: one of the noun in its name (`petId`), or a long text."""
        return next((key for key in reversed(self._keys) if _is_held(key, name, value, as_text)), None)

    def _expected(
        self, shown: Mapping[str, Any], in_path: list[_ChosenKey], sent: set[tuple[str | int, str]]
    ) -> dict[str, Any]:
        """The members that are to be shown again: keys in the path, and values that were sent for this item."""
        keys = {(key.pointer[-1], json.dumps(key.value)): key for key in in_path}
        found: dict[str, Any] = {}
        for (name,), value in _scalars(shown, (), 1):
            key = keys.get((name, json.dumps(value)))
            if key is not None:
                found[str(name)] = self._use(key)
            elif (name, json.dumps(value)) in sent:
                found[str(name)] = self._value(str(name), value)
        hidden = _parsed(self._hidden(json.dumps(found), _JSON).encode())
        return hidden if isinstance(hidden, dict) else {}


def _is_held(key: _ChosenKey, name: str, value: Any, as_text: bool) -> bool:
    plain = normalised(name)
    is_value = str(key.value) == value if as_text else json.dumps(key.value) == json.dumps(value)
    is_named = plain in {f"{key.noun}id", f"{key.noun}{normalised(str(key.pointer[-1]))}"}
    return is_value and (is_named or (isinstance(value, str) and len(value) >= _UNMISTAKABLE and "id" in plain))


def _scalars(value: Any, here: Pointer, depth: int) -> Iterator[tuple[Pointer, Any]]:
    """The texts, numbers, booleans and nulls in objects, with their pointers."""
    if isinstance(value, Mapping):
        for name, one in value.items() if depth else ():
            yield from _scalars(one, (*here, name), depth - 1)
    elif here and not isinstance(value, list):
        yield here, value


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
