"""A defect: a server that keeps the contract but for one thing."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import RLock
from typing import Any

from lookalike.http import Handler, Request, Response
from lookalike.model.state import Delete, Item, Put
from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore
from lookalike.stores.store import Update
from tests.defects.requests import fields_of, number_of, target_of
from tests.support.in_process import CONTRACT, PARTS

Lead = dict[str, Any]


class DefectiveMock(MockService):
    """The mock, but for how it answers the contract's requests; the control API tells the truth about it.

    What a behaviour puts into `memory` is part of the server's state, so that a reset forgets it.
    """

    def __init__(self, behave: "Behave", readings: Mapping[str, str] | None = None) -> None:
        self.memory: dict[Any, Any] = {}
        self._one_at_a_time = RLock()
        choices = CONTRACT.choices(readings or {})
        super().__init__(PARTS.model, MemoryStore(), choices, copy.deepcopy(PARTS.data))
        self._behave = behave(self)

    def handle(self, request: Request) -> Response:
        """Answer with the defect, and without the headers by which the mock explains itself."""
        with self._one_at_a_time:
            response = self._behave(request)
        told = tuple(field for field in response.headers if not field[0].startswith("Lookalike-"))
        return response._replace(headers=told)

    def reset(self) -> None:
        """Go back to the seeds."""
        self.memory.clear()
        super().reset()

    def right(self, request: Request) -> Response:
        """What the right mock does and answers."""
        return super().handle(request)

    def would_answer(self, request: Request) -> Response:
        """What the right mock would answer; nothing changes."""
        return self._store.read(lambda state: self.model.respond(state, request, self.choose)).response

    def lead(self, number: int) -> Lead | None:
        """The lead that a number leads to."""
        item = self.item("lead", number)
        return None if item is None else dict(item)

    def leads(self) -> list[Lead]:
        """All leads."""
        return [dict(lead) for lead in self.state()["lead"]]

    def keep(self, lead: Item) -> None:
        """Remember a lead as it is given, whether or not it is one that could be."""
        key, *aliases = self.model.keys_of("lead", lead, self.choose)
        self._store.transact(lambda state: Update(lead, (Put("lead", key, lead, tuple(aliases)),)))

    def lose(self, lead: Item) -> None:
        """Forget a lead."""
        key = self.model.keys_of("lead", lead, self.choose)[0]
        self._store.transact(lambda state: Update(True, (Delete("lead", key),)))


Behave = Callable[[DefectiveMock], Handler]


@dataclass(frozen=True, slots=True)
class Defect:
    """A server that breaks the contract in one way.

    `clauses` are those that a verdict may name, the one that is foremost broken first. `visible` tells that answers
    to updates show it, where otherwise only the state does. `readings` are those to which it keeps no choice. `story`
    is the proof: requests, from the seeds on, whose answers (or what they leave behind) no right server would give.
    """

    name: str
    clauses: tuple[str, ...]
    behave: Behave
    story: tuple[Request, ...]
    visible: bool = True
    readings: tuple[str, ...] = ()

    def server(self, readings: Mapping[str, str] | None = None) -> DefectiveMock:
        """A server with this defect, with the bundled leads and tokens; the default choices, or others."""
        return DefectiveMock(self.behave, readings)


def shown(name: str, clauses: str, behave: Behave, *story: Request, readings: str = "") -> Defect:
    """A defect that answers show; clauses and readings are separated by spaces."""
    return Defect(name, tuple(clauses.split()), behave, story, True, tuple(readings.split()))


def hidden(name: str, clauses: str, behave: Behave, *story: Request, readings: str = "") -> Defect:
    """A defect that only the state shows."""
    return Defect(name, tuple(clauses.split()), behave, story, False, tuple(readings.split()))


def as_if(rewrite: Callable[[Request], Request]) -> Behave:
    """A server that takes a request for another."""
    return lambda mock: lambda request: mock.right(rewrite(request))


def answering(change: Callable[[Request, Response], Response]) -> Behave:
    """A server that does what is right and answers something else."""
    return lambda mock: lambda request: change(request, mock.right(request))


Change = Callable[[Lead, Lead, dict[str, Any]], Lead]
Effect = Callable[[DefectiveMock, Lead, Lead, dict[str, Any]], None]


def leaving(change: Change) -> Behave:
    """A server that answers what is right and leaves another lead behind.

    `change` makes it of the lead before, the lead as it should be, and the body.
    """
    return then(lambda mock, before, after, body: mock.keep(change(before, copy.deepcopy(after), body)))


def then(effect: Effect) -> Behave:
    """A server that answers what is right and does something more after a success.

    `effect` gets the server, the lead before and after, and the body.
    """

    def behave(mock: DefectiveMock) -> Handler:
        def handle(request: Request) -> Response:
            before, response = mock.lead(number_of(request)), mock.right(request)
            after = mock.lead(target_of(request))
            if response.status == 201 and before is not None and after is not None:
                effect(mock, before, after, fields_of(request))
            return response

        return handle

    return behave
