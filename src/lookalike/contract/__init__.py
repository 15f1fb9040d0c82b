"""The contract: what a document promises, as frozen values.

Nothing here knows HTTP servers, stores, or how a request is answered.
"""
