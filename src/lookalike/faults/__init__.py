"""Faults on purpose: delays, errors, broken connections and bodies, and sequences of answers."""
