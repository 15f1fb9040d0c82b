"""Stores: places for state, behind the protocol `stores.store.Store`."""
