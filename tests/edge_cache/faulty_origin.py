"""An origin that does as it is told, well or badly, and remembers what it was asked; a client that sees the wire."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Literal

from edge_cache.server import run_edge
from edge_cache.settings import EdgeSettings


@dataclass(frozen=True, slots=True)
class Reply:
    """How the origin answers one request.

    `declared` is the Content-Length it claims (default: the truth, None in `chunked` replies). After `cut` body bytes
    the connection ends as `end` says. `head_gate` and `body_gate` hold the head, and the body after `gate_at` bytes,
    until they are set. `raw` replaces everything.
    """

    body: bytes = b""
    status: int = 200
    fields: tuple[tuple[str, str], ...] = (("Cache-Control", "max-age=3600"),)
    declared: int | None = None
    chunked: bool = False
    cut: int | None = None
    end: Literal["keep", "close", "reset"] = "keep"
    head_gate: asyncio.Event | None = None
    body_gate: asyncio.Event | None = None
    gate_at: int = 0
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the origin saw it; field names in lower case."""

    method: str
    target: str
    fields: dict[str, str]
    body: bytes


@dataclass(slots=True)
class FaultyOrigin:
    """Replies by target, the last of several again and again; a target without replies is 404."""

    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def count(self, target: str) -> int:
        """How often a target was asked for."""
        return sum(each.target == target for each in self.asked)

    async def wait_for(self, requests: int) -> None:
        """Until it was asked so often, whatever for."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.asked) >= requests)

    def say(self, target: str, *replies: Reply) -> None:
        self.replies[target] = list(replies)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                asked = await _read_request(reader)
                async with self._news:
                    self.asked.append(asked)
                    self._news.notify_all()
                queue = self.replies.get(asked.target, [Reply(status=404)])
                reply = queue.pop(0) if len(queue) > 1 else queue[0]
                if not await _send(writer, asked, reply):
                    break
        writer.close()


async def _read_request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    line, *rest = head.rstrip("\r\n").split("\r\n")
    method, target, _ = line.split(" ")
    fields = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in rest)}
    if "chunked" in fields.get("transfer-encoding", ""):
        body = b""
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    else:
        body = await reader.readexactly(int(fields.get("content-length", "0")))
    return Asked(method, target, fields, body)


async def _send(writer: asyncio.StreamWriter, asked: Asked, reply: Reply) -> bool:
    """Answer; False if the connection must end."""
    if reply.head_gate is not None:
        await reply.head_gate.wait()
    if reply.raw is not None:
        writer.write(reply.raw)
        await writer.drain()
        return _end(writer, reply)
    fields = list(reply.fields)
    if reply.chunked:
        fields.append(("Transfer-Encoding", "chunked"))
    elif reply.status not in (204, 304):
        fields.append(("Content-Length", str(len(reply.body) if reply.declared is None else reply.declared)))
    lines = [f"HTTP/1.1 {reply.status} Told", *(f"{name}: {value}" for name, value in fields)]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    if asked.method != "HEAD" and reply.status != 304:
        body = reply.body if reply.cut is None else reply.body[: reply.cut]
        gate_at = reply.gate_at if reply.body_gate is not None else len(body)
        _write(writer, body[:gate_at], reply)
        await writer.drain()
        if reply.body_gate is not None:
            await reply.body_gate.wait()
            _write(writer, body[gate_at:], reply)
        if reply.chunked and reply.cut is None:
            writer.write(b"0\r\n\r\n")
    await writer.drain()
    return _end(writer, reply)


def _write(writer: asyncio.StreamWriter, data: bytes, reply: Reply) -> None:
    if data:
        writer.write(b"%x\r\n%s\r\n" % (len(data), data) if reply.chunked else data)


def _end(writer: asyncio.StreamWriter, reply: Reply) -> bool:
    if reply.end == "reset":
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    return reply.end == "keep"


@contextlib.asynccontextmanager
async def faulty_origin() -> AsyncIterator[FaultyOrigin]:
    """An origin on a free port."""
    origin = FaultyOrigin()
    server = await asyncio.start_server(origin.serve, "127.0.0.1", 0)
    origin.port = server.sockets[0].getsockname()[1]
    try:
        yield origin
    finally:
        server.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def running_edge(*origins: str, **settings: object) -> AsyncIterator[int]:
    """An edge as the command starts it, on a free port."""
    given = EdgeSettings(origins=origins, read_timeout_s=5.0, port=free_port())
    given = replace(given, **settings)  # type: ignore[arg-type]
    edge = asyncio.create_task(run_edge(given))
    try:
        while not await _listens(given.port):
            if edge.done():
                edge.result()
            await asyncio.sleep(0.01)
        yield given.port
    finally:
        edge.cancel()
        await asyncio.gather(edge, return_exceptions=True)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return False
    writer.close()
    return True


@dataclass(frozen=True, slots=True)
class Answer:
    """What came over the wire. `complete` says whether the message ended as HTTP/1.1 says that it must."""

    status: int
    fields: dict[str, str]
    body: bytes
    complete: bool

    @property
    def cache_status(self) -> str:
        return self.fields.get("cache-status", "")


class Client:
    """One request on its own connection: `head` waits for the head, `some` for body bytes, `answer` for the end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, method: str) -> None:
        self.reader, self.writer, self.method = reader, writer, method
        self.status = 0
        self.fields: dict[str, str] = {}
        self.body = b""

    @classmethod
    async def ask(
        cls, port: int, target: str, *fields: tuple[str, str], method: str = "GET", body: bytes = b""
    ) -> Client:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        lines = [f"{method} {target} HTTP/1.1", "Host: edge.test", *(f"{name}: {value}" for name, value in fields)]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
        return cls(reader, writer, method)

    async def head(self) -> int:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.rstrip("\r\n").split("\r\n")
        self.status = int(line.split(" ")[1])
        self.fields = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in rest)}
        return self.status

    async def some(self, count: int) -> bytes:
        """`count` more bytes of a body that has a length."""
        data = await self.reader.readexactly(count)
        self.body += data
        return data

    async def answer(self) -> Answer:
        if not self.status:
            await self.head()
        complete = True
        try:
            if self.method == "HEAD" or self.status in (204, 304):
                pass
            elif "chunked" in self.fields.get("transfer-encoding", ""):
                await self._chunks()
            elif "content-length" in self.fields:
                while (missing := int(self.fields["content-length"]) - len(self.body)) > 0:
                    if not (data := await self.reader.read(missing)):
                        raise asyncio.IncompleteReadError(b"", missing)
                    self.body += data
            else:
                self.body += await self.reader.read()
        except (ConnectionError, asyncio.IncompleteReadError):
            complete = False
        self.leave()
        return Answer(self.status, self.fields, self.body, complete)

    async def _chunks(self) -> None:
        while size := int((await self.reader.readuntil(b"\r\n")).strip(), 16):
            self.body += (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readexactly(2)

    def leave(self) -> None:
        self.writer.close()


async def get(port: int, target: str, *fields: tuple[str, str], method: str = "GET", body: bytes = b"") -> Answer:
    """One request on a connection of its own."""
    return await (await Client.ask(port, target, *fields, method=method, body=body)).answer()
