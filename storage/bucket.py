"""What the S3 and the MinIO store have in common: the address of a bucket, and errors in words. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from storage.keys import check_key
from values.errors import UsageError

_MAX_PREFIX_BYTES = 120  # S3 keys have at most 1024 bytes, ours 900, and a slash lies between


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
