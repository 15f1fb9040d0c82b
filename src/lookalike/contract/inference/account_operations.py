"""The effects of logins, sign-ups, and the operations on the current user."""

from collections.abc import Iterator, Mapping, Sequence

from lookalike.contract.inference.accounts import (
    CURRENT_USER,
    shows_current_user,
    signed_up,
    token_answer,
    users_of,
    with_tokens,
)
from lookalike.contract.inference.inferred import Inferences, OperationKey
from lookalike.contract.inference.resource_operation import Extension, ResourceOperation
from lookalike.contract.inference.resources.resource_guess import ItemCollection, Paths, ResourceGuess
from lookalike.contract.inference.rules.creation import create_item
from lookalike.contract.inference.rules.methods import ON_ITEM
from lookalike.contract.inference.rules.rule import Inference
from lookalike.contract.inference.sessions import session_end, session_start


def add_accounts(found: Inferences, resources: Sequence[ResourceGuess]) -> None:
    """Add logins, sign-ups, and the operations on the current user."""
    accounts = dict(_accounts(found.paths, resources, found.effects))
    found.add_guessed(accounts.items())
    named = {name for extension, _ in accounts.values() for name in _resources_of(extension)}
    for resource in resources:
        if resource.name in named:
            found.add_resource(resource)


def users_shown_at(path: str, paths: Paths, resources: Sequence[ResourceGuess]) -> ResourceGuess | None:
    """The users, where a path shows the current user."""
    return shows_current_user(path, paths[path].get("get"), resources)


def _accounts(
    paths: Paths, resources: Sequence[ResourceGuess], found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """Logins, sign-ups, and the operations on the current user."""
    users = users_of(paths, resources)
    for path, methods in paths.items():
        user = users_shown_at(path, paths, resources)
        for method, operation in methods.items():
            if (path, method) in found or operation.has_extension:
                continue
            if user is not None and method in ON_ITEM:
                on = ResourceOperation(user, ItemCollection("", path), operation, methods)
                inference = ON_ITEM[method](on)
                if inference is not None:
                    inference[0]["select"] = {"resource": user.name, "by": CURRENT_USER}
                    if "answer" in inference[0]:
                        inference[0]["answer"] = with_tokens(inference[0]["answer"], operation, user)
                    yield (path, method), (inference[0], f"{inference[1]}: the current user")
            elif (answer := session_start(operation, users)) is not None:
                yield (path, method), (answer, "starts a session")
            elif (answer := session_end(operation)) is not None:
                yield (path, method), (answer, "ends a session")
            elif (new := signed_up(operation, resources)) is not None:
                made = create_item(ResourceOperation(new, new.home, operation))
                if made is not None:
                    made[0]["answer"] = with_tokens(made[0].get("answer", {}), operation, new)
                    yield (path, method), made
            elif (answer := token_answer(operation, users)) is not None:
                yield (path, method), (answer, "gives a token")


def _resources_of(extension: Extension) -> Iterator[str]:
    """The names of the resources whose items an operation selects or creates."""
    if "select" in extension:
        yield extension["select"]["resource"]
    yield from (step["create"]["resource"] for step in extension.get("apply", ()) if "create" in step)
