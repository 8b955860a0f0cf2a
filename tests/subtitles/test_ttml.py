"""TTML documents: times, nesting, styles, regions, and hostile XML."""

from __future__ import annotations

from fractions import Fraction

import pytest

from subtitles.cue import BadSubtitles, Cue
from subtitles.ttml import read_ttml
from subtitles.ttml_time import Clock, read_clock, read_time

NAMES = (
    'xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling" '
    'xmlns:ttp="http://www.w3.org/ns/ttml#parameter"'
)


def document(body: str, head: str = "", root: str = "") -> str:
    return f'<tt {NAMES} xml:lang="de" {root}><head>{head}</head><body>{body}</body></tt>'


def cues(body: str, head: str = "", root: str = "") -> tuple[Cue, ...]:
    return read_ttml(document(body, head, root), where="x.ttml").cues


@pytest.mark.parametrize(
    ("text", "clock", "seconds"),
    [
        ("01:02:03.250", Clock(), Fraction(3723) + Fraction(1, 4)),
        ("00:00:01:12", Clock(25), Fraction(1) + Fraction(12, 25)),
        ("00:00:01:12.1", Clock(25, sub_frames=2), 1 + Fraction(25, 50)),
        ("00:01:00:00", Clock(30, Fraction(1000, 1001)), Fraction(60)),
        ("00:01:00:00", Clock(30, Fraction(1000, 1001), smpte=True), Fraction(60 * 1001, 1000)),
        ("00:01:00:02", Clock(30, Fraction(1000, 1001), smpte=True, drop=True), Fraction(1800 * 1001, 30000)),
        ("00:10:00:00", Clock(30, Fraction(1000, 1001), smpte=True, drop=True), Fraction(17982 * 1001, 30000)),
        ("1.5h", Clock(), Fraction(5400)),
        ("2m", Clock(), Fraction(120)),
        ("1500ms", Clock(), Fraction(3, 2)),
        ("90f", Clock(30, Fraction(1000, 1001)), Fraction(3003, 1000)),
        ("625000t", Clock(ticks=10_000_000), Fraction(1, 16)),
    ],
)
def test_each_form_of_time_is_exact(text: str, clock: Clock, seconds: Fraction) -> None:
    assert read_time(text, clock) == seconds


