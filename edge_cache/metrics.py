"""What an edge counts, in a registry of its own. No I/O."""

from __future__ import annotations

from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from edge_cache.tiers import Tiers

Result = Literal[
    "hit", "hit-disk", "stale", "revalidated", "miss", "collapsed", "passed", "refused", "failed", "aborted"
]
_RESULTS: tuple[Result, ...] = (
    ("hit", "hit-disk", "stale", "revalidated", "miss", "collapsed") + ("passed", "refused", "failed", "aborted")
)  # fmt: skip


class Metrics:
    """Counters are bound once, so counting is one call."""

    def __init__(self, tiers: Tiers) -> None:
        self.registry = CollectorRegistry()
        requests = self._counter("requests", "Requests by how they were answered", "result")
        self._requests = {result: requests.labels(result) for result in _RESULTS}
        sent = self._counter("body_bytes", "Bytes of cached bodies sent, by where they came from", "source")
        self.ram_bytes = sent.labels("ram")
        self.disk_bytes = sent.labels("disk")
        self.origin_bytes = sent.labels("origin")
        fills = self._counter("fills", "Bodies fetched from an origin", "outcome")
        self.fills_stored = fills.labels("stored")
        self.fills_passed = fills.labels("passed")
        self.fills_broken = fills.labels("broken")
        self.origin_requests = Counter(
            "matinee_edge_origin_requests", "Requests sent to origins", registry=self.registry
        )
        self._tiers = tiers
        resident = Gauge(
            "matinee_edge_resident_bytes", "Bytes charged to a tier's budget", ["tier"], registry=self.registry
        )
        resident.labels("ram").set_function(lambda: tiers.ram.used_bytes)
        resident.labels("disk").set_function(lambda: tiers.disk.budget.used_bytes if tiers.disk else 0)
        evictions = Gauge("matinee_edge_evictions", "Objects evicted since start", ["tier"], registry=self.registry)
        evictions.labels("ram").set_function(lambda: tiers.ram.evictions)
        evictions.labels("disk").set_function(lambda: tiers.disk.budget.evictions if tiers.disk else 0)
        objects = Gauge("matinee_edge_objects", "Objects in the cache", registry=self.registry)
        objects.set_function(lambda: len(tiers.catalog))
        skipped = Gauge("matinee_edge_disk_skipped", "Objects not written to a slow disk", registry=self.registry)
        skipped.set_function(lambda: tiers.disk.skipped if tiers.disk else 0)
        failures = Gauge("matinee_edge_disk_failures", "Errors of the disk tier", registry=self.registry)
        failures.set_function(lambda: tiers.disk.failures if tiers.disk else 0)

    def request(self, result: Result) -> None:
        """Count one answered request."""
        self._requests[result].inc()

    def page(self) -> bytes:
        """The text exposition."""
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, label: str) -> Counter:
        return Counter(f"matinee_edge_{name}", text, [label], registry=self.registry)
