"""What a search may cost."""

from __future__ import annotations

import pickle
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunker.plan import plan_segments
from ladders.rung import Policy
from optimizer.budget import (
    CostModel,
    SearchPlan,
    Spent,
    final_cost_s,
    frame_cost_s,
    plan_search,
    settled,
)
from optimizer.pick import pick_rungs
from tests.optimizer.synthetic import SIZES, film, sample
from values.errors import EncodeError

DISPLAY = (1920, 1080)
COST = CostModel(0.002, 0.03, {"h264": (0.001, 1.5e-8), "av1": (0.004, 6e-8)})


def plan(frames: int, *, share: float = 0.25, codecs: tuple[str, ...] = ("h264",)) -> SearchPlan:
    final = final_cost_s(COST, frames, SIZES, codecs, rungs=7)
    places = plan_segments(frames, 96)
    return plan_search(places, SIZES, DISPLAY, codecs, trial=COST, final_s=final, share=share, every=3)


def test_costs_add_up() -> None:
    cost = CostModel(1.0, 10.0, {"h264": (2.0, 0.5)})
    assert cost.encode("h264", (4, 2)) == 6
    assert final_cost_s(cost, 100, [(4, 2), (2, 2)], ["h264"], rungs=4) == 100 * (1 + 4 * 5)
    grids = {"h264": (((4, 2), (20.0, 30.0)), ((2, 2), (20.0,)))}
    assert frame_cost_s(cost, grids) == 1 + 2 * 6 + 4 + 3 * 10
    assert frame_cost_s(cost, grids, every=5) == 1 + 2 * 6 + 4 + 3 * 2


@given(st.integers(200, 200_000), st.floats(0.1, 1), st.sampled_from([("h264",), ("av1",), ("h264", "av1")]))
def test_a_search_is_predicted_to_keep_to_its_share_or_says_which_would_do(
    frames: int, share: float, codecs: tuple[str, ...]
) -> None:
    try:
        found = plan(frames, share=share, codecs=codecs)
    except EncodeError as error:
        enough = float(error.hint.split("--search-share ")[1].split(")")[0])
        assert enough > share
        assert plan(frames, share=enough, codecs=codecs).windows
        return
    assert found.predicted_s <= found.budget_s
    assert found.budget_s == share * found.final_s
    assert tuple(found.grids) == codecs
    assert found.windows
    trials = frame_cost_s(COST, found.grids, 3) * sum(w.frames for w in found.windows)
    assert found.predicted_s == pytest.approx(trials)


def test_a_longer_film_is_tried_in_more_windows_and_at_more_crfs() -> None:
    def shape(frames: int) -> tuple[int, int, int]:
        found = plan(frames)
        return len(found.grids["h264"][0][1]), len(found.windows), found.windows[0].frames

    assert [shape(frames) for frames in (200, 400, 1500, 3000, 15_000, 150_000)] == [
        (2, 1, 12),
        (3, 2, 12),
        (3, 8, 12),
        (4, 12, 12),
        (4, 12, 61),
        (4, 77, 96),
    ]


def test_too_short_a_film_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(EncodeError) as caught:
        plan(100)
    assert "the smallest search would cost" in caught.value.what
    assert all(word in caught.value.hint for word in ("--search-share", "fewer boxes", "longer film"))


def test_the_plan_gives_its_windows_in_waves() -> None:
    found = plan(15_000)
    assert sum(len(wave) for wave in found.waves) == len(found.windows)
    assert len(found.waves) == 3


def test_what_the_first_wave_cost_replaces_the_guess() -> None:
    truth = CostModel(0, 0, {"h264": (0.01, 2e-7)})
    samples = [sample(0, size=size, frames=12, cpu_s=12 * truth.encode("h264", size)) for size in (*SIZES, *SIZES[:2])]
    found = COST.measured(samples)
    assert found.encode_s["h264"] == pytest.approx((0.01, 2e-7))
    assert found.encode_s["av1"] == COST.encode_s["av1"]
    assert (found.decode_s, found.measure_s) == (COST.decode_s, COST.measure_s)


@given(st.lists(st.tuples(st.sampled_from(SIZES), st.floats(0.001, 10), st.integers(1, 96)), min_size=1, max_size=12))
def test_a_fit_is_never_negative_and_keeps_what_the_samples_cost_in_all(
    rows: list[tuple[tuple[int, int], float, int]],
) -> None:
    samples = [sample(0, size=size, frames=frames, cpu_s=cpu) for size, cpu, frames in rows]
    found = COST.measured(samples)
    assert min(found.encode_s["h264"]) >= 0
    predicted = sum(found.encode("h264", (s.width, s.height)) * s.frames for s in samples)
    assert predicted == pytest.approx(sum(cpu for _, cpu, _ in rows))


def test_spending_stops_before_the_budget_is_exceeded() -> None:
    spent = Spent(10.0).add(4.0).add(3.0)
    assert spent == Spent(10.0, 7.0)
    assert spent.may_go_on(3.0)
    assert not spent.may_go_on(3.01)


def test_of_a_wave_as_many_windows_run_as_are_affordable() -> None:
    windows = plan(3000).windows
    assert {w.frames for w in windows} == {12}
    assert Spent(10.0, 4.0).affordable(windows, 0.2) == windows[:2]
    assert Spent(10.0, 9.0).affordable(windows, 0.2) == ()
    assert Spent(1000.0).affordable(windows, 0.2) == windows


def test_picks_are_settled_when_another_wave_hardly_moves_them() -> None:
    policy = Policy(("h264",), SIZES)
    first = pick_rungs(film(), policy)

    def moved(bps: float, vmaf: float) -> bool:
        point = replace(first[3].point, bps=first[3].point.bps * bps, vmaf=first[3].point.vmaf + vmaf)
        return settled(first, (*first[:3], replace(first[3], point=point), *first[4:]))

    assert settled(first, first)
    assert moved(1.04, 0.4)
    assert moved(0.96, -0.4)
    assert not moved(1.06, 0)
    assert not moved(1, 0.6)
    assert not settled(first, first[1:])
    assert not settled((), first)
    other = replace(first[3], point=replace(first[3].point, width=1282))
    assert not settled(first, (*first[:3], other, *first[4:]))


def test_plans_pickle() -> None:
    found = plan(15_000)
    assert pickle.loads(pickle.dumps(found)) == found
    assert Fraction(1, 4) * Fraction(found.final_s) == Fraction(found.budget_s)
