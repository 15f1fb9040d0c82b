"""The control API below `/__lookalike/`: read and change the state of a mock, and read its journal.

`control.openapi.yaml` beside this file describes it. A request is about the sandbox that its header names, like a
request to the mock itself. The modules are parts of the API, each with its routes; `blueprint` puts them together.
"""
