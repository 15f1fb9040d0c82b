"""Strategic merge patches of Kubernetes: lists of objects are merged by a key that the schema names.

https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
"""

from collections.abc import Mapping
from typing import Any

from lookalike.http import essence
from lookalike.schema.view import SchemaView

_STRATEGIC_MERGE = "application/strategic-merge-patch+json"
_MERGE_KEY = "x-kubernetes-patch-merge-key"
_DIRECTIVE = "$patch"


def is_strategic_merge(content_type: str) -> bool:
    """Whether a body is such a patch."""
    return essence(content_type) == _STRATEGIC_MERGE


def with_merged_lists(given: Mapping[str, Any], old: Any, view: SchemaView | None) -> dict[str, Any]:
    """A patch whose lists are whole: with the elements that the old ones have and it does not name."""
    before = old if isinstance(old, Mapping) else {}
    return {
        name: _merged(value, before.get(name), view.members.get(name) if view is not None else None)
        for name, value in given.items()
    }


def _merged(value: Any, old: Any, view: SchemaView | None) -> Any:
    if isinstance(value, Mapping):
        return with_merged_lists(value, old, view)
    if view is None or not isinstance(value, list) or not isinstance(old, list):
        return value
    key = view.keyword(_MERGE_KEY)
    return _merged_list(value, old, key, view) if isinstance(key, str) else value


def _merged_list(given: list[Any], old: list[Any], key: str, view: SchemaView) -> list[Any]:
    """The old elements, changed by those with the same key; then the new ones, without those that are to be deleted."""
    patches = {one.get(key): one for one in given if isinstance(one, Mapping)}
    old_keys = [one.get(key) if isinstance(one, Mapping) else None for one in old]
    changed = [
        {**one, **with_merged_lists(patches[name], one, view.items)} if name in patches else one
        for one, name in zip(old, old_keys, strict=True)
    ]
    added = [one for one in given if not isinstance(one, Mapping) or one.get(key) not in old_keys]
    return [one for one in (*changed, *added) if not (isinstance(one, Mapping) and one.get(_DIRECTIVE) == "delete")]
