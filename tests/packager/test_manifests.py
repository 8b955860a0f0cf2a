"""packager.hls, dash and build: whole playlists and MPDs of a small presentation, and what parsers make of them."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

import m3u8
import pytest

from packager.build import Draft, Facts, build_title
from packager.dash import mpd
from packager.dash_times import iso_duration
from packager.hls import frame_rate_text, multivariant_playlist, start_first
from packager.hls_media import iframe_playlist, image_playlist, media_playlist, text_playlist
from packager.languages import label, tag
from packager.names import init_key, relative, segment_key
from tests.packager.film import ID, SHOTS, Film
from values.digest import digest_bytes
from values.title import Rendition, Segment, StoredFile, Thumbnails, Title

NTSC = Fraction(30000, 1001)


def _stored(key: str) -> StoredFile:
    return StoredFile(key, 1000, "0" * 32)


def _rendition(name: str, peak: int, **fields: object) -> Rendition:
    sound = fields.get("kind") == "audio"
    step = 4 * 1024 if sound else 120 * 1001
    segments = tuple(Segment(_stored(segment_key("t", name, "r", n + 1)), n * step, step, 120) for n in range(3))
    base = Rendition(
        id=name, kind="video", codec="avc1.64001F", timescale=30000, init=_stored(init_key("t", name, "r")),
        segments=segments, playlist=_stored(f"titles/t/{name}-0.m3u8"), peak_bps=peak, average_bps=peak // 2,
        width=640, height=360,
    )  # fmt: skip
    return replace(base, **fields)  # type: ignore[arg-type]


SOUND = _rendition(
    "a", 130_000, kind="audio", codec="mp4a.40.2", timescale=1024, width=0, height=0, channels=2, sample_rate_hz=1024,
    priming=1024, language="eng",
)  # fmt: skip
LOW, MIDDLE, HIGH = _rendition("low", 400_000), _rendition("mid", 1_800_000), _rendition("high", 6_000_000)


def test_a_media_playlist_is_written_in_full() -> None:
    data = media_playlist("t", SOUND.init, SOUND.segments, timescale=1024, target_s=4)
    assert data.decode() == (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-TARGETDURATION:4\n"
        '#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-MAP:URI="media/a/r/init.mp4"\n'
        "#EXTINF:4.000000,\nmedia/a/r/1.m4s\n"
        "#EXTINF:4.000000,\nmedia/a/r/2.m4s\n"
        "#EXTINF:4.000000,\nmedia/a/r/3.m4s\n"
        "#EXT-X-ENDLIST\n"
    )


def test_extinf_never_drifts_from_the_media() -> None:
    """1/3 of a second can't be written in six decimals; a thousand of them must still end at the right time."""
    segments = [Segment(_stored(segment_key("t", "v", "r", n + 1)), n, 1, 1) for n in range(1000)]
    data = media_playlist("t", LOW.init, segments, timescale=3, target_s=1)
    written = [Fraction(line[8:-1]) for line in data.decode().splitlines() if line.startswith("#EXTINF:")]
    assert abs(sum(written) - Fraction(1000, 3)) <= Fraction(1, 10**6)
    assert set(written) == {Fraction("0.333333"), Fraction("0.333334")}


def test_a_multivariant_playlist_is_written_in_full() -> None:
    data = multivariant_playlist("t", [LOW, SOUND], NTSC)
    assert data.decode() == (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-MEDIA:URI="a-0.m3u8",TYPE=AUDIO,GROUP-ID="audio",LANGUAGE="en",NAME="English",'
        'DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2"\n'
        "#EXT-X-STREAM-INF:CLOSED-CAPTIONS=NONE,BANDWIDTH=530000,AVERAGE-BANDWIDTH=265000,RESOLUTION=640x360,"
        'FRAME-RATE=29.97,CODECS="avc1.64001F,mp4a.40.2",VIDEO-RANGE=SDR,AUDIO="audio",SCORE=17.610\n'
        "low-0.m3u8\n"
    )


