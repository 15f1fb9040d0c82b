"""The rule for each method on the path of an item or of a collection.

The meaning of the methods is RFC 9110 section 9.3, of PATCH RFC 5789.
"""

from collections.abc import Mapping

from lookalike.contract.inference.resource_operation import ResourceOperation
from lookalike.contract.inference.rules.actions import copy_of_item
from lookalike.contract.inference.rules.changes import changed_by, members_in_query, patch_item
from lookalike.contract.inference.rules.creation import create_item, make_single
from lookalike.contract.inference.rules.deletion import delete_all, delete_item
from lookalike.contract.inference.rules.lists import list_items
from lookalike.contract.inference.rules.many_items import act_on_many
from lookalike.contract.inference.rules.reading import read_item
from lookalike.contract.inference.rules.replacement import is_partial, replace_item, store_file
from lookalike.contract.inference.rules.rule import Inference, Rule, answer_keyword
from lookalike.json_values import format_pointer
from lookalike.naming.paths import is_making
from lookalike.naming.words import words_of


def _post_on_item(on: ResourceOperation) -> Inference | None:
    """POST on an item, which it makes if its name says so, as "Create a secret" with the key that the client chose.

    At `/resources/{parent_id}`, another one is made.
    """
    is_named_so = is_making(on.operation.title) if "put" in on.siblings else on.creates_by_name
    is_of_another = on.resource.is_single or "parent" in words_of(on.collection.key_parameter)
    return replace_item(on) if is_named_so and not is_of_another else _change_by_post(on)


def _change_by_post(on: ResourceOperation) -> Inference | None:
    """POST on an item that shows the item. Evidence: no PUT or PATCH beside it, and the response's schema.

    Or it is for changes in part, as its text says, beside a PUT. It makes an item where nothing else could, but DELETE
    ends one. It copies the item where its name says so, as "Duplicate a template".
    """
    copied = copy_of_item(on, on.operation.title) if on.operation.success_status == "201" else None
    if (other := store_file(on) or copied) is not None:
        return other
    if on.comes_and_goes:
        return make_single(on)
    schema = on.operation.request_schema
    is_only_change = not on.siblings & ({"patch"} if is_partial(on.operation.text) else {"put", "patch"})
    if is_only_change and schema is None and (asked := members_in_query(on)):
        template = on.item_template(on.operation.success_status)
        answer = answer_keyword(on.response(on.operation.success_status, template))
        extension = {"select": on.selector(), "apply": [{"set": {"fields": asked}}], **answer}
        return extension, f"sets {', '.join(asked)} of {on.noun_phrase}"
    if not is_only_change or schema is None or on.item_template(on.operation.success_status) is None:
        return None
    changed = changed_by(on, on.changes_in_body() or ("$request.body", schema))
    if changed is not None and on.comes_by_change:
        changed[0]["select"] = on.selector(absent="create")
        return changed[0], f"{changed[1]}, or creates it"
    return changed


def _put_on_collection(on: ResourceOperation) -> Inference | None:
    """PUT on a collection. Evidence: the body is one item with its key, or a list of items, which are created.

    An item of the list that has the key of an existing one replaces it, whatever the document says of taken keys. Where
    no POST is beside it, one item is created as well: there is no other way to make one.
    """
    is_list = on.item_in_body() is None and on.list_in_body() is not None
    if is_list or (on.operation.method == "put" and "post" not in on.siblings and on.collection.item_path):
        inference = create_item(on)
        for step in inference[0]["apply"] if inference else ():
            if "each" in step["create"] or on.client_may_choose_key:
                step["create"]["taken"] = "replace"
        return inference
    return _replace_by_body(on)


def _replace_by_body(on: ResourceOperation) -> Inference | None:
    body, key = on.item_in_body(), on.resource.key
    if body is None or key not in body[1].members or on.collection.parent_parameters:
        return None
    inference = replace_item(on)
    if inference is None:
        return None
    expression = body[0] if "#" in body[0] else f"{body[0]}#"
    inference[0]["select"]["by"] = f"{expression}{format_pointer((key,))}"
    return inference


def _delete_on_collection(on: ResourceOperation) -> Inference | None:
    """DELETE of a collection, or of those of its items whose keys are sent."""
    return delete_all(on) or act_on_many(on)


ON_ITEM: Mapping[str, Rule] = {
    "get": read_item,
    "put": replace_item,
    "patch": patch_item,
    "post": _post_on_item,
    "delete": delete_item,
}
"""The rule for each method on the path of an item."""

ON_COLLECTION: Mapping[str, Rule] = {
    "get": list_items,
    "query": list_items,
    "post": create_item,
    "put": _put_on_collection,
    "patch": act_on_many,
    "delete": _delete_on_collection,
}
"""The rule for each method on the path of a collection."""
