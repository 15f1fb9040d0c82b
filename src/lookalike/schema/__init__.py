"""JSON Schema: validation, messages, what a schema says of a value, and values that fit."""
