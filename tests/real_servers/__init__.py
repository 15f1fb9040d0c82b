"""Servers that others wrote, judged by the documents that they publish."""
