"""The rule for lists and creations below an item of another resource."""

from lookalike.contract.inference.resource_operation import ResourceOperation
from lookalike.contract.inference.resources.collection_paths import last_literal
from lookalike.contract.inference.resources.references import member_described, member_naming
from lookalike.contract.inference.resources.resource_guess import ItemCollection, ResourceGuess
from lookalike.contract.inference.rules.creation import create_item
from lookalike.contract.inference.rules.lists import list_items
from lookalike.contract.inference.rules.rule import Inference
from lookalike.naming.words import singular


def bind_to_item(on: ResourceOperation, other: ResourceGuess, place: ItemCollection) -> Inference | None:
    """GET or POST below an item of another resource, which the items that are listed or made name in a member.

    Evidence: the noun at the end of the path, and a member that is named after the other item's path parameter: its
    key, an object, or a list of such; or whose description names it. Items below one of their own kind name it in a
    member for the parent.
    """
    member, is_list = member_naming(on.resource, other, place.key_parameter)
    if not member and on.operation.method == "get":
        member = member_described(on.resource.schema, singular(last_literal(other.home.path)))
    inference = {"get": list_items, "post": create_item}.get(on.operation.method, _nothing)(on)
    if not member or inference is None or member == on.resource.key:
        return None
    extension, words = inference
    extension["select"] = ResourceOperation(other, place, on.operation).selector()
    expression = f"$request.path.{place.key_parameter}"
    if "list" in extension:
        extension["list"]["where"] = {**extension["list"].get("where", {}), member: expression}
    elif is_list:
        extension["apply"].append({"union": {"field": member, "with": expression}})
    else:
        extension["apply"].append({"set": {"fields": {member: expression}}})
    return extension, f"{words}, of one {other.name}"


def _nothing(on: ResourceOperation) -> None:
    """No inference, whatever the operation is."""
