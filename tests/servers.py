"""Real S3 servers on loopback for tests of any room: OpenStack Swift with s3api, and moto. Session fixtures.

A test that asks for `swift_server` or `moto_server` gets an S3Server with a bucket in it, and the environment variables
that hold its keys. Both run as subprocesses and end with the session.
"""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.parts import lacks

ACCESS_KEY, SECRET_KEY, BUCKET = "test:tester", "testing", "library"


@dataclass(frozen=True, slots=True)
class S3Server:
    """A running server: `endpoint` is its http URL without a slash at the end."""

    name: str
    endpoint: str
    bucket: str = BUCKET

    @property
    def host(self) -> str:
        return self.endpoint.removeprefix("http://")

    def s3_url(self, prefix: str) -> str:
        return f"s3://{self.bucket}/{prefix}?endpoint={self.endpoint}&region=us-east-1"

    def minio_url(self, prefix: str) -> str:
        return f"minio://{self.host}/{self.bucket}/{prefix}?secure=0"


@pytest.fixture(scope="session")
def s3_keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The servers' keys in the environment, and none of this machine's own AWS settings."""
    nowhere = tmp_path_factory.mktemp("aws")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("AWS_", "MINIO_"))]:
            patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CONFIG_FILE", str(nowhere / "config"))
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(nowhere / "credentials"))
        yield


@pytest.fixture(scope="session")
def moto_server(s3_keys: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """moto: all in memory, quick, takes any key."""
    if find_spec("moto") is None:
        lacks("moto is not installed (pip install 'moto[server]')")
    (port,) = free_ports(1)
    log = tmp_path_factory.mktemp("moto") / "log"
    with _running([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], log) as process:
        yield _ready(S3Server("moto", f"http://127.0.0.1:{port}"), "/moto-api/", [(process, log)])


@pytest.fixture(scope="session")
def swift_server(s3_keys: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """OpenStack Swift: four servers, objects on disk with their facts in extended attributes, keys checked."""
    for module, package in (("swift", "swift"), ("pyeclib", "pyeclib")):
        if find_spec(module) is None:
            lacks(f"{package} is not installed (pip install swift pyeclib)")
    folder = tmp_path_factory.mktemp("swift")
    try:
        os.setxattr(folder, "user.matinee", b"1")
    except OSError as error:
        lacks(f"{folder} is on a file system without user attributes: {error} (pytest --basetemp)")
    ports = dict(zip(("proxy", "account", "container", "object"), free_ports(4), strict=True))
    _configure_swift(folder, ports)
    with ExitStack() as stack:
        processes = []
        for service in ports:
            log = folder / f"{service}.log"
            argv = [_script(f"swift-{service}-server"), str(folder / f"{service}-server.conf")]
            processes.append((stack.enter_context(_running(argv, log)), log))
        yield _ready(S3Server("swift", f"http://127.0.0.1:{ports['proxy']}"), "/healthcheck", processes)


def free_ports(count: int) -> list[int]:
    """TCP ports of loopback that nobody listens on now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextmanager
def _running(argv: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output, subprocess.Popen(argv, stdout=output, stderr=subprocess.STDOUT) as process:
        try:
            yield process
        finally:
            process.kill()


def _ready(server: S3Server, path: str, processes: list[tuple[subprocess.Popen[bytes], Path]]) -> S3Server:
    """`server` with its bucket made, once it answers."""
    import boto3  # here: rooms that need no server don't wait for its import

    deadline = time.monotonic() + 60
    while True:
        for process, log in processes:
            if process.poll() is not None:
                pytest.fail(f"{process.args} exited {process.returncode}:\n{log.read_text()[-2000:]}", pytrace=False)
        try:
            urllib.request.urlopen(server.endpoint + path, timeout=5).close()
            break
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > deadline:
                pytest.fail(f"{server} does not get ready: {error}", pytrace=False)
            time.sleep(0.1)
    client = boto3.client("s3", endpoint_url=server.endpoint, region_name="us-east-1")
    client.create_bucket(Bucket=server.bucket)
    client.close()
    return server


def _script(name: str) -> str:
    path = Path(sys.executable).parent / name
    if not path.is_file():
        lacks(f"{name} is not beside {sys.executable} (pip install swift)")
    return str(path)


def _configure_swift(folder: Path, ports: dict[str, int]) -> None:
    """One copy of everything on one device, each server in one process; see Swift's "all in one" guide."""
    (folder / "srv" / "d1").mkdir(parents=True)
    (folder / "swift.conf").write_text(
        "[swift-hash]\nswift_hash_path_prefix = t\nswift_hash_path_suffix = t\n"
        "[storage-policy:0]\nname = p0\ndefault = yes\n"
    )
    common = (
        f"bind_ip = 127.0.0.1\nworkers = 0\nuser = {getpass.getuser()}\nswift_dir = {folder}\n"
        f"devices = {folder}/srv\nmount_check = false\nlog_level = WARNING\n"
    )
    for service in ("account", "container", "object"):
        (folder / f"{service}-server.conf").write_text(
            f"[DEFAULT]\nbind_port = {ports[service]}\n{common}"
            f"[pipeline:main]\npipeline = {service}-server\n[app:{service}-server]\nuse = egg:swift#{service}\n"
        )
    _build_rings(folder, ports)
    filters = ("catch_errors", "gatekeeper", "healthcheck", "listing_formats", "copy", "bulk", "slo", "symlink")
    (folder / "proxy-server.conf").write_text(
        f"[DEFAULT]\nbind_port = {ports['proxy']}\n{common}[pipeline:main]\n"
        "pipeline = catch_errors gatekeeper healthcheck listing_formats s3api tempauth copy bulk slo symlink"
        " proxy-server\n[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\n"
        + "".join(f"[filter:{name}]\nuse = egg:swift#{name}\n" for name in filters)
        + "[filter:s3api]\nuse = egg:swift#s3api\nlocation = us-east-1\nmin_segment_size = 5242880\n"
        f"[filter:tempauth]\nuse = egg:swift#tempauth\nuser_{ACCESS_KEY.replace(':', '_')} = {SECRET_KEY} .admin\n"
    )


_RINGS = """
import sys
from swift.common.ring import RingBuilder

for name, port in zip(sys.argv[1::2], sys.argv[2::2]):
    ring = RingBuilder(part_power=4, replicas=1, min_part_hours=0)
    ring.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "d1", "weight": 1})
    ring.rebalance()
    ring.get_ring().save(name)
"""


def _build_rings(folder: Path, ports: dict[str, int]) -> None:
    """Where objects lie, in one process: swift-ring-builder would be nine, each waiting for Swift's imports."""
    argv = [sys.executable, "-c", _RINGS]
    for service in ("account", "container", "object"):
        argv += [str(folder / f"{service}.ring.gz"), str(ports[service])]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"Swift's rings could not be built:\n{done.stdout}{done.stderr}", pytrace=False)
