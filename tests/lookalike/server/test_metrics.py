"""Metrics for Prometheus, read by its own parser."""

import subprocess
import sys

from prometheus_client.parser import text_string_to_metric_families

import lookalike
from lookalike.sandboxes import Sandboxes
from lookalike.server.app import create_app
from lookalike.server.metrics import Metrics
from lookalike.server.mock_handler import MockOptions
from tests.support.recorded import PETS, REX

WITHOUT = """
import sys
from importlib.abc import MetaPathFinder

class Missing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "prometheus_client":
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Missing())
from lookalike.__main__ import run
sys.argv = ["lookalike", "mock", sys.argv[1], "--port", "0", *sys.argv[2:]]
run()
"""


def test_requests_and_the_state_are_counted() -> None:
    mock = lookalike.Mock(lookalike.load(PETS), data={"pet": [REX]})
    sandboxes = Sandboxes(mock)
    metrics = Metrics(sandboxes)
    client = create_app(
        mock, MockOptions(log=metrics.count, metrics=metrics.response), sandboxes=sandboxes
    ).test_client()
    for method, path in (("GET", "/pets/1"), ("GET", "/pets/1"), ("GET", "/pets/9"), ("MADE-UP", "/pets/9")):
        client.open(path, method=method)
    client.get("/pets/1", headers={"Lookalike-Sandbox": "other"})
    shown = client.get("/__lookalike/metrics")
    assert shown.content_type.startswith("text/plain")
    found = {
        (one.name, *one.labels.values()): one.value
        for family in text_string_to_metric_families(shown.text)
        for one in family.samples
        if not one.name.endswith("_created")
    }
    assert found["lookalike_requests_total", "GET", "200"] == 3
    assert found["lookalike_requests_total", "GET", "404"] == 1
    assert found["lookalike_requests_total", "other", "405"] == 1
    assert found["lookalike_items", "pet"] == 1
    assert found["lookalike_sandboxes",] == 2


def test_a_mock_without_metrics_says_how_to_have_some() -> None:
    shown = create_app(lookalike.Mock(lookalike.load(PETS))).test_client().get("/__lookalike/metrics")
    assert (shown.status_code, shown.get_json()["detail"]) == (
        404,
        "no metrics are kept; start the mock with --metrics",
    )


def test_a_missing_package_is_an_error_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, PETS, "--metrics"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "--metrics needs the package prometheus-client" in done.stderr
    assert "pip install 'lookalike[metrics]'" in done.stderr
    assert "Traceback" not in done.stderr
