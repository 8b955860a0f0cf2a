"""Where film time 0 is."""

from __future__ import annotations

from fractions import Fraction

import pytest

from chunker.grid import BLACK, source_frames, time_pulldown
from tests.treatment.parts import index, probed, timing
from treatment.start import decide_start


@pytest.mark.parametrize("sound", [None, "0", "-0.05", "-0.021", "3"])
def test_a_film_begins_with_its_first_picture(sound: str | None) -> None:
    found = decide_start(probed(sound_s=sound), index(), timing())
    assert (found.timing, found.opening_frames, found.decision.noted) == (timing(), 0, False)


@pytest.mark.parametrize(("lead", "frames"), [("0.7", 18), ("2", 50), ("0.0501", 2), ("59", 1475)])
def test_sound_that_comes_first_on_purpose_is_heard_over_black(lead: str, frames: int) -> None:
    late = index(start=900_000)
    found = decide_start(probed(sound_s=str(10 - Fraction(lead))), late, timing().__class__(
        Fraction(25), Fraction(1, 90000), 900_000, 250, True
    ))  # fmt: skip
    assert (found.opening_frames, found.timing.frames) == (frames, 250 + frames)
    assert found.timing.number(900_000) == frames
    assert found.timing.origin * found.timing.time_base <= 10 - Fraction(lead)  # no sound is lost
    shown = source_frames(found.timing, late.pts, 0, frames + 1)
    assert (set(shown[:frames]), shown[frames]) == ({BLACK}, 900_000)


@pytest.mark.parametrize("kind", ["mpegts", "mpeg"])
def test_a_recording_begins_with_its_first_picture(kind: str) -> None:
    found = decide_start(probed(sound_s="-0.7", kind=kind), index(), timing())
    assert (found.timing, found.opening_frames) == (timing(), 0)
    assert found.decision.decided == "0.700 s of sound before the first picture are left out"


def test_clocks_that_are_far_apart_are_not_believed() -> None:
    found = decide_start(probed(sound_s="-61"), index(), timing())
    assert (found.opening_frames, found.decision.why) == (0, "the two clocks are too far apart")


def test_restored_film_begins_with_its_first_cycle() -> None:
    pulled = time_pulldown(timing("30000/1001"))
    assert decide_start(probed(sound_s="-1"), index("30000/1001"), pulled).opening_frames == 0
