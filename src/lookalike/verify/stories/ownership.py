"""Stories about items of one user alone: another user, whom the run signs up, neither reads, changes nor lists them.

Evidence: the text of an operation or of its refusals says so, as "There is no such note, or it is not yours".
"""

import re

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.inference.descriptions import says, sentences_of
from lookalike.http import SAFE
from lookalike.json_values import ABSENT, object_at
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.encoder import ParameterValues
from lookalike.verify.roles import Roles, is_guarded, part_of
from lookalike.verify.runner.endings import ClauseBroken, Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.sign_in import sign_in_for
from lookalike.verify.stories.list_parameters import key_of

_OTHER = "other"  # the purpose of the account: a second one, as for the story about the current user
_REFUSALS = ("403", "404")
_OWN = re.compile(
    r"\b(?:not (?:yours|your own|owned by you)|your own(?! (?:system|server|app))|owned by (?:another|someone else)"
    r"|of (?:another|other) users?"
    r"|belong(?:s|ing)? to (?:another|someone else|some other|a different|other users?)"
    r"|not belong(?:ing)? to (?:you|the (?:current|calling|authenticated|logged[- ]in) user))\b",
    re.IGNORECASE,
)
# What only its owner may change, others may read: these say nothing of reads and lists. The noun is that of the items.
_CHANGES = r"(?:change|update|edit|modify|replace|delete|remove)"
_OWNER = r"(?:author|owner|creator|writer|uploader|user who (?:created|made|wrote|posted) it)"
_CHANGED = (
    rf"{_CHANGES}(?:,? (?:or|and) {_CHANGES})*(?: (?:it|them|(?:an? |the |this |their )?NOUN))?(?=$|[,)]| with\b)"
)
_OWN_TO_CHANGE = (
    r"\bnot your NOUN\b",
    rf"\b(?:not|n't) the {_OWNER}\b",
    rf"\bonly (?:the|its|an) {_OWNER}(?: of (?:the|this|an?) NOUN)? (?:may|can|(?:is|are) allowed to) {_CHANGED}",
)
_UNLESS = re.compile(r"\b(?:unless|except|shared?|sharing|public|admin\w*|moderators?|staff|also)\b", re.IGNORECASE)


def states_ownership(contract: Contract, operation: Operation) -> bool:
    """Whether the document says that an operation is about items of the user alone who sends it."""
    place = ("paths", operation.path, operation.method.lower())
    parts = (place, *((*place, "responses", status) for status in _REFUSALS if status in operation.responses))
    told = (object_at(contract.document.data, part)[1] for part in parts)
    texts = [str(one.get(name, "")) for one in told for name in ("summary", "description")]
    sentences = [part for text in texts for part in sentences_of(text)]
    return any(_is_of_owner(operation, one) for one in sentences) and not any(map(_UNLESS.search, sentences))


def _is_of_owner(operation: Operation, sentence: str) -> bool:
    """Whether a sentence says that the items of an operation are one user's, or that no other changes them."""
    if _OWN.search(sentence):
        return True
    select = operation.selector if operation.method not in SAFE else None
    if select is None:
        return False
    noun = select.resource.rpartition("-")[2]
    return says(_OWN_TO_CHANGE, noun, sentence)


def check_unknown_to_others(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if another user reads, changes or deletes an item that is its owner's alone."""
    if not _can_be_judged(runner, operation):
        return
    created = runner.make(roles.resource)
    body = next(runner.environment.values.bodies(operation), ABSENT)
    body = runner.creation.with_key_of(operation, created, roles, body)
    step = _ask_as_other(runner, operation, runner.parameters.leading_to(operation, created), body)
    if step.is_success and (operation.method not in SAFE or step.response.body):
        status = next((one for one in _REFUSALS if one in operation.responses), "404")
        raise ClauseBroken(f"status {status}: the {created.resource} {created.key} belongs to another user", step.got)


def check_not_listed_to_others(runner: StoryRunner, listing: Operation, created: CreatedItem) -> None:
    """Raise `ClauseBroken` if an item is in the list that another user gets of its own items."""
    if not _can_be_judged(runner, listing):
        return
    step = _ask_as_other(runner, listing, runner.parameters.listing(listing, created))
    items = part_of(listing, step.value, "$items")
    key, name = str(key_of(runner, created)), runner.environment.model.items(created.resource).key
    if isinstance(items, list) and any(isinstance(one, dict) and str(one.get(name)) == key for one in items):
        expected = f"a list of another user without the {created.resource} {created.key}"
        raise ClauseBroken(expected, "a list with it")


def _can_be_judged(runner: StoryRunner, operation: Operation) -> bool:
    """Whether the document says whose items these are, and the run can sign up another user."""
    sign_in = sign_in_for(runner.environment.sign_ins.values(), operation)
    is_open = runner.environment.resettable or sign_in is None or sign_in.sign_up is None
    return not is_open and is_guarded(operation) and states_ownership(runner.environment.contract, operation)


def _ask_as_other(
    runner: StoryRunner, operation: Operation, values: ParameterValues, body: object = ABSENT
) -> StepResult:
    """The exchange of a request with the session of another user; raises `Skipped` if that is not accepted."""
    sign_in = sign_in_for(runner.environment.sign_ins.values(), operation)
    if sign_in is None:
        raise Skipped("no login gives a session for it")
    session = runner.accounts.session(
        sign_in, runner.accounts.needed_token(sign_in, runner.accounts.own(sign_in, _OTHER))
    )
    if not session.is_accepted:
        raise Skipped("the session of another user is not accepted")
    request = runner.write_with(operation, values, body, {sign_in.scheme.name: session.text})
    return runner.ask(operation, request)
