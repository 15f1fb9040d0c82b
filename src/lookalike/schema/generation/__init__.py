"""Values that fit a schema: its own examples where they fit, else values made of its keywords."""
