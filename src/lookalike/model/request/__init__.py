"""Reading a request: its credentials, parameters and body."""
