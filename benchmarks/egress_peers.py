"""The caches that egress is measured on: our edge, nginx `proxy_cache`, Varnish. Starts their processes.

Each is set up as its own manual advises for cached files: no access log, keep-alive without end, one worker.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.edge_process import running_edge
from benchmarks.processes import free_port, running
from values.errors import UsageError

CACHE_BYTES = 512 * 10**6
_SBIN = "/usr/local/sbin:/usr/sbin:/sbin"


@dataclass(frozen=True, slots=True)
class Server:
    """A running cache: where it listens, and the process whose family does the work."""

    name: str
    port: int
    pid: int


@dataclass(frozen=True, slots=True)
class Peer:
    """A cache to measure. `start` gets the origin's port, a scratch folder and cores; `is_hit` reads fields."""

    name: str
    start: Callable[[int, Path, Collection[int]], AbstractContextManager[Server]]
    is_hit: Callable[[dict[str, str]], bool]


def program(name: str, package: str) -> str:
    """The path of a program. UsageError naming Debian's package if it is missing."""
    path = shutil.which(name) or shutil.which(name, path=_SBIN)
    if path is None:
        raise UsageError(f"{name} is not installed", hint=f"Install Debian's package {package}.")
    return path


def versions() -> dict[str, str]:
    """Versions of the programs that are installed."""
    found = {}
    for name, flag in (("nginx", "-v"), ("varnishd", "-V"), ("wrk", "-v")):
        with contextlib.suppress(UsageError):
            done = subprocess.run((program(name, name), flag), capture_output=True, text=True, check=False)
            match = re.search(r"(?:nginx/|varnish-|wrk debian/|wrk )([\w.+-]+)", done.stdout + done.stderr)
            found[name] = match[1] if match else "unknown"
    return found


@contextlib.contextmanager
def _edge(origin_port: int, folder: Path, cores: Collection[int]) -> Iterator[Server]:
    with running_edge(f"http://127.0.0.1:{origin_port}", ram_bytes=CACHE_BYTES, cores=cores) as (process, port):
        yield Server("edge", port, process.pid)


@contextlib.contextmanager
def _nginx(origin_port: int, folder: Path, cores: Collection[int]) -> Iterator[Server]:
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(
        f"""
{"user root;" if os.geteuid() == 0 else ""}  # else the worker may not enter the scratch folder
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log warn;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 1000000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  proxy_cache_path {folder}/cache levels=1:2 keys_zone=edge:20m max_size={CACHE_BYTES} use_temp_path=off;
  open_file_cache max=10000 inactive=1h; open_file_cache_valid 1h;
  upstream stand_in {{ server 127.0.0.1:{origin_port}; keepalive 16; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://stand_in; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_cache edge; add_header X-Cache $upstream_cache_status;
    }}
  }}
}}
""",
        encoding="utf-8",
    )
    argv = (program("nginx", "nginx-light"), "-c", str(config), "-p", str(folder), "-e", f"{folder}/nginx-error.log")
    with running(argv, port=port, cores=cores) as process:
        yield Server("nginx", port, process.pid)


@contextlib.contextmanager
def _varnish(origin_port: int, folder: Path, cores: Collection[int]) -> Iterator[Server]:
    port = free_port()
    argv = (
        program("varnishd", "varnish"), "-F", "-j", "none", "-n", str(folder / "varnish"), "-a", f"127.0.0.1:{port}",
        "-b", f"127.0.0.1:{origin_port}", "-s", f"malloc,{CACHE_BYTES}", "-T", "none",
        "-p", "thread_pools=1",
    )  # fmt: skip
    with running(argv, port=port, cores=cores) as process:
        yield Server("varnish", port, process.pid)


PEERS = (
    Peer("edge", _edge, lambda fields: "; hit" in fields.get("cache-status", "")),
    Peer("nginx", _nginx, lambda fields: fields.get("x-cache") == "HIT"),
    Peer("varnish", _varnish, lambda fields: len(fields.get("x-varnish", "").split()) == 2),
)
