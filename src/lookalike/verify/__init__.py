"""Judges a server by the model that drives the mock."""
