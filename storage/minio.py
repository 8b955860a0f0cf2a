"""A store in a bucket through the minio client. I/O: HTTP.

Credentials are MINIO_ACCESS_KEY and MINIO_SECRET_KEY, or else those that AWS's own tools would take.
"""

from __future__ import annotations

import functools
import os
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from xml.etree.ElementTree import ParseError

import botocore.session
import certifi
import urllib3
from botocore.exceptions import BotoCoreError
from minio import Minio
from minio.credentials.credentials import Credentials
from minio.credentials.providers import Provider
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from urllib3.exceptions import HTTPError, MaxRetryError
from urllib3.util import Retry, Timeout

from storage.bucket import MIN_PART_BYTES, BucketAddress, no_credentials, refusal, unreachable, untagged
from storage.keys import check_key, check_prefix, check_range, is_key
from storage.protocol import ObjectInfo
from storage.stream import Body, follow, garbled, in_parts, nothing, stated
from values.errors import StoreError

_LOCATED = timedelta(hours=24)
_PIECE_BYTES = 1 << 20  # the client joins pieces to parts: smaller ones cost it time, larger ones memory
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MinioStore:
    """Objects of a bucket under `address.prefix`, on the server at `address.endpoint`.

    A put holds up to three times `part_size_bytes` in memory; 10,000 parts are the most that an object may have
    (156 GiB by default).
    """

    def __init__(self, address: BucketAddress, *, part_size_bytes: int = 16 << 20) -> None:
        self.address = address
        self.part_size_bytes = max(part_size_bytes, MIN_PART_BYTES)
        self._bucket_seen = False
        self._credentials = _Credentials(address)
        self._client = _client(address, self._credentials, attempts=5)

    def __repr__(self) -> str:
        return f"MinioStore({self.address!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return _reopen, (self.address, self.part_size_bytes)

    @property
    def url(self) -> str:
        return self.address.minio_url()

    def check(self) -> None:
        impatient = _client(self.address, self._credentials, attempts=2)
        with self._mapped():
            next(iter(impatient.list_objects(self.address.bucket, self.address.full(""))), None)
        self._bucket_seen = True

    def head(self, key: str) -> ObjectInfo:
        check_key(key)
        try:
            with self._mapped(key):
                found = self._client.stat_object(self.address.bucket, self.address.full(key))
        except StoreError:
            if not self._bucket_seen:
                self.check()  # HEAD has no words: was it the object that is missing or forbidden, or the bucket?
            raise
        return ObjectInfo(key, found.size or 0, untagged(found.etag or ""), found.last_modified or _EPOCH)

    def read(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        check_key(key)
        check_range(start, stop)
        if start == stop:
            self.head(key)
            return iter(())
        return follow(functools.partial(self._fetch, key), start, stop, where=self.address.name(key))

    def get(self, key: str) -> bytes:
        return b"".join(self.read(key))

    def put(
        self, key: str, data: bytes | Iterable[bytes], *, media_type: str = "application/octet-stream"
    ) -> ObjectInfo:
        source = _Source(in_parts(data, lambda number: _PIECE_BYTES))
        name = self.address.full(check_key(key))
        try:
            with self._mapped(key):
                done = self._client.put_object(
                    self.address.bucket,
                    name,
                    source,  # type: ignore[arg-type]  # of a file, only read is used
                    length=-1,
                    content_type=media_type,
                    part_size=self.part_size_bytes,
                    num_parallel_uploads=1,
                )
        except (StoreError, _SourceFailed):
            if source.failure is not None:
                raise source.failure from None
            raise
        date = done.http_headers.get("date")
        modified = parsedate_to_datetime(date) if date else self.head(key).modified
        return ObjectInfo(key, source.size_bytes, untagged(done.etag or ""), modified)

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        check_prefix(prefix)
        return self._list(prefix)

    def delete(self, key: str) -> None:
        check_key(key)
        with self._mapped(key):
            self._client.remove_object(self.address.bucket, self.address.full(key))

    def locate(self, key: str) -> str:
        self.head(key)
        with self._mapped(key):
            return self._client.presigned_get_object(self.address.bucket, self.address.full(key), _LOCATED)

    def _fetch(self, key: str, start: int, stop: int | None, etag: str) -> Body:
        """GET bytes [start, stop) of the object, which must still have `etag` if one is given."""
        try:
            with self._mapped(key, passed=416):
                answer = self._client.get_object(
                    self.address.bucket,
                    self.address.full(key),
                    offset=start,
                    length=0 if stop is None else stop - start,
                    request_headers={"If-Match": f'"{etag}"'} if etag else None,
                )
        except S3Error:  # 416: the object ends before `start`
            return nothing(start)
        try:
            head = stated(answer.status, answer.headers, start=start, stop=stop, where=self.address.name(key))
        except StoreError:
            answer.close()
            raise
        return Body(head, answer.read, answer.close, (HTTPError, OSError))

    def _list(self, prefix: str) -> Iterator[ObjectInfo]:
        found = iter(self._client.list_objects(self.address.bucket, self.address.full(prefix), recursive=True))
        while True:
            with self._mapped():
                item = next(found, None)
            if item is None:
                return
            key = self.address.short(item.object_name or "")
            if is_key(key):
                yield ObjectInfo(key, item.size or 0, untagged(item.etag or ""), item.last_modified or _EPOCH)

    @contextmanager
    def _mapped(self, key: str = "", *, passed: int = 0) -> Iterator[None]:
        """The minio client's errors in the project's words, but for the S3 error with status `passed`."""
        try:
            yield
        except S3Error as error:
            status = error.response.status
            if status == passed:
                raise
            code, message = error.code or "", error.message or ""
            raise refusal(self.address, code=code, status=status, message=message, key=key) from error
        except InvalidResponseError as error:
            status = error._code  # it has no public name
            raise refusal(self.address, code="", status=status, message="no S3 answer", key=key) from error
        except ServerError as error:
            raise refusal(self.address, code="", status=error.status_code, message="", key=key) from error
        except MaxRetryError as error:
            raise unreachable(self.address, str(error.reason or error), key) from error
        except (ParseError, ValueError) as error:  # the answer was cut short
            raise garbled(str(error), where=self.address.name(key)) from error
        except (MinioException, HTTPError, OSError) as error:
            raise unreachable(self.address, str(error), key) from error


class _Credentials(Provider):
    """MinIO's own variables first, then whatever botocore finds, renewed by it when it runs out."""

    def __init__(self, address: BucketAddress) -> None:
        self._address = address
        self._session = botocore.session.Session()
        self._lock = threading.Lock()

    def retrieve(self) -> Credentials:
        access, secret = os.environ.get("MINIO_ACCESS_KEY"), os.environ.get("MINIO_SECRET_KEY")
        if access and secret:
            return Credentials(access, secret)
        try:
            with self._lock:
                found = self._session.get_credentials()
            frozen = found.get_frozen_credentials() if found else None
        except BotoCoreError as error:
            raise no_credentials(self._address, str(error)) from error
        if frozen is None or not frozen.access_key or not frozen.secret_key:
            raise no_credentials(self._address, "none were found")
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token)


