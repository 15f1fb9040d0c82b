"""Making a response: its status, header fields and body. What is answered has been decided before it gets here."""
