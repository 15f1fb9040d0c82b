"""Stories about signing in: a login gives a session to the right password alone, and a logout ends it.

A story signs up accounts of its own where the document has an operation for that. A wrong password is tried once, with
such an account or on a server that may be thrown away: another account could be locked.
"""

import json
import re
from functools import partial

from lookalike.contract.contract import Operation
from lookalike.contract.security import API_KEY
from lookalike.contract.semantics import TOKEN
from lookalike.json_values import find
from lookalike.naming.accounts import USER_NAMES
from lookalike.naming.words import normalised
from lookalike.verify.clauses import name_of
from lookalike.verify.roles import Roles, item_in, place_of
from lookalike.verify.runner.accounts import LoginSession, other_password, why_no_token
from lookalike.verify.runner.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.sign_in import Account, SignIn, documents_refusal, sign_in_for
from lookalike.verify.stories.story import ClauseCheck

_OTHER = "other"  # the purpose of a second account
_REFUSED_LOGIN = {400, 401, 403, 404}
# Words about accounts that need more than a name and a password before they can be used.
_CONFIRMATION = re.compile(
    r"verif|(?<!password)(?<!password_)confirm(?!\w*pass)|activat|approv|pending|invit|otp\b|mfa|2fa|two.?factor",
    re.IGNORECASE,
)


