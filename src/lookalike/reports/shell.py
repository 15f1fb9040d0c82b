"""Stories as lines for a shell that can be pasted: the keys that the server chose are variables."""

import re
from collections.abc import Sequence

from lookalike.verify.results import RecordedExchange

_PLAIN = "curl -i "
_NAME = re.compile(r"[^A-Za-z0-9]+")
_KEY = re.compile(r"[A-Za-z0-9_.~-]+")  # needs no encoding in a path (RFC 3986 section 2.3), and no quotes in a shell


def curl_lines(story: Sequence[RecordedExchange]) -> tuple[str, ...]:
    """The curl line of each exchange, in which a key that an earlier response showed is the variable set from it.

    A server gives another key to what is created when the lines are run again.
    """
    lines = [exchange.curl for exchange in story]
    variables: dict[str, str] = {}
    for number, exchange in enumerate(story):
        for key in _keys_in(exchange.sent.path):
            source = None if key in variables else _source_of(key, story[:number])
            if source is not None and lines[source[0]].startswith(_PLAIN):  # a line sets one variable
                at, member = source
                variables[key] = _new_name(member, [*variables.values()])
                lines[at] = _setting(variables[key], lines[at], member)
            if key in variables:
                lines[number] = _with_variable(lines[number], key, variables[key])
    return tuple(lines)


def story_text(story: Sequence[RecordedExchange]) -> str:
    """The lines of a story, each with the response to it."""
    pairs = zip(curl_lines(story), story, strict=True)
    return "\n".join(f"{line}\n-> {exchange.status} {exchange.response}" for line, exchange in pairs)


def _keys_in(path: str) -> list[str]:
    """The segments of a path that may be keys."""
    return [segment for segment in path.split("/") if _KEY.fullmatch(segment)]


def _source_of(key: str, before: Sequence[RecordedExchange]) -> tuple[int, str] | None:
    """The first exchange whose response, and not its request, has a key, and the member that has it."""
    for number, exchange in enumerate(before):
        if key in exchange.sent.path.split("/") or f'"{key}"' in exchange.sent.body:
            return None
        member = re.search(rf'"(\w+)"\s*:\s*(?:"{re.escape(key)}"|{re.escape(key)}\s*[,}}\n])', exchange.response)
        # The shell takes the first member of that name, so that it must be the one.
        if member is not None and not re.search(rf'"{member[1]}"\s*:', exchange.response[: member.start()]):
            return number, member[1]
    return None


def _new_name(member: str, taken: Sequence[str]) -> str:
    name = _NAME.sub("_", member).strip("_").upper() or "KEY"
    name = f"KEY_{name}" if name[0].isdigit() else name
    count = sum(one == name or one.startswith(f"{name}_") for one in taken)
    return f"{name}_{count + 1}" if count else name


def _setting(variable: str, line: str, member: str) -> str:
    """A line that sends a request, shows the response, and sets a variable to the first member of a name in it."""
    value = f"""grep -o '"{member}" *: *"\\{{0,1\\}}[^",}}]*' | head -n 1 | sed 's/.*: *"\\{{0,1\\}}//'"""
    return f"{variable}=$({line.replace(_PLAIN, 'curl -s ', 1)} | tee /dev/stderr | {value})"


def _with_variable(line: str, key: str, variable: str) -> str:
    """A line with a variable in place of a key in the path of its URL."""
    start = line.find("://")
    quote = line[line.rfind(" ", 0, start) + 1 : start][:1]
    name = f"'\"${{{variable}}}\"'" if quote == "'" else f"${{{variable}}}"
    end = re.compile(r"[?'\" ]|$").search(line, start + 3)
    at = end.start() if end else len(line)
    url = re.sub(rf"/{re.escape(key)}(?=/|\Z)", lambda _: f"/{name}", line[start:at])
    return line[:start] + url + line[at:]