class _SourceFailed(Exception):
    """The data of a put failed; an Exception even where that is none, so that the client gives up its upload."""


class _Source:
    """What the minio client reads a put from. Keeps the exception of failing data, whatever comes of it there."""

    def __init__(self, parts: Iterator[bytearray]) -> None:
        self._parts = parts
        self._left = memoryview(b"")
        self.size_bytes = 0
        self.failure: BaseException | None = None

    def read(self, size: int) -> bytes:
        try:
            if not self._left:
                self._left = memoryview(next(self._parts, b""))
        except BaseException as error:
            self.failure = error
            raise _SourceFailed from error
        block, self._left = bytes(self._left[:size]), self._left[size:]
        self.size_bytes += len(block)
        return block


def _client(address: BucketAddress, credentials: Provider, *, attempts: int) -> Minio:
    scheme, _, host = address.endpoint.partition("://")
    pool = urllib3.PoolManager(
        timeout=Timeout(connect=5, read=60),
        maxsize=64,
        cert_reqs="CERT_REQUIRED",
        ca_certs=ssl.get_default_verify_paths().cafile or certifi.where(),
        retries=Retry(
            attempts - 1,
            backoff_factor=0.2,
            status_forcelist=[500, 502, 503, 504],
            raise_on_status=False,  # the last answer says more than that there were too many
        ),
    )
    region = address.region or None
    return Minio(host, secure=scheme == "https", region=region, http_client=pool, credentials=credentials)


def _reopen(address: BucketAddress, part_size_bytes: int) -> MinioStore:
    return MinioStore(address, part_size_bytes=part_size_bytes)
