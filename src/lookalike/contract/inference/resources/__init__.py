"""The resources that a plain document implies: recognised by its paths and schemas, with their parents and examples."""