def test_a_title_without_sound_has_no_audio_group() -> None:
    data = multivariant_playlist("t", [LOW], NTSC)
    assert b"AUDIO" not in data
    assert b'CODECS="avc1.64001F"' in data
    assert b'contentType="audio"' not in mpd("t", "T", [LOW], rate=NTSC, duration=Fraction(12))


def test_players_start_with_the_largest_variant_of_at_most_two_megabits() -> None:
    assert [r.id for r in start_first([HIGH, LOW, MIDDLE], [SOUND])] == ["mid", "low", "high"]
    assert [r.id for r in start_first([HIGH, _rendition("big", 3_000_000)], [])] == ["big", "high"]


def test_several_audio_tracks_have_names_of_their_own_and_one_default() -> None:
    others = [
        replace(SOUND, id=name, language=language) for name, language in zip("bcd", ("eng", "xyz", "und"), strict=True)
    ]
    tracks = [SOUND, *others]
    parsed = m3u8.M3U8(multivariant_playlist("t", [LOW, *tracks], NTSC).decode(), strict=True)
    assert [(m.name, m.language, m.default, m.autoselect, m.group_id) for m in parsed.media] == [
        ("English", "en", "YES", "YES", "audio"),
        ("English 2", "en", "NO", "NO", "audio"),  # of one language, a player may pick only one by itself
        ("xyz", "xyz", "NO", "YES", "audio"),
        ("Audio", None, "NO", "YES", "audio"),
    ]
    assert [(v.uri, v.stream_info.audio) for v in parsed.playlists] == [("low-0.m3u8", "audio")]


def test_an_mpd_is_written_in_full() -> None:
    data = mpd("t", "Tea & <talk>", [LOW, SOUND], rate=NTSC, duration=360 / NTSC)
    assert data.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"'
        ' profiles="urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019" type="static"'
        ' mediaPresentationDuration="PT12.012S" maxSegmentDuration="PT4.004S" minBufferTime="PT4.004S">\n'
        " <ProgramInformation>\n  <Title>Tea &amp; &lt;talk&gt;</Title>\n </ProgramInformation>\n"
        ' <Period id="1" start="PT0S" duration="PT12.012S">\n'
        '  <AdaptationSet id="1" contentType="video" mimeType="video/mp4" segmentAlignment="true" startWithSAP="1"'
        ' codecs="avc1.64001F" maxWidth="640" maxHeight="360" maxFrameRate="30000/1001">\n'
        '   <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main" />\n'
        '   <Representation id="low" codecs="avc1.64001F" bandwidth="400000" width="640" height="360"'
        ' frameRate="30000/1001">\n'
        '    <SegmentTemplate timescale="30000" startNumber="1" initialization="media/low/r/init.mp4"'
        ' media="media/low/r/$Number$.m4s">\n'
        '     <SegmentTimeline>\n      <S t="0" d="120120" r="2" />\n     </SegmentTimeline>\n'
        "    </SegmentTemplate>\n   </Representation>\n  </AdaptationSet>\n"
        '  <AdaptationSet id="2" contentType="audio" mimeType="audio/mp4" segmentAlignment="true" startWithSAP="1"'
        ' codecs="mp4a.40.2" lang="en">\n'
        "   <Label>English</Label>\n"
        '   <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main" />\n'
        '   <Representation id="a" codecs="mp4a.40.2" bandwidth="130000" audioSamplingRate="1024">\n'
        '    <AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011"'
        ' value="2" />\n'
        '    <SegmentTemplate timescale="1024" startNumber="1" initialization="media/a/r/init.mp4"'
        ' media="media/a/r/$Number$.m4s">\n'
        '     <SegmentTimeline>\n      <S t="0" d="3072" />\n      <S d="4096" r="1" />\n     </SegmentTimeline>\n'
        "    </SegmentTemplate>\n   </Representation>\n  </AdaptationSet>\n </Period>\n</MPD>\n"
    )


