"""Lookalike: a mock server and a contract-testing toolkit, both driven by one OpenAPI document."""

from lookalike.errors import DocumentError, LookalikeError, UsageError
from lookalike.http import Handler, Headers, Request, Response

__all__ = ["DocumentError", "Handler", "Headers", "LookalikeError", "Request", "Response", "UsageError"]
