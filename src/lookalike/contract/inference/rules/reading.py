"""Rules for reading an item, or the file that was sent for one."""

from lookalike.contract.inference.resource_operation import ResourceOperation
from lookalike.contract.inference.rules.rule import Inference, answer_keyword
from lookalike.contract.semantics import FILE


def read_item(on: ResourceOperation) -> Inference | None:
    """GET of an item. Evidence: the response's schema can hold the item."""
    status = on.operation.success_status
    template = on.item_template(status)
    if template is None:
        return download(on)
    by = f" by {on.collection.key_parameter}" if on.collection.key_parameter else ""
    extension = {"select": on.selector_of_existing(), **answer_keyword(on.response(status, template))}
    return extension, f"reads {on.noun_phrase}{by}"


def read_newest(on: ResourceOperation) -> Inference | None:
    """GET of the item that was created last. Evidence: the response's schema can hold the item, and no list of them."""
    status = on.operation.success_status
    template = on.item_template(status)
    if template is None or on.list_template() is not None:
        return None
    extension = {"select": on.selector(newest=True), **answer_keyword(on.response(status, template))}
    return extension, f"reads the newest {on.resource.name}"


def download(on: ResourceOperation) -> Inference | None:
    """GET of the file that was sent for an item. Evidence: the response is not JSON, or nothing is said of it."""
    if not on.operation.downloads and not on.operation.answers_unsaid:
        return None
    extension = {"select": on.selector(), **answer_keyword(on.response(on.operation.success_status, FILE))}
    return extension, f"downloads the file of {on.noun_phrase}"
