"""A bucket that can't be used says why, where, and what to do, through both clients alike."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator

import boto3
import pytest

from storage import Store, open_store
from storage.bucket import BucketAddress, refusal
from tests.servers import S3Server, free_ports
from values.errors import NotFoundError, StoreError

CLIENTS = pytest.mark.parametrize("client", ["s3", "minio"])
CALLS: dict[str, Callable[[Store], object]] = {
    "check": lambda store: store.check(),
    "head": lambda store: store.head("a"),
    "read": lambda store: store.read("a"),
    "put": lambda store: store.put("a", b"1"),
    "put many": lambda store: store.put("a", (bytes(1 << 20) for _ in range(20))),
    "list": lambda store: list(store.list()),
    "delete": lambda store: store.delete("a"),
    "locate": lambda store: store.locate("a"),
}
EVERY_CALL = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


def open_at(client: str, host: str, bucket: str) -> Store:
    s3 = f"s3://{bucket}/p?endpoint=http://{host}"
    return open_store(s3 if client == "s3" else f"minio://{host}/{bucket}/p?secure=0")


@CLIENTS
@EVERY_CALL
def test_a_missing_bucket_is_named(swift_server: S3Server, client: str, call: Callable[[Store], object]) -> None:
    with pytest.raises(StoreError) as caught:
        call(open_at(client, swift_server.host, "nowhere"))
    assert not isinstance(caught.value, NotFoundError)
    assert caught.value.what == "there is no bucket 'nowhere'"
    assert swift_server.endpoint in caught.value.where
    assert caught.value.hint == "Create it first, or correct the bucket's name in the store's URL."
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@CLIENTS
@pytest.mark.parametrize("call", [CALLS[name] for name in ("check", "head", "read", "put", "list")])
def test_a_wrong_secret_is_said_to_be_one(
    swift_server: S3Server, client: str, call: Callable[[Store], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush-hush")
    with pytest.raises(StoreError) as caught:
        call(open_at(client, swift_server.host, swift_server.bucket))
    assert "403" in caught.value.what
    assert swift_server.endpoint in caught.value.where
    assert caught.value.hint.startswith("The secret key is wrong. Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    assert "hush-hush" not in str(caught.value)


@CLIENTS
def test_a_wrong_access_key_points_to_the_credentials(
    swift_server: S3Server, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    with pytest.raises(StoreError, match="403") as caught:
        open_at(client, swift_server.host, swift_server.bucket).check()
    assert "Check AWS_ACCESS_KEY_ID" in caught.value.hint


@CLIENTS
def test_no_credentials_at_all_are_said_to_be_missing(
    swift_server: S3Server, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(StoreError, match="there are no credentials for it") as caught:
        open_at(client, swift_server.host, swift_server.bucket).check()
    assert "AWS_PROFILE" in caught.value.hint


@CLIENTS
def test_a_profile_that_does_not_exist_is_named(
    swift_server: S3Server, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_PROFILE", "absent")
    with pytest.raises(StoreError, match="absent"):
        open_at(client, swift_server.host, swift_server.bucket).check()


def test_minio_keys_of_its_own_go_first(swift_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    monkeypatch.setenv("MINIO_ACCESS_KEY", "test:tester")
    monkeypatch.setenv("MINIO_SECRET_KEY", "testing")
    open_at("minio", swift_server.host, swift_server.bucket).check()


@CLIENTS
def test_a_dead_endpoint_is_named(s3_keys: None, client: str) -> None:
    (port,) = free_ports(1)
    with pytest.raises(StoreError, match="the server can't be reached") as caught:
        open_at(client, f"127.0.0.1:{port}", "films").check()
    assert f"http://127.0.0.1:{port}" in caught.value.where
    assert caught.value.hint == (
        f"Is a server running at http://127.0.0.1:{port}, and is that the right address and port?"
    )


@CLIENTS
def test_failed_multipart_uploads_leave_no_parts_behind(swift_server: S3Server, client: str) -> None:
    def failing() -> Iterator[bytes]:
        for _ in range(20):
            yield bytes(1 << 20)
        raise ValueError("the source broke")

    with pytest.raises(ValueError, match="the source broke"):
        open_at(client, swift_server.host, swift_server.bucket).put("big", failing())
    raw = boto3.client("s3", endpoint_url=swift_server.endpoint, region_name="us-east-1")
    left = raw.list_multipart_uploads(Bucket=swift_server.bucket, Prefix="p/big").get("Uploads", [])
    raw.close()
    assert left == []


@pytest.mark.parametrize(
    ("code", "status", "hint"),
    [
        ("RequestTimeTooSkewed", 403, "Set this machine's clock"),
        ("ExpiredToken", 400, "not valid here"),
        ("AccessDenied", 403, "may not do that with bucket 'films'"),
        ("PermanentRedirect", 301, "?region="),
        ("SlowDown", 503, "several attempts failed"),
        ("", 405, "really an S3 server"),
    ],
)
def test_other_refusals_have_their_hints(code: str, status: int, hint: str) -> None:
    error = refusal(BucketAddress("films"), code=code, status=status, message="said so", key="a")
    assert type(error) is StoreError
    assert error.what == f"the server answered {status} {code}: said so"
    assert error.where == "s3://films/a"
    assert hint in error.hint


def test_opening_a_folder_does_not_wait_for_boto3() -> None:
    script = "import sys, storage; storage.open_store('file:x'); print(sorted({'boto3', 'minio'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
