"""What was measured of a film, frame by frame and block by block, and how its parts join. Pure.

Each value depends on its own frame (or block) and its neighbours alone, so that it is the same however the film was
cut into chunks.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from fractions import Fraction

BLOCKS_PER_S = 10
"""Sound is measured in blocks of 100 ms, counted from the film's start: the step of BS.1770's gating blocks."""

FLOOR = -20_000
"""The level of nothing at all, in hundredths of a dB."""

UNLIT = 0xFFFF
"""The margins of a picture without a line that is not black."""

PROGRESSIVE, TOP_FIRST, BOTTOM_FIRST, UNSURE = 0, 1, 2, 3
"""How a picture is scanned: as its flags say, and as its pixels show (only these are ever UNSURE)."""


def _column(kind: str) -> array[int]:
    return array(kind)


@dataclass(frozen=True, slots=True)
class PictureMeasures:
    """Source frames ``[start, stop)``. Luma in codes of 8 bit limited range, at the size that is measured.

    `seen` is 0 where a frame has a packet and no picture came of it: its other values are 0 too. `black` is the percent
    of pixels under luma 32; `low`, `high` the darkest and brightest luma, `mean` its average in hundredths; `outside`
    the pixels outside legal range in hundredths of a percent. `change` is the average difference of luma from the frame
    before in hundredths, `spot` the largest one of any channel. `flag` is the scan that the frame is marked with,
    `scan` the one that its lines show, `again` the field that is the one of the frame before again (1 top, 2 bottom, 0
    none). The margins are lines and columns of black around the picture, in source pixels
    (UNLIT all four: black all over).
    """

    start: int
    seen: array[int] = field(default_factory=lambda: _column("B"))
    black: array[int] = field(default_factory=lambda: _column("B"))
    low: array[int] = field(default_factory=lambda: _column("B"))
    high: array[int] = field(default_factory=lambda: _column("B"))
    mean: array[int] = field(default_factory=lambda: _column("H"))
    outside: array[int] = field(default_factory=lambda: _column("H"))
    change: array[int] = field(default_factory=lambda: _column("H"))
    spot: array[int] = field(default_factory=lambda: _column("B"))
    flag: array[int] = field(default_factory=lambda: _column("B"))
    scan: array[int] = field(default_factory=lambda: _column("B"))
    again: array[int] = field(default_factory=lambda: _column("B"))
    left: array[int] = field(default_factory=lambda: _column("H"))
    right: array[int] = field(default_factory=lambda: _column("H"))
    top: array[int] = field(default_factory=lambda: _column("H"))
    bottom: array[int] = field(default_factory=lambda: _column("H"))

    @property
    def stop(self) -> int:
        return self.start + len(self.seen)

    def add(self, **values: int) -> None:
        """One more frame; what is not given is 0, what does not fit the column is its largest."""
        for name in PICTURE_COLUMNS:
            column: array[int] = getattr(self, name)
            column.append(min(max(values.get(name, 0), 0), (1 << 8 * column.itemsize) - 1))


PICTURE_COLUMNS = tuple(f.name for f in fields(PictureMeasures) if f.name != "start")


@dataclass(frozen=True, slots=True)
class SoundMeasures:
    """Blocks ``[start, stop)`` of the sound track at `track`, the stream's index; levels in hundredths of a dB.

    `peak` and `true_peak` are the highest sample's and the highest between samples (BS.1770-4 annex 2), re full scale,
    `level` the RMS of the loudest channel, `momentary` the loudness (LUFS) of the 400 ms that end with the block;
    `clipped` counts samples in runs at full scale. `spans` are the times in seconds of the film, in order, for which
    the track has sound at all. `loudest` holds each channel's highest sample of all.
    """

    track: int
    start: int
    peak: array[int] = field(default_factory=lambda: _column("h"))
    true_peak: array[int] = field(default_factory=lambda: _column("h"))
    level: array[int] = field(default_factory=lambda: _column("h"))
    momentary: array[int] = field(default_factory=lambda: _column("h"))
    clipped: array[int] = field(default_factory=lambda: _column("H"))
    spans: tuple[tuple[Fraction, Fraction], ...] = ()
    loudest: tuple[int, ...] = ()

    @property
    def stop(self) -> int:
        return self.start + len(self.peak)


SOUND_COLUMNS = ("peak", "true_peak", "level", "momentary", "clipped")


@dataclass(frozen=True, slots=True)
class Damage:
    """A place where the stream `stream` does not decode as it should: seconds of the film, the byte of the packet in
    the file (None where the container does not say), and what the decoder says."""

    stream: int
    start: Fraction
    stop: Fraction
    byte: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Measures:
    """Everything that was measured of a film, or of a part of it."""

    picture: PictureMeasures
    sounds: tuple[SoundMeasures, ...] = ()
    damage: tuple[Damage, ...] = ()


def join(parts: Sequence[Measures]) -> Measures:
    """The measures of the parts of a film, in any order, as those of the whole. ValueError unless they tile it."""
    ordered = sorted(parts, key=lambda p: p.picture.start)
    whole = PictureMeasures(0)
    for part in ordered:
        if part.picture.start != whole.stop:
            raise ValueError(f"there are frames from {part.picture.start} on where those before end at {whole.stop}")
        for name in PICTURE_COLUMNS:
            getattr(whole, name).extend(getattr(part.picture, name))
    tracks = dict.fromkeys(s.track for p in ordered for s in p.sounds)
    sounds = tuple(_joined([s for p in ordered for s in p.sounds if s.track == track]) for track in tracks)
    return Measures(whole, sounds, tuple(d for p in ordered for d in p.damage))


_TOUCH = Fraction(1, 100)  # seconds: what rounding of time stamps may leave between two parts


def _joined(parts: Sequence[SoundMeasures]) -> SoundMeasures:
    columns = {name: array(getattr(parts[0], name).typecode) for name in SOUND_COLUMNS}
    at = 0
    spans: list[tuple[Fraction, Fraction]] = []
    for part in parts:
        if part.start != at:
            raise ValueError(f"track {part.track} has blocks from {part.start} on where those before end at {at}")
        for name, column in columns.items():
            column.extend(getattr(part, name))
        at = part.stop
        spans += part.spans
    several = [p.loudest for p in parts if p.loudest]
    loudest = tuple(max(column) for column in zip(*several, strict=False))
    return SoundMeasures(parts[0].track, 0, **columns, spans=merged(spans), loudest=loudest)


def merged(
    spans: Sequence[tuple[Fraction, Fraction]], touch: Fraction = _TOUCH
) -> tuple[tuple[Fraction, Fraction], ...]:
    """Spans in order of time, those that touch or overlap made one."""
    out: list[tuple[Fraction, Fraction]] = []
    for start, stop in spans:
        if out and start - out[-1][1] <= touch:
            out[-1] = (out[-1][0], max(stop, out[-1][1]))
        else:
            out.append((start, stop))
    return tuple(out)
