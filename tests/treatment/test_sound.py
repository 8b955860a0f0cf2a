"""Which sound tracks a title gets, in which channels and codecs, and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from media.probe import AudioStream
from tests.treatment.tracks import monos, named, track
from treatment.sound import TrackPlan, decide_sound, left_out
from treatment.wishes import NO_WISHES, Wishes


def outline(plans: tuple[TrackPlan, ...]) -> list[tuple[tuple[int, ...], str]]:
    """Streams and outputs of each track: ``'aac stereo, aac 5.1'``."""
    return [(p.streams, ", ".join(f"{o.codec} {p.mixes[o.mix].layout}" for o in p.outputs)) for p in plans]


@pytest.mark.parametrize(
    ("layout", "wishes", "made"),
    [
        ("stereo", {}, "aac stereo"),
        ("stereo", {"surround": "eac3"}, "aac stereo"),
        ("stereo", {"opus": True}, "aac stereo, opus stereo"),
        ("mono", {}, "aac mono"),
        ("mono", {"mono": "stereo"}, "aac stereo"),
        ("mono", {"opus": True}, "aac mono, opus mono"),
        ("5.1", {}, "aac stereo, aac 5.1"),
        ("5.1", {"surround": "off"}, "aac stereo"),
        ("5.1", {"surround": "eac3"}, "aac stereo, aac 5.1, eac3 5.1"),
        ("7.1", {"surround": "eac3", "opus": True}, "aac stereo, aac 5.1, eac3 5.1, opus stereo, opus 5.1"),
        ("5.0", {}, "aac stereo, aac 5.1"),
        ("4.0", {}, "aac stereo"),
        ("2.1", {}, "aac stereo"),
        ("2 channels", {}, "aac stereo"),
        ("4 channels", {}, "aac stereo"),
        ("6 channels", {}, "aac stereo, aac 5.1"),
        ("8 channels", {}, "aac stereo, aac 5.1"),
        ("16 channels", {}, "aac stereo"),
    ],
)
def test_what_a_track_becomes(layout: str, wishes: dict[str, Any], made: str) -> None:
    assert outline(decide_sound([track(layout)], Wishes(**wishes))) == [((1,), made)]


def test_unnamed_channels_are_taken_in_the_order_of_delivery_and_the_rest_is_said() -> None:
    (six,) = decide_sound([track("6 channels")], NO_WISHES)
    (eight,) = decide_sound([track("8 channels")], NO_WISHES)
    (four,) = decide_sound([track("4 channels")], NO_WISHES)
    assert [len(m.matrix) for m in six.mixes] == [2, 6]
    assert eight.mixes[1].matrix[5] == (0, 0, 0, 0, 0, 1, 0, 0)
    assert four.mixes[0].matrix == ((1, 0, 0, 0), (0, 1, 0, 0))
    assert six.reasons[0] == "6 unnamed channels taken as 5.1 (L R C LFE Ls Rs)"
    assert four.reasons[0] == "4 unnamed channels taken as left and right"
    assert left_out([], [six, eight, four]) == (
        "audio track 1 (aac 8 channels 48000 Hz): channels 7 to 8, which nothing names, are left out",
        "audio track 1 (aac 4 channels 48000 Hz): channels 3 to 4, which nothing names, are left out",
    )


@pytest.mark.parametrize(
    ("streams", "made"),
    [
        (monos(1), [((1,), "aac mono")]),
        (monos(2), [((1, 2), "aac stereo")]),
        (monos(3), [((1,), "aac mono"), ((2,), "aac mono"), ((3,), "aac mono")]),
        (monos(4), [((1, 2), "aac stereo"), ((3, 4), "aac stereo")]),
        (monos(6), [((1, 2, 3, 4, 5, 6), "aac stereo, aac 5.1")]),
        (monos(8), [((1, 2, 3, 4, 5, 6), "aac stereo, aac 5.1"), ((7, 8), "aac stereo")]),
        (named("FL", "FR", "FC", "LFE", "SL", "SR"), [((1, 2, 3, 4, 5, 6), "aac stereo, aac 5.1")]),
        (named("FL", "FR", "FL", "FR"), [((1, 2), "aac stereo"), ((3, 4), "aac stereo")]),
        (named("FR", "FL"), [((1, 2), "aac stereo")]),
        (named("FL", "LFE"), [((1,), "aac mono"), ((2,), "aac mono")]),
        ([track("stereo", index=1, codec="pcm_s16le"), *monos(2)], [((1,), "aac stereo"), ((1, 2), "aac stereo")]),
    ],
)
def test_streams_of_one_channel_each_are_taken_together(
    streams: list[AudioStream], made: list[tuple[tuple[int, ...], str]]
) -> None:
    assert outline(decide_sound(streams, NO_WISHES)) == made


def test_streams_that_name_their_speaker_may_come_in_any_order() -> None:
    (pair,) = decide_sound(named("FR", "FL"), NO_WISHES)
    assert pair.mixes[0].matrix == ((0, 1), (1, 0))


def test_mono_streams_of_several_languages_or_names_or_codecs_stay_apart() -> None:
    one, two = monos(2)
    for other in (
        replaced(two, language="deu"),
        replaced(two, title="Deutsch"),
        replaced(two, codec="aac"),
        replaced(two, sample_rate_hz=44100),
        replaced(two, dispositions=("comment",)),
    ):
        assert [p.streams for p in decide_sound([one, other], NO_WISHES)] == [(1,), (2,)]
    assert [p.streams for p in decide_sound([replaced(one, title="L"), replaced(two, title="Ch 2")], NO_WISHES)] == [
        (1, 2)
    ]


def replaced(stream: AudioStream, **changes: Any) -> AudioStream:
    return AudioStream(**{**asdict(stream), **changes})


@pytest.mark.parametrize(
    ("said", "role"),
    [
        ({"dispositions": ("comment",)}, "commentary"),
        ({"dispositions": ("visual_impaired", "default")}, "description"),
        ({"dispositions": ("descriptions",)}, "description"),
        ({"title": "Director's Commentary"}, "commentary"),
        ({"title": "Commentaire audio du réalisateur"}, "commentary"),
        ({"title": "Audiokommentar"}, "commentary"),
        ({"title": "Comments by the crew"}, "main"),
        ({"title": "English (Audio Description)"}, "description"),
        ({"title": "Audiodescription"}, "description"),
        ({"title": "Deutsch, Audiodeskription"}, "description"),
        ({"title": "Hörfilmfassung"}, "description"),
        ({"title": "English AD"}, "description"),
        ({"title": "Descriptive Video Service"}, "description"),
        ({"title": "English [described]"}, "description"),
        ({"handler": "Director Commentary"}, "commentary"),
        ({"handler": "SoundHandler"}, "main"),
        ({"title": "Stereo", "dispositions": ("dub",)}, "main"),
        ({"title": "Radio drama, AD 1938"}, "main"),
    ],
)  # fmt: skip
def test_a_role_is_read_from_flags_and_words(said: dict[str, Any], role: str) -> None:
    (plan,) = decide_sound([track(**said)], NO_WISHES)
    assert plan.role == role
    assert (role == "main") is not any(r.startswith(role) for r in plan.reasons)


def test_a_track_has_its_own_name_and_not_its_programs() -> None:
    plans = decide_sound(
        [track(title="Original", handler="SoundHandler"), track(index=2, handler="Director's commentary")], NO_WISHES
    )
    assert [p.name for p in plans] == ["Original", "Director's commentary"]


@pytest.mark.parametrize(
    ("streams", "order"),
    [
        ([track(index=1), track(index=2, dispositions=("default",))], [2, 1]),
        ([track(index=1), track(index=2)], [1, 2]),
        ([track(index=1, title="Commentary", dispositions=("default",)), track(index=2)], [2, 1]),
        ([track(index=1, title="Commentary"), track(index=2, title="Described video")], [1, 2]),
        ([track(index=1, dispositions=("default", "clean_effects")), track(index=2)], [2, 1]),
        ([], []),
    ],
)
def test_the_default_is_a_main_track_that_the_container_marks_and_comes_first(
    streams: list[AudioStream], order: list[int]
) -> None:
    plans = decide_sound(streams, NO_WISHES)
    assert [p.streams[0] for p in plans] == order
    assert [p.default for p in plans] == [n == 0 for n in range(len(order))]


def test_a_speaker_without_a_place_is_left_out_and_said() -> None:
    (plan,) = decide_sound([track("3 channels", speakers=("FL", "FR", "BFC"))], NO_WISHES)
    assert plan.mixes[0].matrix == ((1, 0, 0), (0, 1, 0))
    assert plan.lost == ("channels without a place in 5.1 are left out: BFC",)


def test_a_stream_that_can_not_be_decoded_is_left_out_and_said() -> None:
    broken = track(index=3, sample_rate_hz=0)
    assert decide_sound([broken], NO_WISHES) == ()
    assert left_out([track(), broken], ()) == ("audio stream 3 (aac) is left out: it says it has 2 channels at 0 Hz",)
