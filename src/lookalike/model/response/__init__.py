"""Making a response: its status, header fields and body."""
