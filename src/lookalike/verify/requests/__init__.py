"""Requests: values that fit an operation, and how they are written."""
