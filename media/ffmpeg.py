"""The one runner of ffmpeg: finds the binary, runs a command, parses its progress into values. Does I/O."""

from __future__ import annotations

import collections
import ctypes
import functools
import os
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

import imageio_ffmpeg

from media.watch import Watch, cpu_seconds
from values.errors import EncodeError, MatineeError

_STDERR_LINES = 40
_LINE_BYTES = 1 << 16
_GLANCE_S = 30.0
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


class FFmpegError(EncodeError):
    """ffmpeg exited with an error, was killed, or ran past its time. The hint holds the command and stderr's tail."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a running ffmpeg is: output frames so far and output time in microseconds."""

    frames: int
    out_time_us: int


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that ended well: CPU seconds of the process, its peak memory in bytes, and the tail of stderr."""

    cpu_s: float
    peak_bytes: int
    stderr: str


@functools.cache
def ffmpeg_path() -> str:
    """The path of the ffmpeg binary (imageio-ffmpeg's, or the one named in IMAGEIO_FFMPEG_EXE)."""
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise MatineeError(
            "no ffmpeg was found", hint="Install the package imageio-ffmpeg, or set IMAGEIO_FFMPEG_EXE to a binary."
        ) from error


@functools.cache
def ffmpeg_version() -> str:
    """The binary's version, like ``'9.0.2-17-g2a571b6068'``: a part of every recipe."""
    out = subprocess.run([ffmpeg_path(), "-version"], capture_output=True, text=True, check=True).stdout
    return out.split()[2]


def run(
    argv: Sequence[str],
    *,
    where: str,
    on_progress: Callable[[Progress], None] | None = None,
    timeout_s: float | None = None,
) -> Finished:
    """Run a complete ffmpeg command (binary first) to its end.

    `where` names the work for errors. With `on_progress` the command is given ``-progress pipe:1`` and the callback is
    called about twice a second from another thread. The process dies with its parent. Raises FFmpegError, also when it
    runs for `timeout_s` or stands still (`media.watch`).
    """
    command = [argv[0], "-progress", "pipe:1", *argv[1:]] if on_progress else list(argv)
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if on_progress else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=_die_with_parent,
    )
    tail: collections.deque[str] = collections.deque(maxlen=_STDERR_LINES)
    readers = [threading.Thread(target=_collect, args=(process.stderr, tail), daemon=True)]
    guard = _Guard(process.pid, timeout_s)
    if on_progress:
        follow = guard.noting(on_progress)
        readers.append(threading.Thread(target=_follow, args=(process.stdout, follow), daemon=True))
    for reader in (*readers, guard):
        reader.start()
    try:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        guard.end()  # before the process is reaped and its number may be another's
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        guard.end()
        if process.returncode is None:
            process.kill()
            process.wait()
        for reader in readers:
            reader.join()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()
    stderr = "\n".join(tail)
    if process.returncode != 0:
        raise _failure(process.returncode, stderr, command, where, guard.verdict)
    return Finished(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, stderr)


def parse_progress(lines: Mapping[str, str]) -> Progress:
    """One block of ``-progress`` key=value lines as a value; fields that ffmpeg does not know yet count as 0."""

    def number(key: str) -> int:
        text = lines.get(key, "0").strip()
        return int(text) if text.lstrip("-").isdigit() else 0

    return Progress(number("frame"), max(0, number("out_time_us")))


class _Guard(threading.Thread):
    """Looks at a running process now and then, and kills it when it is to be given up; `verdict` says why it was."""

    def __init__(self, pid: int, timeout_s: float | None) -> None:
        super().__init__(daemon=True)
        self.verdict: str | None = None
        self._pid = pid
        self._watch = Watch(time.monotonic(), timeout_s)
        self._progress: Progress | None = None
        self._over = threading.Event()

    def noting(self, on_progress: Callable[[Progress], None]) -> Callable[[Progress], None]:
        """`on_progress`, with the guard listening."""
        self._progress = Progress(0, 0)

        def note(progress: Progress) -> None:
            self._progress = progress
            on_progress(progress)

        return note

    def run(self) -> None:
        while not self._over.wait(min(_GLANCE_S, self._watch.left_s(time.monotonic()))):
            self.verdict = self._watch.look(time.monotonic(), cpu_seconds(self._pid), self._progress)
            if self.verdict:
                os.kill(self._pid, signal.SIGKILL)
                return

    def end(self) -> None:
        """Stop looking; from here on it kills nothing."""
        self._over.set()
        if self.is_alive():
            self.join()


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _collect(stream: IO[bytes] | None, tail: collections.deque[str]) -> None:
    for line in iter(lambda: stream.readline(_LINE_BYTES) if stream else b"", b""):
        tail.append(line.decode(errors="replace").rstrip()[:1000])


def _follow(stream: IO[bytes] | None, on_progress: Callable[[Progress], None]) -> None:
    block: dict[str, str] = {}
    for line in stream or ():
        key, _, value = line.decode(errors="replace").partition("=")
        block[key] = value
        if key == "progress":
            on_progress(parse_progress(block))
            block = {}


def _failure(code: int, stderr: str, command: Sequence[str], where: str, verdict: str | None) -> FFmpegError:
    if verdict:
        what = f"ffmpeg {verdict}"
    elif code < 0:
        what = f"ffmpeg was killed by {signal.Signals(-code).name}"
    else:
        what = f"ffmpeg exited {code}"
    last = stderr.splitlines()[-8:]
    said = "It said:\n  " + "\n  ".join(last) if last else "It said nothing."
    return FFmpegError(what, where=where, hint=f"{said}\nThe command was: {shlex.join(command)}")
