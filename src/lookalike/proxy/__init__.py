"""A proxy between clients and a server, which passes answers through unchanged, and judges and records both sides."""
