"""Decisions on measures made by hand: hysteresis, patterns, bars, gating, tags, and what a report says."""

from __future__ import annotations

import itertools
import json
import math
from array import array
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.bars import find_bars
from gate.black import find_black, find_freeze
from gate.cadence import Pattern, find_gaps, find_patterns, find_repeats
from gate.detect import detect
from gate.facts import Facts
from gate.finding import Finding, at_most, counted, ordered
from gate.limits import LIMITS
from gate.loudness import integrated_lufs
from gate.measures import Damage, Measures, PictureMeasures, SoundMeasures, merged
from gate.parse import frames_of, momentary, pictures_of, spans_of
from gate.report import refuse_if_strict, report, report_json
from gate.runs import IN, OUT, STAY, gather, runs
from gate.scan import find_scan
from gate.sync import find_sync
from gate.tags import find_tags
from media.colour import ColourReading, ColourWords
from media.probe import AudioStream, VideoStream
from values.errors import MasterRefused

VIDEO = VideoStream(
    index=0, codec="h264", width=1920, height=1080, pixel_format="yuv420p", bit_depth=8, sar=Fraction(1), rotation=0,
    time_base=Fraction(1, 25), average_rate=Fraction(25), guessed_rate=Fraction(25), interlaced=False,
    colour=ColourReading(ColourWords(1, 1, 1, False)),
)  # fmt: skip
SOUND = AudioStream(1, "aac", 48_000, 2, "stereo", Fraction(0))
PICTURE = {"seen": 1, "low": 16, "high": 200, "mean": 9000, "change": 300, "spot": 60}
BLACK = {"seen": 1, "black": 100, "low": 16, "high": 17, "mean": 1600}


def coded(primaries: int, transfer: int, matrix: int) -> ColourReading:
    """What a bitstream says in limited range."""
    return ColourReading(ColourWords(primaries, transfer, matrix, False))


def facts(frames: int, **changes: object) -> Facts:
    made = Facts(array("q", range(frames)), Fraction(1, 25), 0, 1, True, VIDEO)
    return replace(made, **changes)  # type: ignore[arg-type]


def picture(*frames: dict[str, int]) -> Measures:
    out = PictureMeasures(0)
    for values in frames:
        out.add(**values)
    return Measures(out)


