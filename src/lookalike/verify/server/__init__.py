"""The server under test: how it is reached, observed and described by a target file."""
