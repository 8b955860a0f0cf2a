"""From a URL to its store, or to a refusal that helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import open_store
from storage.bucket import BucketAddress
from storage.folder import FolderStore
from storage.minio import MinioStore
from storage.s3 import S3Store
from values.errors import UsageError


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("file:some/folder", "{cwd}/some/folder"),
        ("some/folder", "{cwd}/some/folder"),
        ("./a:b", "{cwd}/a:b"),
        ("~/library", "{home}/library"),
        ("file:~/library", "{home}/library"),
        ("file:/abs/folder", "/abs/folder"),
        ("/abs/folder", "/abs/folder"),
        ("file:///abs/folder", "/abs/folder"),
        ("file://localhost/abs/folder", "/abs/folder"),
        ("FILE:/a%20b%3F", "/a b?"),
        ("/a%20b?c#d", "/a%20b?c#d"),
    ],
)
def test_a_folder_is_named_by_url_or_path(url: str, root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/someone")
    store = open_store(url)
    assert isinstance(store, FolderStore)
    assert store.root == Path(root.format(cwd=tmp_path, home="/home/someone"))
    again = open_store(store.url)
    assert isinstance(again, FolderStore)
    assert again.root == store.root


def test_one_memory_url_is_one_store() -> None:
    open_store("memory:shared").put("a", b"1")
    assert open_store("memory:shared").get("a") == b"1"
    assert list(open_store("memory:other").list()) == []


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("s3://films", BucketAddress("films")),
        ("s3://films/?region=eu-west-1", BucketAddress("films", region="eu-west-1")),
        (
            "s3://films/my%20lib/x/?endpoint=http://127.0.0.1:9000/&region=us-east-1",
            BucketAddress("films", "my lib/x", "http://127.0.0.1:9000", "us-east-1"),
        ),
    ],
)
def test_an_s3_url_is_an_address_and_back(url: str, address: BucketAddress, s3_keys: None) -> None:
    store = open_store(url)
    assert isinstance(store, S3Store)
    assert store.address == address
    again = open_store(store.url)
    assert isinstance(again, S3Store)
    assert again.address == address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("minio://films.example/films", BucketAddress("films", "", "https://films.example")),
        ("minio://films.example:9000/films/a/b?secure=0", BucketAddress("films", "a/b", "http://films.example:9000")),
        ("minio://localhost:9000/films/é", BucketAddress("films", "é", "http://localhost:9000")),
        ("minio://127.0.0.2:9/films?secure=1", BucketAddress("films", "", "https://127.0.0.2:9")),
        ("minio://[::1]:9/films?region=x", BucketAddress("films", "", "http://[::1]:9", "x")),
    ],
)
def test_a_minio_url_is_secure_but_on_loopback(url: str, address: BucketAddress, s3_keys: None) -> None:
    store = open_store(url)
    assert isinstance(store, MinioStore)
    assert store.address == address
    again = open_store(store.url)
    assert isinstance(again, MinioStore)
    assert again.address == address


@pytest.mark.parametrize(
    ("url", "what", "hint"),
    [
        ("fil:x", "no kind of store is called 'fil'", "Did you mean 'file'?"),
        ("s4://films", "no kind of store is called 's4'", "Did you mean 's3'?"),
        ("http://films", "no kind of store is called 'http'", "Known are: file, memory, minio, s3."),
        ("a:b", "no kind of store is called 'a'", "./a:b"),
        ("", "'' names no folder", "file:matinee-library"),
        ("file:", "'file:' names no folder", "file:matinee-library"),
        ("file://host/x", "a file: URL names no host", "file:host/x"),
        ("file:a?b=1", "file: has no setting 'b'", "%3F"),
        ("file:a#b", "a store's URL has no fragment", "%23"),
        ("s3://films?endpont=http://h", "s3: has no setting 'endpont'", "Did you mean 'endpoint'?"),
        ("s3://films?region=a&region=b", "a setting is given twice", "Keep one"),
        ("s3://films?endpoint=h:9000", "the endpoint is no http(s) URL of a server", "http://host:9000"),
        ("s3://films?endpoint=http://k:hush@h", "the endpoint is no http(s) URL of a server", "http://host:9000"),
        ("s3://key:hush@films/x", "credentials don't belong into a store's URL", "AWS_SECRET_ACCESS_KEY"),
        ("minio://key:hush@host/films", "credentials don't belong into a store's URL", "AWS_SECRET_ACCESS_KEY"),
        ("s3:///x", "no bucket is named", "3 to 63"),
        ("s3://Fi/x", "'Fi' is no name of a bucket", "3 to 63"),
        ("s3://films/a/../b", "'a/../b' is no key for an object", "relative path"),
        (f"s3://films/{'x' * 121}", "the prefix in the bucket is too long", "120 bytes"),
        ("minio://host:9000", "no bucket is named", "3 to 63"),
        ("minio:///films", "no host is named", "minio://host:9000/bucket/prefix"),
        ("minio://host:port/films", "this is no URL", ""),
        ("minio://host/films?secure=yes", "secure is 'yes'", "secure=1"),
        ("minio://host/films?endpoint=x", "minio: has no setting 'endpoint'", "Known are: region, secure."),
    ],
)
def test_a_url_that_names_no_store_is_refused_with_a_hint(url: str, what: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_store(url)
    assert caught.value.what.startswith(what)
    assert hint in caught.value.hint
    assert "hush" not in str(caught.value)
