"""Settings of Sphinx; `make docs` builds the pages into build/docs, without the network."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "Lookalike"
author = "the Lookalike authors"
copyright = "2026, the Lookalike authors"  # noqa: A001  # Sphinx reads the setting by this name
version = release = installed_version("lookalike")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_click", "json_schema_table", "openapi_table"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
default_role = "code"  # docstrings have code between single backquotes

smartquotes = False  # two hyphens are an option

html_theme = "furo"
html_title = f"Lookalike {version}"
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
