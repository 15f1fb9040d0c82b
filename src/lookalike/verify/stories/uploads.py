"""Stories about files: what is uploaded is read as it was sent, byte by byte."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.contract.requests import MediaType
from lookalike.contract.semantics import CREATE
from lookalike.http import Request, essence
from lookalike.json_values import ABSENT
from lookalike.naming.words import normalised
from lookalike.verify.clauses import name_of
from lookalike.verify.oracle.ledger import Deletion
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.encoder import ParameterValues, encode_body
from lookalike.verify.requests.raw_bodies import file_member, files_of
from lookalike.verify.roles import Roles, download_of, item_in, shown_members
from lookalike.verify.runner.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.observation import GONE, is_single
from lookalike.verify.runner.story_runner import StoryRunner

_SIZES = frozenset({"size", "filesize", "length", "contentlength", "bytes", "sizebytes", "sizeinbytes", "bytesize"})
_BEGINNING = 4  # bytes that say which format a file has


def check_uploaded(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a file is not read as it was sent, nor the one that takes its place."""
    environment = runner.environment
    download, media = download_of(environment.contract, operation), environment.values.media(operation)
    if download is not None and media is not None and roles is not None and _is_named_by_client(operation, roles):
        _check_new_file(runner, operation, roles, download, media)
        return
    if download is not None and media is not None and roles is not None and operation is roles.create:
        _check_files_of_items(runner, operation, download, media)
        return
    created = runner.make(roles.resource) if roles is not None else None
    if created is not None:
        runner.check_removable(created)
    elif not environment.disposable:
        raise Skipped("what is uploaded to it may be somebody's; it is sent only to a disposable server")
    if download is None or media is None:
        raise Skipped("no operation shows what was uploaded")
    read = runner.write(download, runner.parameters.leading_to(download, created))
    sent = b""
    for body, sent in _uploads(runner, operation, media):
        _upload(runner, operation, created, body)
        runner.eventually(partial(_check, runner, download, read, sent))
    if created is not None and sent and not is_single(runner, created):
        with suppress(Skipped):  # another file, below another item
            _upload(runner, operation, runner.make(created.resource), next(environment.values.bodies(operation)))
            runner.eventually(partial(_check, runner, download, read, sent))


def _check_files_of_items(runner: StoryRunner, create: Operation, download: Operation, media: MediaType) -> None:
    """Raise `ClauseBroken` if the file of a form that makes an item is not read as it was sent, nor its size shown."""
    action = create.steps[0].action
    made: list[tuple[Request, bytes]] = []
    for body, sent in _uploads(runner, create, media):
        parent = runner.parent_of(getattr(action, "resource", ""))
        created = runner.creation.create(create, parent, body)
        if not isinstance(created, CreatedItem):
            raise Skipped(f"it answered {created.response.status}")
        made.append((runner.write(download, runner.parameters.leading_to(download, created)), sent))
        for read, own in made:
            runner.eventually(partial(_check, runner, download, read, own))
        _check_size(runner, created, sent)


def _uploads(runner: StoryRunner, operation: Operation, media: MediaType) -> Iterator[tuple[Any, bytes]]:
    """Bodies that upload a file, alone or in a form, each with the bytes of the file; raises `Skipped`."""
    values = runner.environment.values
    if not file_member(media):
        yield from ((body, encode_body(body, media)) for body in values.bodies(operation))
        return
    for text, sent in files_of(media):
        body = next(values.bodies(operation), ABSENT)
        if not isinstance(body, dict):
            raise Skipped("no form was found for it")
        yield {**body, file_member(media): text}, sent


def _check_size(runner: StoryRunner, created: CreatedItem, sent: bytes) -> None:
    """Raise `ClauseBroken` if a member that is said to hold the number of bytes of a file holds another one."""
    read = runner.environment.roles[created.resource].read
    if read is None:
        return
    shown, members = item_in(read, runner.read(created).value), shown_members(runner.environment.contract, read)
    for name, member in members.items():
        is_size = normalised(name) in _SIZES and "byte" in f"{name} {member.keyword('description', '')}".lower()
        size = shown.get(name)
        if is_size and name not in created.body and type(size) is int and size != len(sent):
            raise ClauseBroken(f"{name} = {len(sent)}, as many bytes as were sent", f"{size}")


