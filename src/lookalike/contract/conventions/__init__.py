"""What documents that know nothing of `x-lookalike` most likely mean."""
