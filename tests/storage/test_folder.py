"""What only a folder can do wrong: links, leftovers, full disks, foreign files."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.folder import FolderStore
from values.errors import NotFoundError, StoreError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "library"


def files_of(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def test_an_object_is_a_plain_file_that_others_may_read(root: Path) -> None:
    before = os.umask(0o022)
    try:
        FolderStore(root).put("a/b", b"1")
    finally:
        os.umask(before)
    assert files_of(root) == ["a/b"]
    assert (root / "a/b").stat().st_mode & 0o777 == 0o644


def test_a_store_that_is_only_read_makes_no_folder(root: Path) -> None:
    store = FolderStore(root)
    assert list(store.list()) == []
    store.delete("a")
    with pytest.raises(NotFoundError):
        store.head("a")
    assert not root.exists()
    store.check()
    assert files_of(root) == []
    assert root.is_dir()


def test_no_link_leads_out_of_the_root(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    store = FolderStore(root)
    store.put("a/b", b"1")
    (root / "folder").symlink_to(outside)
    (root / "file").symlink_to(outside / "secret")
    assert [info.key for info in store.list()] == ["a/b"]
    assert list(store.list("folder/")) == []
    for key in ("folder/secret", "file"):
        for call in (store.head, store.read, store.get, store.locate):
            with pytest.raises(NotFoundError):
                call(key)
    store.delete("folder/secret")
    with pytest.raises(StoreError, match="a file or a symbolic link, where a folder should be"):
        store.put("folder/new", b"2")
    store.put("file", b"3")
    assert (store.get("file"), (root / "file").is_symlink()) == (b"3", False)
    assert (files_of(outside), (outside / "secret").read_bytes()) == (["secret"], b"secret")


def test_the_drafts_can_not_be_led_astray_by_a_link(root: Path, tmp_path: Path) -> None:
    root.mkdir()
    (tmp_path / "outside").mkdir()
    (root / ".matinee").symlink_to(tmp_path / "outside")
    with pytest.raises(StoreError, match="symbolic link"):
        FolderStore(root).put("a", b"1")
    assert files_of(tmp_path / "outside") == []


def test_the_root_itself_may_be_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    root.symlink_to(tmp_path / "disk")
    FolderStore(root).put("a", b"1")
    assert files_of(tmp_path / "disk") == ["a"]


def test_an_object_in_the_place_of_a_folder_is_refused_both_ways(root: Path) -> None:
    store = FolderStore(root)
    store.put("a/b", b"1")
    with pytest.raises(StoreError, match="a folder of other objects has this name"):
        store.put("a", b"2")
    with pytest.raises(StoreError, match="where a folder should be"):
        store.put("a/b/c", b"3")
    assert files_of(root) == ["a/b"]


def test_foreign_files_are_left_out_and_pipes_wait_for_nobody(root: Path) -> None:
    store = FolderStore(root)
    store.put("a", b"1")
    os.mkfifo(root / "pipe")
    (root / "new\nline").write_bytes(b"")
    os.close(os.open(os.fsencode(root) + b"/\xff", os.O_CREAT | os.O_WRONLY))
    assert [info.key for info in store.list()] == ["a"]
    with pytest.raises(NotFoundError):
        store.get("pipe")


def test_a_draft_is_invisible_and_goes_when_its_writer_died(root: Path) -> None:
    script = (
        "import os, sys, time; from pathlib import Path; from storage.folder import FolderStore\n"
        "def blocks():\n    yield b'x' * 1000\n    print('half', flush=True)\n    sys.stdin.read()\n"
        f"FolderStore(Path({str(root)!r})).put('a/b', blocks())"
    )
    argv = [sys.executable, "-c", script]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"half\n"
        assert [path.parts[0] for path in map(Path, files_of(root))] == [".matinee"]
        store = FolderStore(root)
        store.put("c", b"1")
        assert [info.key for info in store.list()] == ["c"]
        assert len(files_of(root)) == 2, "the draft of a living writer was swept"
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    FolderStore(root).put("d", b"2")
    assert files_of(root) == ["c", "d"]


def test_a_file_that_can_not_grow_is_an_error_that_leaves_nothing(root: Path) -> None:
    script = (
        "import resource; from pathlib import Path; from storage.folder import FolderStore\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, {resource.RLIM_INFINITY}))\n"
        f"store = FolderStore(Path({str(root)!r}))\n"
        "store.put('small', b'1')\n"
        "try: store.put('small', (bytes(100_000) for _ in range(9)))\n"
        "except Exception as error: print(f'{type(error).__name__} {error}')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(
        f"UnwritableStoreError {root}/small: no space is left for it\nFree space on this file system"
    )
    assert files_of(root) == ["small"]
    assert FolderStore(root).get("small") == b"1"


@pytest.mark.parametrize(
    ("number", "what", "hint"),
    [
        (errno.ENOSPC, "no space is left for it", "Free space on this file system"),
        (errno.EDQUOT, "no space is left for it", "Free space on this file system"),
        (errno.EROFS, "not allowed here (read-only file system)", "Let this user read and write here"),
        (errno.EIO, "Input/output error", "Look at this path and its file system"),
        (errno.EXDEV, "another file system is mounted within the store", "Keep the store on one"),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failing_disk_is_an_error_with_a_hint_and_leaves_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, what: str, hint: str
) -> None:
    store = FolderStore(root)
    store.put("a", b"old")

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch, pytest.raises(StoreError) as caught:
        patch.setattr(os, call, fail)
        store.put("a", b"new")
    assert (caught.value.what, caught.value.where) == (what, str(root / "a"))
    assert hint in caught.value.hint
    assert "--store" in caught.value.hint
    assert files_of(root) == ["a"]
    assert store.get("a") == b"old"


def test_a_put_is_synced_before_its_rename_and_its_folder_after(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(root)
    store.put("a/b", b"old")
    calls = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(file: int) -> None:
        calls.append(("fsync", Path(f"/proc/self/fd/{file}").readlink().relative_to(root).parts[0]))
        fsync(file)

    def note_replace(*args: str, **kwargs: int) -> None:
        calls.append(("replace", args[1]))
        replace(*args, **kwargs)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    store.put("a/b", b"new")
    assert calls == [("fsync", ".matinee"), ("replace", "b"), ("fsync", "a")]


def test_a_file_changed_in_place_is_never_read_as_one_object(root: Path) -> None:
    store = FolderStore(root)
    store.put("a", bytes(3 << 20))
    for size in (3 << 20, 2 << 20, 1):
        blocks = store.read("a")
        next(blocks)
        (root / "a").write_bytes(b"x" * size)
        with pytest.raises(StoreError, match="the file changed while it was read"):
            list(blocks)
        store.put("a", bytes(3 << 20))


def test_deletes_that_empty_a_folder_do_not_break_puts_into_it(root: Path) -> None:
    store = FolderStore(root)
    done = threading.Event()

    def work(number: int) -> None:
        while not done.is_set():
            store.put(f"a/b/c/{number}", b"1")
            store.delete(f"a/b/c/{number}")

    def keep() -> Iterator[str]:
        try:
            for number in range(100):
                store.put(f"a/b/c/kept-{number}", b"1")
                yield store.head(f"a/b/c/kept-{number}").key
                store.delete(f"a/b/c/kept-{number}")
        finally:
            done.set()

    with ThreadPoolExecutor(3) as pool:
        workers = [pool.submit(work, number) for number in range(3)]
        assert len(list(keep())) == 100
    assert [worker.result() for worker in workers] == [None] * 3
    assert files_of(root) == []


def test_a_root_that_is_a_file_is_named(root: Path) -> None:
    root.write_bytes(b"")
    for call in (lambda: FolderStore(root).check(), lambda: FolderStore(root / "deeper").put("a", b"")):
        with pytest.raises(StoreError, match=str(root)):
            call()
