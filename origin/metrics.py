"""What an origin counts, in a registry of its own, so that several can live in one process. No I/O."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class OriginMetrics:
    """Counters of one origin."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "matinee_origin_requests",
            "Requests answered, by what was asked for",
            ("kind", "status"),
            registry=self.registry,
        )
        self._bytes = Counter(
            "matinee_origin_body_bytes", "Bytes of bodies handed to clients", ("kind",), registry=self.registry
        )
        self._seconds = Histogram(
            "matinee_origin_request_seconds",
            "From a request's headers to the last byte of its answer",
            ("kind",),
            buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60),
            registry=self.registry,
        )
        self.store_errors = Counter(
            "matinee_origin_store_errors", "Store calls that failed or took too long", registry=self.registry
        )
        self.broken_off = Counter(
            "matinee_origin_broken_off", "Answers cut off after their headers", ("by",), registry=self.registry
        )
        self.in_flight = Gauge("matinee_origin_requests_in_flight", "Requests being answered", registry=self.registry)

    def count(self, *, kind: str, status: int, body_bytes: int, seconds: float) -> None:
        """One request is over."""
        self._requests.labels(kind, str(status)).inc()
        self._bytes.labels(kind).inc(body_bytes)
        self._seconds.labels(kind).observe(seconds)

    def text(self) -> bytes:
        """The Prometheus text format."""
        return generate_latest(self.registry)
