"""A proxy that forwards bytes to a server and cuts the answers to GETs of an object short. Loopback only."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass(slots=True)
class CuttingProxy:
    """`cuts` says for each coming GET of an object after how many bytes of its answer the connection is closed.

    When they are used up, nothing is cut. `ranges` are the Range headers that were seen, `on_cut` is called before
    each cut.
    """

    upstream: tuple[str, int]
    endpoint: str = ""
    cuts: list[int] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    on_cut: Callable[[], object] = lambda: None

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return  # the test is over
            server = socket.create_connection(self.upstream)
            budget: list[int] = []  # set by the requests of this connection, used up by its answers
            for work in (self._requests, self._answers):
                threading.Thread(target=work, args=(client, server, budget), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket, budget: list[int]) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                head = data.decode("latin-1")
                if re.match(r"GET /[^/ ]+/[^? ]+ ", head):
                    found = re.search(r"^range: *(\S+)", head, re.MULTILINE | re.IGNORECASE)
                    self.ranges.append(found[1] if found else "")
                    if self.cuts:
                        budget[:] = [self.cuts.pop(0)]
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _answers(self, client: socket.socket, server: socket.socket, budget: list[int]) -> None:
        with suppress(OSError), client, server:
            while data := server.recv(16384):
                if budget and len(data) >= budget[0]:
                    client.sendall(data[: budget[0]])
                    self.on_cut()
                    client.shutdown(socket.SHUT_RDWR)
                    server.shutdown(socket.SHUT_RDWR)
                    return
                if budget:
                    budget[0] -= len(data)
                client.sendall(data)


@contextmanager
def cutting_proxy(endpoint: str) -> Iterator[CuttingProxy]:
    """A proxy before the server at `endpoint`, an http URL of host and port."""
    host, _, port = endpoint.removeprefix("http://").partition(":")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = CuttingProxy((host, int(port)), f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread = threading.Thread(target=proxy.serve, args=(listener,))
        thread.start()
        try:
            yield proxy
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
