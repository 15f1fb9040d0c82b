"""The response of success of one operation: from the state, from an example, or with what was sent."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.responses import response_for
from lookalike.contract.semantics import FILE
from lookalike.http import origin_of
from lookalike.json_values import ABSENT
from lookalike.model.context import RequestContext
from lookalike.model.dependencies import Dependencies
from lookalike.model.resources.child_counts import ChildCounts
from lookalike.model.resources.child_lists import ChildLists
from lookalike.model.resources.conditions import NOT_MODIFIED, Conditions
from lookalike.model.resources.create import ChangeSet
from lookalike.model.resources.expansion import Expansion
from lookalike.model.resources.memberships import Memberships
from lookalike.model.resources.sparse_fields import SparseFields
from lookalike.model.resources.transition import Transition
from lookalike.model.resources.uploads import file_of, members_of_upload, upload_in
from lookalike.model.response.headers import HeaderFields, is_absolute
from lookalike.model.response.outcome import DEFAULT_FORM, Outcome, Reason, ResponseForm
from lookalike.model.response.projection import (
    ItemVisibility,
    Projection,
    Renderer,
    compile_body,
    compile_header_fields,
)
from lookalike.model.response.response import ResponseBuilder
from lookalike.model.state import Item
from lookalike.naming.keys import KEYS
from lookalike.naming.words import normalised
from lookalike.readings import Choose
from lookalike.schema.view import SchemaView

_DONE = "done"
_UNMODIFIED = "the client has what is remembered"
_CHANGING = frozenset({"POST", "PUT", "PATCH"})
_MEMBER_IN_BRACES = re.compile(r"\{([^{}]+)\}")


class SuccessBuilder:
    """The response of success of one operation, compiled."""

    def __init__(
        self,
        operation: Operation,
        transition: Transition,
        responses: ResponseBuilder,
        dependencies: Dependencies,
        conditions: Conditions | None,
    ) -> None:
        contract, success = dependencies.contract, operation.success
        self._responses = responses
        self.status = operation.success_status
        self._created_status = success.created
        self.media_types = tuple(operation.responses[self.status].content)
        self._clauses = operation.responses[self.status].clauses
        self._is_download = success.body == FILE
        self._render = _compile_renderer(operation, transition, dependencies)
        headers = (*success.headers, *dependencies.items.links_to_pages(operation))
        self._header_fields = compile_header_fields(headers) if headers else None
        self._location = _below_own_servers(success.location, operation, contract)
        created = response_for(operation.responses, success.created) if self._location else None
        self._is_location_absolute = is_absolute("Location", created, contract.schemas)
        self._unchanged = _unchanged_text(operation)
        # Nothing is known of such an operation, but what it answers is more likely about what was sent than not.
        is_by_example = success.body is None and not operation.steps and not operation.listing
        self._shows_sent = is_by_example and operation.method in _CHANGING and operation.body is not None
        documented = operation.responses[self.status].default_representation
        self._view = SchemaView(contract.document.data, documented.schema_pointer)
        self._conditions = conditions
        self._constant_outcomes: dict[tuple[object, ...], Outcome] = {}

    def status_of(self, is_new: bool) -> str:
        """The status of success, which may be another one where something was created."""
        return self._created_status if is_new else self.status

    def outcome(self, change_set: ChangeSet, context: RequestContext, form: ResponseForm) -> Outcome:
        """The response that shows a change set, in the form that a client wants."""
        changes, clauses, projection, is_new = change_set
        shown = self._example_of_sent(context, form) if self._shows_sent else ABSENT
        tag = self._conditions.shown_tag(projection, context) if self._conditions is not None else ""
        if tag and self._conditions is not None and self._conditions.is_unmodified(tag, context):
            return self._responses.documented(NOT_MODIFIED, Reason((_UNMODIFIED,)), context.choose, (("ETag", tag),))
        shows_state = self._render is not None or self._header_fields is not None or is_new or bool(tag)
        if shown is ABSENT and not shows_state and form is DEFAULT_FORM:
            outcome = self._constant(bool(changes), clauses, context.choose)
        else:
            fields: HeaderFields = ()
            if is_new and self._location:
                fields = (("Location", self._location_of(projection.item, context)),)
            if tag:
                fields = (*fields, ("ETag", tag))
            if self._header_fields is not None:
                fields = (*fields, *self._header_fields(projection, context))
            reason = self._reason(bool(changes), clauses)
            status = self.status_of(is_new)
            file = file_of(projection.item) if self._is_download and projection.item is not None else None
            if file is not None:
                outcome = self._responses.from_file(status, file, reason, context.choose, fields)
            else:
                body = self._render(projection, context) if self._render is not None else shown
                outcome = self._responses.from_value(status, body, reason, context.choose, fields, form=form)
        return Outcome(outcome.response, changes, (), outcome.clauses, (), outcome.operation) if changes else outcome

    def _example_of_sent(self, context: RequestContext, form: ResponseForm) -> Any:
        """The documented body with what was sent, a file too; `ABSENT` if it has room for none."""
        sent = context.body if type(context.body) is dict else {}
        if (upload := upload_in(context.request)) is not None:
            sent = {**members_of_upload(upload, self._view.members), **sent}
        return self._responses.example_of_sent(self.status, {**context.path, **sent}, form)

    def _constant(self, is_change: bool, clauses: tuple[str, ...], choose: Choose) -> Outcome:
        """A response that shows nothing of the state, made once for each combination of clauses and choices."""
        key = (is_change, clauses, self._responses.choices(self.status, choose))
        outcome = self._constant_outcomes.get(key)
        if outcome is None:
            reason = self._reason(is_change, clauses)
            outcome = self._constant_outcomes[key] = self._responses.documented(self.status, reason, choose)
        return outcome

    def _reason(self, is_change: bool, clauses: tuple[str, ...]) -> Reason:
        return Reason((_DONE if is_change else self._unchanged,), (*self._clauses, *clauses))

    def _location_of(self, item: Item | None, context: RequestContext) -> str:
        """The path of an item, or its URL where the document describes Location so (RFC 9110 section 10.2.2)."""
        members = item or {}

        def quoted(match: re.Match[str]) -> str:
            return quote(str(members.get(match[1], "")), safe="")

        path = _MEMBER_IN_BRACES.sub(quoted, self._location)
        return origin_of(context.request) + path if self._is_location_absolute else path


def _compile_renderer(operation: Operation, transition: Transition, dependencies: Dependencies) -> Renderer | None:
    """The function that renders the body of success from the state; None if the documented body is sent."""
    if operation.success.body is None:
        return None
    view = SchemaView(dependencies.contract.document.data, operation.success.schema_pointer)
    items = transition.items
    visibility = ItemVisibility(view, frozenset(), dependencies.bodies.sampled)
    if items is not None:
        masked = items.resource.conventions.masked
        is_mixed = operation.listing is not None and bool(operation.listing.others)
        visibility = visibility._replace(view=items.view, hidden=items.unshown, masked=masked, names_members=is_mixed)
    template = operation.success.body
    if dependencies.is_mock and operation.listing is not None and isinstance(template, dict):
        template = {**_told_by_path(operation, view), **template}
    render = compile_body(template, view, visibility)
    if items is None:
        return render
    # Related items are looked up behind counts and lists, so that they come without those of their own.
    counts, expansion = ChildCounts(items, dependencies.items), Expansion(operation, items, dependencies.items)
    # A server that is judged may show all members, and so the judge expects none to be left out.
    sparse = SparseFields(operation, items) if dependencies.is_mock else None
    if sparse:
        named = compile_body(template, view, visibility._replace(names_members=True))
        render = _after(sparse.applied, _by_names(sparse, named, render))
    render = _after(expansion.applied, render) if expansion else render
    children = ChildLists(items, dependencies.items) if dependencies.is_mock else None
    render = _after(children.applied, render) if children else render
    render = _after(counts.applied, render) if counts else render  # before the lists, whose length is surer
    memberships = Memberships(items, dependencies.items)
    return _after(memberships.applied, render) if memberships else render


def _after(add: Callable[[Projection, RequestContext], Projection], render: Renderer) -> Renderer:
    """The renderer of a projection to which something was added."""

    def render_more(projection: Projection, context: RequestContext) -> Any:
        return render(add(projection, context), context)

    return render_more


def _told_by_path(operation: Operation, view: SchemaView) -> dict[str, str]:
    """The members around a list that show a path parameter, such as the `list_id` around the members of a list."""
    names = [name for place, name in operation.parameters if place == "path" and normalised(name) not in KEYS]
    shown = {name: view.members[name] for name in names if name in view.members}
    return {name: f"$request.path.{name}" for name, one in shown.items() if one.types & {"string", "integer"}}


def _by_names(sparse: SparseFields, named: Renderer, render: Renderer) -> Renderer:
    """The renderer for requests that name members of the items, and the one for all others."""

    def render_either(projection: Projection, context: RequestContext) -> Any:
        return (named if sparse.names_members(context) else render)(projection, context)

    return render_either


def _below_own_servers(location: str, operation: Operation, contract: Contract) -> str:
    """The path of created items, below the base path of the operation's own servers where it has some."""
    return operation.base_path + location if location and operation.base_path != contract.base_path else location


def _unchanged_text(operation: Operation) -> str:
    if operation.steps:
        return "done; nothing had to change"
    return _DONE if operation.success.body is None else "as it is remembered"
