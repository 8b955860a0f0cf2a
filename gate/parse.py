"""What the filters wrote, as measures. Pure: text and bytes in, values out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from math import isfinite
from statistics import median

from gate.measures import BOTTOM_FIRST, FLOOR, PROGRESSIVE, TOP_FIRST, UNLIT, UNSURE, PictureMeasures

Values = dict[str, str]

_SCANS = {"tff": TOP_FIRST, "bff": BOTTOM_FIRST, "progressive": PROGRESSIVE, "undetermined": UNSURE}
_FIELDS = {"neither": 0, "top": 1, "bottom": 2}


def frames_of(text: str) -> Iterator[tuple[int, Values]]:
    """Each frame that the metadata filter printed: its time in ticks, and the last words of its keys with values."""
    pts, values = 0, Values()
    started = False
    for line in text.splitlines():
        if line.startswith("frame:"):
            if started:
                yield pts, values
            time = line.split("pts:", 1)[1].split()[0]
            started, values = time.lstrip("-").isdigit(), {}  # a frame without a time can't be placed
            pts = int(time) if started else 0
        else:
            key, _, value = line.partition("=")
            values[key.removeprefix("lavfi.")] = value
    if started:
        yield pts, values


def picture_measures(
    texts: Mapping[str, str], pts: Sequence[int], kept: tuple[int, int], *, start: int, size: tuple[int, int]
) -> PictureMeasures:
    """The measures of the frames with times ``pts[kept[0]:kept[1]]``, the film's frames from `start` on.

    `texts` are the files of `gate.argv.PictureTask` by name; `size` is the stored picture's width and height.
    """
    small, change, lines = (dict(frames_of(texts.get(name, ""))) for name in ("small", "change", "lines"))
    top, bottom = ({t for t, _ in frames_of(texts.get(name, ""))} for name in ("top", "bottom"))
    out = PictureMeasures(start)
    for time in pts[kept[0] : kept[1]]:
        seen = small.get(time)
        if seen is None or "signalstats.YAVG" not in seen:
            out.add()
            continue
        flag = TOP_FIRST if time in top else BOTTOM_FIRST if time in bottom else PROGRESSIVE
        out.add(seen=1, flag=flag, **_still(seen), **_change(change.get(time, {})), **_lines(lines.get(time, {}), size))
    return out


def _still(values: Values) -> dict[str, int]:
    return {
        "black": int(values["blackframe.pblack"]),
        "low": round(float(values["signalstats.YMIN"])),
        "high": round(float(values["signalstats.YMAX"])),
        "mean": round(float(values["signalstats.YAVG"]) * 100),
        "outside": round(float(values["signalstats.BRNG"]) * 10_000),
    }


def _change(values: Values) -> dict[str, int]:
    """Of the difference from the frame before; the first frame of the film has none, and 0."""
    if not values:
        return {}
    spot = max(float(values[f"signalstats.{channel}MAX"]) for channel in "YUV")
    return {"change": round(float(values["signalstats.YAVG"]) * 100), "spot": round(spot)}


def _lines(values: Values, size: tuple[int, int]) -> dict[str, int]:
    """Margins and scan of the full picture."""
    scan = _SCANS.get(values.get("idet.single.current_frame", ""), UNSURE)
    seen = {"scan": scan, "again": _FIELDS.get(values.get("idet.repeated.current_frame", ""), 0)}
    x1, x2, y1, y2 = (int(values.get(f"cropdetect.{edge}", "0")) for edge in ("x1", "x2", "y1", "y2"))
    if not values or x1 > x2 or y1 > y2:
        return seen | dict.fromkeys(("left", "right", "top", "bottom"), UNLIT)
    width, height = size
    return seen | {"left": x1, "right": width - 1 - x2, "top": y1, "bottom": height - 1 - y2}


def momentary(text: str, first: int, count: int, block: int) -> list[int]:
    """The momentary loudness of `count` blocks of `block` samples from sample `first` on, in hundredths of LUFS."""
    out = [FLOOR] * count
    for time, values in frames_of(text):
        at, rest = divmod(time - first, block)
        if rest == 0 and 0 <= at < count and "r128.M" in values:
            level = float(values["r128.M"])
            out[at] = max(FLOOR, round(level * 100)) if isfinite(level) else FLOOR
    return out


def spans_of(text: str) -> list[tuple[Fraction, Fraction]]:
    """The stretches of time for which decoded sound frames follow one another, in seconds of the film.

    A frame lasts until the next one, and as long as is usual where none follows.
    """
    starts = [Fraction(time) for time in _times(text)]
    if not starts:
        return []
    steps = [b - a for a, b in pairwise(starts) if b > a]
    usual = Fraction(median(steps)) if steps else Fraction(0)
    out: list[tuple[Fraction, Fraction]] = []
    for at, start in enumerate(starts):
        follows = at + 1 < len(starts) and 0 <= starts[at + 1] - start <= usual * 3 / 2 + _JITTER
        stop = starts[at + 1] if follows else start + usual
        if out and out[-1][1] >= start:
            out[-1] = (out[-1][0], max(stop, out[-1][1]))
        else:
            out.append((start, stop))
    return out


_JITTER = Fraction(1, 50)


def _times(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.startswith("frame:"):
            time = line.rsplit("pts_time:", 1)[1].strip()
            if time.lstrip("-")[:1].isdigit():
                yield time


def pictures_of(data: bytes) -> list[bytes]:
    """The JPEGs of a stream of them, in order."""
    edges = []
    at = data.find(_JPEG)
    while at >= 0:
        edges.append(at)
        at = data.find(_JPEG, at + 1)
    return [data[a:b] for a, b in zip(edges, [*edges[1:], len(data)], strict=True)]


_JPEG = b"\xff\xd8\xff"


def within(spans: Sequence[tuple[Fraction, Fraction]], start: Fraction, stop: Fraction | None) -> list[
    tuple[Fraction, Fraction]
]:  # fmt: skip
    """The parts of `spans` that lie in ``[start, stop)``; `stop` None is for ever."""
    out = []
    for a, b in spans[bisect_left(spans, start, key=lambda s: s[1]) :]:
        a, b = max(a, start), b if stop is None else min(b, stop)
        if a < b:
            out.append((a, b))
    return out
