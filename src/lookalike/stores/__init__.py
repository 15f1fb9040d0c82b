"""Stores: places for state, behind the protocol `service.Store`."""
