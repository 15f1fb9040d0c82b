"""Errors of the published schemas of OpenAPI: those of the alternative that the author of a value means.

They have a choice nearly everywhere, between an object and a reference to one, and between the forms that a member such
as `in` tells apart. An error of a choice has those of all alternatives.
"""

from collections.abc import Iterator, Sequence

from lookalike.schema.messages import Error


def meant(error: Error) -> Iterator[Error]:
    """The errors of the alternative that is meant, and so on inside of it; the error itself where none can be told."""
    branch = _meant_branch(error) if error.kind.name in ("anyOf", "oneOf") else None
    if branch is None:
        yield error
    else:
        for inner in branch:
            yield from meant(inner)


def _meant_branch(error: Error) -> Sequence[Error] | None:
    """The only branch that is not a reference, where the value is none; or the one whose fixed members fit."""
    branches = error.kind.context
    if not all(branches):  # several match
        return None
    own = [branch for branch in branches if not any(_lacks_reference(one, error) for one in branch)]
    if len(own) == 1:
        return own[0]  # type: ignore[no-any-return]  # the stubs do not say what the context holds
    unfit = [{tuple(one.instance_path) for one in branch if _is_fixed_member(one, error)} for branch in own]
    for place in set().union(*unfit):
        fitting = [branch for branch, places in zip(own, unfit, strict=True) if place not in places]
        if len(fitting) == 1:
            return fitting[0]  # type: ignore[no-any-return]
    return None


def _lacks_reference(error: Error, whole: Error) -> bool:
    return (
        error.kind.name == "required"
        and error.kind.property == "$ref"
        and len(error.instance_path) == len(whole.instance_path)
    )


def _is_fixed_member(error: Error, whole: Error) -> bool:
    """Whether a member has another value than the only one that it may have."""
    has_one_value = error.kind.name == "const" or (error.kind.name == "enum" and len(error.kind.options) == 1)
    return has_one_value and len(error.instance_path) == len(whole.instance_path) + 1
