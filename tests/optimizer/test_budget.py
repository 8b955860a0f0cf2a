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
from optimizer.budget import SearchPlan, Spent, plan_search, settled, trials_of, window_cost_s
from optimizer.pick import pick_rungs
from optimizer.prices import Prices, Trial
from tests.optimizer.synthetic import SIZES, film
from values.errors import EncodeError

PRICES = Prices((1920, 1080), (1920, 1080), "fast", preroll=24)


def plan(frames: int, *, share: float = 0.25, codecs: tuple[str, ...] = ("h264",)) -> SearchPlan:
    final = PRICES.final_s(frames, [(codec, size) for codec in codecs for size in SIZES])
    return plan_search(plan_segments(frames, 96), SIZES, codecs, prices=PRICES, final_s=final, share=share)


def test_costs_add_up() -> None:
    plain = Prices((10, 10), (10, 10), "fast")
    trial = Trial("h264", (((4, 2), 2), ((2, 2), 1)), 50)
    assert plain.encode_s("h264", (4, 2)) == 8 * 2.6e-8
    assert plain.trial_encode_s(trial) == pytest.approx(0.12 + 50 * (100 * 3.5e-9 + 20 * 2.6e-8))
    assert plain.trial_measure_s(trial) == pytest.approx(0.12 + 56 * (100 * 3.5e-9 + 3 * 100 * 4.2e-9))
    assert plain.final_s(7, [("h264", (4, 2)), ("av1", (4, 2))]) == pytest.approx(
        7 * (2 * 100 * 3.5e-9 + 8 * 2.6e-8 * (1 + 2.3))
    )


def test_a_window_is_tried_by_one_task_for_the_largest_size_and_one_for_the_others() -> None:
    grids = {"h264": (((4, 2), (20.0, 30.0)), ((2, 2), (20.0,)), ((2, 1), (22.0, 24.0))), "av1": (((4, 2), (40.0,)),)}
    window = plan(3000).windows[0]
    assert [(t.codec, t.sizes) for t, _ in trials_of(window, grids)] == [
        ("h264", (((4, 2), 2),)),
        ("h264", (((2, 2), 1), ((2, 1), 2))),
        ("av1", (((4, 2), 1),)),
    ]
    assert window_cost_s(window, grids, PRICES) == sum(PRICES.trial_s(t) for t, _ in trials_of(window, grids))


def test_what_trials_took_scales_the_prices_codec_by_codec() -> None:
    trials = [Trial("h264", (((640, 360), 3),), 24), Trial("av1", (((640, 360), 3),), 24)]
    spent = [
        (t, f * PRICES.trial_encode_s(t), 2 * PRICES.trial_measure_s(t)) for t, f in zip(trials, (3, 5), strict=True)
    ]
    learned = PRICES.learned(spent)
    assert learned.measure_factor == pytest.approx(2)
    assert learned.encode_factor == {"h264": pytest.approx(3), "av1": pytest.approx(5)}
    assert learned.learned(spent) == learned
    assert learned.encode_s("av1", (640, 360)) == pytest.approx(5 * PRICES.encode_s("av1", (640, 360)))


def test_what_trials_took_never_raises_the_price_of_the_final_encode() -> None:
    trial, rungs = Trial("h264", (((640, 360), 3),), 24), [("h264", (640, 360))]

    def final_s(factor: float) -> float:
        return PRICES.learned([(trial, factor * PRICES.trial_encode_s(trial), 1.0)]).final_s(1000, rungs)

    assert final_s(0.5) < final_s(1.0) == final_s(3.0) == PRICES.final_s(1000, rungs)


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
    assert found.predicted_s == pytest.approx(sum(window_cost_s(w, found.grids, PRICES) for w in found.windows))


def test_a_longer_film_is_tried_in_more_windows_and_at_more_crfs() -> None:
    def shape(frames: int) -> tuple[int, int, int]:
        found = plan(frames)
        return len(found.grids["h264"][0][1]), len(found.windows), found.windows[0].frames

    assert [shape(frames) for frames in (1500, 3000, 15_000, 150_000)] == [
        (3, 3, 24),
        (3, 6, 24),
        (3, 12, 66),
        (4, 65, 96),
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


def test_spending_stops_before_the_budget_is_exceeded() -> None:
    spent = Spent(10.0).add(4.0).add(3.0)
    assert spent == Spent(10.0, 7.0)
    assert spent.may_go_on(3.0)
    assert not spent.may_go_on(3.01)


def test_of_a_wave_as_many_windows_run_as_are_affordable() -> None:
    windows = plan(3000).windows
    assert len(windows) > 2
    assert Spent(10.0, 4.0).affordable(windows, lambda w: 2.5) == windows[:2]
    assert Spent(10.0, 9.0).affordable(windows, lambda w: 2.5) == ()
    assert Spent(1000.0).affordable(windows, lambda w: 0.2) == windows


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
