"""Item deletion: at its end, a story deletes the items that it created."""

from contextlib import suppress
from urllib.parse import quote

from lookalike.http import Headers
from lookalike.verify.clauses import name_of
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.runner.created_keys import CreatedKeys
from lookalike.verify.runner.endings import Skipped
from lookalike.verify.runner.exchanges import GONE, PRECONDITION_REQUIRED, StoryExchanges
from lookalike.verify.runner.item_parameters import ItemParameters
from lookalike.verify.server.client import NoResponse

_FORBIDDEN = {401, 403}
# Refusals that will not be others later: what is locked, or has children, may be deleted at the end.
_FINAL = {*_FORBIDDEN, 400, 405, 406, 415, 422, 501}


class ItemDeletion:
    """Deletes the items that one story created."""

    def __init__(self, exchanges: StoryExchanges, parameters: ItemParameters, keys: CreatedKeys) -> None:
        self._exchanges = exchanges
        self._environment = exchanges.environment
        self._known = exchanges.known
        self._parameters = parameters
        self._keys = keys

    def clean_up(self) -> None:
        """Delete the items that were created, last first; those that stay are noted."""
        while self._exchanges.created and not self._environment.resettable:
            created = self._exchanges.created.last
            gone = self._environment.roles[created.resource].delete is None and created.goes_with_parent
            with suppress(Skipped, NoResponse):
                gone = gone or self._is_removed(created)
            if not gone:
                self._note_undeleted(created)
            # Only now: where the run ends in between, the item is still to be deleted.
            self._exchanges.created.remove(created)

    def note_undeleted(self) -> None:
        """Note the items that were created and are not deleted yet, since no request can be sent any more."""
        while self._exchanges.created and not self._environment.resettable:
            created = self._exchanges.created.last
            self._note_undeleted(created)
            self._exchanges.created.remove(created)

    def _note_undeleted(self, created: CreatedItem) -> None:
        """Keep an item for the end of the run, when its deletion is tried again, if any operation deletes it."""
        delete, ledger = self._environment.roles[created.resource].delete, self._environment.ledger
        try:
            deletion = self._parameters.deletion_of(delete, created) if delete is not None else None
        except Skipped:  # no path leads to it, as to one whose key is empty
            deletion = None
        if deletion is None:
            ledger.undeletable.setdefault(created.resource, []).append(str(created.key))
        elif not (deletion.is_by_path and self._exchanges.created.is_deleted(deletion.path)):
            ledger.undeleted[deletion] = f"{created.resource} {created.key}"

    def _is_removed(self, created: CreatedItem) -> bool:
        delete = self._environment.roles[created.resource].delete
        if delete is None or self._known.get(created.resource, created.key) is None:
            return delete is not None
        request, deletion = (
            self._parameters.request_about(delete, created),
            self._parameters.deletion_of(delete, created),
        )
        # Another DELETE could meet an item of others, to which the server has given the key since.
        if deletion.is_by_path and self._exchanges.created.is_deleted(deletion.path):
            self._environment.note_gone(deletion)
            return True
        response = self._environment.client.send(request)
        if response.status == PRECONDITION_REQUIRED:
            request, response = self._exchanges.with_current_tag(delete, request, response)
        if response.status in _FORBIDDEN and created.fields:
            as_creator = {name: text for name, text in created.fields.items() if name.lower() != "content-type"}
            response = self._environment.client.send(
                request._replace(headers=Headers({**request.headers, **as_creator}))
            )
        if response.status in GONE:
            self._doubt(created)
            create = self._environment.roles[created.resource].create
            if created.is_promised and create is not None:  # its key may be that of what was begun, not of the item
                self._environment.ledger.unlearned[name_of(create)] += 1
        if response.status in _FINAL:
            self._environment.ledger.staying[created.resource] += 1
        self._exchanges.created.note(request, response)
        is_removed = 200 <= response.status < 300 or response.status in GONE
        if is_removed and response.status != 202:
            self._environment.ledger.undeleted.pop(deletion, None)
            self._environment.note_gone(deletion)
        return is_removed

    def _doubt(self, created: CreatedItem) -> None:
        """Note an item that its path does not find, and that is listed still: its path leads elsewhere.

        A server may make keys of names, and not read them back from a path that encodes them (RFC 3986 section 2.1).
        """
        if str(created.key) not in self._keys.inventory(created.resource).items:
            return
        self._environment.ledger.doubtful.add((created.resource, str(created.key)))
        create, key = self._environment.roles[created.resource].create, str(created.key)
        # A key that needs no encoding leads to the item: where that is gone, the server lost it, which is for a clause.
        if create is not None and quote(key, safe="") != key:
            self._environment.ledger.unlearned[name_of(create)] += 1
