"""Servers that break the contract in one way each, servers that keep it in every way, and how either is served.

`catalogue.DEFECTS` lists the defects, `choices.random_choices(seed)` gives choices for a server that is right, and
`serving.serving(mock)` is a context manager that serves either over HTTP.
"""
