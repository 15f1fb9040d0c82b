"""Sampling: values that fit a schema, made from its examples and, where it has none, from its rules."""
