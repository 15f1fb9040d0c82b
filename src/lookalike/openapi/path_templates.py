"""Paths with parameters as the routers of Express, Rails and Gin write them, in terms of OpenAPI.

OpenAPI has no parameter in `/users/:id`, so that a client of the documented application would never meet that path.
"""

import re
from typing import Any

from lookalike.openapi.document import Document, Origin, Origins

_PARAMETER = re.compile(r"(?<=/):([A-Za-z_]\w*)(?=/|\Z)", re.ASCII)


def with_path_templates(document: Document) -> Document:
    """The document with each `:id` of a path as `{id}`, and a notice for each such path; itself where none has one."""
    paths = document.data.get("paths")
    if not document.mentions("/:") or not isinstance(paths, dict):
        return document
    written = {path: _PARAMETER.sub(r"{\1}", path) for path in paths if isinstance(path, str)}
    read_as = {path: template for path, template in written.items() if template != path and template not in paths}
    if not read_as:
        return document
    templates: dict[Any, Any] = {read_as.get(path, path): item for path, item in paths.items()}
    notices = tuple(
        document.problem(
            f"OpenAPI has no parameters like :id; {path} is read as {template}", ("paths", path), "Write that"
        )
        for path, template in read_as.items()
    )
    origins: Origins = {("paths", template): Origin(("paths", path)) for path, template in read_as.items()}
    return document.moved({**document.data, "paths": templates}, origins, notices)
