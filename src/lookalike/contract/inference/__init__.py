"""Inference: the resources and state changes that a plain OpenAPI document implies."""
