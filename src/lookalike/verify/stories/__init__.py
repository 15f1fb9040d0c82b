"""Stories: sequences of requests that can show whether a server keeps a clause."""
