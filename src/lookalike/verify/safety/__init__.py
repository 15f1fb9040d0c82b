"""Safety: the requests that may be sent to a server, and how its state is brought back."""
