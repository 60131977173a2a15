"""What Prometheus is told: requests by route and status, the time of analyses, and the caches by level.

Only where ``METRICS_TOKEN`` is set. With several worker processes each writes its numbers to files of the folder in
``PROMETHEUS_MULTIPROC_DIR`` (``webapp/gunicorn.py`` makes one), and whichever is asked answers for all.
"""

from __future__ import annotations

import os
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Final

from flask import Flask, Response, current_app, g, request

from neural.caches import CacheCounts
from neural.compiler import default_compiler

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

#: Routes whose answers are analyses.
ANALYSES: Final = frozenset({"/", "/analyze", "/api/v1/analyze", "/m/<identifier>"})
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_NOTHING: Final = CacheCounts(0, 0, 0, 0, 0)


class Metrics:
    """The numbers of this process, and of all others that write to the same folder."""

    def __init__(self) -> None:
        # Read when it is first imported: whether there are other processes.
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self._registry = registry = CollectorRegistry()
        self._requests = Counter("neural_requests", "Requests.", ("route", "status"), registry=registry)
        self._analyses = Histogram(
            "neural_analysis_seconds", "Time of an answer that is an analysis.", buckets=_SECONDS, registry=registry
        )
        self._hits = Counter("neural_cache_hits", "Answers from a cache.", ("level",), registry=registry)
        self._misses = Counter(
            "neural_cache_misses", "Values that a cache did not hold.", ("level",), registry=registry
        )
        self._entries, self._bytes, self._budget = (
            Gauge(f"neural_cache_{name}", words, ("level",), registry=registry, multiprocess_mode="livesum")
            for name, words in (
                ("entries", "Values held by the caches of all workers."),
                ("bytes", "Bytes held by the caches of all workers, as they are estimated."),
                ("budget_bytes", "Bytes that the caches of all workers may hold."),
            )
        )
        self._grammars = Counter("neural_grammars_built", "Parsers built from the grammar.", registry=registry)
        self._seen: dict[str, CacheCounts] = {}
        self._built = 0
        self._lock = Lock()

    def register(self, app: Flask) -> None:
        """Have every request counted."""
        app.extensions["metrics"] = self
        app.before_request(_start)
        app.after_request(self._count)

    def text(self) -> bytes:
        """Return the numbers of all processes in Prometheus's text format 0.0.4."""
        from prometheus_client import generate_latest

        self._follow()
        return generate_latest(_of_all_processes() or self._registry)

    def _count(self, response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        self._requests.labels(route, str(response.status_code)).inc()
        if route in ANALYSES:
            self._analyses.observe(perf_counter() - g.get("started", perf_counter()))
        self._follow()
        return response

    def _follow(self) -> None:
        """Take over what the caches have counted since the last time."""
        with self._lock:
            compiler = default_compiler()
            for level, now in compiler.counts().items():
                before = self._seen.get(level, _NOTHING)
                if now == before:
                    continue
                if now.hits < before.hits or now.misses < before.misses:  # cleared in between
                    before = _NOTHING
                self._hits.labels(level).inc(now.hits - before.hits)
                self._misses.labels(level).inc(now.misses - before.misses)
                self._entries.labels(level).set(now.size)
                self._bytes.labels(level).set(now.bytes)
                self._budget.labels(level).set(now.budget)
                self._seen[level] = now
            built = compiler.grammars_built()
            self._grammars.inc(built - self._built)
            self._built = built


def _start() -> None:
    g.started = perf_counter()


def _of_all_processes() -> CollectorRegistry | None:
    """Return what the processes of the folder have written; None where this is the only process."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return None
    from prometheus_client import CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    return registry


def metrics() -> Metrics | None:
    """Return the numbers of the running application, where it keeps any."""
    found: Metrics | None = current_app.extensions.get("metrics")
    return found