@pytest.mark.parametrize("text", ["1:2:3", "5", "-1s", "00:00:01,5", "1.5.5s", "", "9" * 40 + "s"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no time"):
        read_time(text, Clock())


def test_a_clock_has_defaults_and_takes_its_attributes() -> None:
    assert read_clock({}) == Clock()
    given = {"frameRate": "30", "frameRateMultiplier": "1000 1001", "timeBase": "smpte", "dropMode": "dropNTSC"}
    assert read_clock(given) == Clock(30, Fraction(1000, 1001), ticks=30, smpte=True, drop=True)
    assert read_clock({"tickRate": "10000000"}).ticks == 10_000_000
    for bad in ({"frameRate": "0"}, {"tickRate": "x"}, {"frameRateMultiplier": "0 1"}, {"frameRateMultiplier": "1 0"}):
        with pytest.raises(ValueError):
            read_clock(bad)


def test_times_nest_and_an_end_cuts_what_lies_within() -> None:
    body = """<div begin="10s" end="20s"><p begin="1s" dur="2s">a</p><p begin="5s">until the div ends</p>
      <p begin="8s" end="99s">cut</p></div><p begin="30s" end="31s">outside</p>"""
    assert [(c.start_ms, c.stop_ms, c.text) for c in cues(body)] == [
        (11_000, 13_000, "a"), (15_000, 20_000, "until the div ends"), (18_000, 20_000, "cut"),
        (30_000, 31_000, "outside"),
    ]  # fmt: skip


def test_a_sequence_counts_from_the_end_of_the_one_before() -> None:
    body = '<div timeContainer="seq"><p dur="1s">a</p><p begin="1s" dur="2s">b</p><p dur="1s">c</p></div>'
    assert [(c.start_ms, c.stop_ms, c.text) for c in cues(body)] == [
        (0, 1000, "a"), (2000, 4000, "b"), (4000, 5000, "c"),
    ]  # fmt: skip


def test_spans_that_come_and_go_make_a_cue_of_each_state() -> None:
    body = '<p begin="1s" end="5s">All<br/><span begin="1s" end="3s">now</span><span begin="2s">later</span></p>'
    assert [(c.start_ms, c.stop_ms, c.text) for c in cues(body)] == [
        (1000, 2000, "All"), (2000, 3000, "All\nnow"), (3000, 4000, "All\nnowlater"), (4000, 5000, "All\nlater"),
    ]  # fmt: skip


def test_styles_are_referred_to_inherited_and_overruled() -> None:
    head = """<styling><style xml:id="base" tts:color="#ffff00"/>
      <style xml:id="it" style="base" tts:fontStyle="italic"/>
      <style xml:id="loop" style="loop2"/><style xml:id="loop2" style="loop" tts:fontWeight="bold"/></styling>"""
    body = """<p style="it" begin="0s" end="1s">a <span tts:color="white" tts:fontStyle="normal">b</span>
      <span tts:textDecoration="underline" tts:backgroundColor="#0000ffff">c</span></p>
      <p style="loop" begin="1s" end="2s" tts:color="rgb(1,2,3)">d</p>
      <p begin="2s" end="3s">e<span tts:visibility="hidden">f</span><span tts:display="none">g</span></p>"""
    assert [c.text for c in cues(body, head)] == [
        "<c.yellow><i>a </i></c>b<c.yellow><i> </i></c><c.yellow.bg_blue><i><u>c</u></i></c>",
        "<c.rgb-010203><b>d</b></c>",
        "e",
    ]


def test_space_collapses_unless_it_is_preserved() -> None:
    body = """<p begin="0s" end="1s">
        a   b <span> c </span>
        <br/>   d
      </p><p begin="1s" end="2s" xml:space="preserve">a  b\nc</p>"""
    assert [c.text for c in cues(body)] == ["a b c\nd", "a  b\nc"]


def region(origin: str, extent: str, **styles: str) -> str:
    return " ".join(f'tts:{k}="{v}"' for k, v in {"origin": origin, "extent": extent, **styles}.items())


@pytest.mark.parametrize(
    ("attributes", "align", "settings"),
    [
        (region("10% 10%", "80% 80%", displayAlign="after"), "center", ""),
        (region("10% 10%", "80% 20%", displayAlign="before", textAlign="center"), "", "line:10%"),
        (region("10% 10%", "80% 80%", displayAlign="center"), "center", "line:47.33%"),
        (region("10% 70%", "40% 20%", displayAlign="after"), "", "line:84.67% position:10% size:40% align:left"),
        (region("50% 70%", "40% 20%"), "right", "line:70% position:90% size:40% align:right"),
        (region("10% 0%", "40% 20%"), "center", "line:0% position:30% size:40%"),
        (region("64px 36px", "320px 180px"), "left", "line:10% position:10% size:50% align:left"),
        (region("4c 3c", "16c 3c"), "start", "line:20% position:12.5% size:50% align:left"),
        (region("90% 10%", "10% 80%", writingMode="tbrl"), "", "vertical:rl"),
        (region("auto", "auto"), "center", ""),
    ],
)
def test_regions_become_settings(attributes: str, align: str, settings: str) -> None:
    head = f'<layout><region xml:id="r" {attributes}/></layout>'
    aligned = f'tts:textAlign="{align}"' if align else ""
    found = cues(f'<p region="r" begin="0s" end="1s" {aligned}>x</p>', head, 'tts:extent="640px 360px"')
    assert found == (Cue(0, 1000, "x", settings),)


def test_a_region_holds_styles_of_its_own_and_a_div_hands_it_down() -> None:
    head = """<layout><region xml:id="top"><style tts:origin="10% 10%"/><style tts:extent="80% 10%"/>
      <style tts:textAlign="center" tts:color="red"/></region></layout>"""
    found = cues('<div region="top"><p begin="0s" end="1s">x</p></div>', head)
    assert found == (Cue(0, 1000, "<c.red>x</c>", "line:10%"),)


def test_without_regions_the_player_places_the_text() -> None:
    assert cues('<p begin="0s" end="1s">x</p>')[0].settings == ""


def test_ruby_keeps_what_is_set_above() -> None:
    body = """<p begin="0s" end="1s"><span tts:ruby="container"><span tts:ruby="base">漢字</span>
      <span tts:ruby="text">かんじ</span></span>を</p>"""
    assert cues(body)[0].text == "<ruby>漢字<rt>かんじ</rt></ruby>を"


def test_old_namespaces_and_encodings_are_read() -> None:
    text = (
        '<?xml version="1.0" encoding="utf-16"?><tt xmlns="http://www.w3.org/2006/10/ttaf1" xml:lang="fr"><body><div>'
        '<p begin="00:00:01.00" end="00:00:02.00">été</p></div></body></tt>'
    )
    found = read_ttml(text.encode("utf-16"), where="x")
    assert (found.cues, found.language) == ((Cue(1000, 2000, "été"),), "fr")


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        (document('<p begin="0s" end="1s">x</q>'), "x, line 1", "XML is broken"),
        (document('\n<p begin="0s"\n end="soon">x</p>'), "x, line 3", "'soon' is no time"),
        ("<html></html>", "x, line 1", "its root is 'html'"),
        (document("", root='ttp:frameRate="zero"'), "x", "counts time in no way known"),
        (document('<p begin="0s" end="1s" xmlns:s="urn:s" s:backgroundImage="#i"/>'), "x", "pictures and no text"),
        (document("<div>" * 200 + '<p begin="0s" end="1s">x</p>' + "</div>" * 200), "x", "more than 100 deep"),
        ('<!DOCTYPE tt [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>' + document("<p>&b;</p>"), "x", "declares entities"),
        ('<!DOCTYPE tt [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + document("<p>&a;</p>"), "x", "declares entities"),
        ('<?xml version="1.0" encoding="no-such"?>' + document(""), "x", "XML"),
    ],
)  # fmt: skip
def test_broken_and_hostile_documents_are_refused(text: str, where: str, what: str) -> None:
    with pytest.raises(BadSubtitles, match=what) as caught:
        read_ttml(text.encode(), where="x")
    assert caught.value.where.startswith(where)
    assert caught.value.hint


def test_a_paragraph_that_changes_without_end_is_refused() -> None:
    spans = "".join(f'<span begin="{n}ms" end="{n + 1}ms">x</span>' for n in range(2000))
    with pytest.raises(BadSubtitles, match="changes 2002 times"):
        cues(f"<p>{spans}</p>")
