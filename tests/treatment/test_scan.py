"""How fields become pictures, by what the stream says and what its pixels show."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from tests.treatment.parts import (
    UPSIDE,
    VIDEO,
    WHOLE,
    facts,
    fields,
    picture,
    progressive,
    pulled,
    timing,
)  # fmt: skip
from treatment.facts import Facts, Sample
from treatment.scan import ScanDecision, cadence, decide_scan
from treatment.wishes import NO_WISHES, Wishes
from values.errors import UsageError


def decided(
    *samples: Sample,
    rate: str = "25",
    frames: int = 250,
    wishes: Wishes = NO_WISHES,
    constant: bool = True,
    **video: object,
) -> ScanDecision:
    film = timing(rate, frames, constant=constant)
    return decide_scan(picture(**video), facts(*samples), film, wishes)


@pytest.mark.parametrize("flagged", [True, False])
@pytest.mark.parametrize(
    ("kind", "rate", "scan"),
    [
        (progressive, "25", "progressive"),
        (progressive, "30000/1001", "progressive"),
        (fields, "25", "field"),
        (fields, "30000/1001", "field"),
        (fields, "30", "field"),
        (fields, "50", "frame"),  # 100 pictures a second are too many
        (pulled, "30000/1001", "telecine"),
        (pulled, "30", "telecine"),
        (pulled, "25", "field"),  # no pulldown makes 25
    ],
)
def test_the_pixels_decide_whatever_the_flags_say(kind: object, rate: str, scan: str, flagged: bool) -> None:
    found = decided(*[kind(flagged=flagged)] * 3, rate=rate)  # type: ignore[operator]
    assert found.scan == scan
    assert ("though flagged" in found.decision.detected) == (flagged == (scan == "progressive"))


def test_where_nothing_moves_the_flags_decide() -> None:
    still = "u" * 40
    assert decided(fields(still, steps=None, flagged=False)).scan == "progressive"
    found = decided(fields(still, steps=None, flagged=True))
    assert (found.scan, found.parity) == ("field", "auto")
    assert found.decision.why == "nothing moves in the samples, but the flags say interlaced"


def test_without_samples_the_first_picture_s_flag_decides() -> None:
    assert decided(interlaced=True).scan == "field"
    assert decided(interlaced=False).scan == "progressive"


def test_pictures_taller_than_any_interlaced_format_are_progressive() -> None:
    assert decided(fields(), height=2160, interlaced=True).scan == "progressive"


def test_what_moves_by_whole_lines_is_not_taken_for_fields() -> None:
    """A tilt by a line a frame looks woven to idet, but its fields are of one moment."""
    assert decided(fields(steps=WHOLE, flagged=False)).scan == "progressive"
    assert decided(fields(steps=WHOLE, flagged=True)).scan == "progressive"


def test_noise_that_looks_woven_in_both_orders_is_not_taken_for_fields() -> None:
    noise = "tb" * 12 + "p" * 16
    assert decided(fields(noise, steps=None, flagged=False)).scan == "progressive"
    assert decided(fields("t" * 12 + "p" * 28, steps=None, flagged=False)).scan == "progressive"


def test_a_stream_flagged_as_interlaced_needs_few_woven_frames() -> None:
    """A film of a talking head, or one that is interlaced in parts."""
    assert decided(progressive(flagged=True), progressive(flagged=True), fields()).scan == "field"


@pytest.mark.parametrize(
    ("steps", "told", "order"), [(None, "tff", "auto"), (UPSIDE, "tff", "bff"), (UPSIDE, "bff", "bff")]
)
def test_the_field_order_is_that_of_the_shorter_steps(steps: object, told: str, order: str) -> None:
    found = decided(fields(steps=steps), field_order=told)  # type: ignore[arg-type]
    assert found.parity == order
    assert ("though flagged as top field first" in found.decision.detected) == (steps is UPSIDE and told == "tff")


def test_where_samples_differ_in_their_order_each_frame_s_flag_counts() -> None:
    assert decided(fields(), fields(steps=UPSIDE)).parity == "auto"


@pytest.mark.parametrize(("top", "gap"), list(itertools.product(range(5), (2, 3))))
def test_pulldown_is_seen_at_every_phase(top: int, gap: int) -> None:
    cycle = ["n"] * 5
    cycle[top], cycle[(top + gap) % 5] = "t", "b"
    assert cadence(fields(repeats="".join(cycle) * 8)) == "film"


@pytest.mark.parametrize(
    "repeats",
    ["nnntnb" * 6 + "nnnn", "nntbnnnn" * 5, "n" * 38 + "tb"],
)
def test_repeated_fields_in_other_places_are_no_pulldown(repeats: str) -> None:
    """As of 50 pictures a second that were made 60, or of a still."""
    assert cadence(fields(repeats=repeats)) == "video"
    assert decided(fields(repeats=repeats), rate="30000/1001").scan == "field"


def test_still_parts_of_a_pulled_down_film_say_nothing_against_it() -> None:
    quiet = fields("u" * 40, steps=None)
    assert decided(pulled(), quiet, quiet, quiet, rate="30000/1001").scan == "telecine"


def test_film_and_video_mixed_become_a_picture_a_field() -> None:
    found = decided(pulled(), pulled(), fields(VIDEO), rate="30000/1001")
    assert found.scan == "field"
    assert found.decision.detected.startswith("film and video mixed")
    assert decided(*[pulled()] * 3, fields(VIDEO), rate="30000/1001").scan == "telecine"


def test_a_variable_rate_has_no_pulldown_to_take_back() -> None:
    assert decided(pulled(), rate="30000/1001", constant=False).scan == "field"


def test_a_single_frame_has_one_picture() -> None:
    assert decided(interlaced=True, frames=1).scan == "frame"


@pytest.mark.parametrize(
    ("wish", "scan"), [("off", "progressive"), ("frame", "frame"), ("field", "field"), ("telecine", "telecine")]
)
@pytest.mark.parametrize("sample", [progressive(), fields(), pulled()])
def test_wishes_overrule_what_is_found(wish: str, scan: str, sample: Sample) -> None:
    found = decided(sample, rate="30000/1001", wishes=Wishes(deinterlace=wish))
    assert (found.scan, found.decision.why) == (scan, f"asked for: --deinterlace {wish}")


def test_film_is_restored_only_at_its_own_rate() -> None:
    own, other = Wishes(rate=Fraction(24000, 1001)), Wishes(rate=Fraction(25))
    assert decided(pulled(), rate="30000/1001", wishes=own).scan == "telecine"
    assert decided(pulled(), rate="30000/1001", wishes=other).scan == "field"
    with pytest.raises(UsageError, match="Leave out --rate"):
        decided(pulled(), rate="30000/1001", wishes=Wishes(rate=Fraction(25), deinterlace="telecine"))
    with pytest.raises(UsageError, match="Its frame rate is variable"):
        decided(pulled(), constant=False, wishes=Wishes(deinterlace="telecine"))


def test_a_word_that_is_no_way_of_deinterlacing_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"feild'(.|\n)*field"):
        decided(wishes=Wishes(deinterlace="feild"))


def test_facts_are_summed_over_all_samples() -> None:
    found = Facts((fields(), fields(steps=UPSIDE), progressive()))
    assert (found.frames, found.flagged, found.among()["t"], found.woven) == (120, 80, 80, True)
    assert found.steps is not None
    assert found.steps.top_first == pytest.approx(6.05)
    assert (Facts().steps, Facts().woven) == (None, False)
