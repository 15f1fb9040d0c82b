"""The model: how a server that keeps the contract behaves. Pure: no IO, clock or chance may come in here.

`behaviour` finds the operation of a request, `operation_handler` has the order of decisions, `request` reads,
`resources` lists and changes, `success_builder` and `response` answer.
"""
