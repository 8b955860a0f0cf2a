"""What `matinee serve` is asked to run, parsed once into one frozen value. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from values.errors import UsageError

MOST_EDGES = 64


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """A house: the page on `port`, edges on the ports after it, the origin after them; port 0 takes any free ones.

    `edge_ram_bytes` and `edge_disk_bytes` bound each edge; its disk tier is a folder of its own under `edge_disk`.
    The origin listens on `origin_host`: only the edges need it. `public_edges` are the URLs at which players reach
    the edges, in order, where that is not this host and port: behind TLS or another name. `edge_app` is the
    ``module:function`` that makes an edge's application from its options.
    """

    store_url: str
    host: str = "127.0.0.1"
    port: int = 8080
    edges: int = 2
    edge_ram_bytes: int = 256 * 10**6
    edge_disk: Path | None = None
    edge_disk_bytes: int = 0
    origin_host: str = "127.0.0.1"
    public_edges: tuple[str, ...] = ()
    edge_app: str = "theatre.apps:edge_app"
    farewell_s: float = 4.0

    def __post_init__(self) -> None:
        if not 1 <= self.edges <= MOST_EDGES:
            raise UsageError(f"{self.edges} edges can't be run", hint=f"Give --edges a number from 1 to {MOST_EDGES}.")
        if not 0 <= self.port <= 65535 - self.edges - 1:
            raise UsageError(
                f"the port {self.port} leaves no room for the edges and the origin after it",
                hint="Choose one from 1024 to 65000 with --port, or --port 0 for any free ones.",
            )
        if self.public_edges and len(self.public_edges) != self.edges:
            raise UsageError(
                f"{len(self.public_edges)} public URLs are given for {self.edges} edges", hint="Give one for each edge."
            )
        for url in self.public_edges:
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
                raise UsageError(f"{url!r} is not the URL of an edge", hint="Write it like https://edge1.example.org.")

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports to ask for: the page's, then each edge's, then the origin's."""
        return tuple(self.port + n if self.port else 0 for n in range(self.edges + 2))
