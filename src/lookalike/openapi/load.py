"""Loading: from a file or URL to one document in terms of OpenAPI 3.1 that refers only to itself.

The steps, in this order: read, apply overlays (which mean the document as written), bundle, upgrade.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lookalike.errors import DocumentError, Problem
from lookalike.openapi.bundling import bundle
from lookalike.openapi.document import Document, load_document
from lookalike.openapi.dynamic_references import bind_dynamic_references
from lookalike.openapi.path_templates import with_path_templates
from lookalike.openapi.sources import Mount, Source, SourceReader, beside
from lookalike.openapi.upgrading import number_formats
from lookalike.openapi.upgrading.mixed_versions import operations_of_2_0


def _from_2_0(document: Document) -> Document:
    from lookalike.openapi.upgrading import swagger_2_0

    return swagger_2_0.upgrade(document)


def _from_2_0_in_3(document: Document) -> Document:
    operations = [*operations_of_2_0(document.data)]
    if not operations:
        return document
    from lookalike.openapi.upgrading import swagger_2_0

    return swagger_2_0.upgrade_parts(document, operations)


def _from_3_0(document: Document) -> Document:
    from lookalike.openapi.upgrading import openapi_3_0

    return openapi_3_0.upgrade(document)


def _from_3_2(document: Document) -> Document:
    from lookalike.openapi.upgrading import openapi_3_2

    return openapi_3_2.upgrade(document)


# The upgrades by the version that each takes. A document goes through all that fit, in this order: 2.0 becomes 3.0, as
# do operations of 2.0 in a document of 3, and 3.2 becomes 3.1. The one of 3.0 is last: its walk narrows formats, too.
_UPGRADES: tuple[tuple[str, Callable[[Document], Document]], ...] = (
    ("2.0", _from_2_0),
    ("3", _from_2_0_in_3),
    ("3.2", _from_3_2),
    ("3.1", number_formats.narrow),
    ("3.0", _from_3_0),
)

_VERSIONS = ("2.0", "3.0", "3.1", "3.2")


def load_description(
    source: Source | Document, overlays: Iterable[Source] = (), reader: SourceReader | None = None
) -> Document:
    """The normalized document of a source, or of a document already read, whose data are changed in place.

    `reader` keeps what it has read. Raises `UsageError` or `DocumentError` if it or an overlay cannot be read.
    """
    reader = reader or SourceReader()
    return normalized(
        load_as_written(source, overlays, reader), None if isinstance(source, Document) else source, reader
    )


def load_combined(
    mounts: Sequence[Mount],
    overlays: Sequence[Source],
    base_path: Callable[[Sequence[Mapping[str, Any]]], str],
    reader: SourceReader | None = None,
) -> Document:
    """The normalized document of several, each below its own path; `base_path` finds that in a list of servers.

    An overlay that `extends` one of the documents (Overlay 1.1.0 section 4.4.1) changes that one, any other all of
    them. Raises `UsageError` or `DocumentError` for the first that cannot be read, and where two cannot be combined.
    """
    from lookalike.openapi.combining import PlacedDocument, combine

    def path_of(servers: Sequence[Mapping[str, Any]]) -> str:
        try:
            return base_path(servers)
        except (AttributeError, LookupError, TypeError):  # their errors are reported when the document is read
            return ""

    reader = reader or SourceReader()
    extended = {overlay: _extended(overlay, mounts) for overlay in overlays}
    parts = []
    unselected: list[tuple[Problem, ...]] = []
    for mount in mounts:
        of_mount = [overlay for overlay in overlays if mount.source in extended[overlay]]
        written = load_as_written(mount.source, of_mount, reader)
        unselected.append(written.notices)
        written.notices = ()
        document = normalized(written, mount.source, reader)
        servers = document.data.get("servers")
        path = path_of(servers if isinstance(servers, list) else ()) if mount.path is None else mount.path
        parts.append(PlacedDocument(document, mount.source, path))
    combined = combine(parts, path_of)
    combined.notices = (*_unselected_by_all(unselected, extended, mounts), *combined.notices)
    return combined


def _extended(overlay: Source, mounts: Sequence[Mount]) -> tuple[Source, ...]:
    """The documents that an overlay is for: the one that it extends where that is among them, else all."""
    sources = tuple(mount.source for mount in mounts)
    data = load_document(overlay).data
    name = data.get("extends") if isinstance(data, Mapping) else None
    if not isinstance(name, str):
        return sources
    named = _absolute(beside(overlay, name.removeprefix("file://")))
    return tuple(source for source in sources if _absolute(source) == named) or sources


def _absolute(source: Source) -> str:
    return str(source.absolute()) if isinstance(source, Path) else source


def _unselected_by_all(
    notices: Sequence[tuple[Problem, ...]], extended: Mapping[Source, tuple[Source, ...]], mounts: Sequence[Mount]
) -> Iterator[Problem]:
    """The targets of overlays that select nothing in any of the documents that the overlay is for."""
    by_file = {str(overlay): sources for overlay, sources in extended.items()}
    places = {mount.source: {one.location for one in found} for mount, found in zip(mounts, notices, strict=True)}
    for place, notice in {one.location: one for found in notices for one in found}.items():
        if place is None or all(place in places[source] for source in by_file.get(place.file, ())):
            yield notice


def load_as_written(
    source: Source | Document, overlays: Iterable[Source] = (), reader: SourceReader | None = None
) -> Document:
    """The document as written and as overlays change it, in its own version; raises as `load_description`."""
    document = source if isinstance(source, Document) else load_document(source, reader)
    for overlay in overlays:
        from lookalike.openapi.overlays import apply_overlay

        document = apply_overlay(document, overlay)
    return document


def normalized(document: Document, source: Source | None = None, reader: SourceReader | None = None) -> Document:
    """A document of any supported version, bundled and upgraded to OpenAPI 3.1; its data are changed in place."""
    _check_version(document)
    document = with_path_templates(bind_dynamic_references(bundle(document, source, reader)))
    for beginning, upgrade in _UPGRADES:
        if version_of(document).startswith(beginning):
            document = upgrade(document)
    return document


def _check_version(document: Document) -> None:
    """Raise `DocumentError` for what is no OpenAPI document, or one of a version that is not supported."""
    remedy = "Start the document with openapi: 3.1.0"
    if not isinstance(document.data, Mapping):
        raise DocumentError([document.problem("an OpenAPI document is an object", (), remedy)])
    if not document.data.keys() & {"openapi", "swagger"}:
        raise DocumentError([document.problem("this is not an OpenAPI document: openapi is missing", (), remedy)])
    if not version_of(document).startswith(_VERSIONS):
        name = "openapi" if "openapi" in document.data else "swagger"
        what = f"version {version_of(document) or 'unknown'} is not supported; supported are {', '.join(_VERSIONS)}"
        raise DocumentError([document.problem(what, (name,), "Convert the document")])


def is_supported(document: Document) -> bool:
    """Whether a document is of a supported version."""
    return isinstance(document.data, Mapping) and version_of(document).startswith(_VERSIONS)


def version_of(document: Document) -> str:
    """The version that a document states, or an empty string."""
    data = document.data if isinstance(document.data, Mapping) else {}
    return str(data.get("openapi", data.get("swagger", "")))
