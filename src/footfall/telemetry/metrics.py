"""Metrics in the form that Prometheus reads.

One registry a process. Where several processes serve one port (``--workers``), each keeps its figures in a file of the
folder that ``PROMETHEUS_MULTIPROC_DIR`` names, and whichever is asked adds all of them up. No metric names a
workspace, a customer or an event.
"""

import os
from collections.abc import Iterable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = CONTENT_TYPE_LATEST

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


class Metrics:
    """The figures of one process."""

    def __init__(self) -> None:
        self._own = CollectorRegistry()
        self._requests = Counter(
            "footfall_requests", "Requests that were answered.", ("product", "method", "status"), registry=self._own
        )
        self._seconds = Histogram(
            "footfall_request_seconds",
            "Time from a request's head to the last of its answer.",
            ("product", "method"),
            buckets=_SECONDS,
            registry=self._own,
        )
        self._events = Counter(
            "footfall_events",
            "Events that captures brought, once durable: stored, repeated (known already), refused.",
            ("product", "fate"),
            registry=self._own,
        )
        self._waiting = Gauge(
            "footfall_waiting",
            "What waits to be written: events of captures, posts of behavioural events.",
            ("queue",),
            registry=self._own,
            multiprocess_mode="livesum",
        )
        # By the labels: to find them anew takes longer than to count.
        self._counters: dict[tuple[str, str, int], Counter] = {}
        self._timers: dict[tuple[str, str], Histogram] = {}

    def answered(self, product: str, method: str, status: int, seconds: float) -> None:
        """A request was answered."""
        method = method if method in _METHODS else "other"  # whatever a client calls it: labels must stay few
        counter = self._counters.get((product, method, status))
        if counter is None:
            counter = self._counters[product, method, status] = self._requests.labels(product, method, str(status))
        timer = self._timers.get((product, method))
        if timer is None:
            timer = self._timers[product, method] = self._seconds.labels(product, method)
        counter.inc()
        timer.observe(seconds)

    def captured(self, noted: Iterable[tuple[tuple[str, str], int]]) -> None:
        """So many events, by product and fate."""
        for (product, fate), events in noted:
            if events:
                self._events.labels(product, fate).inc(events)

    def waits(self, queue: str, length: int) -> None:
        """So much waits in a queue now."""
        self._waiting.labels(queue).set(length)

    def text(self) -> bytes:
        """All figures, of all processes, as ``CONTENT_TYPE``."""
        if not os.environ.get(FOLDER):
            return generate_latest(self._own)
        every = CollectorRegistry()
        MultiProcessCollector(every)  # type: ignore[no-untyped-call]
        return generate_latest(every)
