"""Requests to the server under test: values that fit an operation, and their encoding."""
