"""The look that a codec's rungs have is that of its trials, and wishes reach both."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from coders.table import CODERS
from ingest.fetch import Master
from ladders.rung import FittedRung
from media.colour import BT709, Colour, ContentLight
from onboarding.film import plan_cuts, plan_film
from onboarding.search import Trials
from onboarding.settings import OnboardSettings
from onboarding.tailored import kept_key
from optimizer.windows import Window
from quality.settings import MeasureSettings
from tests.encoder.jobs import inspected
from tests.parts import clip
from tests.treatment.test_colour import DISPLAY
from treatment.picture import SDR, Look
from treatment.wishes import NO_WISHES, Wishes
from values.errors import UsageError

PHONE = "phone_hdr10_hevc_1080p_vfr_1s.mp4"
HDR10 = Look(Colour(9, 16, 9, False, DISPLAY, ContentLight(1000, 200)), 10)
SIZE = (160, 90)


@pytest.mark.parametrize(("wishes", "deep"), [(NO_WISHES, HDR10), (Wishes(hdr="sdr"), Look(BT709, 10))])
def test_trials_and_the_final_encode_look_alike(wishes: Wishes, deep: Look) -> None:
    path = clip(PHONE)
    found = inspected(path)
    settings = OnboardSettings(str(path), segment_s=Fraction(1), chunk_s=Fraction(1), wishes=wishes)
    film = plan_film(
        settings, [FittedRung(c, *SIZE, 30, 0, 0, c) for c in CODERS], plan_cuts(settings, found.timing),
        Master("f" * 32, PHONE, str(path), 1, "masters/x"), found,
        audio_bps=96_000, title_id="t", name="T", encoder_version="9",
    )  # fmt: skip
    looks = {e.settings.codec: e.settings.look for e in film.encodes}
    assert looks == {"h264": SDR, "hevc": deep, "vp9": SDR, "av1": deep}
    assert film.picture.colour == HDR10.colour
    trials = Trials(found, str(path), PHONE, "fast", 30, "/tmp", wishes=wishes)
    for codec in CODERS:
        job = trials.job(Window(0, 0, 10, 10), codec, ((SIZE, (30.0,)),), MeasureSettings(SIZE)).job
        assert (job.settings.look, job.picture) == (looks[codec], film.picture)


def test_a_wish_that_no_rung_can_have_is_refused_before_anything_is_encoded() -> None:
    trials = Trials(inspected(clip(PHONE)), "", PHONE, "fast", 30, "/tmp", wishes=Wishes(bit_depth="8"))
    with pytest.raises(UsageError, match="needs ten bits"):
        trials.job(Window(0, 0, 10, 10), "hevc", ((SIZE, (30.0,)),), MeasureSettings(SIZE))


def test_what_was_found_for_other_wishes_is_not_taken_over() -> None:
    from ladders.load import load_ladder

    settings = OnboardSettings("x")
    keys = {
        kept_key(replace(settings, wishes=wishes), load_ladder("mobile"), Master("f" * 32, "x", "x", 1, "m"), "t", "9")
        for wishes in (NO_WISHES, Wishes(hdr="sdr"), Wishes(rate=Fraction(25)), Wishes(colour="bt601"))
    }
    assert len(keys) == 4
