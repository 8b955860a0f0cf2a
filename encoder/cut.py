"""One rung's encoded chunk, taken apart into segments and checked against the plan. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from chunker.plan import Chunk, Span
from media.boxes import split_init
from media.brands import add_brand, cmaf_brand
from media.colour import Colour
from media.colour_boxes import put_colour
from media.fragments import Fragment, delay_presentation, parse_fragments, segment_header
from media.reorder import reorder_frames
from media.tracks import parse_init, patch_edit_list
from values.clock import ticks_per_frame, timescale_of
from values.errors import EncodeError


@dataclass(frozen=True, slots=True)
class CutSegment:
    """A segment's bytes in order, its place on the track's timeline in ticks, and the size of each frame in bytes.

    `key_bytes` is as in `values.title.Segment`.
    """

    pieces: tuple[bytes, ...]
    start: int
    duration: int
    sizes: tuple[int, ...]
    key_bytes: int = 0

    @property
    def frames(self) -> int:
        return len(self.sizes)


def cut_chunk(
    data: bytes, chunk: Chunk, rate: Fraction, *, where: str, colour: Colour | None = None
) -> tuple[bytes, tuple[CutSegment, ...]]:
    """The init segment, with boxes that tell its `colour`, and the media segments of an encoded chunk.

    Raises EncodeError unless every segment of the plan starts with a fragment of its own (an IDR), at its exact decode
    time, and holds exactly its frames.

    Where pictures are reordered they are shown later than they are decoded, and the init's edit list takes that back:
    libavformat, which many players stand on, shows pictures late whose offsets are negative instead.
    """
    init, rest = split_init(data)
    track = parse_init(init)
    if track.timescale != timescale_of(rate):
        raise _wrong(f"timescale is {track.timescale}, not {timescale_of(rate)}", where)
    media = rest
    lag = reorder_frames(track) * ticks_per_frame(rate)
    if lag:
        media = delay_presentation(rest, lag)
        init = patch_edit_list(init, lag)
    fragments = parse_fragments(media, track)
    if colour:
        init = put_colour(init, colour)
    init = add_brand(init, cmaf_brand(parse_init(init), rate))
    view = memoryview(media)
    return init, tuple(_segment(view, fragments, span, rate, where) for span in chunk.segments)


def _segment(
    media: memoryview, fragments: Sequence[Fragment], span: Span, rate: Fraction, where: str
) -> CutSegment:  # fmt: skip
    step = ticks_per_frame(rate)
    start, stop = span.start * step, span.stop * step
    mine = [f for f in fragments if start <= f.decode_time < stop]
    if not mine or mine[0].decode_time != start or not mine[0].samples[0].sync:
        raise _wrong(f"segment {span.index} does not start with an IDR at frame {span.start}", where)
    at = start
    for fragment in mine:
        if fragment.decode_time != at:
            raise _wrong(f"a fragment starts at tick {fragment.decode_time}, expected {at}", where)
        at += fragment.duration
    sizes = tuple(s.size for f in mine for s in f.samples)
    if at != stop or len(sizes) != span.frames:
        raise _wrong(
            f"segment {span.index} has {len(sizes)} frames up to tick {at}, planned {span.frames} to {stop}", where
        )
    header, first = segment_header(), mine[0]
    pieces = (header, *(bytes(media[f.offset : f.stop]) for f in mine))
    key_bytes = len(header) + first.samples[0].offset + first.samples[0].size - first.offset
    return CutSegment(pieces, start, stop - start, sizes, key_bytes)


def _wrong(what: str, where: str) -> EncodeError:
    return EncodeError(
        f"the encoder's output is not what was planned: {what}",
        where=where,
        hint="Run the command again; if it repeats, the ffmpeg build is at fault: matinee needs ffmpeg 7 or newer.",
    )


_NO_TIME = -(1 << 63)


def check_stats(
    text: str, chunk: Chunk, expected: Sequence[int] | None, *, where: str, others: Sequence[int] = ()
) -> int:
    """How many frames entered the encoder, from its statistics (see argv.STATS).

    Each must carry its number on the film's grid and, where `expected` is given, the source time planned for it (or
    the one in `others`, if there are any). Raises EncodeError naming the first that does not: the chunk was cut in the
    wrong place.
    """
    rows = [line.split() for line in text.splitlines()]
    for i, row in enumerate(rows):
        number, source = int(row[1]), int(row[2])
        planned = {*(expected or ())[i : i + 1], *(others if expected else ())[i : i + 1]}
        if number != chunk.start + i or (planned and source not in planned):
            wanted = f", planned {' or '.join(map(str, sorted(planned)))}" if planned else ""
            raise MisplacedFrames(
                f"frame {number} of source time {source} entered the encoder as frame {chunk.start + i}{wanted}",
                where=where,
                hint=_MISPLACED,
            )
    if len(rows) != chunk.frames:
        raise MisplacedFrames(
            f"{len(rows)} frames entered the encoder, planned {chunk.frames}", where=where, hint=_MISPLACED
        )
    return len(rows)


def count_replaced(text: str, expected: Sequence[int], others: Sequence[int] = ()) -> int:
    """How many frames entered the encoder with another source time than planned (or the one in `others`, if there are
    any): their own did not decode.

    Where the decoder knows no source times (a damaged MXF file), none is counted.
    """
    times = [int(line.split()[2]) for line in text.splitlines()]
    plans = zip(times, expected, others or expected, strict=False)
    return sum(time not in (planned, other, _NO_TIME) for time, planned, other in plans)


class MisplacedFrames(EncodeError):
    """Other frames than planned came out of the decoder: the seek landed late, or the source is damaged here."""


_MISPLACED = (
    "The source is damaged here or can't be sought in. Rewrite its index with: ffmpeg -i IN -c copy OUT.mkv, "
    "or go on with what there is: --allow-damaged."
)
