"""Which of a title's video renditions is better than which: SCORE in HLS, qualityRanking in DASH. Pure.

Where every rendition's quality was measured alike, a score is its mean VMAF and, for a more efficient codec, up to
about one point more (log2 of `coders.Coder.efficiency`): what looks the same is worth more for fewer bits. Else it is
log2 of its average bit rate in bits of H.264 (by the same efficiency): it orders, and a step of 1 is a doubling. Both
to three decimals. Renditions that would share a score are set apart by 0.001 in the order of their bit rates, and those
above are lifted where need be: a better rendition never has the lower score.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from coders.table import coder_of
from values.title import Rendition

_STEP = Decimal("0.001")


def scores(video: Sequence[Rendition]) -> dict[str, Decimal]:
    """A positive score for each rendition, by id: no two the same, the best has the highest."""
    worth = {r.id: _vmaf(r) if _measured_alike(video) else _bits_of_h264(r) for r in video}
    found: dict[str, Decimal] = {}
    last = Decimal(0)
    for rendition in sorted(
        video, key=lambda r: (worth[r.id], r.quality.mean if r.quality else 0, r.average_bps, r.id)
    ):
        rounded = Decimal(worth[rendition.id]).quantize(_STEP, ROUND_HALF_EVEN)
        last = found[rendition.id] = max(rounded, last + _STEP)
    return found


def _measured_alike(video: Sequence[Rendition]) -> bool:
    """Scores of other models, or at other sizes, can't be compared."""
    ways = {(r.quality.model, r.quality.width, r.quality.height) if r.quality else None for r in video}
    return len(ways) == 1 and None not in ways


def _vmaf(rendition: Rendition) -> float:
    coder = coder_of(rendition.codec)
    return rendition.quality.mean + math.log2(coder.efficiency if coder else 1.0) if rendition.quality else 0.0


def _bits_of_h264(rendition: Rendition) -> float:
    coder = coder_of(rendition.codec)
    return math.log2(max(2.0, rendition.average_bps * (coder.efficiency if coder else 1.0)))
