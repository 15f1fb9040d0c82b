"""Token commands: programs of the user that print a valid token, run again when the server no longer accepts it."""

import re
import subprocess
from collections.abc import Sequence

from lookalike.errors import UsageError
from lookalike.http import Headers, Request

_LONGEST_RUN = 30.0
_TOKEN = re.compile(r"[!-~]+")  # one word of the characters that a header field may have (RFC 9110 section 5.5)
# The characters of tokens (RFC 6750 section 2.1); an equals sign stands only at the end of one.
_BEFORE, _BEHIND = r"(?<![A-Za-z0-9._~+/-])", r"(?![A-Za-z0-9._~+/=-])"


def token_of(command: Sequence[str], longest: float = _LONGEST_RUN) -> str:
    """The token that a command prints within `longest` seconds; raises `UsageError`, which never shows the output."""
    name = f"the token command {command[0]!r}"
    try:
        done = subprocess.run(  # noqa: S603  # it is the user's own
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=longest,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"{name} took longer than {longest:g} s") from None
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{name} cannot be run: {getattr(error, 'strerror', None) or 'a word of it has a null character'}"
        ) from None
    if done.returncode != 0:
        raise UsageError(f"{name} failed with exit status {done.returncode}")
    token = done.stdout.decode("utf-8", "replace").strip()
    if not token:
        raise UsageError(f"{name} printed nothing (exit status 0)")
    if not _TOKEN.fullmatch(token):
        raise UsageError(f"{name} printed something that is no token; it must print the token alone (exit status 0)")
    return token


class RenewedToken:
    """A token that expires: requests are built with the `first` one, and sent with the one that is valid now."""

    def __init__(self, first: str, command: Sequence[str]) -> None:
        self.first = first
        self.generation = 0
        self._now = first
        self._command = command
        self._refused = False
        self._whole = re.compile(_BEFORE + re.escape(first) + _BEHIND)

    def put_into(self, request: Request) -> Request:
        """The request with the current token in place of the first one; parts of tokens stay as they are."""
        if self._now == self.first:
            return request
        fields = {name: self._with_now(value) for name, value in request.headers.items()}
        return request._replace(headers=Headers(fields), query=self._with_now(request.query))

    def is_in(self, request: Request) -> bool:
        """Whether a request is built with this token as it is, which the server is to accept."""
        return request.headers.get("authorization") == f"Bearer {self.first}"

    def note(self, request: Request, status: int) -> bool:
        """Record a response; whether it is the first 401 to the valid token since that was accepted."""
        if not self.is_in(request):
            return False
        was_refused, self._refused = self._refused, status == 401
        return self._refused and not was_refused

    def renew(self) -> str:
        """Run the command for a new token, which begins another `generation`; raises `UsageError`."""
        self._now = token_of(self._command)
        self.generation += 1
        return self._now

    def _with_now(self, text: str) -> str:
        return self._now.join(self._whole.split(text))
