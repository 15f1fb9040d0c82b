"""Exchanges that a tester or the proxy wrote down: reading them, and replaying them against a server."""
