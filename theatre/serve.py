"""The whole house: origin, edges and page, started in order and stopped together. Does I/O."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from origin.server import listen, port_of, serving, stop_signals
from theatre.page import EdgeDoor, create_page_app
from theatre.settings import ServeSettings
from theatre.supervisor import Child


@dataclass(frozen=True, slots=True)
class House:
    """Where everything is, once it runs. `pids` are the child processes: the origin's, then each edge's."""

    page_url: str
    edge_urls: tuple[str, ...]
    origin_url: str
    pids: tuple[int, ...]


async def serve(settings: ServeSettings, *, on_ready: Callable[[House], None] | None = None) -> None:
    """Run the house until SIGINT, SIGTERM or cancellation; when this returns, no process of it is left.

    `on_ready` is told where everything is once all of it answers. Raises ServeError if a port can't be had or a
    part can't start, StoreError and UsageError if the store can't be used.
    """
    async with contextlib.AsyncExitStack() as stack:
        page_socket, *edge_sockets, origin_socket = _listen(settings, stack)
        origin_url = _url(settings.origin_host, origin_socket)
        children = _children(settings, origin_socket, edge_sockets, origin_url)
        stop = stack.enter_context(stop_signals())
        stack.push_async_callback(_stop, children)
        if not await _unless_stopped(_start(children), stop):
            return
        doors = [
            EdgeDoor(f"Edge {n}", port_of(listener), lambda child=child: child.up, public_url)  # type: ignore[misc]
            for n, (listener, child, public_url) in enumerate(
                zip(edge_sockets, children[1:], settings.public_edges or [""] * settings.edges, strict=True), 1
            )
        ]
        await stack.enter_async_context(serving(create_page_app(doors), page_socket))
        if on_ready:
            pids = tuple(child.pid or 0 for child in children)
            edge_urls = settings.public_edges or tuple(_url(settings.host, s) for s in edge_sockets)
            on_ready(House(_url(settings.host, page_socket), edge_urls, origin_url, pids))
        await stop.wait()


def _listen(settings: ServeSettings, stack: contextlib.AsyncExitStack) -> list[socket.socket]:
    """The sockets of the page, the edges and the origin. Raises ServeError."""
    hosts = [settings.host] * (settings.edges + 1) + [settings.origin_host]
    return [
        stack.enter_context(contextlib.closing(listen(host, port)))
        for host, port in zip(hosts, settings.ports, strict=True)
    ]


def _children(
    settings: ServeSettings, origin_socket: socket.socket, edge_sockets: list[socket.socket], origin_url: str
) -> list[Child]:
    farewell_s = settings.farewell_s
    origin = Child(
        "origin", "theatre.apps:origin_app", {"store_url": settings.store_url}, origin_socket, farewell_s=farewell_s
    )
    edges = []
    for number, listener in enumerate(edge_sockets, 1):
        options = {
            "name": f"edge-{number}",
            "origin": origin_url,
            "ram_bytes": settings.edge_ram_bytes,
            "disk": str(settings.edge_disk / f"edge-{number}") if settings.edge_disk else "",
            "disk_bytes": settings.edge_disk_bytes,
        }
        edges.append(Child(f"edge {number}", settings.edge_app, options, listener, farewell_s=farewell_s))
    return [origin, *edges]


async def _start(children: list[Child]) -> None:
    """Start all at once; when all have, or have failed, raise what the first of the failed ones said."""
    for outcome in await asyncio.gather(*(child.start() for child in children), return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


async def _unless_stopped(starting: Coroutine[Any, Any, None], stop: asyncio.Event) -> bool:
    """Await `starting`, or give it up when the end is asked for before it is done; whether it is done."""
    tasks = [asyncio.create_task(starting), asyncio.create_task(_wait(stop))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks[0].done():
            tasks[0].result()
        return tasks[0].done()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


async def _stop(children: list[Child]) -> None:
    """The edges first, so that what they still fetch can be fetched."""
    await asyncio.gather(*(child.stop() for child in children[1:]))
    await children[0].stop()


def _url(host: str, listener: socket.socket) -> str:
    """Where to reach a socket from this machine."""
    address = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)
    if ":" in address and not address.startswith("["):
        address = f"[{address}]"
    return f"http://{address}:{port_of(listener)}"
