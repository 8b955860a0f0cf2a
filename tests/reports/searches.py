"""Searches as onboarding makes them, of synthetic films, without an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ladders.rung import Policy
from onboarding.search import Search, SearchCost
from optimizer.curves import curves
from optimizer.ladder import to_ladder
from optimizer.pick import Choice, pick_rungs
from optimizer.points import Sample, aggregate
from optimizer.prices import Prices
from optimizer.windows import Window, weighted
from tests.optimizer.synthetic import CRFS, SIZES, point

RATE = Fraction(24)
SEGMENT = 96
EFFICIENCY = {"h264": 1.0, "hevc": 0.66, "vp9": 0.7, "av1": 0.55}
COST = SearchCost(encode_s=61.5, measure_s=38.25, final_s=500.0, allowed_share=0.25)


def made(
    codecs: Sequence[str] = ("h264",),
    *,
    sizes: Sequence[tuple[int, int]] = SIZES,
    crfs: Sequence[float] = CRFS,
    hard: float = 1.0,
    windows: int = 12,
    frames: int = 14_315,
    step: float = 6.0,
    xpsnr: bool = True,
    cost: SearchCost = COST,
    notes: tuple[str, ...] = (),
) -> Search:
    """A search over `windows` windows of 18 frames. Windows differ in what they cost; their mean is `hard`."""
    placed = weighted([Window(i, i * frames // windows, i * frames // windows + 18, 0) for i in range(windows)], frames)
    samples = tuple(
        _sample(w.index, codec, size, crf, hard * (0.75 + 0.5 * w.index / max(1, windows - 1)), xpsnr)
        for codec in codecs
        for w in placed
        for size in sizes
        for crf in crfs
    )
    weights = {w.index: w.weight for w in placed}
    points, left_out = aggregate(samples, weights, rate=RATE, segment_frames=SEGMENT)
    lines = curves(points)
    policy = Policy(tuple(codecs), tuple(sizes), step=step)
    choices: list[Choice] = []
    for codec in codecs:
        choices += pick_rungs([c for c in lines if c.codec == codec], policy)
    ladder = to_ladder(choices, name="per-title", description="Found", audio_kbps=128, display=sizes[-1])
    return Search(
        ladder, policy, tuple(choices), lines, points, samples, placed, cost, (*notes, *left_out), sizes[-1],
        Prices(sizes[-1], sizes[-1], "fast"),
    )  # fmt: skip


def _sample(window: int, codec: str, size: tuple[int, int], crf: float, hard: float, xpsnr: bool) -> Sample:
    p = point(size, crf, hard=hard * EFFICIENCY[codec], codec=codec)
    bits = p.bps / RATE * 18
    return Sample(
        window, codec, *size, crf, 18, round(bits / 3), round(bits * 2 / 3), p.vmaf, p.psnr_y,
        (p.psnr_y or 0) - 2 if xpsnr else None, 0.05,
    )  # fmt: skip
