"""Reading a request: credentials, parameters, body. Each step returns values or a rejection, and changes no state."""
