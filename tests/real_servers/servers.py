"""The real servers: how each is installed and started, and where its document is published."""

import json
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from sqlite3 import connect
from urllib.error import URLError

from tests.support.paths import ROOT
from tests.support.running import PATIENCE

HERE = Path(__file__).parent
INSTALLED = ROOT / "build" / "real-servers"  # outside of .venv, since their dependencies are none of ours


@dataclass(frozen=True, slots=True)
class RealServer:
    """A server: its packages, the command that starts it in a folder of its own, and its document.

    At least as many of its clauses as `held` says are held, so that a run that exercises little is noticed. `stays` are
    the first words of the lines that tell of items which stay.

    `{port}`, `{other_port}`, `{home}` and `{bin}` of a command stand for free ports, the folder, and its programs. The
    document is a URL below the origin, or a function that finds it in the packages.
    """

    name: str
    held: int
    base_path: str
    ready: str
    command: tuple[str, ...]
    document: str | Callable[[], str]
    prepare: Callable[[Path, int], None] = lambda home, port: None
    pip: tuple[str, ...] = ()
    npm: tuple[str, ...] = ()
    program: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    stays: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where its target file and its overlay are."""
        return HERE / self.name

    @property
    def is_installed(self) -> bool:
        """Whether the program of a Debian package is there; other packages are installed when they are needed."""
        return not self.program or shutil.which(self.program) is not None


@dataclass(frozen=True, slots=True)
class Running:
    """A real server that runs: where its paths begin, and the file with its document."""

    server: RealServer
    url: str
    document: Path


def _alertmanager_configuration(home: Path, port: int) -> None:
    (home / "alertmanager.yml").write_text("route: {receiver: none}\nreceivers: [{name: none}]\n", "utf-8")


def _alertmanager_document() -> str:
    """The document that is embedded in the server, from the Debian package of its source."""
    package = "golang-github-prometheus-alertmanager-dev"
    folder = INSTALLED / "alertmanager"
    if not folder.exists():
        folder.mkdir(parents=True)
        run(["apt-get", "update", "--quiet=2"], folder)
        run(["apt-get", "download", "--quiet=2", package], folder)
        run(["dpkg-deb", "--extract", *map(str, folder.glob("*.deb")), "."], folder)
    source = next(folder.rglob("restapi/embedded_spec.go")).read_text("utf-8")
    embedded = re.search(r"SwaggerJSON = json\.RawMessage\(\[\]byte\(`(.*?)`\)\)", source, re.DOTALL)
    assert embedded is not None
    return embedded[1]


def _powerdns_database(home: Path, port: int) -> None:
    schema = Path("/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql").read_text("utf-8")
    with closing(connect(home / "zones.db")) as database:
        database.executescript(schema)


def _kinto_settings(home: Path, port: int) -> None:
    memory = "".join(
        f"kinto.{part}_backend = kinto.core.{part}.memory\n" for part in ("storage", "cache", "permission")
    )
    (home / "kinto.ini").write_text(
        f"[app:main]\nuse = egg:kinto\n{memory}kinto.userid_hmac_secret = 0123456789abcdef\n"
        "multiauth.policies = basicauth\nkinto.bucket_create_principals = system.Authenticated\n"
        f"[server:main]\nuse = egg:waitress#main\nhost = 127.0.0.1\nport = {port}\n"
        "[loggers]\nkeys = root\n[handlers]\nkeys =\n[formatters]\nkeys =\n[logger_root]\nlevel = ERROR\nhandlers =\n",
        "utf-8",
    )


def _json_server_items(home: Path, port: int) -> None:
    (home / "db.json").write_text('{"posts": [{"id": 1, "title": "first"}]}', "utf-8")


def _loopback_data(home: Path, port: int) -> None:
    (home / "data").mkdir()


def _changedetection_key(home: Path, port: int) -> None:
    settings = {"application": {"api_access_token": "0123456789abcdef0123456789abcdef"}}
    stored = {"app_guid": "0", "watching": {}, "settings": settings}
    (home / "changedetection.json").write_text(json.dumps(stored), "utf-8")


def _changedetection_document() -> str:
    """The document that the package holds."""
    packages = INSTALLED / "changedetection"
    return next(packages.rglob("changedetectionio/docs/api-spec.yaml")).read_text("utf-8")


ALERTMANAGER = RealServer(
    "alertmanager",
    20,
    "/api/v2",
    "/api/v2/status",
    (
        *("prometheus-alertmanager", "--config.file={home}/alertmanager.yml", "--storage.path={home}/data"),
        *("--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="),
    ),
    _alertmanager_document,
    prepare=_alertmanager_configuration,
    program="prometheus-alertmanager",
)
POWERDNS = RealServer(
    "powerdns",
    90,
    "/api/v1",
    "/api/docs",
    (
        *("/usr/sbin/pdns_server", "--daemon=no", "--guardian=no", "--config-dir={home}", "--socket-dir={home}"),
        *(
            "--launch=gsqlite3",
            "--gsqlite3-database={home}/zones.db",
            "--gsqlite3-dnssec=yes",
            "--local-address=127.0.0.1",
            "--local-port={other_port}",
        ),
        *("--webserver=yes", "--webserver-address=127.0.0.1", "--webserver-port={port}", "--api=yes"),
        "--api-key=secret",
    ),
    "/api/docs",
    prepare=_powerdns_database,
    program="/usr/sbin/pdns_server",
    headers={"X-API-Key": "secret"},
)
KINTO = RealServer(
    "kinto",
    120,
    "/v1",
    "/v1/__lbheartbeat__",
    ("{bin}/kinto", "start", "--ini", "{home}/kinto.ini"),
    "/v1/__api__",
    prepare=_kinto_settings,
    pip=("kinto==26.5.0",),
)
JUPYTER = RealServer(
    "jupyter",
    60,
    "",
    "/api",
    (
        *("{bin}/jupyter", "server", "--allow-root", "--no-browser", "--ServerApp.port={port}"),
        *("--ServerApp.token=secret", "--ServerApp.root_dir={home}", "--ServerApp.disable_check_xsrf=True"),
    ),
    "/api/spec.yaml",
    pip=("jupyter_server==2.21.1", "ipykernel"),
    stays=("content items that PUT /api/contents/{path} may have created",),  # no operation lists all folders
    headers={"Authorization": "token secret"},
)
PREFECT = RealServer(
    "prefect",
    210,
    "/api",
    "/api/health",
    ("{bin}/prefect", "server", "start", "--no-services", "--host", "127.0.0.1", "--port", "{port}"),
    "/openapi.json",
    pip=("prefect==3.9.1",),
    environment={"PREFECT_HOME": "{home}", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"},
)
JSON_SERVER = RealServer(
    "json-server",
    15,
    "",
    "/posts",
    ("{bin}/json-server", "--host", "127.0.0.1", "--port", "{port}", "{home}/db.json"),
    lambda: (HERE / "json-server" / "openapi.yaml").read_text("utf-8"),
    prepare=_json_server_items,
    npm=("json-server@0.17.4",),
    stays=("items that createPost created",),  # lists and the like in place of posts, which have no key
)

LOOPBACK = RealServer(
    "loopback",
    25,
    "",
    "/todos",
    ("node", "{bin}/../@loopback/example-todo/dist/index.js"),
    "/openapi.json",
    prepare=_loopback_data,
    npm=("@loopback/example-todo@6.0.0",),
    environment={"HOST": "127.0.0.1", "PORT": "{port}"},
)
CHANGEDETECTION = RealServer(
    "changedetection",
    60,
    "/api/v1",
    "/api/v1/watch",
    ("{bin}/changedetection.io", "-C", "-d", "{home}", "-h", "127.0.0.1", "-p", "{port}"),
    _changedetection_document,
    prepare=_changedetection_key,
    pip=("changedetection.io==0.60.10",),
    stays=("tag items that createTag may have created where it answered 5xx",),  # it did not: /tags shows a map of all
    headers={"X-API-Key": "0123456789abcdef0123456789abcdef"},
)

SERVERS = (ALERTMANAGER, POWERDNS, KINTO, JUPYTER, PREFECT, JSON_SERVER, LOOPBACK, CHANGEDETECTION)


@contextmanager
def started(server: RealServer, home: Path) -> Iterator[Running]:
    """A server that runs until the context is left, with an empty folder as its home; installs it first."""
    programs = _install(server)
    port, other_port = _free_ports()
    server.prepare(home, port)
    named = {"port": port, "other_port": other_port, "home": home, "bin": programs}
    environment = {name: text.format(**named) for name, text in server.environment.items()}
    log = (home / "log").open("wb")
    with (
        log,
        subprocess.Popen(
            [part.format(**named) for part in server.command],
            cwd=home,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={"PATH": f"{programs}:/usr/sbin:/usr/bin:/bin", "HOME": str(home), **environment},
        ) as process,
    ):
        try:
            origin = f"http://127.0.0.1:{port}"
            _wait_until_ready(server, origin, process)
            document = home / "document"
            text = server.document() if callable(server.document) else _get(server, origin + server.document)
            document.write_text(text, "utf-8")
            yield Running(server, origin + server.base_path, document)
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE / 10)
            except subprocess.TimeoutExpired:
                process.kill()


def run(command: list[str], folder: Path) -> None:
    """Run a command that must succeed; its output is shown if it does not."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"


def _install(server: RealServer) -> Path:
    """The folder of the programs of a server, installed on the first use."""
    folder = INSTALLED / server.name
    programs = folder / ("bin" if server.pip else "node_modules/.bin")
    if server.pip and not (folder / "installed").exists():
        run([sys.executable, "-m", "venv", "--clear", str(folder)], ROOT)
        run([str(programs / "pip"), "install", "--quiet", *server.pip], ROOT)
        (folder / "installed").touch()
    if server.npm and not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        run(["npm", "install", "--silent", "--prefix", str(folder), *server.npm], ROOT)
        (folder / "installed").touch()
    return programs


def _free_ports() -> tuple[int, int]:
    with socket() as one, socket() as other:
        for free in (one, other):
            free.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _wait_until_ready(server: RealServer, origin: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 3 * PATIENCE  # Prefect needs a minute even where nothing else runs
    while time.monotonic() < end:
        assert process.poll() is None, f"{server.name} ended: see its log"
        try:
            _get(server, origin + server.ready)
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"{server.name} did not start")


def _get(server: RealServer, url: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(url, headers=dict(server.headers)), timeout=PATIENCE) as answer:
        body: bytes = answer.read()
        return body.decode()
