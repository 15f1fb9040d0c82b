"""Reports of verification, each a function from the results to a text."""
