"""Judging exchanges that others made: recorded traffic, to which nothing can be added."""
