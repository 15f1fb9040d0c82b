"""Codecs: bytes to values and values to bytes, both directions of one format in one file.

A codec knows the schema's types and a media type. Operations, state, and the choice of a status are not its business.
"""
