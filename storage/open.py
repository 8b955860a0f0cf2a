"""From a URL to its store: parses strictly, refuses what it doesn't know, and connects to nothing yet. No I/O.

::

    file:relative/path   file:/abs/path   file:///abs/path   relative/path   /abs/path   ~/path
    memory:NAME
    s3://BUCKET/PREFIX?endpoint=http://HOST:PORT&region=REGION
    minio://HOST:PORT/BUCKET/PREFIX?secure=0|1&region=REGION
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from storage.bucket import BucketAddress
from storage.folder import FolderStore
from storage.memory import open_memory
from storage.protocol import Store
from values.errors import UsageError, nearest

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)


def open_store(url: str) -> Store:
    """The store at `url`. Raises UsageError if it can't be read; whether the store is there says its `check`."""
    found = _SCHEME.fullmatch(url)
    if found is None:
        return _open_path(url, url)
    scheme = found[1].lower()
    if scheme not in _OPENERS:
        hint = f"{nearest(scheme, _OPENERS)} A path with a colon in it can be written ./{url}"
        raise UsageError(f"no kind of store is called {scheme!r}", where=_safe(url), hint=hint)
    return _OPENERS[scheme](url, found[2])


def _open_file(url: str, rest: str) -> Store:
    parts = _split(url, known=set())
    if parts.netloc not in {"", "localhost"}:
        raise UsageError(
            "a file: URL names no host",
            where=_safe(url),
            hint=f"Write file:{rest.removeprefix('//')} for a relative path, file:///… for an absolute one.",
        )
    return _open_path(url, unquote(parts.path))


def _open_path(url: str, path: str) -> Store:
    if not path or "\0" in path:
        raise UsageError(f"{url!r} names no folder", hint="Write it like file:matinee-library.")
    try:
        return FolderStore(Path(path).expanduser())
    except RuntimeError as error:
        raise UsageError(str(error), where=url, hint="Write the path in full.") from error


def _open_memory(url: str, rest: str) -> Store:
    return open_memory(rest)


def _open_s3(url: str, rest: str) -> Store:
    from storage.s3 import S3Store  # boto3 takes a third of a second to import

    parts = _split(url, known={"endpoint", "region"})
    settings = _settings(parts)
    endpoint = settings.get("endpoint", "").rstrip("/")
    if "endpoint" in settings:
        where = urlsplit(endpoint)
        if where.scheme not in {"http", "https"} or not where.hostname or "@" in where.netloc or where.query:
            raise UsageError(
                "the endpoint is no http(s) URL of a server", where=_safe(url), hint="Like endpoint=http://host:9000"
            )
    return S3Store(_address(url, parts.netloc, parts.path, endpoint, settings.get("region", "")))


def _open_minio(url: str, rest: str) -> Store:
    from storage.minio import MinioStore  # so do urllib3 and its TLS

    parts = _split(url, known={"secure", "region"})
    settings = _settings(parts)
    secure = settings.get("secure", "0" if _is_loopback(parts.hostname or "") else "1")
    if secure not in {"0", "1"}:
        raise UsageError(f"secure is {secure!r}", where=_safe(url), hint="Write secure=1 for https, secure=0 for http.")
    if not parts.hostname:
        raise UsageError("no host is named", where=_safe(url), hint="Write it like minio://host:9000/bucket/prefix.")
    bucket, _, prefix = parts.path.removeprefix("/").partition("/")
    endpoint = f"{'https' if secure == '1' else 'http'}://{parts.netloc}"
    return MinioStore(_address(url, bucket, prefix, endpoint, settings.get("region", "")))


_OPENERS: dict[str, Callable[[str, str], Store]] = {
    "file": _open_file,
    "memory": _open_memory,
    "s3": _open_s3,
    "minio": _open_minio,
}


def _address(url: str, bucket: str, prefix: str, endpoint: str, region: str) -> BucketAddress:
    try:
        return BucketAddress(bucket=bucket, prefix=unquote(prefix).strip("/"), endpoint=endpoint, region=region)
    except UsageError as error:
        raise UsageError(error.what, where=_safe(url), hint=error.hint) from error


def _split(url: str, *, known: set[str]) -> SplitResult:
    """The parts of `url`. Raises UsageError for a bad port, credentials, a fragment and settings not in `known`."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise UsageError(f"this is no URL: {error}", where=_safe(url), hint="See matinee onboard --help.") from error
    if "@" in parts.netloc:
        raise UsageError(
            "credentials don't belong into a store's URL",
            where=_safe(url),
            hint="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use a profile in ~/.aws/credentials.",
        )
    if parts.fragment or url.endswith("#"):
        raise UsageError("a store's URL has no fragment", where=_safe(url), hint="Write # in a name as %23.")
    for name in _settings(parts):
        if name not in known:
            hint = nearest(name, known) if known else "It takes none. Write ? in a name as %3F."
            raise UsageError(f"{parts.scheme}: has no setting {name!r}", where=_safe(url), hint=hint)
    return parts


def _settings(parts: SplitResult) -> dict[str, str]:
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if len(dict(pairs)) != len(pairs):
        raise UsageError("a setting is given twice", where=_safe(parts.geturl()), hint="Keep one of them.")
    return dict(pairs)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _safe(url: str) -> str:
    """`url` without what may be a secret, for messages."""
    return re.sub(r"//[^/?#]*@", "//…@", url)
