"""The mock on the wire."""