def sound(levels: list[int], **changes: object) -> SoundMeasures:
    values = array("h", levels)
    made = SoundMeasures(
        1, 0, values, values, values, values, array("H", [0] * len(levels)),
        spans=((Fraction(0), Fraction(len(levels), 10)),), loudest=(max(levels), max(levels)),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_run_is_bridged_by_what_nearly_belongs_to_it_and_not_by_more() -> None:
    marks = [IN, IN, STAY, IN, OUT, IN, STAY, STAY, IN, STAY]
    assert list(runs(marks, bridge=1)) == [(0, 4), (5, 6), (8, 9)]
    assert list(runs(marks, bridge=2)) == [(0, 4), (5, 9)]
    assert list(runs([STAY, STAY])) == []


@given(st.lists(st.sampled_from((OUT, STAY, IN)), max_size=60), st.integers(0, 3))
def test_runs_hold_every_mark_once_and_begin_and_end_with_one(marks: list[int], bridge: int) -> None:
    found = list(runs(marks, bridge=bridge))
    assert all(marks[a] == marks[b - 1] == IN for a, b in found)
    assert all(b <= c for (_, b), (c, _) in itertools.pairwise(found))
    assert sum(marks[a:b].count(IN) for a, b in found) == marks.count(IN)
    assert all(OUT not in marks[a:b] for a, b in found)


def test_ranges_that_are_near_make_one_group() -> None:
    seconds = [(Fraction(a), Fraction(a + 1)) for a in (0, 1, 4, 9)]
    assert gather(seconds, Fraction(4)) == [(0, 3), (3, 4)]
    assert merged(seconds) == ((0, 2), (4, 5), (9, 10))


def test_noise_in_black_does_not_cut_it_into_many() -> None:
    noisy = {**BLACK, "black": 96, "high": 70}
    frames = [PICTURE] * 50 + [BLACK] * 20 + [noisy] * 3 + [BLACK] * 40 + [PICTURE] * 50
    found = list(find_black(picture(*frames), facts(163), LIMITS))
    assert [(f.severity, f.start, f.stop) for f in found] == [("warning", Fraction(2), Fraction(113, 25))]


def test_long_black_in_mid_film_is_an_error_only_without_sound() -> None:
    frames = [PICTURE] * 50 + [BLACK] * 300 + [PICTURE] * 250
    measures, film = picture(*frames), facts(600, audio=(SOUND,))
    silent = replace(measures, sounds=(sound([-1000] * 20 + [-9000] * 120 + [-1000] * 100),))
    loud = replace(measures, sounds=(sound([-1000] * 240),))
    assert [f.severity for f in find_black(silent, film, LIMITS)] == ["error"]
    assert [f.severity for f in find_black(loud, film, LIMITS)] == ["warning"]


def test_a_key_frame_in_a_still_does_not_end_it_and_a_slow_zoom_is_none() -> None:
    still, pulse = {**PICTURE, "change": 0, "spot": 1}, {**PICTURE, "change": 60, "spot": 20}
    frames = [PICTURE] * 50 + [still] * 40 + [pulse] + [still] * 40 + [PICTURE] * 50
    found = list(find_freeze(picture(*frames), facts(181), LIMITS))
    assert [(f.severity, f.start, f.stop) for f in found] == [("warning", Fraction(49, 25), Fraction(131, 25))]
    assert list(find_freeze(picture(*[{**PICTURE, "change": 40, "spot": 9}] * 200), facts(200), LIMITS)) == []


def test_a_still_is_graver_the_longer_it_lasts() -> None:
    still = {**PICTURE, "change": 0, "spot": 0}
    frames = [PICTURE] * 25 + [still] * 750 + [PICTURE] * 250
    assert [f.severity for f in find_freeze(picture(*frames), facts(1025), LIMITS)] == ["error"]
    end = [PICTURE] * 250 + [still] * 100
    assert [f.severity for f in find_freeze(picture(*end), facts(350), LIMITS)] == ["info"]


@given(st.integers(2, 6), st.data())
def test_a_pattern_is_found_with_its_period_and_its_repeats(period: int, data: st.DataObject) -> None:
    cycle = data.draw(st.lists(st.integers(0, 1), min_size=period, max_size=period))
    shorter = any(all(cycle[i] == cycle[(i + p) % period] for i in range(period)) for p in range(1, period))
    found = find_patterns([2] * 30 + cycle * 12 + [2] * 30, 25)
    if shorter or not 0 < sum(cycle) < period:
        return
    assert found == [Pattern(30, 30 + 12 * period, period, sum(cycle))]


def test_a_repeat_before_twice_the_motion_was_dropped_and_one_before_a_cut_was_not() -> None:
    still, twice, cut = ({**PICTURE, "change": c, "spot": s} for c, s in ((2, 1), (620, 90), (4000, 200)))
    for after, told in ((twice, ["warning"]), (cut, []), (PICTURE, [])):
        frames = [PICTURE] * 40 + [still, after] + [PICTURE] * 40
        assert [f.severity for f in find_repeats(picture(*frames), facts(82), LIMITS)] == told


def test_repeats_of_a_film_of_variable_rate_mean_nothing() -> None:
    still = {**PICTURE, "change": 0, "spot": 0}
    frames = ([PICTURE] * 4 + [still]) * 20
    assert [f.kind for f in find_repeats(picture(*frames), facts(100), LIMITS)] == ["repeat"]
    assert list(find_repeats(picture(*frames), facts(100, constant=False), LIMITS)) == []


def test_a_gap_of_seconds_is_an_error_and_a_steady_film_has_none() -> None:
    pts = array("q", [*range(50), *range(110, 150)])
    found = list(find_gaps(picture(), facts(90, pts=pts), LIMITS))
    assert [(f.severity, f.start, f.stop) for f in found] == [("error", Fraction(49, 25), Fraction(110, 25))]
    assert found[0].measured["missing_frames"] == 60
    assert list(find_gaps(picture(), facts(90), LIMITS)) == []


def test_scan_changes_within_a_film_are_told_apart() -> None:
    clean, combed = {**PICTURE, "scan": 0}, {**PICTURE, "scan": 1}
    found = list(find_scan(picture(*[clean] * 100, *[combed] * 100, *[clean] * 50), facts(250), LIMITS))
    assert [(f.severity, f.start, f.stop) for f in found] == [("warning", Fraction(4), Fraction(8))]
    unsure = {**PICTURE, "scan": 3}
    assert list(find_scan(picture(*[unsure] * 100), facts(100), LIMITS)) == []
    both = [{**PICTURE, "scan": 1 + i % 2} for i in range(100)]  # vertical motion: either order in turn
    assert list(find_scan(picture(*both), facts(100), LIMITS)) == []


def test_a_dark_moment_in_a_letterbox_is_no_change_of_bars() -> None:
    boxed, dark = {"top": 140, "bottom": 140}, {"top": 140, "bottom": 500, "left": 300}
    frames = [{**PICTURE, **boxed}] * 100 + [{**PICTURE, **dark}] * 20 + [{**PICTURE, **boxed}] * 100
    found = list(find_bars(picture(*frames), facts(220), LIMITS))
    assert [(f.severity, f.measured["crop"]) for f in found] == [("info", "1920:800:0:140")]
    uneven = [{**PICTURE, "left": 200, "right": 120}] * 200
    assert list(find_bars(picture(*uneven), facts(200), LIMITS)) == []


def test_damage_is_told_by_stream_with_its_first_byte() -> None:
    frames = [PICTURE] * 40 + [{}] * 5 + [PICTURE] * 55
    told = (
        Damage(0, Fraction(8, 5), Fraction(41, 25), 4711, "bad slice"),
        Damage(1, Fraction(3), Fraction(76, 25), None, "no sync word"),
    )
    film = facts(100, audio=(SOUND,))
    measures = replace(picture(*frames), damage=told, sounds=(sound([-1000] * 40),))
    found = [f for f in detect(measures, film) if f.kind == "damage"]
    assert [(f.severity, f.start, f.stop, f.track) for f in found] == [
        ("error", Fraction(8, 5), Fraction(9, 5), -1),
        ("error", Fraction(3), Fraction(76, 25), 1),
    ]
    assert found[0].text.startswith("0.2 s of picture can't be decoded, first in the packet at byte 4,711 (bad slice).")


def test_lengths_of_sound_and_picture_are_held_against_one_another() -> None:
    film = facts(1000, audio=(SOUND,))

    def judged(seconds: float) -> list[str]:
        measures = replace(picture(), sounds=(sound([-1000] * round(seconds * 10)),))
        return [f.severity for f in find_sync(measures, film, LIMITS)]

    assert [judged(s) for s in (40, 39.9, 39.7, 38, 29, 41.5)] == [
        [],
        [],
        ["info"],
        ["warning"],
        ["error"],
        ["warning"],
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"colour": coded(1, 1, 6)}, ["warning"]),
        ({"colour": coded(1, 1, 2)}, ["info"]),
        ({"colour": coded(9, 16, 9), "bit_depth": 10}, []),
        ({"colour": coded(9, 16, 9)}, ["warning"]),
        ({"colour": coded(1, 18, 1), "bit_depth": 10}, ["warning"]),
        ({"colour": coded(1, 11, 1)}, ["info"]),
        ({"width": 720, "height": 576}, ["info"]),
    ],
)
def test_colour_tags_that_contradict_themselves_are_told(changes: dict[str, object], said: list[str]) -> None:
    film = facts(1, video=replace(VIDEO, **changes))  # type: ignore[arg-type]
    assert [f.severity for f in find_tags(picture(), film, LIMITS)] == said


