"""What the S3 and the MinIO store have in common: the address of a bucket, and errors in words. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from storage.keys import check_key
from storage.stream import changed
from values.errors import NotFoundError, StoreError, UsageError

_MAX_PREFIX_BYTES = 120  # S3 keys have at most 1024 bytes, ours 900, and a slash lies between
_CREDENTIALS = (
    "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile in ~/.aws/credentials that AWS_PROFILE names, "
    "or the role of this machine"
)
MIN_PART_BYTES = 5 << 20
"""The least that S3 takes as a part of a multipart upload, but for the last one."""


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """Where a bucket is. `endpoint` is an http(s) URL or empty for AWS itself; `region` empty to find it out.

    Objects lie under `prefix`, a key without slashes at its ends, or anywhere in the bucket if it is empty.
    """

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]", self.bucket):
            raise UsageError(
                f"{self.bucket!r} is no name of a bucket" if self.bucket else "no bucket is named",
                hint="Bucket names have 3 to 63 of a-z, 0-9, dots and hyphens.",
            )
        if self.prefix:
            check_key(self.prefix)
        if len(self.prefix.encode()) > _MAX_PREFIX_BYTES:
            raise UsageError(
                "the prefix in the bucket is too long", hint=f"It may have {_MAX_PREFIX_BYTES} bytes of UTF-8."
            )

    def full(self, key: str) -> str:
        """The object's name in the bucket."""
        return f"{self.prefix}/{key}" if self.prefix else key

    def short(self, name: str) -> str:
        """The key of an object in the bucket whose name starts with the prefix."""
        return name[len(self.prefix) + 1 :] if self.prefix else name

    def s3_url(self) -> str:
        settings = {name: value for name, value in (("endpoint", self.endpoint), ("region", self.region)) if value}
        return f"s3://{self._path()}" + (f"?{urlencode(settings, safe=':/')}" if settings else "")

    def minio_url(self) -> str:
        scheme, _, host = self.endpoint.partition("://")
        settings = {"secure": "1" if scheme == "https" else "0"} | ({"region": self.region} if self.region else {})
        return f"minio://{host}/{self._path()}?{urlencode(settings)}"

    def name(self, key: str = "") -> str:
        """The bucket or one object in it, for messages."""
        place = f" at {self.endpoint}" if self.endpoint else ""
        return f"s3://{self.bucket}/{self.full(key)}{place}" if key else f"bucket {self.bucket!r}{place}"

    def _path(self) -> str:
        return self.bucket + (f"/{quote(self.prefix)}" if self.prefix else "")


def refusal(address: BucketAddress, *, code: str, status: int, message: str, key: str = "") -> StoreError:
    """What a server's error answer means and what to do. `code` is the S3 error code, if there was one."""
    where = address.name(key)
    if code == "NoSuchBucket":
        return StoreError(
            f"there is no bucket {address.bucket!r}",
            where=where,
            hint="Create it first, or correct the bucket's name in the store's URL.",
        )
    if status == 404:
        return NotFoundError("no object is stored under this key", where=where)
    if status == 412:
        return changed(where)
    said = f"{code}: {message}" if message else code
    return StoreError(f"the server answered {status} {said}".rstrip(), where=where, hint=_hint(code, status, address))


def _hint(code: str, status: int, address: BucketAddress) -> str:
    if code == "SignatureDoesNotMatch":
        return f"The secret key is wrong. {_CREDENTIALS}."
    if code in {"InvalidAccessKeyId", "InvalidToken", "ExpiredToken"}:
        return f"The access key or its session is not valid here. {_CREDENTIALS}."
    if code == "RequestTimeTooSkewed":
        return "Set this machine's clock: signatures are good for 15 minutes only."
    if status in {301, 307} or code in {"AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocation"}:
        return "Say where the bucket is with ?region=… in the store's URL."
    if status in {401, 403}:
        return f"This key may not do that with bucket {address.bucket!r}. {_CREDENTIALS}."
    if status in {429, 500, 502, 503, 504}:
        return "The server is in trouble or overloaded; several attempts failed. Try again later, or with less at once."
    return "Is this address really an S3 server? Look into its log."


def unreachable(address: BucketAddress, reason: str, key: str = "") -> StoreError:
    return StoreError(
        f"the server can't be reached: {reason}",
        where=address.name(key),
        hint=f"Is a server running at {address.endpoint or 'AWS'}, and is that the right address and port?",
    )


def no_credentials(address: BucketAddress, reason: str) -> StoreError:
    return StoreError(
        f"there are no credentials for it: {reason}",
        where=address.name(),
        hint=f"{_CREDENTIALS}.",
    )


def untagged(etag: str) -> str:
    """An ETag header's value without quotes."""
    return etag.strip('"')
