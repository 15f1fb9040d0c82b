"""A PostgreSQL server of the tests, and databases in it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

_FOLDERS = ("/usr/lib/postgresql",)  # where Debian keeps programs that are not on the path


class PostgresqlServer:
    """A PostgreSQL server on a socket in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._run("initdb", "--auth=trust", "--username=tests", "--no-sync", f"--pgdata={self._data}")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        self._options = options
        self.start()

    @property
    def url(self) -> str:
        """The URL of its first database."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """The URL of a database."""
        return f"postgresql:///{database}?host={self._folder}&user=tests"

    def start(self) -> None:
        """Start, and wait until it serves."""
        self._run(
            "pg_ctl", f"--pgdata={self._data}", "--wait", f"--log={self._folder}/log", "-o", self._options, "start"
        )

    def stop(self) -> None:
        """Stop at once, as in a crash."""
        self._run("pg_ctl", f"--pgdata={self._data}", "--wait", "--mode=immediate", "stop")

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a new database."""
        name = f"tests_{uuid4().hex}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield self.url_of(name)
        finally:
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def _run(self, program: str, *arguments: str) -> None:
        # PostgreSQL refuses to run as root, as which CI runs.
        user = {"user": "postgres"} if os.geteuid() == 0 else {}
        subprocess.run([_found(program), *arguments], check=True, cwd=self._folder, stdout=subprocess.DEVNULL, **user)  # type: ignore[call-overload]  # the user is optional


def _found(program: str) -> str:
    places = [str(path.parent) for folder in _FOLDERS for path in sorted(Path(folder).glob("*/bin/initdb"))]
    found = shutil.which(program, path=os.pathsep.join([*reversed(places), os.environ.get("PATH", "")]))
    if found is None:
        raise FileNotFoundError(f"{program} is missing: install PostgreSQL (Debian: apt-get install postgresql)")
    return found


@contextmanager
def postgresql() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server, stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="lookalike-pg-", dir="/tmp"))  # a path that is short enough for a socket
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        folder.chmod(0o755)
        server = PostgresqlServer(folder)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
