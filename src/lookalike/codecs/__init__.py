"""Codecs: bytes to values and values to bytes, both directions of a format in one file."""