def test_key_frames_are_byte_ranges_that_last_until_the_next() -> None:
    segments = [replace(s, key_bytes=90 + n) for n, s in enumerate(LOW.segments)]
    data = iframe_playlist("t", LOW.init, segments, timescale=30000, target_s=4)
    assert data.decode() == (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-TARGETDURATION:4\n"
        '#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-I-FRAMES-ONLY\n#EXT-X-MAP:URI="media/low/r/init.mp4"\n'
        "#EXTINF:4.004000,\n#EXT-X-BYTERANGE:90@0\nmedia/low/r/1.m4s\n"
        "#EXTINF:4.004000,\n#EXT-X-BYTERANGE:91@0\nmedia/low/r/2.m4s\n"
        "#EXTINF:4.004000,\n#EXT-X-BYTERANGE:92@0\nmedia/low/r/3.m4s\n#EXT-X-ENDLIST\n"
    )


def test_a_text_playlist_may_have_a_longer_target_than_the_picture() -> None:
    segments = [Segment(_stored("titles/t/media/x/r/1.vtt"), 0, 4500, 1)]
    assert text_playlist("t", segments, target_s=4).decode() == (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:5\n#EXT-X-PLAYLIST-TYPE:VOD\n"
        "#EXTINF:4.500000,\nmedia/x/r/1.vtt\n#EXT-X-ENDLIST\n"
    )
    assert b"TARGETDURATION:6\n" in text_playlist("t", segments, target_s=6)


def test_an_image_playlist_says_how_tiles_lie_and_ends_with_the_film() -> None:
    sheets = tuple(_stored(f"titles/t/media/thumbnails/r/{n}.jpg") for n in (1, 2))
    images = Thumbnails(sheets, _stored("titles/t/media/thumbnails/r/index.vtt"), 10, 10, 192, 108, 10_000, 123)
    assert image_playlist("t", images, Fraction(12255, 10)).decode() == (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:1000\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-IMAGES-ONLY\n"
        "#EXTINF:1000.000000,\n#EXT-X-TILES:RESOLUTION=192x108,LAYOUT=10x10,DURATION=10.000\nmedia/thumbnails/r/1.jpg\n"
        "#EXTINF:225.500000,\n#EXT-X-TILES:RESOLUTION=192x108,LAYOUT=10x10,DURATION=10.000\nmedia/thumbnails/r/2.jpg\n"
        "#EXT-X-ENDLIST\n"
    )


@pytest.mark.parametrize(
    ("others", "kind"),
    [((LOW,), "EssentialProperty"), ((), "SupplementalProperty")],
)
def test_hdr_is_essential_to_know_where_there_is_sdr_to_play_instead(others: tuple[Rendition, ...], kind: str) -> None:
    hdr = replace(HIGH, codec="hvc1.2.4.L120.90", video_range="PQ", colour=(9, 16, 9))
    text = mpd("t", "T", [*others, hdr], rate=NTSC, duration=Fraction(12)).decode()
    assert re.findall(r'<(\w+Property) schemeIdUri="urn:mpeg:mpegB:cicp:(\w+)" value="(\d+)"', text) == [
        (kind, "ColourPrimaries", "9"), (kind, "TransferCharacteristics", "16"), (kind, "MatrixCoefficients", "9"),
    ]  # fmt: skip


def test_hdr_is_preferred_to_sdr_of_the_same_codec() -> None:
    sdr = replace(LOW, codec="hvc1.1.6.L93.90")
    hdr = replace(HIGH, codec="hvc1.2.4.L120.90", video_range="PQ", colour=(9, 16, 9))
    text = mpd("t", "T", [hdr, sdr], rate=NTSC, duration=Fraction(12)).decode()
    assert re.findall(r'selectionPriority="(\d)".*?Representation id="(\w+)"', text, re.DOTALL) == [
        ("1", "low"), ("2", "high"),
    ]  # fmt: skip


def test_codecs_and_languages_are_adaptation_sets_of_their_own() -> None:
    hevc = replace(LOW, id="hevc", codec="hvc1.1.6.L93.B0")
    german = replace(SOUND, id="g", language="deu")
    text = mpd("t", "T", [LOW, hevc, MIDDLE, SOUND, german], rate=NTSC, duration=Fraction(12)).decode()
    ids = [part.split('<Representation id="')[1:] for part in text.split("<AdaptationSet")[1:]]
    assert [[r.split('"')[0] for r in group] for group in ids] == [["low", "mid"], ["hevc"], ["a"], ["g"]]
    assert [part.split('role:2011" value="')[1].split('"')[0] for part in text.split("<AdaptationSet")[1:]] == [
        "main", "main", "main", "alternate",
    ]  # fmt: skip


