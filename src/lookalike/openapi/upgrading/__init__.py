"""Upgrades of documents to OpenAPI 3.1, each from one version to the next."""
