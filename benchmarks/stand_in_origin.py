"""An origin for benchmarks: ``/bytes/SIZE/NAME`` is SIZE bytes that follow from NAME, made as they are sent.

Run as ``python -m benchmarks.stand_in_origin PORT``. ``/count`` says how many objects were asked for so far.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import zlib
from collections.abc import Iterator

_PIECE = 1 << 18
_SHIFTS = 1 << 16
_NOISE = random.Random(20).randbytes(_PIECE + _SHIFTS)


def pieces(name: str, size_bytes: int) -> Iterator[memoryview]:
    """The bytes of an object, in pieces."""
    shift = zlib.crc32(name.encode()) % _SHIFTS
    piece = memoryview(_NOISE)[shift : shift + _PIECE]
    for start in range(0, size_bytes, _PIECE):
        yield piece[: min(_PIECE, size_bytes - start)]


class StandInOrigin:
    """Counts requests for objects and answers them. GET only: it is no HTTP server for anyone else."""

    def __init__(self) -> None:
        self.requests = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError), contextlib.closing(writer):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ", 2)[1].decode()
                if path == "/count":
                    text = str(self.requests).encode()
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
                    continue
                self.requests += 1
                await _send(writer, path)


async def _send(writer: asyncio.StreamWriter, path: str) -> None:
    _, _, size, name = path.split("/", 3)
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nCache-Control: public, max-age=31536000, immutable\r\n"
        b'ETag: "%08x-%s"\r\nContent-Length: %s\r\n\r\n' % (zlib.crc32(name.encode()), size.encode(), size.encode())
    )
    for piece in pieces(name, int(size)):
        writer.write(piece)
        await writer.drain()


async def _main(port: int) -> None:
    server = await asyncio.start_server(StandInOrigin().serve, "127.0.0.1", port, limit=1 << 16)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(int(sys.argv[1])))
