"""The path of the console of a proxy, apart from it, since the help of the command shows it."""

PREFIX = "/__lookalike-proxy/"
"""A path which hides none that a server is likely to have."""
