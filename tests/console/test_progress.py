"""What a terminal, a log and a program are shown while a title is onboarded."""

from __future__ import annotations

import io
import json

from rich.console import Console

from console.progress import JsonView, LiveView, PlainView, choose_view, follow
from console.text import bits, size_text
from values.events import ChunkFinished, ChunkRetried, Completed, Event, Noted, Progressed, StageStarted

SUMMARY = {
    "title_id": "t", "hls": "h", "dash": "d", "duration": 4.0, "frames": 96, "chunks": 1, "reused_chunks": 0,
    "renditions": [{"id": "240p", "kind": "video", "codec": "avc1", "width": 416, "height": 234, "segments": 1,
                    "peak_bps": 2000, "average_bps": 1000, "size_bytes": 1500}],
    "wall_s": 1.25, "encode_cpu_s": 2.0,
}  # fmt: skip
EVENTS: list[Event] = [
    StageStarted("ingest", "film.mp4"), Progressed("ingest", 1_600_000, 1_600_000), Noted("variable frame rate"),
    StageStarted("encode", "96 frames"), Progressed("encode", 10, 96), Progressed("encode", 40, 96),
    ChunkRetried(0, 1, "a worker died"), ChunkFinished(0, 96, False, 2.0, 1, 1), Completed(SUMMARY),
]  # fmt: skip


def test_plain_lines_tell_the_whole_story() -> None:
    out = io.StringIO()
    assert follow(iter(EVENTS), PlainView(out)) == SUMMARY
    assert out.getvalue().splitlines() == [
        "ingest   film.mp4",
        "ingest   1.6 MB",
        "note     variable frame rate",
        "encode   96 frames",
        "encode   10/96 frames, starting",
        "retry    chunk 0 after attempt 1: a worker died",
        "encode   chunk 0: 96 frames, 2.0 s of CPU (1/1)",
        "done     t: 96 frames, 4.000 s, 1 chunks (0 reused), 1.2 s, 2.0 s of CPU",
        "         240p       416x234    avc1            1.0 kbit/s (peak 2.0 kbit/s), 1.5 kB",
        "         HLS  h",
        "         DASH d",
    ]


def test_json_lines_end_with_the_summary() -> None:
    out = io.StringIO()
    follow(iter(EVENTS), JsonView(out))
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line.get("event") for line in lines] == [
        "stage", "progress", "note", "stage", "progress", "progress", "retry", "chunk", None,
    ]  # fmt: skip
    assert lines[-1] == SUMMARY


def test_the_live_display_shows_chunks_and_keeps_notes() -> None:
    out = io.StringIO()
    follow(iter(EVENTS), LiveView(Console(file=out, force_terminal=True, width=120)))
    text = out.getvalue()
    assert "variable frame rate" in text
    assert "a worker died" in text
    assert "DASH d" in text


def test_a_file_gets_plain_lines_and_a_program_json() -> None:
    assert isinstance(choose_view(as_json=False, stream=io.StringIO()), PlainView)
    assert isinstance(choose_view(as_json=True, stream=io.StringIO()), JsonView)


def test_the_display_is_put_away_when_the_work_fails() -> None:
    closed = []

    class Broken(PlainView):
        def close(self) -> None:
            closed.append(True)

    def events() -> object:
        yield StageStarted("ingest")
        raise ValueError("no")

    try:
        follow(events(), Broken(io.StringIO()))  # type: ignore[arg-type]
    except ValueError:
        closed.append(False)
    assert closed == [True, False]


def test_sizes_and_rates_are_readable() -> None:
    assert [size_text(n) for n in (0, 999, 1000, 1_600_000, 5 * 10**15)] == [
        "0 B",
        "999 B",
        "1.0 kB",
        "1.6 MB",
        "5000.0 TB",
    ]
    assert bits(736_413) == "736.4 kbit/s"
