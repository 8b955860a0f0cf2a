"""packager.tracks and hls_groups: which renditions are one track, what tracks are called, and the groups of HLS."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import m3u8
import pytest

from packager.hls import multivariant_playlist
from packager.hls_groups import sound_groups
from packager.tracks import distinct, plain, sound_tracks, text_names
from tests.packager.test_manifests import LOW, NTSC, SOUND
from values.title import Rendition, Segment, StoredFile, TextTrack


def _sound(
    rendition: str, language: str = "eng", channels: int = 2, codec: str = "mp4a.40.2", **fields: object
) -> Rendition:
    playlist = StoredFile(f"titles/t/{rendition}-0.m3u8", 1, "0" * 32)
    known = replace(SOUND, id=rendition, language=language, channels=channels, codec=codec, playlist=playlist)
    return replace(known, **fields)  # type: ignore[arg-type]


def _text(name: str, language: str = "eng", role: str = "subtitles", forced: bool = False, own: str = "") -> TextTrack:
    file = StoredFile(f"titles/t/media/{name}/r/1.vtt", 100, "0" * 32)
    playlist = StoredFile(f"titles/t/{name}-0.m3u8", 1, "0" * 32)
    return TextTrack(name, language, own, role, forced, False, file, (Segment(file, 0, 12_012, 1),), playlist, 1, "x")


STEREO = _sound("en")
SURROUND = _sound("en-51", channels=6)
DOLBY = _sound("en-ec3", channels=6, codec="ec-3")
OPUS = _sound("en-opus", codec="opus")
GERMAN = _sound("de", "deu")
NOTES = _sound("notes", role="commentary", channels=1)


def _ids(renditions: list[Rendition]) -> list[list[str]]:
    return [[r.id for r in track.renditions] for track in sound_tracks(renditions)]


def test_renditions_of_one_language_and_role_in_several_layouts_are_one_track() -> None:
    assert _ids([STEREO, SURROUND, DOLBY, OPUS, GERMAN, NOTES]) == [
        ["en", "en-51", "en-ec3", "en-opus"], ["de"], ["notes"],
    ]  # fmt: skip


def test_a_second_track_of_the_same_language_keeps_its_own_surround() -> None:
    second, third = _sound("en2"), _sound("en3")
    own = _sound("en3-51", channels=6)
    assert _ids([STEREO, SURROUND, second, third, own]) == [["en", "en-51"], ["en2"], ["en3", "en3-51"]]
    assert [t.name for t in sound_tracks([STEREO, SURROUND, second])] == ["English", "English 2"]


@pytest.mark.parametrize(
    ("renditions", "default"),
    [
        ([NOTES, GERMAN, STEREO], "de"),
        ([NOTES, GERMAN, replace(STEREO, default=True)], "en"),
        ([NOTES], "notes"),
    ],
)
def test_the_default_is_what_is_marked_else_the_first_main_track(renditions: list[Rendition], default: str) -> None:
    assert [t.first.id for t in sound_tracks(renditions) if t.default] == [default]


def test_tracks_are_called_by_their_language_in_its_own_words_and_by_their_role() -> None:
    described = _sound("ad", role="description")
    named = _sound("x", "fra", role="commentary", name='Jean\n"Luc"')
    told = _sound("y", "deu", name="Deutsch für Kinder")
    unknown = [_sound("u", "und"), _sound("v", "und", name="Isolated score")]
    assert [t.name for t in sound_tracks([STEREO, NOTES, described, named, told, *unknown])] == [
        "English", "English (Commentary)", "English (Audio description)", "Français – Jean 'Luc'",
        "Deutsch für Kinder", "Audio", "Isolated score",
    ]  # fmt: skip


def test_texts_are_called_by_what_they_are() -> None:
    texts = [
        _text("a"), _text("b", role="captions"), _text("c", forced=True), _text("d", "pt-BR"), _text("e", "und"),
        _text("f", own="SDH", role="captions"), _text("g"),
    ]  # fmt: skip
    assert list(text_names(texts).values()) == [
        "English", "English (SDH)", "English (Forced)", "Português (Brasil)", "Subtitles", "English – SDH", "English 2",
    ]  # fmt: skip


def test_names_are_told_apart_by_numbers_that_nothing_else_has() -> None:
    assert distinct(["a", "a", "a 2", "a"]) == ["a", "a 2", "a 2 2", "a 3"]


def test_a_quoted_string_can_hold_any_name() -> None:
    assert plain('A "b"\r\n\tc\u2028 e\u0301') == "A 'b' c é"


def test_every_group_offers_every_track_in_its_own_layout_or_in_stereo() -> None:
    groups = sound_groups(sound_tracks([STEREO, SURROUND, DOLBY, OPUS, GERMAN, NOTES]))
    assert [(g.id, [r.id for r in g.renditions]) for g in groups] == [
        ("audio", ["en", "de", "notes"]),
        ("audio-51", ["en-51", "de", "notes"]),
        ("audio-ec3", ["en-ec3", "de", "notes"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("codec", "channels", "group"),
    [("mp4a.40.2", 8, "audio-71"), ("ec-3", 2, "audio-ec3-20"), ("ec-3", 8, "audio-ec3-71"), ("ac-3", 6, "audio-ac3")],
)
def test_groups_are_named_by_codec_and_channels(codec: str, channels: int, group: str) -> None:
    groups = sound_groups(sound_tracks([STEREO, _sound("x", codec=codec, channels=channels)]))
    assert [g.id for g in groups] == ["audio", group]


def test_a_title_whose_sound_is_opus_alone_has_none_in_hls() -> None:
    assert sound_groups(sound_tracks([OPUS])) == ()
    text = multivariant_playlist("t", [LOW, OPUS], NTSC).decode()
    assert "AUDIO" not in text and "en-opus" not in text


def test_each_variant_says_what_its_own_group_takes() -> None:
    """BANDWIDTH is the largest sum that a player can make of one group: its biggest sound and the biggest text."""
    loud = replace(DOLBY, peak_bps=500_000, average_bps=400_000)
    parsed = m3u8.loads(multivariant_playlist("t", [LOW, STEREO, loud, GERMAN], NTSC, texts=[_text("a")]).decode())
    text_bps = Fraction(800, 1) / Fraction(12_012, 1000)
    assert [(p.stream_info.audio, p.stream_info.codecs, p.stream_info.bandwidth) for p in parsed.playlists] == [
        ("audio", "avc1.64001F,mp4a.40.2", 400_000 + 130_000 + int(text_bps) + 1),
        ("audio-ec3", "avc1.64001F,ec-3,mp4a.40.2", 400_000 + 500_000 + int(text_bps) + 1),
    ]
    assert {p.stream_info.subtitles for p in parsed.playlists} == {"subs"}


def test_hdr_comes_after_sdr_and_says_its_range() -> None:
    hdr = replace(LOW, id="hdr", codec="hvc1.2.4.L63.90", video_range="HLG", colour=(9, 18, 9))
    parsed = m3u8.loads(multivariant_playlist("t", [hdr, LOW], NTSC).decode())
    assert [p.stream_info.video_range for p in parsed.playlists] == ["SDR", "HLG"]
