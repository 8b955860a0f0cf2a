"""Making the stores that the contract suite runs over, each new and empty."""

from __future__ import annotations

import functools
import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from storage import Store, open_store
from storage.folder import FolderStore
from storage.memory import MemoryStore
from storage.minio import MinioStore
from storage.s3 import S3Store

PART_BYTES = 5 << 20
"""The smallest part of a multipart upload, so that a few MB are one."""

MEMORY, FOLDER = "memory", "folder"
S3_MOTO, S3_SWIFT, MINIO_MOTO, MINIO_SWIFT = BUCKETS = ("s3-moto", "s3-swift", "minio-moto", "minio-swift")
ALL = (MEMORY, FOLDER, *BUCKETS)
_numbers = itertools.count(1)


def make_store(request: pytest.FixtureRequest, kind: str) -> Store:
    """An empty store of this kind. Those on one server share a client, which takes long to make."""
    if kind == MEMORY:
        return MemoryStore()
    if kind == FOLDER:
        path = request.getfixturevalue("tmp_path")
        assert isinstance(path, Path)
        return FolderStore(path / "library")
    client, _, name = kind.partition("-")
    server = request.getfixturevalue(f"{name}_server")
    store = _bucket_store(server.s3_url("") if client == "s3" else server.minio_url(""))
    store.address = replace(store.address, prefix=f"test {next(_numbers)}/ü")
    return store


@functools.cache
def _bucket_store(url: str) -> S3Store | MinioStore:
    store = open_store(url)
    assert isinstance(store, S3Store | MinioStore)
    return type(store)(store.address, part_size_bytes=PART_BYTES)
