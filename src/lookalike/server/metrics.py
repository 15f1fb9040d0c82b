"""Metrics for Prometheus: requests as they are answered, and the state as it is when they are asked for."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from lookalike.errors import SandboxError, UsageError
from lookalike.http import Response
from lookalike.sandboxes import Sandboxes

MISSING = "--metrics needs the package prometheus-client, which is not installed"
_REMEDY = "Run: pip install 'lookalike[metrics]'"

try:
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
    from prometheus_client.core import GaugeMetricFamily
except ModuleNotFoundError:
    raise UsageError(MISSING, _REMEDY) from None

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"})


class Metrics:
    """The metrics of a mock: `count` is called with the log entry of each exchange."""

    def __init__(self, sandboxes: Sandboxes) -> None:
        self._sandboxes = sandboxes
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "lookalike_requests", "Requests that were answered.", ("method", "status"), registry=self._registry
        )
        self._registry.register(self)

    def count(self, entry: dict[str, Any]) -> None:
        """Count an exchange; methods that a client makes up are one, so that labels are bounded."""
        method = entry["method"] if entry["method"] in _METHODS else "other"
        self._requests.labels(method, str(entry["status"])).inc()

    def response(self) -> Response:
        """All metrics in the text format of Prometheus."""
        return Response(200, (("Content-Type", CONTENT_TYPE_LATEST),), generate_latest(self._registry))

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges, when they are asked for."""
        services = self._sandboxes.by_name()
        yield GaugeMetricFamily("lookalike_sandboxes", "Sandboxes that there are.", len(services))
        items = GaugeMetricFamily("lookalike_items", "Items of the default sandbox.", labels=("resource",))
        with suppress(SandboxError):  # the store cannot be reached, of which the other metrics tell
            for resource, number in self._sandboxes.default.numbers_of_items().items():
                items.add_metric((resource,), number)
        yield items
        callbacks = GaugeMetricFamily("lookalike_callbacks", "Callbacks of this process by state.", labels=("state",))
        sender = self._sandboxes.default.callbacks
        for state, number in sorted(sender.states.items()) if sender is not None else ():
            callbacks.add_metric((state,), number)
        yield callbacks
