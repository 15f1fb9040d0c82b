"""What a run of `verify` found, told to people and programs."""
