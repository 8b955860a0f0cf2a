"""Closed captions of a film: from the cc_data of its pictures to tracks of cues. Pure.

cc_data triplets (CTA-708-E section 4.3) hold pairs of CEA-608, field 1 and 2, and pieces of CEA-708 packets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from subtitles.cea608 import Pair, decode_608
from subtitles.cea708 import Piece, decode_708
from subtitles.cue import Cue
from subtitles.fit import readable
from subtitles.markup import colour_styles
from subtitles.shows import Show, show_cues

_SAME_SHARE = 0.8  # of words, from which on a service says what a channel says


@dataclass(frozen=True, slots=True)
class PictureCaptions:
    """The cc_data triplets of one picture, and when it is shown on the film's timeline."""

    at_ms: int
    triplets: bytes


@dataclass(frozen=True, slots=True)
class CaptionSource:
    """Where in a master captions were found (``pictures``, ``stream 3``), and all of them, in any order."""

    place: str
    pictures: tuple[PictureCaptions, ...]


@dataclass(frozen=True, slots=True)
class CaptionTrack:
    """One caption channel or service: ``CC1`` to ``CC4``, or ``service 1`` to 63, and where it was found."""

    name: str
    place: str
    cues: tuple[Cue, ...]
    blocks: tuple[str, ...]


def caption_tracks(
    sources: Iterable[CaptionSource], *, stop_ms: int
) -> tuple[tuple[CaptionTrack, ...], tuple[str, ...]]:
    """All channels and services with text, and notes; what is on screen at the end stays until `stop_ms`.

    One that says what another one says is left out: CEA-708 services are mostly made from CEA-608 channels, and
    caption tracks from the captions of the pictures.
    """
    kept: list[CaptionTrack] = []
    notes = []
    for source in sources:
        for track in _decoded(source, stop_ms):
            twin = next((k for k in kept if _same(k.cues, track.cues)), None)
            if twin is None:
                kept.append(track)
            else:
                notes.append(
                    f"captions {track.name} ({track.place}) say what {twin.name} ({twin.place}) say and are left out"
                )
    return tuple(kept), tuple(notes)


def _decoded(source: CaptionSource, stop_ms: int) -> list[CaptionTrack]:
    fields: dict[int, list[Pair]] = {1: [], 2: []}
    pieces: list[Piece] = []
    for picture in sorted(source.pictures, key=lambda p: p.at_ms):
        for at in range(0, len(picture.triplets) - 2, 3):
            head, first, second = picture.triplets[at : at + 3]
            kind = head & 3
            if head & 4 and kind < 2:
                fields[kind + 1].append(Pair(picture.at_ms, first, second))
            elif head & 4:
                pieces.append(Piece(picture.at_ms, kind == 3, first, second))
    tracks = [
        _track(f"CC{number}", source.place, shows)
        for field, pairs in fields.items()
        for number, shows in decode_608(pairs, field=field, stop_ms=stop_ms).items()
    ]
    tracks += [_track(f"service {n}", source.place, s) for n, s in decode_708(pieces, stop_ms=stop_ms).items()]
    return [t for t in tracks if any(readable(c.text) for c in t.cues)]


def _track(name: str, place: str, shows: list[Show]) -> CaptionTrack:
    cues = tuple(show_cues(shows))
    return CaptionTrack(name, place, cues, colour_styles(c.text for c in cues))


def _same(one: Sequence[Cue], other: Sequence[Cue]) -> bool:
    """Whether two tracks have most of their words in common, wherever they stand in them."""
    a, b = _words(one), _words(other)
    return (a & b).total() >= _SAME_SHARE * max(a.total(), b.total(), 1)


def _words(cues: Sequence[Cue]) -> Counter[str]:
    return Counter(word for cue in cues for word in cue.text.casefold().split())
