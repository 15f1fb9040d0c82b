"""A pet shop that was written by hand from its document, as plainly as can be, and the defects to plant in it."""