def test_a_container_that_contradicts_the_bitstream_is_told() -> None:
    reading = ColourReading(ColourWords(9, 16, 9, False), ColourWords(1, 1, 1))
    hdr = replace(VIDEO, colour=reading, bit_depth=10)
    found = list(find_tags(picture(), facts(1, video=hdr), LIMITS))
    assert [f.severity for f in found] == ["warning"]
    assert "transfer PQ and not BT.709" in found[0].text


def test_gating_leaves_out_silence_and_what_is_far_softer() -> None:
    assert integrated_lufs([]) is None
    assert integrated_lufs([-71.0] * 50) is None
    assert integrated_lufs([-20.0] * 10 + [-120.0] * 90) == pytest.approx(-20.0)
    assert integrated_lufs([-20.0] * 10 + [-40.0] * 90) == pytest.approx(-20.0)
    half = integrated_lufs([-20.0, -23.0])
    assert half == pytest.approx(10 * math.log10((10**-2.0 + 10**-2.3) / 2))


def test_what_the_filters_print_is_read() -> None:
    text = "frame:0 pts:0 pts_time:0\nlavfi.a=1\nframe:1 pts:-5 pts_time:-0.1\nframe:2 pts:nan pts_time:nan\nlavfi.b=2"
    assert list(frames_of(text)) == [(0, {"a": "1"}), (-5, {})]
    loud = "frame:0 pts:4800 pts_time:0.1\nlavfi.r128.M=-23.456\nframe:1 pts:9600 pts_time:0.2\nlavfi.r128.M=-inf"
    assert momentary(loud, 4800, 3, 4800) == [-2346, -20_000, -20_000]
    times = "".join(f"frame:{i} pts:0 pts_time:{t}\n" for i, t in enumerate(("0", "0.1", "0.2", "0.9", "1.0")))
    assert spans_of(times) == [(0, Fraction(3, 10)), (Fraction(9, 10), Fraction(11, 10))]
    assert pictures_of(b"\xff\xd8\xffA\xff\xd9\xff\xd8\xffB") == [b"\xff\xd8\xffA\xff\xd9", b"\xff\xd8\xffB"]


