"""The operations of a document, found by path in the ways that the rules need."""

from collections.abc import Iterator

from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resource_operation import ResourceOperation
from lookalike.contract.inference.resources.resource_guess import ItemCollection, Paths, ResourceGuess
from lookalike.contract.inference.rules.creation import create_item
from lookalike.contract.inference.rules.lists import count_items, is_count, list_by_filter
from lookalike.contract.inference.rules.many_items import act_on_many
from lookalike.contract.inference.rules.methods import ON_COLLECTION, ON_ITEM
from lookalike.contract.inference.rules.rule import Rule
from lookalike.contract.path_segments import last_segment, parameter, segments
from lookalike.contract.routing import plain_path
from lookalike.naming.paths import is_about_many
from lookalike.naming.words import normalised

_CREATIONS = frozenset({"create", "new", "add", "bulk", "batch", "import", "register", "signup"})
SEARCHES = frozenset({"search", "_search", "query", "find", "filter", "paginate"})


class OperationIndex:
    """The operations of a document, found by path in the ways that the rules need."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        # Some documents write several operations on one path with a query behind it (`/templates?draft=true`).
        self._variants: dict[str, list[str]] = {}
        # GET operations whose path goes on without parameters (`/pets/findByStatus` for `/pets`).
        self._reads_below: dict[str, list[RawOperation]] = {}
        # Creations at `/networks/create`, `/users/bulk` or `/users/batch/create` beside `/networks` and `/users`.
        self._made_below: dict[str, list[RawOperation]] = {}
        # Those about many items by their keys, at `/orders/batch-retrieve`, `/orders/bulk` or `/orders/bulk/delete`.
        self._about_many: dict[str, list[RawOperation]] = {}
        for path, methods in paths.items():
            if plain_path(path) != path:
                self._variants.setdefault(plain_path(path), []).append(path)
            bare = path.rstrip("/")  # Django ends paths so
            end, (above, _, word) = len(bare), bare.rpartition("/")
            if "post" in methods and _is_creation(word):
                self._made_below.setdefault(above, []).append(methods["post"])
            if "post" in methods and (word in SEARCHES or is_count(word)):
                self._reads_below.setdefault(above, []).append(methods["post"])
            for outer in _above(bare):
                if is_about_many(bare.removeprefix(outer)):
                    if "post" in methods and _is_creation(word) and outer != above:
                        self._made_below.setdefault(outer, []).append(methods["post"])
                    self._about_many.setdefault(outer, []).extend(one for name, one in methods.items() if name != "get")
            while "get" in methods and (end := bare.rfind("/", 0, end)) >= 0 and "{" not in bare[end:]:
                self._reads_below.setdefault(bare[:end], []).append(methods["get"])

    @property
    def plain_paths(self) -> Paths:
        """The paths without a query behind them, from which resources are recognised."""
        return {path: methods for path, methods in self.paths.items() if plain_path(path) == path}

    def rules_on(self, resource: ResourceGuess, collection: ItemCollection) -> Iterator[tuple[ResourceOperation, Rule]]:
        """The operations that may be about a resource, each with the rule that tells."""
        on_collection = ON_ITEM if resource.is_single else ON_COLLECTION
        is_made = resource.is_single or any("post" in self.paths.get(one.path, {}) for one in resource.collections)
        made = self._made_below.get("/" + "/".join(segments(collection.path)), ())
        is_made = is_made or bool(made)
        for path, rules in ((collection.item_path, ON_ITEM), (collection.path, on_collection)):
            for variant in (path, *self._variants.get(path, ())):
                methods = self.paths.get(variant, {})
                is_other_list = rules is on_collection and self._is_other_list(variant, resource)
                for method, operation in methods.items():
                    if method in rules and not (is_other_list and method == "delete"):
                        yield ResourceOperation(resource, collection, operation, methods, is_made), rules[method]
        for operation in made if not resource.is_single else ():
            yield ResourceOperation(resource, collection, operation), create_item
        for operation in self._reads_below.get(collection.path.rstrip("/"), ()):
            rule = count_items if is_count(last_segment(operation.path)) else list_by_filter
            yield ResourceOperation(resource, collection, operation), rule
        for operation in self._about_many.get(collection.path.rstrip("/"), ()):
            yield ResourceOperation(resource, collection, operation), act_on_many

    def _is_other_list(self, path: str, resource: ResourceGuess) -> bool:
        """Whether a path only lists items that are made and deleted elsewhere, such as `/me/watched/videos`.

        DELETE empties such a list, and does not delete the items.
        """
        home = resource.home
        is_made_there = path == home.path or "post" in self.paths.get(path, {})
        return not is_made_there and "delete" in self.paths.get(home.item_path, {})


def _above(path: str) -> Iterator[str]:
    """The paths one and two segments above another one, as far as those segments are words."""
    for _ in range(2):
        path, _, word = path.rpartition("/")
        if not path or parameter(word):
            return
        yield path


def _is_creation(word: str) -> bool:
    """Whether the word at the end of a path is of making: `create`, `bulk`, or as `createWithList`."""
    plain = normalised(word)
    return plain in _CREATIONS or plain.startswith(("createwith", "bulkcreate", "batchcreate", "createmany"))
