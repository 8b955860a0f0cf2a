"""Cue text: runs to WebVTT, and what players would make of any cue text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subtitles.markup import Run, colour_styles, escape, payload, shifted, valid

RUNS = st.builds(
    Run,
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    italic=st.booleans(),
    bold=st.booleans(),
    underline=st.booleans(),
    colour=st.sampled_from(["", "#ffff00", "#123456"]),
    background=st.sampled_from(["", "#0000ff"]),
)


def test_runs_become_nested_tags_and_escaped_text() -> None:
    runs = [Run("a & b < c "), Run("both", italic=True, bold=True), Run("\n\n -> d", colour="#ffff00")]
    assert payload(runs) == "a &amp; b &lt; c <b><i>both</i></b>\n<c.yellow>-&gt; d</c>"


def test_ruby_and_backgrounds_are_written() -> None:
    assert payload([Run("漢", ruby="かん")]) == "<ruby>漢<rt>かん</rt></ruby>"
    assert payload([Run("x", colour="#102030", background="#ff0000")]) == "<c.rgb-102030.bg_red>x</c>"


def test_colour_classes_get_rules_and_foreign_classes_none() -> None:
    texts = ["<c.yellow>a</c>", "<c.rgb-102030.bg_red>x</c>", "<c.loud>y</c>", "plain"]
    assert colour_styles(texts) == (
        "STYLE\n::cue(.bg_red) { background-color: #ff0000; }\n::cue(.rgb-102030) { color: #102030; }\n"
        "::cue(.yellow) { color: #ffff00; }",
    )
    assert colour_styles(["<i>no colour</i>"]) == ()


@pytest.mark.parametrize(
    ("given_text", "understood"),
    [
        ("a < b", "a"),  # a player takes all that follows for a tag
        ("a &lt; b &amp; c & d", "a &lt; b &amp; c &amp; d"),
        ("<i>open", "<i>open</i>"),
        ("<i><b>cross</i></b>", "<i><b>cross</b></i>"),
        ("<blink>no</blink>", "no"),
        ("<v.loud  Ann  Lee >hi", "<v.loud Ann Lee>hi</v>"),
        ("<c.a.b>x</c>", "<c.a.b>x</c>"),
        ("<lang de>x", "<lang de>x</lang>"),
        ("<rt>lost</rt><ruby>a<rt>b</ruby>", "lost<ruby>a<rt>b</rt></ruby>"),
        ("one<00:00:02.000>two<1:2>", "one<00:00:02.000>two"),
        ("a\r\n\r\n  b", "a\nb"),
        ("&eacute;&#233;&nosuch;", "éé&amp;nosuch;"),
        ("<v a-->b", "<v a>b</v>"),
    ],
)
def test_cue_text_is_understood_as_players_do(given_text: str, understood: str) -> None:
    assert valid(given_text) == understood


@given(st.lists(RUNS, max_size=6))
def test_what_runs_become_is_valid_and_reads_the_same(runs: list[Run]) -> None:
    text = payload(runs)
    assert valid(text) == text
    assert "-->" not in text
    assert "\n\n" not in text
    shown = re.sub(r"<[^>]*>", "", text)
    expected = escape("".join(r.text for r in runs))
    assert "".join(shown.split()) == "".join(expected.split())


@given(st.text(alphabet="<>/&;ab iu.c0:12 \n-rtvly", max_size=60))
def test_any_cue_text_becomes_text_that_stays_as_it_is(text: str) -> None:
    once = valid(text)
    assert valid(once) == once
    assert "-->" not in once
    assert "\n\n" not in once


def test_times_within_a_text_move_with_it_and_leave_with_it() -> None:
    text = "a<00:00:01.000>b<00:00:09.000>c"
    assert shifted(text, 500, 1000, 5000) == "a<00:00:01.500>bc"
