"""The items of resources, and the operations that select, list and change them. No HTTP beyond a rejection's status."""