def made(kind: str, severity: str, start: int, stop: int) -> Finding:
    return Finding(kind, severity, Fraction(start), Fraction(stop), f"{kind} here.", {"seconds": stop - start})  # type: ignore[arg-type]


def test_findings_come_worst_first_and_no_kind_floods_the_rest() -> None:
    many = [made("gap", "warning", i, i + 1) for i in range(50)]
    kept = at_most(many, 40)
    assert len(kept) == 41
    assert (kept[-1].start, kept[-1].stop, kept[-1].text) == (40, 50, "10 more like the 40 before, up to 0:00:50.000.")
    mixed = ordered([made("bars", "info", 0, 9), made("gap", "warning", 3, 4), made("black", "error", 5, 6)])
    assert [f.severity for f in mixed] == ["error", "warning", "info"]
    assert counted(mixed) == {"error": 1, "warning": 1, "info": 1}


def test_a_strict_gate_refuses_with_the_worst_errors_and_their_times() -> None:
    film, measures = facts(250), picture(*[PICTURE] * 250)
    errors = [made("black", "error", i, i + 1 + (i == 2)) for i in range(5)]
    refused = report("talk.mp4", film, measures, ordered(errors), chunks=1, cpu_s=0.0)
    with pytest.raises(MasterRefused) as caught:
        refuse_if_strict(refused)
    assert caught.value.what == "the quality gate found 5 errors in it"
    assert caught.value.where == "talk.mp4"
    assert "0:00:02.000 to 0:00:04.000  black here." in caught.value.hint
    assert "and 2 more" in caught.value.hint
    assert "--qc warn" in caught.value.hint
    refuse_if_strict(replace(refused, findings=(made("bars", "warning", 0, 1),)))


def test_a_report_is_json_with_and_without_pictures() -> None:
    film, measures = facts(250, audio=(SOUND,)), replace(picture(*[PICTURE] * 250), sounds=(sound([-2300] * 100),))
    found = [replace(made("bars", "info", 0, 10), thumbnail=b"\xff\xd8")]
    whole = report("talk.mp4", film, measures, found, chunks=2, cpu_s=1.5)
    kept = json.loads(json.dumps(whole.record()))
    assert kept["counts"] == {"error": 0, "warning": 0, "info": 1}
    assert kept["findings"] == [
        {
            "kind": "bars", "severity": "info", "start": "0", "stop": "10", "start_s": 0.0, "stop_s": 10.0,
            "text": "bars here.", "measured": {"seconds": 10},
        }
    ]  # fmt: skip
    assert kept["measured"]["sound"] == [{"track": 1, "integrated_lufs": -23.0, "true_peak_dbtp": -23.0}]
    full = json.loads(json.dumps(report_json(whole)))
    assert full["findings"][0]["thumbnail_jpeg_base64"] == "/9g="
    assert full["curves"]["luma"]["values"] == [90.0] * 250
