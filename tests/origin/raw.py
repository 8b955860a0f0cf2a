"""Requests byte by byte: what a polite HTTP client would normalise before it is sent."""

from __future__ import annotations

import asyncio

from aiohttp.test_utils import TestClient


async def exchange(client: TestClient, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send `request` on a connection of its own and read to the end: status, headers (lower-case), body as it came."""
    reader, writer = await asyncio.open_connection(client.server.host, client.server.port)
    try:
        writer.write(request)
        head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
    finally:
        writer.close()
        await writer.wait_closed()
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(status_line.split(" ")[1]), headers, body


async def get(client: TestClient, target: str, *lines: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    text = "\r\n".join([f"{method} {target} HTTP/1.1", "Host: origin", "Connection: close", *lines, "", ""])
    return await exchange(client, text.encode("latin-1"))
