"""Runs of commands against servers of the Lead API, with a target file."""

import subprocess
from pathlib import Path

from tests.support.running import run_command

TOKEN = "tok-valid"
TARGET = """
credentials: {bearerAuth: {valid: "${API_TOKEN}", expired: tok-expired, revoked: tok-revoked}}
resources:
  lead:
    owned: [{contact_number: 9876543210, country_code: 91}, {contact_number: 27005550142, country_code: 27}]
    spare: [9000000101, 9000000102]
    absent: [9999999999]
    tags: [101, 102, 103]
"""


def run(*arguments: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with a valid token in its environment."""
    return run_command(*arguments, cwd=cwd, **{"API_TOKEN": TOKEN, **environment})
