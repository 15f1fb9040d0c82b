"""TLS: certificates of the user's own, or one that is made on the spot for this machine."""

import shutil
import ssl
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from lookalike.errors import UsageError

# The names by which clients on this machine reach the mock.
_NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"
_DAYS = 365
_RENEWED_AFTER = 300 * 86_400  # seconds; clients that trust a certificate are not bothered at every start
_PATIENCE = 30  # seconds that openssl may take


class Certificate(NamedTuple):
    """The files of a certificate and its private key, in PEM (RFC 7468)."""

    certificate: Path
    key: Path


def tls_context(files: Certificate) -> ssl.SSLContext:
    """The settings of a server with a certificate; raises `UsageError` if the files do not hold a matching pair."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(files.certificate, files.key)
    except OSError as error:  # an SSLError is one
        reason = error.strerror or str(error)
        raise UsageError(
            f"{files.certificate} and {files.key} are not a certificate and its key in PEM: {reason}"
        ) from None
    return context


def certificate_on_the_spot(folder: Path) -> Certificate:
    """A self-signed certificate for this machine in a folder, made by openssl unless there is a recent one.

    It is its own authority, so clients trust the same file. Raises `UsageError` without openssl.
    """
    files = Certificate(folder / "certificate.pem", folder / "key.pem")
    is_there = files.key.exists() and files.certificate.exists()
    if is_there and time.time() - files.certificate.stat().st_mtime < _RENEWED_AFTER:
        return files
    openssl = shutil.which("openssl")
    if openssl is None:
        raise UsageError("--tls needs openssl, which was not found; install it, or pass --tls-cert and --tls-key")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made_of = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", str(_DAYS)]
    named = ["-subj", "/CN=lookalike mock", "-addext", _NAMES]
    written = ["-keyout", str(files.key), "-out", str(files.certificate)]
    done = subprocess.run(  # noqa: S603  # the program of this name, with arguments of ours
        [openssl, "req", "-x509", *made_of, *named, *written], capture_output=True, timeout=_PATIENCE, check=False
    )
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise UsageError(f"openssl made no certificate: {reason}")
    files.key.chmod(0o600)
    return files
