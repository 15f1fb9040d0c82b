"""Callbacks that the mock sends to its clients once a request is committed."""
