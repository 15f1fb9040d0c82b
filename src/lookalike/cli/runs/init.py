"""`lookalike init` at work."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lookalike.assembly import Parts, Sources, parts_of
from lookalike.cli import CONFIG
from lookalike.cli.contracts import load_chosen
from lookalike.cli.documents import choose_document, lead_by_default, typed
from lookalike.cli.new_files import check_new
from lookalike.cli.output import tell
from lookalike.contract.contract import Contract
from lookalike.contract.security import MUTUAL_TLS, SecurityScheme
from lookalike.errors import UsageError
from lookalike.openapi.sources import ReferenceRules, Source, SourceReader
from lookalike.verify.clauses import stated_operations

_TARGET, _OVERLAY = Path("target.yaml"), Path("overlay.yaml")
_MOST_SHOWN = 8  # operations
_OWNED = 2  # items of a resource, which are enough for each story

_SETTINGS_TEXT = """\
# Settings of Lookalike. Below the name of a command stand its options, named as its flags are; a flag on the command
# line takes precedence. All options of a command: lookalike COMMAND --help
document: {document}
mock:
  overlay: [{overlay}]
  # port: 4010
  # populate: 20        # so many items of each resource are made up
  # reading: []         # decide what the document leaves open, as [{reading}]
check:
  overlay: [{overlay}]
verify:
  overlay: [{overlay}]
  # target: {target}    # for a server that is no mock
  # max-time: 5m
"""

_TARGET_TEXT = """\
# A target file: what `lookalike verify URL --target {target}` must know about a server, and may change there.
{credentials}
# Values that paths need and no operation creates, such as an account:
# parameters: {{account: VALUE}}

# How long a read or a list may lag behind a change:
settle: 0s

# Servers on other machines that may be judged. Items are created, changed and deleted there:
allowed_hosts: []
# allowed_hosts: [staging.example.com]

# Nothing on the server is worth keeping, as in a container that is thrown away afterwards:
disposable: false

# Known deviations, which fail no run until their day:
waivers: []
# waivers:
#   - {{clause: {clause}, reason: "ticket 7", until: "2099-12-31"}}
"""

_OVERLAY_TEXT = """\
# An OpenAPI Overlay: what the document does not say about state is said here, so that the document stays as it is.
# What is inferred without it: lookalike check --explain
overlay: 1.0.0
info: {{title: {title}, version: "1"}}
actions:
  - target: $.info  # changes nothing: a list of actions may not be empty
    update: {{}}
  # Of an operation with `x-lookalike` nothing is inferred: {{}} says that it changes nothing, and the reference of the
  # extension has what else it takes.
{actions}
"""


def run(document: Source | None, references: ReferenceRules, force: bool) -> None:
    """Write the starter files."""
    files = (Path(CONFIG), _TARGET, _OVERLAY)
    check_new(files, force)
    chosen = choose_document(document, lead_by_default)
    contract = load_chosen(chosen, (), SourceReader(references))
    texts = (_settings(typed(chosen.source), contract), _target(parts_of(contract, Sources())), _overlay(contract))
    for file, text in zip(files, texts, strict=True):
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"cannot write {file}: {error.strerror}") from None
    tell(f"{CONFIG}: settings of {contract.document.title}\n{_TARGET}: credentials and limits for `lookalike verify`")
    tell(f"{_OVERLAY}: for what the document leaves out\nNext: lookalike check && lookalike mock")


def _settings(document: str, contract: Contract) -> str:
    reading = next((f"{id}={one.default}" for id, one in contract.readings.items()), "ID=CHOICE")
    return _SETTINGS_TEXT.format(
        document=_scalar(document), overlay=_OVERLAY, target=_TARGET, reading=_in_comment(reading)
    )


def _target(parts: Parts) -> str:
    contract = parts.model.contract
    lines = "\n".join([*_credentials(contract, parts.credentials), *_resources(contract, parts.data)])
    operation = next((one.name for one in contract.operations), "OPERATION")
    clause = next(iter(contract.clauses), f"{operation}.answers-as-documented")
    return _TARGET_TEXT.format(target=_TARGET, credentials=lines, clause=_in_comment(_scalar(clause)))


def _resources(contract: Contract, seeds: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    """The items that may be changed, of resources whose items no operation creates."""
    names = {one.selector.resource for one in stated_operations(contract) if one.selector is not None}
    if not names:
        return
    yield "# Items of the server that may be changed; those below are of the mock:"
    yield "resources:"
    for name in sorted(names):
        plain = [{key: one[key] for key in one if isinstance(one[key], str | int)} for one in seeds.get(name, ())]
        yield f"  {_scalar(name)}: {{owned: {json.dumps(plain[:_OWNED], ensure_ascii=False)}}}"
    yield ""


def _credentials(contract: Contract, known: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    schemes = [one for one in contract.schemes.values() if one.kind != MUTUAL_TLS]
    if not schemes:
        yield "# The document asks for no credentials.\n"
        return
    yield '# Credentials by security scheme. Secrets belong into environment variables: "${API_TOKEN}" stands for one.'
    yield "# Where tokens expire, a command prints them: {token_command: vault read -field=token secret/api}."
    yield "credentials:"
    yield from (f"  {_scalar(one.name)}: {{valid: {_example(one, known.get(one.name, {}))}}}" for one in schemes)
    yield ""


def _example(scheme: SecurityScheme, known: Mapping[str, str]) -> str:
    """Credentials that a mock accepts: it takes any that are well-formed, unless the document names a tokens file."""
    return _scalar(known.get("valid", "user:change-me" if scheme.kind == "basic" else "change-me"))


def _overlay(contract: Contract) -> str:
    lines = [line for one in contract.operations[:_MOST_SHOWN] for line in _action(one.path, one.method.lower())]
    left = len(contract.operations) - _MOST_SHOWN
    more = [f"  # and so on for {left} more"] if left > 0 else []
    title = _scalar(f"What {contract.document.title} leaves out")
    return _OVERLAY_TEXT.format(title=title, actions="\n".join([*lines, *more]))


def _action(path: str, method: str) -> Iterator[str]:
    place = path.replace("\\", "\\\\").replace("'", "\\'")
    target = _scalar(f"$.paths['{place}'].{method}")
    yield f"  # - target: {_in_comment(target)}"
    yield "  #   update: {x-lookalike: {}}"


def _scalar(text: str) -> str:
    """A text as YAML: JSON's strings are YAML's too."""
    return json.dumps(text, ensure_ascii=False)


def _in_comment(text: str) -> str:
    return " ".join(text.splitlines())
