"""What an encode is asked for so that its rendition keeps to the declared peak, and what it is asked next."""

from __future__ import annotations

import pickle
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coders.coder import Coding
from coders.levels import Shape
from coders.table import CODERS
from encoder.peak import Ask, OverPeak, first_ask, harder_ask, over_peak, overshoot
from ladders.rung import FittedRung
from tests.encoder.jobs import job_of
from values.bucket import keeps_over_joins, pour

RATE = Fraction(24)
(ALONE,) = job_of(RATE, 96, 96)
MIDDLE, LAST = job_of(RATE, 300, 96)  # 8 seconds, then 4.5
JOBS = {"alone": ALONE, "middle": MIDDLE, "last": LAST}
RUNG = FittedRung("90p", 160, 90, 30, 300_000, 600_000)
SHAPE = Shape(160, 90, RATE, 300_000, 600_000)
HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)


def rung(codec: str) -> FittedRung:
    return replace(RUNG, codec=codec)


def coding(crf: float, max_bps: int) -> Coding:
    return Coding("fast", crf, max_bps, 300_000, 150_000, 97, 1, SHAPE)


@pytest.mark.parametrize(
    ("place", "rate", "buffer", "initial"),
    [
        ("alone", 300_000, 600_000, 300_000),
        ("middle", 300_000 - 150_000 // 8, 300_000, 150_000),  # gives back over 8 seconds what it starts with
        ("last", 300_000, 300_000, 150_000),
    ],
)
def test_the_first_ask_follows_from_what_comes_after_the_chunk(
    place: str, rate: int, buffer: int, initial: int
) -> None:
    assert first_ask(JOBS[place], RUNG, 23.5) == Coding("fast", 23.5, rate, buffer, initial, 97, 1, SHAPE)


def test_a_short_chunk_is_asked_for_no_less_than_half_of_the_rate() -> None:
    short = replace(MIDDLE, chunk=replace(MIDDLE.chunk, stop=12))
    assert first_ask(short, RUNG, 23).max_bps == 150_000


@pytest.mark.parametrize("place", JOBS)
def test_a_rung_without_a_cap_is_asked_for_its_crf_alone(place: str) -> None:
    free = replace(RUNG, max_bps=0, buffer_bits=0)
    assert first_ask(JOBS[place], free, 23) == Coding(
        "fast", 23, 0, 0, 0, 97, 1, replace(SHAPE, max_bps=0, buffer_bits=0)
    )
    assert overshoot(JOBS[place], free, [10**9]) == 0


@given(
    place=st.sampled_from(list(JOBS)),
    greed=st.lists(st.fractions(0, 1, max_denominator=50), min_size=1, max_size=12),
    cap=st.integers(20_000, 9_000_000),
    seconds=st.fractions(Fraction(1, 2), 5, max_denominator=4),
)
def test_an_encoder_that_keeps_to_the_vbv_it_is_given_keeps_to_the_peak_over_joins(
    place: str, greed: list[Fraction], cap: int, seconds: Fraction
) -> None:
    """Whatever share of its buffer each frame takes."""
    job, capped = JOBS[place], replace(RUNG, max_bps=cap, buffer_bits=int(cap * seconds))
    ask = first_ask(job, capped, 23)
    fullness, sizes = Fraction(ask.initial_bits), []
    for n in range(job.chunk.frames):
        taken = int(fullness * greed[n % len(greed)]) // 8
        sizes.append(taken)
        fullness = min(Fraction(ask.buffer_bits), fullness - 8 * taken + ask.max_bps / RATE)
    assert overshoot(job, capped, sizes) == 0


@pytest.mark.parametrize("codec", CODERS)
@given(place=st.sampled_from(list(JOBS)), sizes=st.lists(st.integers(0, 12_000), min_size=1, max_size=60))
def test_nothing_is_over_exactly_where_joined_chunks_keep_to_the_buffer(
    codec: str, place: str, sizes: list[int]
) -> None:
    job = JOBS[place]
    run = pour([(size, 1 / RATE) for size in sizes], 300_000)
    carried = HALF if CODERS[codec].strict_vbv else QUARTER
    keeps = keeps_over_joins(run, 600_000, alone=job.alone, last=job.last, carried=carried)
    over = overshoot(job, rung(codec), sizes)
    assert (over == 0) == keeps
    assert over == 0 or over > 1


@pytest.mark.parametrize("times", [2, 3, 7])
@pytest.mark.parametrize("place", JOBS)
def test_how_far_over_is_how_much_more_peak_would_do(place: str, times: int) -> None:
    """Even frames at so many times the rate: a chunk in the middle may have no excess, others what the buffer takes."""
    job = JOBS[place]
    steady = [300_000 * times // 24 // 8] * job.chunk.frames
    allowed = {"alone": 600_000, "last": 300_000}.get(place, 0)
    drained = Fraction(300_000 * (job.chunk.frames - 1), 24)
    wanted = sum(8 * size for size in steady) / (allowed + drained) if allowed else times
    over = overshoot(job, RUNG, steady)
    assert over == pytest.approx(float(wanted), rel=0.002)
    for share, keeps in ((1.001, True), (0.998, False)):
        raised = replace(RUNG, max_bps=int(300_000 * over * share), buffer_bits=int(600_000 * over * share))
        assert (overshoot(job, raised, steady) == 0) == keeps


def test_a_key_frame_larger_than_a_middle_chunks_opening_is_over_and_alone_it_is_not() -> None:
    sizes = [500_000 // 8] + [0] * 95
    assert overshoot(ALONE, RUNG, sizes) == 0
    assert overshoot(MIDDLE, RUNG, sizes) == pytest.approx(5 / 3, rel=0.002)  # half of 600 kbit
    assert overshoot(MIDDLE, rung("vp9"), sizes) == pytest.approx(10 / 9, rel=0.002)  # three quarters


@pytest.mark.parametrize(
    ("codec", "crf", "over", "next_crf", "next_bps"),
    [
        ("h264", 23, 1.001, 23.5, 193_806),
        ("h264", 23, 1.1, 24.5, 176_363),
        ("h264", 23, 4.0, 25, 48_500),  # no more than two at a time: the rate control is given less too
        ("hevc", 50.5, 1.5, 51, 129_333),
        ("vp9", 30, 1.001, 31, 200_000),  # libvpx takes whole numbers
        ("vp9", 30, 1.94, 40, 200_000),  # half of the bits
        ("vp9", 62, 4.0, 63, 200_000),
        ("av1", 35.5, 1.94, 45, 200_000),  # the CRF alone: without a VBV less rate would be too much
    ],
)
def test_a_harder_ask_raises_the_crf_by_what_was_over_and_a_vbvs_rate_falls(
    codec: str, crf: float, over: float, next_crf: float, next_bps: int
) -> None:
    ask = coding(crf, 200_000)
    assert harder_ask(Ask(ask, over), rung(codec), where="") == replace(ask, crf=next_crf, max_bps=next_bps)


@pytest.mark.parametrize(
    ("before", "over", "next_crf"),
    [
        (None, 1.5, 47),  # 10 for half of the bits, as VP9 does as a rule
        ((30, 2.5), 1.5, 47),  # as it did here
        ((30, 1.94), 1.5, 50),  # it did less here: what was expected to take half took a fifth
        ((30, 1.94), 2.0, 56),  # nothing was won at all
        ((39, 1.94), 1.0, 41),  # a smaller step did more: never less than the rule
    ],
)
def test_what_an_ask_did_is_weighed_in_the_next(
    before: tuple[float, float] | None, over: float, next_crf: float
) -> None:
    known = Ask(coding(before[0], 0), before[1]) if before else None
    assert harder_ask(Ask(coding(40, 0), over), rung("vp9"), where="", before=known).crf == next_crf


def test_where_the_rate_control_holds_the_encode_the_crf_is_raised_gently_at_first() -> None:
    asks = [coding(20, 200_000)]
    before = None
    for _ in range(4):
        missed = Ask(asks[-1], 4.0)
        asks.append(harder_ask(missed, rung("h264"), where="", before=before))
        before = missed
    assert [ask.crf for ask in asks] == [20, 22, 26, 34, 46.5]


@pytest.mark.parametrize("codec", CODERS)
def test_the_last_ask_is_for_the_highest_crf(codec: str) -> None:
    assert harder_ask(Ask(coding(20, 100), 1.01), rung(codec), where="", last=True).crf == CODERS[codec].max_crf


@pytest.mark.parametrize("codec", CODERS)
def test_at_the_end_of_the_crf_scale_the_cap_is_said_not_to_be_kept(codec: str) -> None:
    coder = CODERS[codec]
    with pytest.raises(OverPeak) as caught:
        harder_ask(Ask(coding(coder.max_crf, 200_000), 1.2345), rung(codec), where="chunk 3 of film.mp4, 90p")
    assert str(caught.value) == (
        "chunk 3 of film.mp4, 90p: the picture of 160x90 can't keep to 300 kbit/s over a buffer of 600 kbit: "
        f"{coder.label} is 1.23 times over it even at CRF {coder.max_crf}\n"
        "Raise the rung's max_kbps or buffer_kbit in the ladder, or make its picture smaller."
    )
    assert caught.value.permanent


def test_the_error_comes_over_from_a_worker_as_it_is() -> None:
    error = over_peak("what was tried", RUNG, "here")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.permanent) == (OverPeak, str(error), True)


@given(
    codec=st.sampled_from(list(CODERS)),
    crf=st.integers(0, 40),
    overs=st.lists(st.floats(1.001, 50), min_size=8, max_size=8),
)
def test_each_ask_is_harder_than_the_one_before(codec: str, crf: int, overs: list[float]) -> None:
    ask, before = coding(crf, 300_000), None
    for over in overs:
        if ask.crf >= CODERS[codec].max_crf:
            break
        missed = Ask(ask, over)
        harder = harder_ask(missed, rung(codec), where="", before=before)
        assert ask.crf < harder.crf <= CODERS[codec].max_crf
        if CODERS[codec].strict_vbv:
            assert harder.max_bps < ask.max_bps or harder.max_bps == 1
        ask, before = harder, missed
