"""Snapshots of a mock: saved, shown, restored and deleted."""

import flask

from lookalike.sandboxes import check_name
from lookalike.server.control.messages import Routes, json_body, json_response, no_content, unknown_name
from lookalike.service import MockService
from lookalike.snapshots import Snapshot, as_data, read_snapshot


def get_snapshots(mock: MockService) -> flask.Response:
    """The names of the snapshots, each with the number of its items."""
    return json_response([{"name": name, "items": items} for name, items in mock.snapshots.sizes.items()])


def get_snapshot(mock: MockService, snapshot: str) -> flask.Response:
    """A snapshot as a file."""
    return json_response(as_data(_saved(mock, snapshot)))


def put_snapshot(mock: MockService, snapshot: str) -> flask.Response:
    """Save the present state under a name, or the file in the body."""
    status = 200 if snapshot in mock.snapshots else 201
    check_name(snapshot)
    mock.save(snapshot, read_snapshot(json_body(), "the snapshot") if flask.request.get_data() else None)
    return json_response(as_data(_saved(mock, snapshot)), status)


def delete_snapshot(mock: MockService, snapshot: str) -> flask.Response:
    """Delete a snapshot."""
    _saved(mock, snapshot)
    mock.delete_snapshot(snapshot)
    return no_content()


def restore_snapshot(mock: MockService, snapshot: str) -> flask.Response:
    """Go back to a snapshot."""
    mock.restore(_saved(mock, snapshot))
    return no_content()


def _saved(mock: MockService, name: str) -> Snapshot:
    snapshot = mock.snapshots.get(name)
    if snapshot is None:
        raise unknown_name("snapshot", name, mock.snapshots)
    return snapshot


ROUTES: Routes = (
    ("/snapshots", "GET", get_snapshots),
    ("/snapshots/<snapshot>", "GET", get_snapshot),
    ("/snapshots/<snapshot>", "PUT", put_snapshot),
    ("/snapshots/<snapshot>", "DELETE", delete_snapshot),
    ("/snapshots/<snapshot>/restore", "POST", restore_snapshot),
)
