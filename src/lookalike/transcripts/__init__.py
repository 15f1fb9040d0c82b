"""Exchanges that a tester wrote down: reading them, and replaying them against a server."""
