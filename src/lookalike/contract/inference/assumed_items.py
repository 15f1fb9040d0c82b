"""Items that no operation creates and no example shows: every key is assumed to have one."""

from collections.abc import Sequence

from lookalike.contract.inference.existence import ANY_ITEM, takes_key
from lookalike.contract.inference.inferred import Inferences
from lookalike.contract.inference.item_paths import ItemPath
from lookalike.contract.inference.nearby_paths import actions_on_items
from lookalike.contract.inference.operation_index import OperationIndex
from lookalike.contract.inference.query_parameters import CHOOSING
from lookalike.contract.inference.resource_operation import ResourceOperation
from lookalike.contract.inference.resources.resource_guess import ResourceGuess
from lookalike.contract.inference.rules.lists import list_items
from lookalike.contract.inference.rules.methods import ON_ITEM
from lookalike.contract.inference.rules.reading import read_item
from lookalike.contract.semantics import ACCEPTED, CREATE


def add_items_under_any_key(found: Inferences, recognised: Sequence[ResourceGuess], index: OperationIndex) -> None:
    """Add things that are read by a key and changed, but neither made nor shown by an example: any key has one.

    As the profile of `GET /profiles/{name}`, beside `PATCH` there or `POST /profiles/{name}/follow`, in a document that
    does not say how profiles come to be. Those that can be deleted are not there under any key.
    """
    for resource in recognised:
        path = resource.home.item_path
        methods = index.paths.get(path, {})
        is_known = resource.name in found.names or any((path, method) in found.effects for method in methods)
        is_such = "get" in methods and methods.keys() <= {"head", "get", "put", "patch"}
        if is_known or not is_such or resource.parent_fields or resource.key_is_in_path_alone:
            continue
        items = {path: ItemPath(resource, resource.home)}
        effects = dict(actions_on_items(index.paths, items, found.effects))
        for method in methods.keys() & ON_ITEM.keys():
            inference = ON_ITEM[method](ResourceOperation(*items[path], methods[method], methods))
            if inference is not None:
                effects[path, method] = inference
        if (path, "get") not in effects or not any("apply" in extension for extension, _ in effects.values()):
            continue
        for extension, _ in effects.values():
            extension["select"]["absent"] = CREATE
        found.add_guessed(effects.items())
        found.add_resource(resource)


def add_listed_items(
    found: Inferences, recognised: Sequence[ResourceGuess], index: OperationIndex
) -> list[ResourceGuess]:
    """Add things that are listed and read, but neither made, changed nor shown by an example: the products of a shop.

    So a list leads to what it lists; any other key is answered by example, also where several are asked for. The list
    is not filtered otherwise: no client could make an item that a filter finds, and an empty list is no help to a page.
    Returns what was added.
    """
    added = []
    for resource in recognised:
        home = resource.home
        methods = [index.paths.get(path, {}) for path in (home.path, home.item_path)]
        is_such = all(one.keys() - {"head"} == {"get"} and not one["get"].has_extension for one in methods)
        places = [(path, "get") for path in (home.path, home.item_path)]
        is_known = resource.name in found.names or not found.effects.keys().isdisjoint(places)
        if is_known or not is_such or home.parent_parameters or resource.key_is_in_path_alone:
            continue
        on_list, on_item = (ResourceOperation(resource, home, one["get"]) for one in methods)
        listing, reading = list_items(on_list), read_item(on_item)
        if listing is None or reading is None or not takes_key(resource, index.paths):
            continue
        by_key = {name: one for name, one in listing[0]["list"].get("where", {}).items() if name == resource.key}
        for keyword in CHOOSING:
            listing[0]["list"].pop(keyword, None)
        listing[0]["list"] |= {"where": by_key} if by_key else {}
        reading[0]["select"]["absent"] = ACCEPTED
        resource.examples = [ANY_ITEM]
        found.add_guessed(zip(places, ((listing[0], f"lists {resource.name} items"), reading), strict=True))
        found.add_resource(resource)
        added.append(resource)
    return added
