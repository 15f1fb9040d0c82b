"""Generation: values that fit a schema, from its examples or else from its rules."""
