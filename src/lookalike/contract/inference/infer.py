"""Infers the effects on state that a plain document implies, and writes them as the `x-lookalike` it could have stated.

Everything else reads that extension and does not know that it was inferred. The sequence: recognise resources, keep
those of which an item can exist, let the rules say what operations do, remember deletions of what is left, and let
what is left on an item's path be answered by example where that item exists. What a rule cannot answer from state so
that it fits its schema stays answered by example.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from lookalike.contract.grounds import CASCADE, EFFECT, GUARD, REFERENCES, UNIQUE, Ground
from lookalike.contract.inference.account_operations import add_accounts, users_shown_at
from lookalike.contract.inference.assumed_items import add_items_under_any_key, add_listed_items
from lookalike.contract.inference.bare_keys import KNOWN_BY_KEY, add_bare_keys, remembered_deletions
from lookalike.contract.inference.by_example import answered_by_example
from lookalike.contract.inference.dependents import deletions_with_dependents
from lookalike.contract.inference.existence import ANY_ITEM, creates, existing_resources, is_reachable
from lookalike.contract.inference.grounds import grounds_of_operation
from lookalike.contract.inference.inferred import Inferences, Inferred
from lookalike.contract.inference.item_paths import item_paths, renamed_item_paths, unread_item_paths
from lookalike.contract.inference.nearby_paths import (
    actions_before_keys,
    actions_on_items,
    bound_collections,
    changes_by_unsaid_bodies,
    items_by_other_keys,
    links_by_path,
    links_of_items,
    lists_by_path,
    lists_changed_by_actions,
    lists_of_marked_items,
    lists_of_members,
    mixed_lists,
    newest_items,
    parts_of_collections,
    searches_elsewhere,
)
from lookalike.contract.inference.operation_index import OperationIndex
from lookalike.contract.inference.raw_operation import operations_of
from lookalike.contract.inference.remote_calls import called_resources
from lookalike.contract.inference.resources.documented_items import documented_items
from lookalike.contract.inference.resources.recognition import recognise_resources
from lookalike.contract.inference.resources.resource_guess import ResourceGuess
from lookalike.contract.inference.sketches import SKETCHES
from lookalike.contract.inference.state_guards import operations_with_guards
from lookalike.contract.inference.stated_references import references
from lookalike.contract.inference.uniqueness import (
    operations_with_possibly_unique_members,
    operations_with_unique_members,
)
from lookalike.contract.inference.versions import as_written, in_one_version
from lookalike.schema.vocabulary import KEYWORD


def infer(data: Mapping[str, Any], populated: bool = False) -> Inferred:
    """The semantics that the document implies, for operations that have no `x-lookalike`.

    Where the mock is `populated`, items exist of every resource, so that also those are kept of which the document
    shows no item and no operation creates one.
    """
    paths, written = in_one_version(operations_of(data))
    index = OperationIndex(paths)
    recognised = recognise_resources(index.plain_paths, populated)
    guesses = existing_resources(recognised, index, populated)
    found = Inferences(index.paths, data.get(KEYWORD, {}).get("resources", {}))
    _apply_rules(found, index, guesses)
    _add_remote_calls(found, populated)
    add_accounts(found, guesses)
    used = [one for one in guesses if one.name in found.guesses]
    reachable = [one for one in used if is_reachable(one, found.effects)]
    items = {**dict(unread_item_paths(reachable, index.paths)), **item_paths(reachable)}
    items = {**dict(renamed_item_paths(items, index.paths)), **items}
    found.add_guessed(bound_collections(index.paths, items, used, found.effects))
    found.add_guessed(mixed_lists(index.paths, items, used, found.effects))
    found.add_guessed(lists_by_path(index.paths, used, found.effects))
    found.add_guessed(items_by_other_keys(index.paths, used, found.effects))
    found.add_guessed(parts_of_collections(index.paths, used, found.effects))
    found.add_guessed(newest_items(index.paths, used, found.effects))
    found.add_guessed(searches_elsewhere(index.paths, used, found.effects))
    found.replace_guessed(links_of_items(index.paths, items))
    found.replace_guessed(links_by_path(index.paths, items))
    found.add_guessed(actions_on_items(index.paths, items, found.effects))
    found.replace_guessed(lists_changed_by_actions(index.paths, items, found.effects))
    found.add_guessed(lists_of_marked_items(index.paths, used, found.effects))
    found.add_guessed(lists_of_members(index.paths, items, found.effects))
    found.add_guessed(actions_before_keys(index.paths, items, found.effects))
    found.add_guessed(changes_by_unsaid_bodies(index.paths, items, found.effects))
    add_items_under_any_key(found, recognised, index)
    if listed := add_listed_items(found, recognised, index):
        add_accounts(found, listed)  # one of such users asks
    for prefix, (is_such, effect_of) in KNOWN_BY_KEY.items():
        add_bare_keys(found, items, prefix, is_such, effect_of)
    deleted = remembered_deletions(index.paths, items, found.effects, found.names)
    found.add_told(deletions_with_dependents(index.paths, found.effects, found.guesses), CASCADE)
    found.add_told(operations_with_unique_members(index.paths, found.effects), UNIQUE)
    found.add_told(operations_with_possibly_unique_members(index.paths, found.effects), UNIQUE, Ground.GUESSED)
    found.add_told(operations_with_guards(index.paths, found.effects, found.guesses), GUARD)
    naming = references(index.paths, found.effects, found.guesses)
    found.add_told(naming.stated.items(), REFERENCES)
    found.add_told(naming.possible.items(), REFERENCES, Ground.GUESSED)
    found.add_guessed(answered_by_example(index.paths, {**items, **deleted}, found.effects))
    found.keys_alone |= {one.name: one for one in deleted.values()}
    return as_written(found.result(), written)


def _apply_rules(found: Inferences, index: OperationIndex, resources: Sequence[ResourceGuess]) -> None:
    """Add the effect of the first rule that applies to each operation, with its grounds."""
    for resource in resources:
        for collection in resource.collections:
            shows_user = collection.path in index.paths and users_shown_at(collection.path, index.paths, [resource])
            for on, rule in index.rules_on(resource, collection):
                if shows_user and on.operation.path == collection.path:
                    continue  # it shows one user, as `add_accounts` says
                key = (on.operation.path, on.operation.method)
                effect = rule(on) if key not in found.effects and not on.operation.has_extension else None
                if effect is not None:
                    found.effects[key] = effect
                    found.grounds[key] = grounds_of_operation(on, effect[0])
                    is_sketched = resource.schema.pointer[:1] == (SKETCHES,)
                    is_assumed = resource.examples == [ANY_ITEM] and not resource.is_single
                    if is_sketched or is_assumed or resource.is_guessed:
                        found.grounds[key] = {**found.grounds[key], EFFECT: Ground.GUESSED}
                    found.add_resource(resource)


def _add_remote_calls(found: Inferences, populated: bool) -> None:
    """Add the resources that procedures are about, and the effects of these."""
    stated = {(path, one.method) for path, on in found.paths.items() for one in on.values() if one.has_extension}
    for guess, calls in called_resources(found.paths, {*found.effects, *stated}, found.names):
        guess.examples = documented_items(guess, found.paths)
        if guess.examples or populated or any(creates(inference) for inference, _ in calls.values()):
            found.guesses[guess.name] = guess
            found.effects |= {key: inference for key, (inference, _) in calls.items()}
            found.grounds |= {key: grounds for key, (_, grounds) in calls.items()}