def check_session_given(runner: StoryRunner, login: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if the right name and password give no session that other operations accept."""
    sign_in = runner.environment.sign_ins[login.id]
    account = runner.accounts.given(sign_in) or runner.accounts.own(sign_in)
    step = runner.accounts.log_in(sign_in, account)
    token = runner.accounts.token_in(sign_in, step)
    if not token:
        _judge_refused_login(runner, sign_in, account, step)
    session = runner.accounts.session(sign_in, token)
    if not session.is_accepted:
        _judge_refused_session(runner, session, account, step)
    _check_guarded(runner, session)
    if account.has_signed_up:
        other = runner.accounts.own(sign_in, _OTHER)
        if runner.accounts.token_in(sign_in, runner.accounts.log_in(sign_in, other)) == token:
            raise ClauseBroken("another token than that of another account", "the same token")


def check_wrong_password(runner: StoryRunner, login: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a wrong password gives a session that another operation accepts."""
    sign_in, accounts = runner.environment.sign_ins[login.id], runner.accounts
    if not documents_refusal(login):
        raise Skipped("the document has no response for a login that is refused")
    account = _account_to_risk(runner, sign_in)
    _accepted_session(runner, sign_in, account)
    wrong = accounts.log_in(sign_in, account, other_password(runner.environment, account))
    token = accounts.token_in(sign_in, wrong)
    session = accounts.session(sign_in, token) if token else None
    if session is not None and session.is_accepted:
        reader = name_of(session.step.operation)
        raise ClauseBroken("status 401: the password is wrong", f"{wrong.got}, and a session that {reader} accepts")


def check_session_ended(runner: StoryRunner, logout: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a session is accepted after the logout that ends it."""
    sign_in = sign_in_for(runner.environment.sign_ins.values(), logout)
    if sign_in is None:
        raise Skipped("no login gives a session for it")
    if runner.environment.resettable:
        raise Skipped("a mock keeps no sessions: its tokens are valid until they expire")
    account = runner.accounts.own(sign_in) if sign_in.sign_up else _given(runner, sign_in)
    session = _accepted_session(runner, sign_in, account)
    body = runner.environment.values.needed_body(logout)
    step = runner.accounts.ask(sign_in, logout, session.text, body)
    if not 200 <= step.response.status < 400:
        raise Skipped(f"it answered {step.response.status}")
    runner.eventually(partial(_check_ended, runner, session, logout))


def check_own_user(runner: StoryRunner, me: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if one of two accounts, each with a session of its own, is shown the other or a third."""
    sign_in = next(one for one in runner.environment.sign_ins.values() if one.me is me)
    accounts = (runner.accounts.own(sign_in), runner.accounts.own(sign_in, _OTHER))
    sessions = [_accepted_session(runner, sign_in, one) for one in accounts]
    steps = [runner.accounts.ask(sign_in, me, one.text) for one in sessions]
    shown = [_names_shown(me, step) for step in steps]
    if not all(shown):
        raise NotObservable("the answer has no name or address of the user")
    for account, other, names, others in zip(accounts, accounts[::-1], shown, shown[::-1], strict=True):
        if account.name.lower() in names.values():
            continue
        if other.name.lower() in names.values() or names == others:
            raise ClauseBroken(f"the user {account.name}, whose session it is", f"the user {_first(names)}")
        raise NotObservable("the name or address that is shown is another form of the one that was sent")


def as_own_account(check: ClauseCheck) -> ClauseCheck:
    """The check with a session of an account of the run's own, if one can be signed up."""

    def check_as_own(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
        runner.accounts.act_as_own(operation)
        check(runner, operation, roles)

    return check_as_own


def check_login(runner: StoryRunner, login: Operation, roles: Roles | None) -> None:
    """Log in: the runner checks the response, as every other, against the document."""
    sign_in = runner.environment.sign_ins[login.id]
    account = runner.accounts.given(sign_in) or runner.accounts.own(sign_in)
    step = runner.accounts.log_in(sign_in, account)
    if not step.is_success:
        raise Skipped(why_no_token(sign_in, step))


def _accepted_session(runner: StoryRunner, sign_in: SignIn, account: Account) -> LoginSession:
    """A session that a guarded operation accepts; raises `Skipped` if there is none."""
    session = runner.accounts.session(sign_in, runner.accounts.needed_token(sign_in, account))
    if not session.is_accepted:
        reader = name_of(session.step.operation)
        raise Skipped(f"{reader} answered {session.step.response.status} to the session of a login")
    _check_guarded(runner, session)
    return session


def _check_guarded(runner: StoryRunner, session: LoginSession) -> None:
    """Raise `Skipped` if a read is answered without a session too, so that it proves nothing about one."""
    read = session.step.operation
    step = runner.ask(read, runner.write(read, runner.parameters.leading_to(read, None), guarded=False), refused=True)
    if step.is_success:
        raise Skipped(f"{name_of(read)} is answered without credentials too, so that no session is seen to be needed")


def _check_ended(runner: StoryRunner, session: LoginSession, logout: Operation) -> None:
    step = runner.accounts.ask(session.sign_in, session.step.operation, session.text)
    if step.is_success:
        raise ClauseBroken(f"status 401: {name_of(logout)} has ended the session", step.got)


def _given(runner: StoryRunner, sign_in: SignIn) -> Account:
    account = runner.accounts.given(sign_in)
    if account is None:
        raise Skipped("no operation signs up an account; give one as account in the target file")
    return account


def _account_to_risk(runner: StoryRunner, sign_in: SignIn) -> Account:
    """An account that may be locked."""
    if sign_in.sign_up is not None:
        return runner.accounts.own(sign_in)
    account = _given(runner, sign_in)
    if not runner.environment.disposable:
        raise Skipped(
            "a wrong password could lock the account of the target file; it is tried only on a server that the target "
            "file calls disposable: true"
        )
    return account


def _judge_refused_login(runner: StoryRunner, sign_in: SignIn, account: Account, step: StepResult) -> None:
    """Raise `ClauseBroken` if a login is refused to an account that is known to be ready for it, else `Skipped`."""
    made_up = runner.accounts.made_up(sign_in, account)
    if made_up:
        raise Skipped(f"{why_no_token(sign_in, step)}; {', '.join(made_up)} can be given under account")
    if step.response.status in _REFUSED_LOGIN:
        if not account.has_signed_up:
            raise ClauseBroken("a success: the target file gives this account", step.got)
        if _is_in_use(runner, sign_in, account) and not _may_need_confirmation(runner, sign_in, step):
            raise ClauseBroken("a success: the account was signed up with this password, and is in use", step.got)
    raise Skipped(f"{why_no_token(sign_in, step)}; an account that is ready can be given in the target file")


def _is_in_use(runner: StoryRunner, sign_in: SignIn, account: Account) -> bool:
    """Whether the sign-up, whose path is beside or above that of the login, gave a token that is accepted."""
    sign_up, parent = sign_in.sign_up, sign_in.login.path.rpartition("/")[0]
    if sign_up is None or parent not in (sign_up.path, sign_up.path.rpartition("/")[0]):
        return False
    place = place_of(sign_up.success.body, TOKEN)
    token = find(account.shown, place, None) if place is not None else None
    return isinstance(token, str) and bool(token) and runner.accounts.session(sign_in, token).is_accepted


def _judge_refused_session(runner: StoryRunner, session: LoginSession, account: Account, login: StepResult) -> None:
    """Raise `ClauseBroken` if a new session is refused for no other reason than the credentials, else `Skipped`."""
    sign_in, refused = session.sign_in, session.step
    may_wait = any(_may_need_confirmation(runner, sign_in, one) for one in (login, refused))
    if session.statuses == {401} and not may_wait and _is_for_reads(runner, session, account):
        raise ClauseBroken(f"a success: {name_of(sign_in.login)} has given this session", refused.got)
    raise Skipped(f"{name_of(refused.operation)} answered {refused.response.status} to the session of a login")


def _is_for_reads(runner: StoryRunner, session: LoginSession, account: Account) -> bool:
    """Whether reads take what a login gives: by the document, in the form that it has, or as another token shows."""
    sign_in = session.sign_in
    if account.has_signed_up and _is_in_use(runner, sign_in, account):
        return True
    is_field = sign_in.scheme.kind == API_KEY and sign_in.scheme.location == "header"  # in one of several forms
    needs_no_more = sign_in.me is not None or _accepts_target(runner, session.step.operation)
    return sign_in.is_certain and not is_field and needs_no_more


def _accepts_target(runner: StoryRunner, read: Operation) -> bool:
    """Whether a read accepts the credentials of the target file, so that it needs nothing else."""
    try:
        request = runner.write(read, runner.parameters.leading_to(read, None))
    except Skipped:
        return False
    return runner.ask(read, request).is_success


def _may_need_confirmation(runner: StoryRunner, sign_in: SignIn, step: StepResult) -> bool:
    """Whether an answer, or the document about a login and its sign-up, has words about accounts to be confirmed."""
    paths = runner.environment.contract.document.data["paths"]
    operations = [one for one in (sign_in.login, sign_in.sign_up) if one is not None]
    told = [json.dumps(paths[one.path][one.method.lower()], default=str) for one in operations]
    texts = (*told, step.response.body.decode("utf-8", "replace"))
    return any(_CONFIRMATION.search(text) for text in texts)


def _names_shown(me: Operation, step: StepResult) -> dict[str, str]:
    """The members of the user who is shown by which users are known, in lower case.

    The user may be the answer, or its only member.
    """
    answer = step.value if step.is_success and isinstance(step.value, dict) else {}
    inner = [*answer.values()] if len(answer) == 1 else []
    for shown in (item_in(me, answer), answer, *(one for one in inner if isinstance(one, dict))):
        texts = {name: value for name, value in shown.items() if isinstance(value, str) and value}
        names = {name: text.strip().lower() for name, text in texts.items() if normalised(name) in USER_NAMES}
        if names:
            return names
    return {}


def _first(names: dict[str, str]) -> str:
    return next(iter(names.values()))
