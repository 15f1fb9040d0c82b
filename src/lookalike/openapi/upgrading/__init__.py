"""Upgrading: documents of older and newer versions in terms of OpenAPI 3.1, one step after the other."""
