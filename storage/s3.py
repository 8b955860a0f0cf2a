"""A store in an S3 bucket through boto3: AWS itself, or any server at an endpoint. I/O: HTTP.

Relies on no conditional write, because servers differ in them. Credentials come from where boto3 finds them:
environment, ``~/.aws``, the role of the machine.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.loaders import Loader, create_loader
from urllib3.exceptions import HTTPError

from storage.bucket import MIN_PART_BYTES, BucketAddress, no_credentials, refusal, unreachable, untagged
from storage.keys import check_key, check_prefix, check_range, is_key
from storage.protocol import ObjectInfo
from storage.stream import Body, follow, garbled, in_parts, nothing, stated
from values.errors import StoreError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

_LOCATED_S = 24 * 3600
_UNIDENTIFIED = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, ProfileNotFound)


class S3Store:
    """Objects of a bucket under `address.prefix`.

    A put holds up to twice `part_size_bytes` in memory; after each 200 parts that size doubles (to 512 MiB at most),
    so that a master of terabytes fits in S3's 10,000 parts. With the short-lived credentials of a role, what `locate`
    gives may end with them.
    """

    def __init__(self, address: BucketAddress, *, part_size_bytes: int = 8 << 20) -> None:
        self.address = address
        self.part_size_bytes = max(part_size_bytes, MIN_PART_BYTES)
        self._bucket_seen = False
        with self._mapped():
            self._client = _client(address, attempts=5)

    def __repr__(self) -> str:
        return f"S3Store({self.address!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return _reopen, (self.address, self.part_size_bytes)

    @property
    def url(self) -> str:
        return self.address.s3_url()

    def check(self) -> None:
        with self._mapped():
            impatient = _client(self.address, attempts=2)
            impatient.list_objects_v2(Bucket=self.address.bucket, Prefix=self.address.full(""), MaxKeys=1)
            impatient.close()
        self._bucket_seen = True

    def head(self, key: str) -> ObjectInfo:
        check_key(key)
        try:
            with self._mapped(key):
                found = self._client.head_object(Bucket=self.address.bucket, Key=self.address.full(key))
                modified = found["LastModified"].astimezone(UTC)
                return ObjectInfo(key, found["ContentLength"], untagged(found["ETag"]), modified)
        except StoreError:
            if not self._bucket_seen:
                self.check()  # HEAD has no words: was it the object that is missing or forbidden, or the bucket?
            raise

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
        parts = in_parts(data, self._part_size)
        target: dict[str, Any] = {"Bucket": self.address.bucket, "Key": self.address.full(check_key(key))}
        first: Any = next(parts)
        if len(first) == self._part_size(0):
            return self._put_parts(key, target, media_type, itertools.chain((first,), parts))
        with self._mapped(key):
            done = self._client.put_object(**target, Body=first, ContentMD5=_md5(first), ContentType=media_type)
            return ObjectInfo(key, len(first), untagged(done["ETag"]), self._told_time(key, done["ResponseMetadata"]))

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        check_prefix(prefix)
        return self._list(prefix)

    def delete(self, key: str) -> None:
        check_key(key)
        with self._mapped(key):
            self._client.delete_object(Bucket=self.address.bucket, Key=self.address.full(key))

    def locate(self, key: str) -> str:
        self.head(key)
        with self._mapped(key):
            return self._client.generate_presigned_url(
                "get_object",
                Params={"Bucket": self.address.bucket, "Key": self.address.full(key)},
                ExpiresIn=_LOCATED_S,
            )

    def _fetch(self, key: str, start: int, stop: int | None, etag: str) -> Body:
        """GET bytes [start, stop) of the object, which must still have `etag` if one is given."""
        wanted: dict[str, Any] = {"Bucket": self.address.bucket, "Key": self.address.full(key)}
        if start or stop is not None:  # without need, no Range: servers answer it with 416 for an empty object
            wanted["Range"] = f"bytes={start}-{'' if stop is None else stop - 1}"
        if etag:
            wanted["IfMatch"] = f'"{etag}"'
        try:
            with self._mapped(key, passed=416):
                found = self._client.get_object(**wanted)
        except ClientError:  # 416: the object ends before `start`
            return nothing(start)
        answer, body = found["ResponseMetadata"], found["Body"]
        where = self.address.name(key)
        try:
            head = stated(answer["HTTPStatusCode"], answer["HTTPHeaders"], start=start, stop=stop, where=where)
        except StoreError:
            body.close()
            raise
        return Body(head, body.read, body.close, (BotoCoreError, HTTPError, OSError))

    def _put_parts(self, key: str, target: dict[str, Any], media_type: str, parts: Iterable[Any]) -> ObjectInfo:
        """A multipart upload, given up as a whole if any of it fails. Parts are bytearrays, unknown to the stubs."""
        with self._mapped(key):
            upload = self._client.create_multipart_upload(**target, ContentType=media_type)["UploadId"]
        sent: list[CompletedPartTypeDef] = []
        size = 0
        try:
            for part in parts:
                size += len(part)
                with self._mapped(key):
                    answer = self._client.upload_part(
                        **target, UploadId=upload, PartNumber=len(sent) + 1, Body=part, ContentMD5=_md5(part)
                    )
                    sent.append({"PartNumber": len(sent) + 1, "ETag": answer["ETag"]})
            with self._mapped(key):
                done = self._client.complete_multipart_upload(
                    **target, UploadId=upload, MultipartUpload={"Parts": sent}
                )
                return ObjectInfo(key, size, untagged(done["ETag"]), self._told_time(key, done["ResponseMetadata"]))
        except BaseException:
            with suppress(StoreError), self._mapped(key):
                self._client.abort_multipart_upload(**target, UploadId=upload)
            raise

    def _part_size(self, number: int) -> int:
        return min(self.part_size_bytes << number // 200, 512 << 20)

    def _told_time(self, key: str, answer: Mapping[str, Any]) -> datetime:
        """When the server says that it answered, which spares a HEAD after each put."""
        date = answer["HTTPHeaders"].get("date")
        return parsedate_to_datetime(date) if date else self.head(key).modified

    def _list(self, prefix: str) -> Iterator[ObjectInfo]:
        pages = iter(
            self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.address.bucket, Prefix=self.address.full(prefix)
            )
        )
        while True:
            with self._mapped():
                page = next(pages, None)
            if page is None:
                return
            for item in page.get("Contents", ()):
                key = self.address.short(item["Key"])
                if is_key(key):
                    modified = item["LastModified"].astimezone(UTC)
                    yield ObjectInfo(key, item["Size"], untagged(item["ETag"]), modified)

    @contextmanager
    def _mapped(self, key: str = "", *, passed: int = 0) -> Iterator[None]:
        """botocore's errors in the project's words, but for the answer with status `passed`."""
        try:
            yield
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if status == passed:
                raise
            said = error.response.get("Error", {})
            code, message = str(said.get("Code", "")), str(said.get("Message", ""))
            raise refusal(self.address, code=code, status=status, message=message, key=key) from error
        except _UNIDENTIFIED as error:
            raise no_credentials(self.address, str(error)) from error
        except (KeyError, ValueError) as error:  # the head of the answer was cut short
            raise garbled(str(error), where=self.address.name(key)) from error
        except (BotoCoreError, HTTPError, OSError) as error:
            raise unreachable(self.address, str(error), key) from error


@functools.cache
def _descriptions() -> Loader:
    """botocore's data files on AWS: parsing them anew takes three times as long as all else of making a client."""
    return create_loader()


def _client(address: BucketAddress, *, attempts: int) -> S3Client:
    found = botocore.session.get_session()  # a new one: it keeps the credentials that it finds
    session = boto3.Session(botocore_session=found)
    found.register_component("data_loader", _descriptions())
    config = Config(
        retries={"mode": "standard", "total_max_attempts": attempts},  # exponential backoff with jitter
        connect_timeout=5,
        read_timeout=60,
        max_pool_connections=64,
        signature_version="s3v4",
        s3={"addressing_style": "path" if address.endpoint else "auto"},
        # Newer checksums than Content-MD5 are unknown to many servers, which then store their frames as data.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    region = address.region or session.region_name or ("us-east-1" if address.endpoint else None)
    return session.client("s3", region_name=region, endpoint_url=address.endpoint or None, config=config)


def _md5(part: bytearray) -> str:
    return base64.b64encode(hashlib.md5(part, usedforsecurity=False).digest()).decode()


def _reopen(address: BucketAddress, part_size_bytes: int) -> S3Store:
    return S3Store(address, part_size_bytes=part_size_bytes)
