"""Uploads: the members of an item that describe a file that was sent: its name, size, type and hash."""

import base64
import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import quote

from lookalike.codecs.json_text import DecodeError
from lookalike.codecs.media_types import is_json, is_multipart, is_xml
from lookalike.codecs.multipart import split_multipart
from lookalike.contract.contract import Operation
from lookalike.contract.semantics import FILE
from lookalike.http import Request, essence
from lookalike.model.resources.items import ResourceItems
from lookalike.model.response.examples import ORIGIN
from lookalike.model.response.outcome import File
from lookalike.model.state import Item
from lookalike.naming.members import is_url_of_file
from lookalike.naming.words import normalised
from lookalike.schema.value_types import NUMBER_TYPES
from lookalike.schema.view import SchemaView

_FORM = "application/x-www-form-urlencoded"
_UNTYPED = "application/octet-stream"
_CONTENT = "content"
_SIZES = ("size", "filesize", "bytes", "sizebytes", "sizeinbytes", "length", "contentlength", "bytesize")


class Upload(NamedTuple):
    """A file as it was sent; its name is empty where none came along."""

    name: str
    media_type: str
    content: bytes

    @property
    def extension(self) -> str:
        """The ending of the name without its dot, or nothing."""
        return PurePosixPath(self.name).suffix.removeprefix(".")


def upload_in(request: Request) -> Upload | None:
    """The first file of a form (RFC 7578 section 4.2), or the whole body if it is not text; None without either."""
    content_type = request.headers.get("content-type", "")
    media_type = essence(content_type)
    if is_multipart(media_type):
        try:
            parts = split_multipart(request.body, content_type)
        except DecodeError:
            return None
        files = (part for part in parts if part.file_name is not None)
        return next((Upload(part.file_name or "", part.media_type or _UNTYPED, part.content) for part in files), None)
    is_structured = is_json(media_type) or is_xml(media_type) or media_type in ("", _FORM)
    return None if is_structured or not request.body else Upload("", media_type, request.body)


def with_file(item: Item, items: ResourceItems, request: Request, sent: Collection[str] = ()) -> Item:
    """An item with the file of the request that makes or changes it, where its resource keeps files.

    A mock shows what a file tells of itself also where no operation downloads it. The members that were `sent` beside
    the file, as its name, stay as they are.
    """
    upload = upload_in(request) if items.keeps_files or items.is_of_mock else None
    if upload is None:
        return item
    content = base64.b64encode(upload.content).decode()
    told = members_of_upload(upload, items.view.members)
    filled = {**item, **{name: value for name, value in told.items() if name not in sent}}
    valid = item if items.violations(filled) else filled
    return (
        valid
        if not items.keeps_files
        else {**valid, FILE: {"name": upload.name, "type": upload.media_type, "content": content}}
    )


def with_content(item: Item, items: ResourceItems, body: Any) -> Item:
    """An item that shows the content of a file, with what that tells: the name in its path, its size and hash."""
    text = body.get(_CONTENT) if isinstance(body, Mapping) else None
    if not isinstance(text, str) or item.get(_CONTENT) != text:
        return item
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        content = text.encode()
    upload = Upload(PurePosixPath(str(item.get(items.key, ""))).name, "", content)
    filled = {**item, **members_of_upload(upload, items.view.members)}
    return item if items.violations(filled) else filled


def picture_member(operation: Operation, items: ResourceItems) -> str:
    """The member with the address of a file that is sent to a path of its name; else nothing.

    As `cover_url` of what is sent to `/events/{id}/cover` in a form.
    """
    word = normalised(operation.path.rstrip("/").rpartition("/")[2])
    if operation.body is None or not any(map(is_multipart, operation.body.content)) or not word.isalpha():
        return ""
    texts = (name for name, view in items.view.members.items() if "string" in view.types and name != items.key)
    return next((name for name in texts if is_url_of_file(name, word)), "")


def with_picture(item: Item, member: str, items: ResourceItems, request: Request) -> Item:
    """An item with the address of the file of a request in a member, if there is a file."""
    upload = upload_in(request)
    if upload is None:
        return item
    shown = {**item, member: f"{ORIGIN}{request.path.rstrip('/')}/{quote(upload.name)}"}
    return item if items.violations(shown) else shown


def shows_content(items: ResourceItems) -> bool:
    """Whether items of a mock are files that show their content and its size, as those of a repository."""
    members = items.view.members
    return items.is_of_mock and _CONTENT in members and any(normalised(name) in _SIZES for name in members)


def file_of(item: Item) -> File | None:
    """The file that was sent for an item; None if there is none."""
    kept = item.get(FILE)
    if not isinstance(kept, Mapping):
        return None
    try:
        content = base64.b64decode(str(kept.get("content", "")), validate=True)
    except ValueError:  # the state was set by hand
        return None
    return File(str(kept.get("type") or _UNTYPED), content)


def members_of_upload(upload: Upload, members: Mapping[str, SchemaView]) -> dict[str, Any]:
    """The members of an item that a file fills."""
    return {name: value for name, view in members.items() if (value := _value_of(name, view, upload)) is not None}


def _value_of(name: str, view: SchemaView, upload: Upload) -> Any:
    read = _READERS.get(normalised(name))
    value = read(upload) if read is not None else None
    if value in (None, "") or view.keyword("enum") is not None:
        return None
    return value if (NUMBER_TYPES if isinstance(value, int) else {"string"}) & view.types else None


def _hash_with(algorithm: str) -> Callable[[Upload], str]:
    def read(upload: Upload) -> str:
        return hashlib.new(algorithm, upload.content, usedforsecurity=False).hexdigest()

    return read


def _name(upload: Upload) -> str:
    return upload.name


def _media_type(upload: Upload) -> str:
    return upload.media_type


def _extension(upload: Upload) -> str:
    return upload.extension


def _size(upload: Upload) -> int:
    return len(upload.content)


def _readers() -> Iterator[tuple[str, Callable[[Upload], Any]]]:
    names = ("filename", "originalname", "originalfilename", "name", "displayname")
    media_types = ("contenttype", "mimetype", "mediatype", "mime")
    yield from dict.fromkeys(names, _name).items()
    yield from dict.fromkeys(media_types, _media_type).items()
    yield from dict.fromkeys(("extension", "fileextension", "filetype"), _extension).items()
    yield from dict.fromkeys(_SIZES, _size).items()
    yield from (
        ("md5", _hash_with("md5")),
        ("sha", _hash_with("sha1")),
        ("sha1", _hash_with("sha1")),
        ("sha256", _hash_with("sha256")),
    )
    yield from dict.fromkeys(("hash", "checksum", "digest"), _hash_with("sha256")).items()


_READERS: Mapping[str, Callable[[Upload], Any]] = dict(_readers())
