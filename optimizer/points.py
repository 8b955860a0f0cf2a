"""What trial encodes measured, and what it says of the whole film: points of bit rate and quality. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from coders.table import coder
from values.errors import EncodeError

Key = tuple[str, int, int, float]
"""What is encoded with: codec, width, height, CRF."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One trial encode of one window of the film.

    `window` is the window's index and `frames` its length. `first_bits` are the bits of the leading key frame,
    `rest_bits` those of all other frames. `vmaf` (0 to 100), `psnr_y` and `xpsnr_y` (dB, None where not measured) are
    means over the window's measured frames, scaled back to display size. `cpu_s` is what the encode cost.
    """

    window: int
    codec: str
    width: int
    height: int
    crf: float
    frames: int
    first_bits: int
    rest_bits: int
    vmaf: float
    psnr_y: float | None
    xpsnr_y: float | None
    cpu_s: float

    @property
    def key(self) -> Key:
        return (self.codec, self.width, self.height, self.crf)


@dataclass(frozen=True, slots=True)
class Point:
    """What the whole film is expected to need at one size and CRF: bits per second, and the mean quality."""

    codec: str
    width: int
    height: int
    crf: float
    bps: float
    vmaf: float
    psnr_y: float | None = None
    xpsnr_y: float | None = None

    @property
    def size(self) -> tuple[int, int]:
        return (self.width, self.height)


def bitrate(sample: Sample, rate: Fraction, segment_frames: int) -> float:
    """Bits per second of the sample's content, encoded in segments of `segment_frames` frames at `rate` (Hz).

    A window pays for a key frame sooner than a segment does, so the other frames' mean fills up the segment. A window
    of one frame tells nothing of frames that are no key frames: its own rate is given, as if all frames were.
    """
    if sample.frames == 1:
        return float(sample.first_bits * rate)
    rest = Fraction(sample.rest_bits * (segment_frames - 1), sample.frames - 1)
    return float((sample.first_bits + rest) / segment_frames * rate)


def aggregate(
    samples: Iterable[Sample],
    weights: Mapping[int, int],
    *,
    rate: Fraction,
    segment_frames: int,
    codecs: Iterable[str] = (),
) -> tuple[tuple[Point, ...], tuple[str, ...]]:
    """The film's points, in order of codec, size and CRF, and notes on what was left out.

    `weights` gives for each window that was to be measured the frames it stands for. A window of which nothing was
    measured is left out; so are a size and CRF that another window lacks, and a size that is left with one CRF. Of two
    samples of the same trial the later counts. Raises EncodeError where a codec, one that was tried or one of `codecs`,
    has too few points for a hull.
    """
    found = {(s.window, s.key): s for s in samples if s.window in weights}
    windows = sorted({window for window, _ in found})
    notes = [f"window {w} gave no trial encode and is left out" for w in sorted(set(weights) - set(windows))]
    counts = Counter(key for _, key in found)
    if not counts:
        raise _too_few("any codec", 0, notes)
    points: list[Point] = []
    for key in sorted(counts):
        if counts[key] == len(windows):
            points.append(_mean([(found[w, key], weights[w]) for w in windows], rate, segment_frames))
        else:
            missing = len(windows) - counts[key]
            notes.append(f"{_named(key)} is left out: {missing} of {len(windows)} windows lack it")
    per_size = Counter((p.codec, p.size) for p in points)
    kept = tuple(p for p in points if per_size[p.codec, p.size] > 1)
    notes += [f"{_named((p.codec, *p.size, p.crf))} is left out: no other CRF of its size is left"
              for p in points if p not in kept]  # fmt: skip
    for codec in sorted({key[0] for key in counts} | set(codecs)):
        if not any(p.codec == codec for p in kept):
            raise _too_few(coder(codec).label, sum(p.codec == codec for p in points), notes)
    return kept, tuple(notes)


def _mean(parts: list[tuple[Sample, int]], rate: Fraction, segment_frames: int) -> Point:
    total = sum(weight for _, weight in parts)
    if total <= 0:
        raise ValueError("windows stand for at least one frame")

    def mean(values: list[float | None]) -> float | None:
        known = [v for v in values if v is not None]
        if len(known) < len(values):
            return None
        return sum(v * weight for v, (_, weight) in zip(known, parts, strict=True)) / total

    first = parts[0][0]
    return Point(
        *first.key,
        bps=mean([bitrate(s, rate, segment_frames) for s, _ in parts]) or 0.0,
        vmaf=mean([s.vmaf for s, _ in parts]) or 0.0,
        psnr_y=mean([s.psnr_y for s, _ in parts]),
        xpsnr_y=mean([s.xpsnr_y for s, _ in parts]),
    )


def _named(key: Key) -> str:
    codec, width, height, crf = key
    return f"{coder(codec).label} {width}x{height} at CRF {crf:g}"


def _too_few(codec: str, count: int, notes: list[str]) -> EncodeError:
    return EncodeError(
        f"too few trial encodes for a hull: {count} measured in all windows, and no size at two CRFs"
        + (f" ({notes[-1]})" if notes else ""),
        where=codec,
        hint="Allow the search more with --search-share, try fewer boxes, or take a longer film or a fixed ladder.",
    )
