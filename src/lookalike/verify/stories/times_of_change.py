"""The times of the last change of an item, which a change moves where the document says that a member holds one."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from lookalike.naming.members import is_time_of_change
from lookalike.verify.oracle.normalisations import alike
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.roles import item_in
from lookalike.verify.runner.endings import ClauseBroken
from lookalike.verify.runner.story_runner import StoryRunner

# A name alone says too little: some servers move the time for some changes only.
_STATED = re.compile(
    r"\b(?:last|latest|most recent)\b.{0,30}\b(?:chang|modif|updat|edit)"
    r"|\b(?:chang|modif|updat|edit)\w* (?:last|most recently)\b",
    re.IGNORECASE,
)
# A time whose seconds are zero may be one in minutes.
_IN_SECONDS = re.compile(r"T\d\d:\d\d:(?!00)\d\d")
_APART = 1.1  # seconds: many servers know no shorter time


def times_of_change(runner: StoryRunner, created: CreatedItem) -> dict[str, str]:
    """The stated times of the last change of an item, by the members that a read shows them in."""
    read, members = runner.environment.roles[created.resource].read, _stated_times(runner, created)
    if read is None or not members or runner.environment.settle:
        return {}
    shown = item_in(read, runner.read(created).value)
    return {name: shown[name] for name in members if _IN_SECONDS.search(str(shown.get(name)))}


def check_times_moved(
    runner: StoryRunner, created: CreatedItem, before: Mapping[str, str], change: Callable[[], Any]
) -> None:
    """Raise `ClauseBroken` if times are as they were `before` a change, and are so after another `change`, too.

    The first may have been made within the second of the creation.
    """
    if not _unmoved(before, times_of_change(runner, created) if before else {}):
        return
    time.sleep(_APART)
    change()
    for name in _unmoved(before, times_of_change(runner, created)):
        raise ClauseBroken(f"{name} later than {before[name]}, as the item was changed since", before[name])


def _stated_times(runner: StoryRunner, created: CreatedItem) -> list[str]:
    members = runner.environment.model.items(created.resource).view.members
    return [
        name
        for name, view in members.items()
        if is_time_of_change(name) and name not in created.sent and view.keyword("format") == "date-time"
        if _STATED.search(str(view.keyword("description")))
    ]


def _unmoved(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return sorted(name for name in before.keys() & now.keys() if alike(before[name], now[name]))
