"""Responses: status, header fields and body of an outcome that was decided before."""
