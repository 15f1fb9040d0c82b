"""Judges a server of any document by what is known of its resources; nothing of the server is known beforehand."""
