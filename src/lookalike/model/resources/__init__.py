"""State: the items of resources, and the operations that select, list and change them."""
