"""Lookalike beside the peers that a user would pick instead, on the same work: `make bench`."""
