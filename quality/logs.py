"""The scores that ffmpeg's filters write for each frame, read into numbers. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from values.errors import EncodeError

_XPSNR_LINE = re.compile(r"n: *(\d+) +XPSNR y: *(\S+)")


@dataclass(frozen=True, slots=True)
class LoggedFrame:
    """One frame of a libvmaf log: its number counted from the first frame given, VMAF (0 to 100), and PSNR of luma in
    dB (at most 60 for 8 bits) if it was asked for."""

    number: int
    vmaf: float
    psnr_y: float | None = None


def parse_vmaf_log(text: str, *, where: str) -> tuple[LoggedFrame, ...]:
    """libvmaf's JSON log (``log_fmt=json``). Raises EncodeError naming `where` if it is cut short or no such log."""
    try:
        return tuple(
            LoggedFrame(
                int(frame["frameNum"]),
                float(frame["metrics"]["vmaf"]),
                float(frame["metrics"]["psnr_y"]) if "psnr_y" in frame["metrics"] else None,
            )
            for frame in json.loads(text)["frames"]
        )
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged("libvmaf", error, where) from error


def parse_xpsnr_stats(text: str, *, where: str) -> tuple[float, ...]:
    """XPSNR of luma in dB for each frame, from the filter's stats file; infinite where pictures are equal.

    Raises EncodeError naming `where` if a frame is missing or a number can't be read.
    """
    try:
        rows = [(int(n), float(y)) for n, y in _XPSNR_LINE.findall(text)]
    except ValueError as error:
        raise _damaged("xpsnr", error, where) from error
    if [n for n, _ in rows] != list(range(1, len(rows) + 1)):
        raise _damaged("xpsnr", "frames are missing", where)
    return tuple(y for _, y in rows)


def _damaged(name: str, why: object, where: str) -> EncodeError:
    return EncodeError(
        f"the scores of {name} can't be read ({why})",
        where=where,
        hint="Run the command again; if it repeats, the ffmpeg build is at fault, or the work folder is full.",
    )
