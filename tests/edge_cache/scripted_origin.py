"""An origin over a raw socket that does just what a test says, well or badly, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from yarl import URL

from edge_cache.app import PROXY, TIERS, create_edge_app
from edge_cache.proxy import Proxy
from edge_cache.settings import EdgeSettings
from edge_cache.tiers import Tiers


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it came over the wire; field names in lower case."""

    method: str
    target: str
    fields: dict[str, str]
    body: bytes


class Wire:
    """The answering side of a connection."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def head(self, status: int, **fields: str) -> None:
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
        await self.send(f"HTTP/1.1 {status} Scripted\r\n{lines}\r\n".encode())

    async def answer(self, body: bytes = b"", status: int = 200, **fields: str) -> None:
        if status not in (204, 304):
            fields = {"Content_Length": str(len(body)), **fields}
        await self.head(status, **fields)
        await self.send(body)

    async def chunk(self, data: bytes) -> None:
        await self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def reset(self) -> None:
        """Close with RST."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def close(self) -> None:
        self._writer.close()


Script = Callable[[Heard, Wire], Awaitable[None]]


def fixed(body: bytes = b"", status: int = 200, **fields: str) -> Script:
    """Always the same answer."""

    async def script(heard: Heard, wire: Wire) -> None:
        await wire.answer(
            b"" if heard.method == "HEAD" else body, status, **{"Content_Length": str(len(body)), **fields}
        )

    async def bodiless(heard: Heard, wire: Wire) -> None:
        await wire.answer(b"", status, **fields)

    return bodiless if status in (204, 304) else script


@dataclass(slots=True)
class ScriptedOrigin:
    """Scripts by path (``*`` for all others)."""

    scripts: dict[str, Script] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    url: str = ""
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None

    @property
    def targets(self) -> list[str]:
        return [f"{request.method} {request.target}" for request in self.heard]

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Refuse connections from now on."""
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = Wire(writer)
        try:
            while (request := await _hear(reader)) is not None:
                self.heard.append(request)
                self.asked.set()
                script = self.scripts.get(request.target.partition("?")[0]) or self.scripts.get("*")
                if script is None:
                    await wire.answer(status=404)
                else:
                    await script(request, wire)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


async def _hear(reader: asyncio.StreamReader) -> Heard | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    line, *rest = head.rstrip("\r\n").split("\r\n")
    method, target, _ = line.split(" ", 2)
    fields = {name.lower(): value.strip() for name, _, value in (text.partition(":") for text in rest)}
    body = b""
    if "content-length" in fields:
        body = await reader.readexactly(int(fields["content-length"]))
    elif fields.get("transfer-encoding") == "chunked":
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    return Heard(method, target, fields, body)


@dataclass(slots=True)
class Got:
    """An answer that came whole."""

    status: int
    fields: dict[str, str]
    body: bytes

    @property
    def cache(self) -> str:
        """Cache-Status without the name and the ttl."""
        parts = self.fields.get("Cache-Status", "").split("; ")[1:]
        return "; ".join(part for part in parts if not part.startswith("ttl="))


@dataclass(slots=True)
class Edge:
    """A running edge and a client of it."""

    url: str
    client: aiohttp.ClientSession
    proxy: Proxy
    tiers: Tiers

    async def get(self, target: str, method: str = "GET", data: bytes | None = None, **fields: str) -> Got:
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        async with self.client.request(
            method, URL(self.url + target, encoded=True), headers=headers, data=data, allow_redirects=False
        ) as answer:
            return Got(answer.status, dict(answer.headers), await answer.read())


@asynccontextmanager
async def running_edge(settings: EdgeSettings) -> AsyncIterator[Edge]:
    """The edge on a real socket."""
    app = create_edge_app(settings)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    connector = aiohttp.TCPConnector(limit=0)
    try:
        async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as client:
            yield Edge(f"http://127.0.0.1:{port}", client, app[PROXY], app[TIERS])
    finally:
        await runner.cleanup()


@asynccontextmanager
async def running_origin(**scripts: Script) -> AsyncIterator[ScriptedOrigin]:
    """An origin with scripts for ``/NAME``."""
    origin = ScriptedOrigin({f"/{name}": script for name, script in scripts.items()})
    await origin.start()
    try:
        yield origin
    finally:
        await origin.stop()


def media(length: int, seed: int = 1) -> bytes:
    """Bytes in which no stretch looks like another."""
    return b"".join((seed * 1_000_003 + i).to_bytes(4, "big") for i in range(length // 4 + 1))[:length]
