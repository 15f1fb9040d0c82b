"""Sessions: a login that sets the cookie of a security scheme, and a logout that clears it.

The evidence is names beside schemas, so nothing here accuses a server.
"""

from collections.abc import Mapping
from typing import Any

from lookalike.contract.inference.accounts import has_any, user_template
from lookalike.contract.inference.envelopes import can_be_item, unwrapped
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resource_operation import Extension
from lookalike.contract.inference.resources.resource_guess import ResourceGuess
from lookalike.contract.path_segments import last_word
from lookalike.contract.semantics import SESSION_END, SESSION_START
from lookalike.naming.accounts import SECRETS, SIGNING_IN, SIGNING_OUT

_SET_COOKIE = "set-cookie"


def session_start(operation: RawOperation, users: ResourceGuess | None = None) -> Extension | None:
    """The answer of a login that sets a cookie, and shows the user whose session it is.

    Evidence: a secret is sent, and the document has a cookie for credentials, or for this answer; and the path's word.
    """
    sent, cookie = unwrapped(operation.request_schema), _cookie_of(operation)
    is_login = last_word(operation.path) in SIGNING_IN or bool(_documented_cookie(operation))
    if operation.method != "post" or sent is None or not has_any(SECRETS, sent) or not is_login or not cookie:
        return None
    answer: dict[str, Any] = {"headers": {"Set-Cookie": SESSION_START + cookie}}
    shown = operation.success_schema
    if shown is not None and users is not None and can_be_item(shown, users.schema, users.key):
        answer["body"] = "$item"
    elif shown is not None and (places := user_template(shown, sent, users)):
        answer["body"] = places
    return {"answer": answer}


def session_end(operation: RawOperation) -> Extension | None:
    """The answer of a logout, which clears the cookie. Evidence: the path's word, and the cookie."""
    cookie = _cookie_of(operation)
    is_end = is_logout(operation.path, operation.method)
    return {"answer": {"headers": {"Set-Cookie": SESSION_END + cookie}}} if is_end and cookie else None


def is_logout(path: str, method: str) -> bool:
    """Whether the path of an operation says that it logs out: `/auth/logout`, or `DELETE /session`."""
    word = last_word(path)
    return word in SIGNING_OUT or (word in SIGNING_IN and method.lower() == "delete")


def _cookie_of(operation: RawOperation) -> str:
    """The name of the cookie that holds credentials, by the security schemes, else by an answer; else nothing."""
    schemes = operation.data.get("components", {}).get("securitySchemes", {})
    named = (one.get("name", "") for one in schemes.values() if isinstance(one, Mapping) and one.get("in") == "cookie")
    return next(named, "") or _documented_cookie(operation)


def _documented_cookie(operation: RawOperation) -> str:
    """The name of the cookie in the example of a documented Set-Cookie field, `session` without one; else nothing."""
    for name, view in operation.response_headers(operation.success_status):
        if name.lower() == _SET_COOKIE:
            cookie, sign, _ = str(view.example or "").partition("=")
            return cookie.strip() if sign else "session"
    return ""
