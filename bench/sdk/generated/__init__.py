"""Stories of clients that openapi-python-client generates from documents that frameworks make of code."""