def test_variants_follow_codec_by_codec_from_small_to_large_after_the_first() -> None:
    hevc = [replace(r, id=f"hevc-{r.id}", codec="hvc1.1.6.L93.B0") for r in (HIGH, LOW)]
    others = [replace(LOW, id=name, codec=codec) for name, codec in (("odd", "xvid.1"), ("av1", "av01.0.04M.08"))]
    order = start_first([*others, *hevc, HIGH, LOW, MIDDLE], [SOUND])
    assert [r.id for r in order] == ["mid", "low", "high", "hevc-low", "hevc-high", "av1", "odd"]
    assert [r.id for r in start_first([*others, *hevc], [])] == ["hevc-low", "hevc-high", "av1", "odd"]


def test_every_variant_has_its_own_codecs_and_score() -> None:
    renditions = [replace(LOW, id="av1", codec="av01.0.04M.08"), MIDDLE, LOW, SOUND]
    lines = multivariant_playlist("t", renditions, NTSC).decode().splitlines()
    said = [re.search(r'CODECS="(.*?)".*SCORE=(.*)', line) for line in lines if line.startswith("#EXT-X-STREAM-INF")]
    assert [m.groups() for m in said if m] == [
        ("avc1.64001F,mp4a.40.2", "19.780"), ("avc1.64001F,mp4a.40.2", "17.610"), ("av01.0.04M.08,mp4a.40.2", "18.747"),
    ]  # fmt: skip


def test_the_more_efficient_codec_has_the_higher_priority_and_the_better_representation_rank_one() -> None:
    av1 = [replace(r, id=f"av1-{r.id}", codec="av01.0.04M.08") for r in (LOW, HIGH)]
    vp9 = replace(LOW, id="vp9", codec="vp09.00.31.08")
    text = mpd("t", "T", [*av1, vp9, HIGH, LOW, SOUND], rate=NTSC, duration=Fraction(12)).decode()
    sets = [
        (re.findall(r' selectionPriority="(\d)"', part), re.findall(r' id="([^"]+)" codecs', part),
         re.findall(r' qualityRanking="(\d)"', part))
        for part in text.split("<AdaptationSet")[1:]
    ]  # fmt: skip
    assert sets == [
        (["1"], ["low", "high"], ["2", "1"]),
        (["2"], ["vp9"], []),
        (["3"], ["av1-low", "av1-high"], ["2", "1"]),
        ([], ["a"], []),
    ]
    alone = mpd("t", "T", [LOW, SOUND], rate=NTSC, duration=Fraction(12))
    assert b"selectionPriority" not in alone
    assert b"qualityRanking" not in alone


def test_a_codec_that_a_whole_set_shares_is_said_of_the_set() -> None:
    larger = replace(HIGH, codec="avc1.640028")
    text = mpd("t", "T", [LOW, larger], rate=NTSC, duration=Fraction(12)).decode()
    assert re.findall(r"<AdaptationSet[^>]* codecs=", text) == []
    assert re.findall(r'<Representation[^>]* codecs="([^"]+)"', text) == ["avc1.64001F", "avc1.640028"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (Fraction(0), "PT0S"), (Fraction(15, 2), "PT7.5S"), (Fraction(60), "PT1M"), (Fraction(3600), "PT1H"),
        (Fraction(3661), "PT1H1M1S"), (Fraction(1001, 24000), "PT0.041708333S"), (Fraction(600), "PT10M"),
    ],
)  # fmt: skip
def test_durations_are_written_to_the_nanosecond(seconds: Fraction, text: str) -> None:
    assert iso_duration(seconds) == text


def test_frame_rates_are_written_with_three_decimals() -> None:
    assert [frame_rate_text(Fraction(n, d)) for n, d in ((24000, 1001), (25, 1), (60000, 1001))] == [
        "23.976", "25.000", "59.940",
    ]  # fmt: skip


