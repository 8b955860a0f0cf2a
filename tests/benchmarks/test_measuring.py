"""Encodes are measured by the encoder's own code, alike however they are run, and never twice."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from benchmarks.cache import Cache
from benchmarks.clips import Clip, open_clip
from benchmarks.measuring import Encode, Measuring, Outcome, chunks_of, run_encodes
from encoder.peak import OverPeak
from ladders.rung import FittedRung
from tests.parts import SAMPLE

SMALL = FittedRung("small", 160, 90, 30, 0, 0)
TWO_S = Fraction(2)


@pytest.fixture(scope="module")
def clip() -> Clip:
    return open_clip(str(SAMPLE), start_s=Fraction(3), seconds=Fraction(4))


def _run(clip: Clip, folder: Path, encodes: list[Encode], **how: int) -> tuple[tuple[Outcome, ...], int]:
    """The outcomes, and how many tasks were run for them."""
    ran = []
    outcomes = run_encodes(
        clip, encodes, Measuring(Cache(folder), **{"every": 12, **how}), lambda done, total: ran.append((done, total))
    )
    return outcomes, len(ran)


def test_chunks_keep_the_grid_of_segments_and_tile_the_clip(clip: Clip) -> None:
    (whole,) = chunks_of(clip, segment_s=Fraction(1))
    cut = chunks_of(clip, segment_s=Fraction(1), chunk_s=TWO_S)
    assert [(c.start, c.stop) for c in cut] == [(0, 48), (48, 96)]
    assert whole.segments == tuple(s for c in cut for s in c.segments)


def test_encodes_that_share_a_decoding_give_what_they_give_alone(clip: Clip, tmp_path: Path) -> None:
    whole, cut = chunks_of(clip, segment_s=TWO_S), chunks_of(clip, segment_s=TWO_S, chunk_s=TWO_S)
    encodes = [Encode(replace(SMALL, crf=crf), "ultrafast", chunks) for crf in (24, 38) for chunks in (whole, cut)]
    together, ran = _run(clip, tmp_path, encodes, together=2)
    assert ran == 3  # both CRFs in one task for each of three chunks
    alone, ran = _run(clip, tmp_path, encodes, together=1)
    assert ran == 6
    for one, other in zip(together, alone, strict=True):
        assert (one.bits, one.frames, one.vmaf, one.tries) == (other.bits, other.frames, other.vmaf, other.tries)
    good, good_cut, bad, _ = alone
    assert (good.frames, good.seconds, good.tries, good_cut.tries) == (96, 4.0, 1, 2)
    assert good.bits > 2 * bad.bits
    assert good.point[1] > bad.point[1] + 5
    assert good.encode_cpu_s > 0
    assert good.measure_cpu_s > 0


def test_what_was_measured_is_not_run_again(clip: Clip, tmp_path: Path) -> None:
    chunks = chunks_of(clip, segment_s=TWO_S, chunk_s=TWO_S)
    encode = Encode(SMALL, "ultrafast", chunks)
    (first, twin), ran = _run(clip, tmp_path, [encode, replace(encode, rung=replace(SMALL, name="twin"))])
    assert ran == 2
    assert first == twin
    assert _run(clip, tmp_path, [encode]) == ((first,), 0)
    # A chunk that is also part of another encode is found, and so is a CRF given chunk by chunk.
    (mixed,), ran = _run(clip, tmp_path, [replace(encode, crfs=(30, 44))])
    assert ran == 1
    assert mixed.bits < first.bits
    for changed in (replace(encode, preset="superfast"), replace(encode, rung=replace(SMALL, width=176))):
        assert _run(clip, tmp_path, [changed], every=0)[1] == 2


def test_a_damaged_result_counts_as_not_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "new")
    assert cache.remember(["a"], lambda: {"n": 1}) == {"n": 1}
    assert cache.remember(["a"], lambda: {"n": 2}) == {"n": 1}
    (kept,) = cache.folder.iterdir()
    kept.write_text('{"n": ')
    assert cache.remember(["a"], lambda: {"n": 3}) == {"n": 3}


def test_without_measuring_there_is_no_vmaf(clip: Clip, tmp_path: Path) -> None:
    (outcome,), _ = _run(clip, tmp_path, [Encode(SMALL, "ultrafast", chunks_of(clip, segment_s=TWO_S))], every=0)
    assert (outcome.vmaf, outcome.measure_cpu_s) == (None, 0.0)
    with pytest.raises(ValueError, match="not measured"):
        _ = outcome.point


def test_a_cap_that_cant_be_kept_ends_the_run(clip: Clip, tmp_path: Path) -> None:
    capped = replace(SMALL, max_bps=2_000, buffer_bits=2_000)
    with pytest.raises(OverPeak, match="can't keep to 2 kbit/s"):
        _run(clip, tmp_path, [Encode(capped, "ultrafast", chunks_of(clip, segment_s=TWO_S))], every=0)
