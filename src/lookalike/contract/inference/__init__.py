"""Inference: the resources and state changes that a plain OpenAPI document implies.

Its result is `x-lookalike` as the document could have stated it; nothing here knows of requests that were received, of
state, or of a server that is judged.
"""
