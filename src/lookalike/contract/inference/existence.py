"""Which items exist: those of examples, and those that clients can make."""

from lookalike.contract.inference.resources.resource_guess import Paths, ResourceGuess, key_member


def takes_key(resource: ResourceGuess, paths: Paths) -> bool:
    """Whether the item path accepts keys of the member's type.

    It does not where the parameter is a string and the key a number: the path then asks for a name that the document
    does not say, and no client would find an example by its number.
    """
    key, home = key_member(resource), resource.home
    operations = paths.get(home.item_path, {}).values()
    schemas = (operation.path_parameter_schema(home.key_parameter) for operation in operations)
    types = next((schema.types for schema in schemas if schema is not None), frozenset())
    return key is None or types != {"string"} or not key.types or "string" in key.types
