"""CEA-608: against ffmpeg's own decoder, and what that one does not show."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.ffmpeg import ffmpeg_path
from subtitles.cea608 import Pair, decode_608
from subtitles.cue import BadSubtitles, Cue
from subtitles.fit import fit
from subtitles.scc import read_scc
from subtitles.shows import show_cues
from subtitles.srt import read_srt
from tests.subtitles.cea import (
    BS,
    CR,
    DER,
    EDM,
    ENM,
    EOC,
    ITALICS,
    PLAIN,
    RCL,
    RDC,
    RU2,
    RU3,
    TR,
    YELLOW,
    Word,
    pac,
    pairs,
    parity,
    scc,
)

STORY: list[tuple[int, list[Word | str]]] = [
    (1, [RCL, pac(14), "POP", ITALICS, "on", PLAIN, "x", pac(15), "second", EOC]),
    (3, [EDM]),
    (4, [RU2, CR, pac(15), "one"]),
    (5, [CR, pac(15), "two"]),
    (6, [CR, pac(15), "three"]),
    (7, [EDM]),
    (11, [RCL, ENM, pac(5, 4), "caf\\ *^_`{|}~ '", (0x12, 0x20), (0x11, 0x37), "A", (0x13, 0x35), "$", EOC]),
    (13, [EDM]),
    (14, [RCL, pac(15), "end", EOC]),
    (16, [EDM]),
]


def shown(events: list[tuple[int, list[Word | str]]], *, field: int = 1, channel: int = 1) -> list[Cue]:
    found = decode_608([p for at, parts in events for p in pairs(at * 1000, *parts)], field=field, stop_ms=20_000)
    return show_cues(found.get(channel, []))


def text_lines(text: str) -> list[str]:
    plain = re.sub(r"<[^>]*>|\{[^}]*\}", "", text)
    return [" ".join(line.split()) for line in plain.splitlines()]


def test_the_decoder_agrees_with_ffmpegs_in_text_and_time(tmp_path: Path) -> None:
    path = tmp_path / "story.scc"
    path.write_text(scc([(f"00:00:{at:02d}:00", parts) for at, parts in STORY]))
    argv = [ffmpeg_path(), "-v", "error", "-i", str(path), "-c:s", "srt", "-f", "srt", "-"]
    peer = read_srt(subprocess.run(argv, check=True, capture_output=True, text=True).stdout, where="ffmpeg")
    ours = [(c.start_ms, c.stop_ms, text_lines(c.text)) for c in shown(STORY)]
    assert ours == [(c.start_ms, c.stop_ms, text_lines(c.text.replace("&amp;", "&"))) for c in peer.cues]
    assert len(ours) == 6


def test_place_italics_colour_and_underline_are_kept() -> None:
    cues = shown(
        [(1, [RCL, pac(1, 8), YELLOW, "gold", pac(14, underline=True), "low", pac(15, 16), ITALICS, "right", EOC])]
    )
    assert cues == [
        Cue(1000, 20_000, "<c.yellow>gold</c>", "line:10% position:32.5% align:left"),
        Cue(1000, 20_000, "<u>low</u>", "line:79.33% position:10% align:left"),
        Cue(1000, 20_000, "<i>right</i>", "line:84.67% position:52.5% align:left"),
    ]


def test_lines_with_one_centre_are_centred() -> None:
    cues = shown([(1, [RCL, pac(14, 8), "sixteen letters!", pac(15, 12), "eight ok", EOC])])
    assert cues == [Cue(1000, 20_000, "sixteen letters!\neight ok", "line:79.33% align:center")]


def test_painted_captions_grow_where_they_are() -> None:
    cues = shown([(1, [RDC, pac(1), "paint"]), (2, [pac(2), "more"]), (4, [EDM])])
    assert [(c.start_ms, c.stop_ms, c.text) for c in cues] == [(1000, 2000, "paint"), (2000, 4000, "paint\nmore")]


def test_typing_without_a_pause_is_one_cue_from_its_first_letter() -> None:
    slow = [p for n, pair in enumerate(("on", "e ", "li", "ne")) for p in pairs(2000 + 100 * n, pair)]
    found = [*pairs(1000, RU3, CR, pac(15)), *slow, *pairs(4000, CR), *pairs(4200, "two"), *pairs(6000, EDM)]
    cues = show_cues(decode_608(found, field=1, stop_ms=9000)[1])
    assert [(c.start_ms, c.stop_ms, c.text) for c in cues] == [(2000, 4000, "one line"), (4000, 6000, "one line\ntwo")]


def test_rolling_keeps_only_its_rows_and_moves_with_its_base() -> None:
    lines: list[tuple[int, list[Word | str]]] = [
        (1, [RU3, CR, "a"]), (2, [CR, "b"]), (3, [CR, "c"]), (4, [CR, "d"]), (5, [pac(5), "!"]), (6, [RU2]), (7, [EDM]),
    ]  # fmt: skip
    assert [(c.text, c.settings.split()[0]) for c in shown(lines)] == [
        ("a", "line:84.67%"), ("a\nb", "line:79.33%"), ("a\nb\nc", "line:74%"), ("b\nc\nd", "line:74%"),
        ("b\nc\n!", "line:20.67%"), ("c\n!", "line:26%"),
    ]  # fmt: skip


def test_backspace_extended_characters_and_erasing_to_the_end_of_a_row() -> None:
    cues = shown([(1, [RCL, pac(15), "ef", BS, "gE", (0x12, 0x21), pac(15, 4), "tail", pac(15, 8), DER, EOC])])
    assert cues[0].text == "egÉ tail"
    cues = shown([(1, [RCL, pac(15), "abcdefgh", pac(15, 4), DER, EOC])])
    assert cues[0].text == "abcd"


def test_the_channels_of_both_fields_are_apart() -> None:
    second = [tuple((a | 8, b) for a, b in (RCL, pac(15), EOC))]
    rcl, row, eoc = second[0]
    mixed: list[tuple[int, list[Word | str]]] = [(1, [RCL, pac(15), "first", EOC]), (2, [rcl, row, "second", eoc])]
    assert [shown(mixed, channel=n)[0].text for n in (1, 2)] == ["first", "second"]
    assert [shown(mixed, field=2, channel=n)[0].text for n in (3, 4)] == ["first", "second"]


def test_text_mode_and_program_data_are_passed_over() -> None:
    assert shown([(1, [TR, "not a caption", RCL, pac(15), "caption", EOC])])[0].text == "caption"
    data = [Pair(500, parity(1), parity(3)), *pairs(500, "FILM"), Pair(500, parity(0x0F), parity(0x1D))]
    found = decode_608([*data, *pairs(1000, RCL, pac(15), "x", EOC)], field=2, stop_ms=2000)
    assert show_cues(found[3])[0].text == "x"


def test_broken_parity_loses_a_letter_and_padding_nothing() -> None:
    found = [*pairs(1000, RCL, pac(15)), Pair(1000, 0x80, 0x80), Pair(1000, parity(ord("o")), parity(ord("k")) ^ 0x80)]
    cues = show_cues(decode_608([*found, *pairs(1000, EOC)], field=1, stop_ms=2000)[1])
    assert cues[0].text == "o"


def test_codes_sent_once_work_as_those_sent_twice() -> None:
    once = [Pair(1000, parity(a), parity(b)) for a, b in (RCL, pac(15), (ord("h"), ord("i")), EOC)]
    assert show_cues(decode_608(once, field=1, stop_ms=2000)[1])[0].text == "hi"


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 127), st.integers(0, 127)), max_size=200))
def test_any_bytes_decode_to_cues_that_can_be_shown(data: list[tuple[int, int, int]]) -> None:
    found = [Pair(at, parity(a), parity(b)) for at, a, b in sorted(data)]
    start = pairs(0, RCL, pac(15), RU2)
    for shows in decode_608([*start, *found], field=1, stop_ms=6000).values():
        cues, notes = fit(show_cues(shows), duration_ms=6000)
        assert all(0 <= c.start_ms < c.stop_ms <= 6000 for c in cues)
        assert notes == ()


def test_scenarist_files_act_frame_by_frame() -> None:
    found = read_scc(scc([("00:00:01:00", [RCL, pac(15), "hi", EOC]), ("00:00:02;00", [EDM])]), where="x.scc")
    frame = 1001 / 30
    assert found.cues == (Cue(round(1001 + 5 * frame), 2002, "hi", "line:84.67% position:10% align:left"),)


def test_a_line_that_is_no_caption_is_refused() -> None:
    with pytest.raises(BadSubtitles, match="no caption line") as caught:
        read_scc("Scenarist_SCC V1.0\n\n00:00:01:00\t94", where="x.scc")
    assert caught.value.where == "x.scc, line 3"
