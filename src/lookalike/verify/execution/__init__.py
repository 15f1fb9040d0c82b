"""The execution of a run: its stories are run alone, in groups and in batches, and its failures are confirmed."""
