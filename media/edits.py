"""What FFmpeg makes of a QuickTime or MP4 edit list that begins within a picture. Does I/O.

Such an edit shows the rest of one picture and then the next. FFmpeg drops that rest and moves all pictures up to where
it began, but not the sound: against each other they are off by as much, at most by one picture.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from typing import Any

import av
import av.error

from media.foreign import foreign_container

_LOOK = 1000  # packets after the seek among which the same one must be


def moved_up(location: str, stream_index: int) -> Fraction:
    """By how many seconds FFmpeg shows this video stream's pictures too early against the other streams; 0 if right.

    Found by comparing the time of one packet with the one that it has where FFmpeg takes the edit list by its word
    (``advanced_editlist=0``: it drops nothing then, and moves nothing).
    """
    try:
        with av.open(location, timeout=(30.0, 60.0), options=foreign_container(location)) as container:
            first = next(_packets(container, stream_index), None)
        if first is None or first.pts is None or first.pos is None or first.pos < 0:
            return Fraction(0)
        options = {"advanced_editlist": "0"} | foreign_container(location)
        with av.open(location, options=options, timeout=(30.0, 60.0)) as container:
            stream = container.streams[stream_index]
            container.seek(first.pts, stream=stream, backward=True)
            for packet in islice(_packets(container, stream_index), _LOOK):
                if packet.pos == first.pos and packet.pts is not None:
                    late: Fraction = (packet.pts - first.pts) * Fraction(stream.time_base or 0)
                    return max(Fraction(0), late)
    except av.error.FFmpegError:
        pass  # what can't be read is said by those who have to
    return Fraction(0)


def _packets(container: Any, stream_index: int) -> Any:
    return (p for p in container.demux(container.streams[stream_index]) if p.size)