def test_languages_get_short_tags_and_their_own_names() -> None:
    assert [(tag(x), label(x)) for x in ("ger", "deu", "eng", "en", "und")] == [
        ("de", "Deutsch"), ("de", "Deutsch"), ("en", "English"), ("en", "English"), ("und", "Audio"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fre", ("fr", "Français")), ("zho", ("zh", "中文")), ("zh-Hans", ("zh-Hans", "中文（简体）")),
        ("pt_br", ("pt-BR", "Português (Brasil)")), ("cym", ("cy", "Cymraeg")), ("wel", ("cy", "Cymraeg")),
        ("gsw", ("gsw", "Schwiizertüütsch")), ("yue", ("yue", "粵語")), ("iw", ("he", "עברית")),
        ("es-419", ("es-419", "Español (Latinoamérica)")), ("mul", ("mul", "Multiple languages")),
        ("zxx", ("zxx", "No dialogue")), ("qaa", ("qaa", "qaa")), ("xyz", ("xyz", "xyz")), ("", ("und", "Audio")),
        ("not a language", ("und", "Audio")),
    ],
)  # fmt: skip
def test_any_code_of_iso_639_and_any_tag_of_bcp_47_is_known(language: str, expected: tuple[str, str]) -> None:
    assert (tag(language), label(language)) == expected


def test_references_never_leave_the_title() -> None:
    assert relative("t", "titles/t/media/a/r/1.m4s") == "media/a/r/1.m4s"
    with pytest.raises(ValueError, match="does not belong"):
        relative("t", "titles/other/media/a/r/1.m4s")


def test_building_twice_gives_the_same_bytes_under_names_of_their_digest(film: Film) -> None:
    first, second = film.presentation(), film.presentation()
    assert first == second
    for file in first.files:
        assert digest_bytes(file.data)[:16] in file.key
    assert {f.stored for f in first.files} < set(first.title.files())


def test_a_built_title_says_what_the_tracks_say(film: Film) -> None:
    title: Title = film.presentation().title
    assert [(r.id, r.kind, r.codec, r.width, r.height, r.channels, r.sample_rate_hz, r.priming, r.language)
            for r in title.renditions] == [
        ("v-90p", "video", "avc1.4D400A", 160, 90, 0, 0, 0, "und"),
        ("v-180p", "video", "avc1.4D400C", 320, 180, 0, 0, 0, "und"),
        ("a-main", "audio", "mp4a.40.2", 0, 0, 2, 44100, 1024, "eng"),
    ]  # fmt: skip
    assert title.id == ID
    assert title.duration == Fraction(15, 2)


def test_variable_segments_keep_their_lengths_in_playlist_and_mpd(shot_film: Film) -> None:
    """Starts at frames 0, 64, 96 and 139 of 180 at 24 Hz; the longest, 64 frames, rounds to a target of 3 s."""
    made = shot_film.presentation()
    title = made.title
    texts = {f.key: f.data.decode() for f in made.files}
    playlist = m3u8.loads(texts[title.renditions[0].playlist.key])
    assert title.grid == SHOTS
    assert playlist.target_duration == 3
    assert [s.duration for s in playlist.segments] == [2.666667, 1.333333, 1.791667, 1.708333]
    timeline = re.search(r'id="v-90p".*?<SegmentTimeline>(.*?)</SegmentTimeline>', texts[title.dash.key], re.DOTALL)
    assert timeline
    assert " ".join(timeline[1].split()) == '<S t="0" d="64000" /> <S d="32000" /> <S d="43000" /> <S d="41000" />'


def test_a_video_edit_list_that_undoes_reordering_delay_is_no_priming(film: Film) -> None:
    """With positive offsets and an edit list, pictures are shown at their segment's own time all the same."""
    plain, delayed = film.drafts[0], replace(film.drafts[0], track=replace(film.drafts[0].track, media_time=2000))
    assert _only(film.facts, delayed) == _only(film.facts, plain)


def _only(facts: Facts, draft: Draft) -> Title:
    return build_title(facts, [draft]).title