def download_uploaded(runner: StoryRunner, download: Operation, roles: Roles | None) -> StepResult | None:
    """The exchange of the download of a file that was uploaded to a new item for it; None if that cannot be done."""
    contract, values = runner.environment.contract, runner.environment.values
    upload = next((one for one in contract.operations if download_of(contract, one) is download), None)
    if upload is None or roles is None or roles.create is None:
        return None
    created = runner.make(roles.resource)
    body = next(values.bodies(upload), ABSENT) if upload is not roles.create else ABSENT
    if upload is not roles.create and (
        body is ABSENT
        or not runner.ask(upload, runner.write(upload, runner.parameters.leading_to(upload, created), body)).is_success
    ):
        return None
    return runner.ask(download, runner.write(download, runner.parameters.leading_to(download, created)))


def _is_named_by_client(operation: Operation, roles: Roles) -> bool:
    """Whether a file is stored under a name in its path, and no operation creates items of that name."""
    return roles.create is None and operation.selector is not None and operation.selector.if_absent == CREATE


def _check_new_file(
    runner: StoryRunner, operation: Operation, roles: Roles, download: Operation, media: MediaType
) -> None:
    """Store a file under a name that no file has, read it, and delete it."""
    environment, contract = runner.environment, runner.environment.contract
    same_path = (one for one in contract.operations if one.path == operation.path and one.method == "DELETE")
    delete = next(same_path, None)
    if delete is None and not environment.disposable:
        raise Skipped(
            "no operation deletes what is uploaded to it; it is sent only to a server that the target file "
            "calls disposable: true"
        )
    parent = runner.parent_of(roles.resource)
    name = _unused_name(runner, operation, download, parent)
    read = _reading(runner, download, delete, parent, name)
    sent = b""
    for body, sent in _uploads(runner, operation, media):
        _upload(runner, operation, parent, body, name)
        runner.eventually(partial(_check, runner, download, read, sent))
    if parent is not None and sent:
        with suppress(Skipped):  # another file of that name, below another item
            other = runner.beside(parent)
            _reading(runner, download, delete, other, name)
            _upload(runner, operation, other, next(environment.values.bodies(operation)), name)
            runner.eventually(partial(_check, runner, download, read, sent))


def _reading(
    runner: StoryRunner,
    download: Operation,
    delete: Operation | None,
    parent: CreatedItem | None,
    name: ParameterValues,
) -> Request:
    """The request that reads the file of a name, whose deletion is noted before it is stored."""
    environment = runner.environment
    read = runner.write(download, runner.parameters.leading_to(download, None, parent, name))
    if delete is not None and not environment.resettable:
        deletion = Deletion(delete.id, read.path)
        environment.note(deletion)
        environment.ledger.undeleted[deletion] = f"file {read.path}"
    return read


def _upload(
    runner: StoryRunner, operation: Operation, about: CreatedItem | None, body: Any, name: ParameterValues | None = None
) -> None:
    """Upload a file to an item, or under a name below one; raises `Skipped` if it is refused."""
    step = runner.ask(
        operation, runner.write(operation, runner.parameters.leading_to(operation, about, given=name), body)
    )
    if not step.is_success:
        raise Skipped(f"it answered {step.response.status}")


def _unused_name(
    runner: StoryRunner, operation: Operation, download: Operation, parent: CreatedItem | None
) -> ParameterValues:
    """A name in the path under which nothing is read; raises `Skipped` if there is none."""
    select = operation.selector
    place = (select.by.source, select.by.name) if select is not None else ("path", "")
    name = runner.environment.values.new_key(operation.parameters[place])
    if name is not ABSENT:
        request = runner.write(download, runner.parameters.leading_to(download, None, parent, {place: name}))
        if runner.environment.client.read(request).status in GONE:
            return {place: name}
    raise Skipped(f"no unused value was found for {place[1]}")


def _check(runner: StoryRunner, download: Operation, read: Request, sent: bytes) -> None:
    response = runner.ask(download, read).response
    if 300 <= response.status < 400:
        raise NotObservable(f"{name_of(download)} leads to another server")
    if response.status >= 300:
        raise ClauseBroken(f"the {len(sent)} bytes that were sent", f"status {response.status}")
    media_type, shown = essence(response.header("Content-Type") or ""), response.body
    is_text = media_type.startswith("text/")
    if shown == sent or (is_text and shown.split() == sent.split()):
        return
    is_image = (
        media_type.startswith("image/") and shown[:_BEGINNING] == sent[:_BEGINNING] and not sent.startswith(shown)
    )
    if is_image:
        raise NotObservable(f"{name_of(download)} shows another image, which may be the same one encoded anew")
    raise ClauseBroken(f"the {len(sent)} bytes that were sent", f"{len(shown)} bytes that differ")
