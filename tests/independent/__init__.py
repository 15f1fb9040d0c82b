"""The Lead API three times more, each in another stack, written from the vendor's page and the list of readings alone.

None of them knows the package. Each takes leads, ids of tags and tokens as one line of JSON on its standard input and
prints the port that it listens on. Beside the API it offers `GET /leads/{number}`, which shows a lead, and
`POST /reset`, which brings back the leads that it started with, or takes those of its body.
"""
