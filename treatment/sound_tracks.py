"""Which of a container's streams belong together as one track, and what each channel is. Pure.

Masters of MXF and QuickTime often hold each channel in a stream of its own. Uncompressed mono streams of one rate and
language, which nothing else tells apart, are taken together: by the speakers that they name; else, where they name
none, by their number, in the order of SMPTE ST 2067-8 and of every delivery specification (L R C LFE Ls Rs).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from media.probe import AudioStream
from treatment.downmix import STEREO, SURROUND
from treatment.sound_roles import role_of

_UNNAMED: dict[int, tuple[str, ...]] = {
    1: ("FC",),
    2: STEREO,
    6: SURROUND,
    8: (*SURROUND, "", ""),
}
"""What unnamed channels are, by their number; '' is left out."""

_CHANNEL_WORD = re.compile(
    r"(l|r|c|lfe|ls|rs|lt|rt|lss|rss|lrs|rrs|left|right|cent(er|re)|sub(woofer)?|(left|right) (surround|total)"
    r"|(front|side|rear|back) (left|right|cent(er|re))|(mono|audio|track|channel|ch|a)?[\s_-]*\d*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Gathered:
    """One track: its streams, the speaker of each of their channels in order ('' is left out), why so, and what is
    lost in words."""

    streams: tuple[AudioStream, ...]
    speakers: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def first(self) -> AudioStream:
        return self.streams[0]


def gather(streams: Sequence[AudioStream]) -> tuple[Gathered, ...]:
    """The tracks that these streams make, in their order."""
    found: list[Gathered] = []
    for apart, run in groupby(streams, key=_kinship):
        members = tuple(run)
        if apart is None or len(members) == 1:
            found += [_alone(s) for s in members]
        elif any(s.speakers not in ((), ("FC",)) for s in members):
            found += _by_names(members)
        else:
            found += _by_number(members)
    return tuple(found)


def _kinship(stream: AudioStream) -> tuple[object, ...] | None:
    """What streams that each hold a channel of one track have in common; None for one that stands alone."""
    title = "" if _CHANNEL_WORD.fullmatch(stream.title) else stream.title
    if stream.channels != 1 or not stream.codec.startswith("pcm_") or role_of(stream)[0] != "main" or title:
        return None
    return stream.codec, stream.sample_rate_hz, stream.language


def _alone(stream: AudioStream) -> Gathered:
    if stream.speakers:
        return Gathered((stream,), stream.speakers)
    count = stream.channels
    speakers = _UNNAMED.get(count) or (*STEREO, *[""] * (count - 2))
    kept = tuple(s for s in speakers if s)
    why = f"{count} unnamed channels taken as {_words(kept)}"
    lost = f"channels {len(kept) + 1} to {count}, which nothing names, are left out"
    return Gathered((stream,), speakers, (why,) if count > 1 else (), (lost,) if len(kept) < count else ())


def _by_names(members: Sequence[AudioStream]) -> list[Gathered]:
    """Streams of which some name their speaker (a plain one is the centre): a speaker again begins a new track."""
    groups: list[list[AudioStream]] = [[]]
    for stream in members:
        if any(stream.speakers == other.speakers for other in groups[-1]):
            groups.append([])
        groups[-1].append(stream)
    found = []
    for group in groups:
        speakers = tuple(s.speakers[0] if s.speakers else "FC" for s in group)
        if set(STEREO) <= set(speakers):
            found.append(Gathered(tuple(group), speakers, (f"{len(group)} mono streams that name their speakers",)))
        else:
            found += [_alone(s) for s in group]
    return found


def _by_number(members: Sequence[AudioStream]) -> list[Gathered]:
    """Streams that name nothing: six are 5.1, eight are 5.1 and a pair, other even numbers pairs, odd ones mono."""
    count = len(members)
    if count % 2:
        return [_alone(s) for s in members]
    sizes = {6: [6], 8: [6, 2]}.get(count) or [2] * (count // 2)
    found = []
    at = 0
    for size in sizes:
        group = tuple(members[at : at + size])
        why = f"{size} mono streams of {count} taken as {_words(_UNNAMED[size])}"
        found.append(Gathered(group, _UNNAMED[size], (why,)))
        at += size
    return found


def _words(speakers: Sequence[str]) -> str:
    return {1: "mono", 2: "left and right", 6: "5.1 (L R C LFE Ls Rs)"}[len(speakers)]
