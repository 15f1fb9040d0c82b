"""The console: static files of one page over the control API, which its script asks for everything.

The files hold no secrets, and are open to every client, so that the page can say what a client lacks that the control
API refuses. They need no build step and nothing from another host: `vendor` holds the libraries, Preact and htm, which
are files of npm packages, and `vendored.cdx.json` there has their versions and hashes (CycloneDX).
"""

from functools import cache
from pathlib import Path

import flask

from lookalike.server.page_files import page_file

PROXY_PAGE = "proxy.html"
"""The page of a proxy, which has the views of exchanges and of the verdict alone."""

_FOLDER = Path(__file__).parent
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".mjs": "text/javascript"}

# The page shows what clients sent. It makes text of it; if it ever did not, no script of theirs would run.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


def file_response(name: str) -> flask.Response:
    """The response with a file of the console; the empty name is that of the page."""
    file = name or "console.html"
    return page_file(_content(file), _TYPES[Path(file).suffix], _POLICY)


@cache
def _content(file: str) -> bytes:
    return (_FOLDER / file).read_bytes()
