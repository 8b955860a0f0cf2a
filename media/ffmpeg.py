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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

import imageio_ffmpeg

from values.errors import EncodeError, MatineeError

_STDERR_LINES = 40
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
    called about twice a second from another thread. The process dies with its parent. Raises FFmpegError.
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
    if on_progress:
        readers.append(threading.Thread(target=_follow, args=(process.stdout, on_progress), daemon=True))
    for reader in readers:
        reader.start()
    timed_out = threading.Event()

    def stop() -> None:
        timed_out.set()
        process.kill()

    timer = threading.Timer(timeout_s or 0, stop)
    if timeout_s:
        timer.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        timer.cancel()
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
        raise _failure(process.returncode, stderr, command, where, timeout_s if timed_out.is_set() else None)
    return Finished(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, stderr)


def parse_progress(lines: Mapping[str, str]) -> Progress:
    """One block of ``-progress`` key=value lines as a value; fields that ffmpeg does not know yet count as 0."""

    def number(key: str) -> int:
        text = lines.get(key, "0").strip()
        return int(text) if text.lstrip("-").isdigit() else 0

    return Progress(number("frame"), max(0, number("out_time_us")))


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _collect(stream: IO[bytes] | None, tail: collections.deque[str]) -> None:
    for line in stream or ():
        tail.append(line.decode(errors="replace").rstrip()[:1000])


def _follow(stream: IO[bytes] | None, on_progress: Callable[[Progress], None]) -> None:
    block: dict[str, str] = {}
    for line in stream or ():
        key, _, value = line.decode(errors="replace").partition("=")
        block[key] = value
        if key == "progress":
            on_progress(parse_progress(block))
            block = {}


def _failure(code: int, stderr: str, command: Sequence[str], where: str, timeout_s: float | None) -> FFmpegError:
    if timeout_s is not None:
        what = f"ffmpeg did not finish within {timeout_s:.0f} s and was stopped"
    elif code < 0:
        what = f"ffmpeg was killed by {signal.Signals(-code).name}"
    else:
        what = f"ffmpeg exited {code}"
    last = stderr.splitlines()[-8:]
    said = "It said:\n  " + "\n  ".join(last) if last else "It said nothing."
    return FFmpegError(what, where=where, hint=f"{said}\nThe command was: {shlex.join(command)}")
