"""Servers of plain documents: correct ones that are unusual, and ones with a single defect each."""
