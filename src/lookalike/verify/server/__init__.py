"""The server under test: connection, client, secrets, target file, and ways to read its items."""
