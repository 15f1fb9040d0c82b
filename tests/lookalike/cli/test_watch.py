"""`--watch` follows every edit and survives each; what was remembered is kept.

The watcher is asked to look by hand, as it is four times a second, so that no test waits for a clock.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from lookalike.assembly import Sources, assemble, load
from lookalike.cli import watch
from lookalike.cli.watch import Watcher
from lookalike.http import Headers, Request
from lookalike.openapi.sources import Mount
from lookalike.sandboxes import Sandboxes
from lookalike.service import InitialConfiguration
from tests.support.things import document

FAILED = "not reloaded, and serving as before: "
RELOADED = "reloaded; what was remembered is kept"


class Watched:
    """A mock of `users.yaml`, whose schema is in `thing.yaml`, with an overlay and one item more than at its start."""

    def __init__(self, folder: Path, *others: Path) -> None:
        self.folder = folder
        data = document("user", "/u")
        thing = data["components"]["schemas"]["Thing"]
        data["components"]["schemas"]["Thing"] = {"$ref": "thing.yaml"}
        self.text = yaml.safe_dump(data)
        self.write("users.yaml", self.text)
        self.write("thing.yaml", json.dumps(thing))
        self.write("overlay.yaml", self.overlay("first"))
        mounts = tuple(Mount(path) for path in (self.path("users.yaml"), *others))
        sources = Sources(mounts if others else mounts[0].source, overlays=(self.path("overlay.yaml"),))
        parts = load(sources)
        self.mock = assemble(parts)
        self.base = "/u" if others else ""
        self.create("Ann")
        self.told: list[str] = []
        self.watcher = Watcher(sources, parts.files, Sandboxes(self.mock), self.told.append)

    def path(self, name: str) -> Path:
        return self.folder / name

    def write(self, name: str, content: str | bytes) -> None:
        self.path(name).write_bytes(content if isinstance(content, bytes) else content.encode())

    def overlay(self, title: str) -> str:
        actions = [{"target": "$.info", "update": {"title": title}}]
        return json.dumps({"overlay": "1.0.0", "info": {"title": "o", "version": "1"}, "actions": actions})

    def create(self, name: str) -> int:
        request = Request("POST", f"{self.base}/users", "", Headers({"content-type": "application/json"}))
        return self.mock.handle(request._replace(body=json.dumps({"name": name}).encode())).status

    def names(self) -> list[Any]:
        return [one["name"] for one in self.mock.handle(Request("GET", f"{self.base}/users")).json()]

    def rest(self) -> None:
        """Let the watcher look until a change has come to rest."""
        for _ in range(2):
            self.watcher.look()


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def emptied(one: Watched) -> None:
    one.write("users.yaml", "")


def half_saved(one: Watched) -> None:
    one.write("users.yaml", one.text[: len(one.text) // 2] + "\n  - {")


def with_a_syntax_error(one: Watched) -> None:
    one.write("users.yaml", one.text + "\n: : [")


def deleted(one: Watched) -> None:
    one.path("users.yaml").unlink()


def replaced_by_a_folder(one: Watched) -> None:
    one.path("users.yaml").unlink()
    one.path("users.yaml").mkdir()


def in_another_encoding(one: Watched) -> None:
    one.write("users.yaml", one.text.encode("utf-16"))


def with_broken_bytes(one: Watched) -> None:
    one.write("users.yaml", b"title: \xff\xfe\n" + one.text.encode())


def of_no_api(one: Watched) -> None:
    one.write("users.yaml", "just: text")


def a_list(one: Watched) -> None:
    one.write("users.yaml", "[1, 2]")


def too_deep(one: Watched) -> None:
    one.write("users.yaml", "[" * 100_000)


def binary(one: Watched) -> None:
    one.write("users.yaml", bytes(range(32)))


def where_items_do_not_fit(one: Watched) -> None:
    one.write("thing.yaml", json.dumps({"type": "object", "required": ["name"], "properties": {"name": {"const": 1}}}))


def with_a_broken_overlay(one: Watched) -> None:
    one.write("overlay.yaml", "overlay: 1.0.0\nactions: nothing")


def without_its_overlay(one: Watched) -> None:
    one.path("overlay.yaml").unlink()


def with_a_wrong_extension(one: Watched) -> None:
    one.write("users.yaml", one.text + "\nx-lookalike: {resources: 7, nothing: 8}\n")


BREAKING: list[Callable[[Watched], None]] = [
    *(emptied, half_saved, with_a_syntax_error, deleted, replaced_by_a_folder, in_another_encoding, with_broken_bytes),
    *(of_no_api, a_list, too_deep, binary, where_items_do_not_fit, with_a_broken_overlay, without_its_overlay),
    with_a_wrong_extension,
]


@pytest.mark.parametrize("breaking", BREAKING)
def test_a_broken_file_is_told_in_one_line_once_and_followed_again_when_it_is_mended(
    breaking: Callable[[Watched], None], watched: Watched
) -> None:
    breaking(watched)
    watched.rest()
    watched.rest()
    (line,) = watched.told
    assert line.startswith(FAILED)
    assert "\n" not in line
    assert "internal error" not in line
    assert (watched.names(), watched.create("Bo")) == (["user", "Ann"], 201)

    if watched.path("users.yaml").is_dir():
        watched.path("users.yaml").rmdir()
    watched.write("users.yaml", watched.text + "\n# mended\n")
    watched.write("thing.yaml", '{"type": "object", "properties": {"name": {}, "id": {"readOnly": true}}}')
    watched.write("overlay.yaml", watched.overlay("mended"))
    watched.rest()
    assert watched.told[1:] == [RELOADED]
    assert watched.names() == ["user", "Ann", "Bo"]
    assert watched.mock.model.contract.title == "mended"


def moved_over(one: Watched, name: str, content: str) -> None:
    one.write(f".{name}.swp", content)
    one.path(f".{name}.swp").replace(one.path(name))


def deleted_and_made_again(one: Watched, name: str, content: str) -> None:
    one.path(name).unlink()
    one.watcher.look()
    one.write(name, content)


def truncated_first(one: Watched, name: str, content: str) -> None:
    one.write(name, "")
    one.watcher.look()
    one.write(name, content)


def in_place(one: Watched, name: str, content: str) -> None:
    one.write(name, content)


SAVES = [moved_over, deleted_and_made_again, truncated_first, in_place]


@pytest.mark.parametrize("save", SAVES)
@pytest.mark.parametrize("name", ["users.yaml", "thing.yaml", "overlay.yaml"])
def test_an_edit_is_followed_without_a_word_about_its_steps_however_an_editor_saves(
    save: Callable[[Watched, str, str], None], name: str, watched: Watched
) -> None:
    contents = {
        "users.yaml": watched.text.replace("title: user", "title: edited"),
        "thing.yaml": '{"type": "object", "properties": {"name": {"maxLength": 4}, "id": {"readOnly": true}}}',
        "overlay.yaml": watched.overlay("edited"),
    }
    save(watched, name, contents[name])
    watched.rest()
    assert watched.told == [RELOADED]
    assert watched.names() == ["user", "Ann"]
    assert (watched.create("Annabel") == 201) == (name != "thing.yaml")
    assert (watched.mock.model.contract.title == "edited") == (name == "overlay.yaml")


def test_a_hundred_quick_saves_are_followed_to_the_last_and_told_a_few_times(watched: Watched) -> None:
    for number in range(100):
        watched.write("overlay.yaml", watched.overlay("x" * number))
        if number % 3 == 0:
            watched.watcher.look()
    watched.rest()
    assert watched.mock.model.contract.title == "x" * 99
    assert set(watched.told) == {RELOADED}
    assert len(watched.told) <= 1 + 34 // watch._MOST_LOOKS
    assert watched.names() == ["user", "Ann"]


def test_a_state_that_no_request_has_changed_is_that_of_the_edited_document(watched: Watched) -> None:
    watched.mock.reset()
    for name in ("people", "users"):
        watched.write("users.yaml", watched.text.replace("/users", f"/{name}").replace("title: user", f"title: {name}"))
        watched.rest()
        assert watched.told.pop() == RELOADED
        assert watched.mock.handle(Request("GET", f"/{name}")).status == 200


def test_a_file_that_was_missing_is_followed_when_it_comes(watched: Watched) -> None:
    watched.write("users.yaml", watched.text.replace("thing.yaml", "later.yaml"))
    watched.rest()
    assert [line.startswith(FAILED) or line == RELOADED for line in watched.told] == [True]
    watched.write("later.yaml", '{"type": "object", "properties": {"name": {"maxLength": 4}}}')
    watched.rest()
    assert watched.told[-1] == RELOADED
    assert watched.create("Annabel") == 400


def test_an_edit_while_the_files_were_read_at_the_start_is_followed(watched: Watched) -> None:
    changed = watched.path("overlay.yaml").stat().st_mtime_ns
    sources = Sources(watched.path("users.yaml"), overlays=(watched.path("overlay.yaml"),))
    files = [watched.path(name) for name in ("users.yaml", "thing.yaml", "overlay.yaml")]
    told: list[str] = []
    for since, words in ((changed, []), (changed - 1, [RELOADED])):
        os.utime(watched.path("users.yaml"), ns=(0, 0))
        os.utime(watched.path("thing.yaml"), ns=(0, 0))
        watcher = Watcher(sources, files, Sandboxes(watched.mock), told.append, since)
        watcher.look()
        watcher.look()
        assert told == words


class DefectiveOnce(Sandboxes):
    """Sandboxes with a planted defect, which shows once."""

    is_defective = True

    def follow(self, after: InitialConfiguration) -> None:
        if self.is_defective:
            self.is_defective = False
            raise RuntimeError("a\ndefect")
        super().follow(after)


def test_an_error_of_ours_is_told_and_does_not_end_the_watching(watched: Watched) -> None:
    sources = Sources(watched.path("users.yaml"), overlays=(watched.path("overlay.yaml"),))
    files = [watched.path("overlay.yaml")]
    watched.watcher = Watcher(sources, files, DefectiveOnce(watched.mock), watched.told.append)
    watched.write("overlay.yaml", watched.overlay("other"))
    watched.rest()
    assert watched.told == [f"{FAILED}internal error: RuntimeError: a defect"]
    watched.write("overlay.yaml", watched.overlay("another"))
    watched.rest()
    assert watched.told[1:] == [RELOADED]


def test_all_of_several_documents_are_followed(tmp_path: Path) -> None:
    other = tmp_path / "orders.yaml"
    other.write_text(yaml.safe_dump(document("order", "/o")))
    one = Watched(tmp_path, other)
    other.write_text(yaml.safe_dump(document("order", "/moved")))
    one.rest()
    assert one.told == [RELOADED]
    assert one.names() == ["user", "Ann"]
    assert one.mock.handle(Request("GET", "/moved/orders")).status == 200
    other.write_text("")
    one.rest()
    assert one.told[1].startswith(f"{FAILED}{other}:1:1: ")
