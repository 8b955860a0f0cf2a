"""The auditor and tracks: text, groups of sound and text, what manifests say of them."""

from __future__ import annotations

import re

import pytest

from packager.audit import audit
from tests.packager.damage import MASTER, MPD, SET, Damage, Victim, dash, dash_re, hls, hls_re, text
from tests.packager.film import FRAMES, ID
from tests.packager.rich import Rich


@pytest.mark.parametrize("deep", [False, True])
def test_a_sound_title_with_everything_has_no_fault(rich: Rich, deep: bool) -> None:
    report = audit(rich.stored(), ID, deep=deep)
    assert report.faults == ()
    assert report.segments == 4 * (3 + 7 + 4 + 2)
    assert report.decoded == (3 * FRAMES if deep else 0)
    assert report.files == len(rich.presentation().title.files()) + 1


def _t(track: str, file: str) -> str:
    return f"titles/{ID}/media/{track}/r/{file}.vtt"


DAMAGES: dict[str, tuple[Damage, str, str]] = {
    # text
    "a missing text segment": (lambda v: v.delete(_t("t-en", "2")), "t-en/r/2.vtt", "is missing"),
    "a missing whole text": (lambda v: v.delete(_t("t-en", "whole")), "t-en/r/whole.vtt", "is missing"),
    "text that is none": (
        lambda v: v.recorded(_t("t-en", "1"), text("WEBVTT", "WEBSRT")), "t-en/r/1.vtt", "is not WebVTT: line 1",
    ),
    "text that is no UTF-8": (
        lambda v: v.recorded(_t("t-en", "1"), lambda d: d.replace(b"First", b"F\xefrst")), "t-en/r/1.vtt",
        "is not WebVTT: .*utf-8",
    ),
    "a cue with a comma for a point": (
        lambda v: v.recorded(_t("t-en", "1"), text("00:00:00.500", "00:00:00,500")), "t-en/r/1.vtt", "starts no cue",
    ),
    "a cue that ends before it starts": (
        lambda v: v.recorded(_t("t-en", "whole"), text("00:00:01.500", "00:00:00.400")), "t-en/r/whole.vtt",
        "ends at 400 ms and starts at 500",
    ),
    "no timestamp map": (
        lambda v: v.recorded(_t("t-en", "1"), text("X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n", "")),
        "t-en/r/1.vtt", "lacks X-TIMESTAMP-MAP",
    ),
    "a timestamp map of MPEG-TS": (
        lambda v: v.recorded(_t("t-en", "1"), text("MPEGTS:0", "MPEGTS:900000")), "t-en/r/1.vtt", "900000 ticks",
    ),
    "a timestamp map that can't be read": (
        lambda v: v.recorded(_t("t-en", "1"), text("MPEGTS:0", "MPEGTS:x")), "t-en/r/1.vtt", "its header says",
    ),
    "a cue at another time than in the whole": (
        lambda v: v.recorded(_t("t-en", "2"), text("00:00:01.800", "00:00:01.801")), "t-en/r/2.vtt", "lacks the cue",
    ),
    "a cue with other words than in the whole": (
        lambda v: v.recorded(_t("t-en", "2"), text("Over two", "Over three")), "t-en/r/2.vtt", r"has a cue .* lacks",
    ),
    "a cue outside of its segment": (
        lambda v: v.recorded(_t("t-en", "1"), text("00:00:00.500 --> 00:00:01.500", "00:00:04.500 --> 00:00:05.500")),
        "t-en/r/1.vtt", r"outside of \[0, 2000\)",
    ),
    "a cue left out and recorded so": (
        lambda v: v.recorded(_t("t-en", "1"), lambda d: d[: d.index(b"00:00:00.500")] + d[d.index(b"00:00:01.800"):]),
        "t-en/r/1.vtt", "has 1 cues and the record says 2",
    ),
    "a segment without the styles of the whole": (
        lambda v: v.recorded(_t("t-en", "1"), text("yellow", "red")), "t-en/r/1.vtt", "other STYLE",
    ),
    "markup that is not closed": (
        lambda v: v.recorded(_t("t-en", "whole"), text("</i>", "")), "t-en/r/whole.vtt", "<i> which nothing closes",
    ),
    "an ampersand by itself": (
        lambda v: v.recorded(_t("t-en", "whole"), text("&amp;", "&")), "t-en/r/whole.vtt", "an ampersand",
    ),
    "a cue after the film's end": (
        lambda v: v.recorded(_t("t-en", "whole"), text("00:06.500 --> 00:00:07.400", "00:08.500 --> 00:00:09.400")),
        "t-en/r/whole.vtt", "after the film's end",
    ),
    "cues out of order": (
        lambda v: v.recorded(_t("t-en", "whole"), text("00:00.500 --> 00:00:01.500", "00:02.500 --> 00:00:02.600")),
        "t-en/r/whole.vtt", "after one of",
    ),
    "a wrong number of cues": (
        lambda v: v.record(lambda r: r["texts"][0].update(cues=4)), "t-en/r/whole.vtt", "3 cues and the record says 4",
    ),
    "text segments with a gap": (
        lambda v: v.record(lambda r: r["texts"][0]["segments"][1].update(start=2001)), "t-en/r/2.vtt", "starts at 2001",
    ),
    "text that ends before the film": (
        lambda v: v.record(lambda r: r["texts"][0]["segments"][3].update(duration=1400)), "t-en-.*m3u8",
        "ends at 7400 ms",
    ),
    "a text playlist with other durations": (
        lambda v: v.recorded(v.title.texts[0].playlist.key, text("EXTINF:1.500000", "EXTINF:1.400000")), "t-en-.*m3u8",
        "EXTINF 1.400000",
    ),
    "a text playlist without a segment": (
        lambda v: v.recorded(v.title.texts[0].playlist.key, text("#EXTINF:1.500000,\nmedia/t-en/r/4.vtt\n", "")),
        "t-en-.*m3u8", "lists 3 segments and the record 4",
    ),
    "a text playlist that goes on": (
        lambda v: v.recorded(v.title.texts[0].playlist.key, text("#EXT-X-ENDLIST\n", "")), "t-en-.*m3u8", "ENDLIST",
    ),
    # groups of sound and text
    "a variant without one of the groups": (
        hls_re(r'^#EXT-X-STREAM-INF.*"audio-51".*\nv-90p.*\n', ""), MASTER, "does not offer v-90p.* group 'audio-51'",
    ),
    "a variant twice with one group": (
        hls('AUDIO="audio-51"', 'AUDIO="audio"'), MASTER, "lists .*v-180p.* twice",
    ),
    "a group without one of the tracks": (
        hls_re(r'^#EXT-X-MEDIA.*"audio-51".*"de".*\n', ""), MASTER, "other renditions in the group 'audio-51'",
    ),
    "a track by another name in one group": (
        hls_re(r'("audio-51".*NAME)="Deutsch"', r'\1="German"'), MASTER, "other renditions in the group 'audio-51'",
    ),
    "two tracks of one name": (hls('NAME="Deutsch"', 'NAME="English"'), MASTER, "NAME 'English' twice"),
    "two defaults": (hls_re(r'("de",NAME="Deutsch",DEFAULT)=NO', r"\1=YES"), MASTER, "2 renditions .* DEFAULT=YES"),
    "no default": (hls("DEFAULT=YES", "DEFAULT=NO"), MASTER, "has 0 renditions in the group 'audio'"),
    "a default that is not chosen": (
        hls("DEFAULT=YES,AUTOSELECT=YES", "DEFAULT=YES,AUTOSELECT=NO"), MASTER, "DEFAULT=YES and AUTOSELECT=NO",
    ),
    "a commentary that is chosen": (
        hls_re(r"(notes'\",DEFAULT=NO,AUTOSELECT)=NO", r"\1=YES"), MASTER, "which is a commentary",
    ),
    "renditions that only names tell apart": (
        hls_re(r"(notes'\",DEFAULT=NO,AUTOSELECT)=NO", r"\1=YES"), MASTER, "only names tell apart",
    ),
    "a language in three letters": (hls('LANGUAGE="de"', 'LANGUAGE="ger"'), MASTER, "LANGUAGE ger .* language is de"),
    "a language that is wrong": (hls('LANGUAGE="pt-BR"', 'LANGUAGE="pt"'), MASTER, "LANGUAGE pt .* is pt-BR"),
    "described video without its mark": (
        hls(',CHARACTERISTICS="public.accessibility.describes-video"', ""), MASTER, "whose role is description",
    ),
    "captions without their mark": (
        hls("public.accessibility.transcribes-spoken-dialog,", ""), MASTER, "whose role is captions",
    ),
    "forced text that is not forced": (hls("FORCED=YES", "FORCED=NO"), MASTER, "FORCED NO for t-de-forced"),
    "sound of other channels": (hls('CHANNELS="6"', 'CHANNELS="2"'), MASTER, "CHANNELS 2 for a-en-51"),
    "codecs of another group": (hls(",ec-3,mp4a.40.2", ",mp4a.40.2"), MASTER, "with 'audio-ec3', which holds"),
    "a bandwidth of another group": (
        hls_re(r'BANDWIDTH=\d+(,AVERAGE.*"avc1.4D400C,mp4a.*"audio-51")', r"BANDWIDTH=160000\1"), MASTER,
        "BANDWIDTH 160000 for v-180p.* with 'audio-51', whose peak is 1[78]",
    ),
    "a variant without text": (hls(',SUBTITLES="subs"', ""), MASTER, "without the title's subtitles"),
    "Opus in HLS": (
        lambda v: v.recorded(v.title.hls.key, text(v.playlist("a-en-51")[12:], v.playlist("a-en-opus")[12:])), MASTER,
        "lists .*a-en-opus.*, whose codec HLS players don't take",
    ),
    "a variant of another range": (hls("VIDEO-RANGE=PQ", "VIDEO-RANGE=SDR"), MASTER, "RANGE SDR for v-hdr.* of PQ"),
    "SDR that is said to be HLG": (hls("VIDEO-RANGE=SDR", "VIDEO-RANGE=HLG"), MASTER, "RANGE HLG for v-180p.* of SDR"),
    # sound and text in DASH
    "a wrong mask of speakers": (dash('"F801"', '"A000"'), MPD, "the channels 2 for a-en-ec3, which has 6"),
    "no configuration of channels": (
        dash_re(r"<AudioChannelConfiguration[^>]*>", ""), MPD, "the channels None for a-en",
    ),
    "a language in DASH that is wrong": (dash('lang="de"', 'lang="nl"'), MPD, "nl for a-de, whose language is de"),
    "a commentary that says main": (dash('value="commentary"', 'value="main"'), MPD, "roles main for a-note"),
    "described video without its role": (
        dash('value="description"', 'value="alternate"'), MPD, "roles alternate for a-seen",
    ),
    "described video without its purpose": (
        dash('<Accessibility schemeIdUri="urn:tva:metadata:cs:AudioPurposeCS:2007" value="1" />', ""), MPD,
        "does not say that a-seen describes pictures",
    ),
    "two tracks of the role main": (dash('value="alternate"', 'value="main"'), MPD, "the role main for 2 tracks"),
    "other sound preferred to the default": (
        dash_re(SET.format(7) + 'lang="de"', r'\1lang="de" selectionPriority="9"'), MPD, r"other sound \(9\)",
    ),
    "sound without a label": (dash("<Label>Deutsch</Label>", ""), MPD, "no Label for a-de"),
    "text without a label": (dash("<Label>English (SDH)</Label>", ""), MPD, "no Label for t-en-sdh"),
    "a text at another address": (dash("t-pt/r/whole", "t-en/r/whole"), MPD, "names the file .*t-en.* for t-pt"),
    "a text of another type": (dash('"text/vtt" lang="pt-BR"', '"text/plain" lang="pt-BR"'), MPD, "mimeType"),
    "forced text in another role": (dash('value="forced-subtitle"', 'value="subtitle"'), MPD, "is a forced-subtitle"),
    "captions without their purpose": (
        dash('AudioPurposeCS:2007" value="2"', 'AudioPurposeCS:2007" value="1"'), MPD, "accessibility of t-en-sdh",
    ),
    "a text left out": (dash('id="t-pt"', 'id="t-xx"'), MPD, "0 representations of t-pt"),
    # the record
    "one name for two tracks": (
        lambda v: v.record(lambda r: r["texts"][0].update(id="a-en")), "title.json", "'a-en' twice",
    ),
    "a role that there is not": (
        lambda v: v.record(lambda r: r["renditions"][3].update(role="karaoke")), "title.json", "the role 'karaoke'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_by_file_and_name(rich: Rich, name: str) -> None:
    damage, file, what = DAMAGES[name]
    victim = Victim(rich.stored())
    damage(victim)
    faults = audit(victim.store, ID).faults
    assert [f for f in faults if re.search(f"{file}$", f.file) and re.search(what, f.what)], faults
