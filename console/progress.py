"""How an onboarding looks while it runs: live in a terminal, plain lines elsewhere, JSON lines for programs. Draws."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Generator, Iterator
from fractions import Fraction
from typing import Any, Protocol, TextIO, TypeVar, assert_never

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn

from console.text import bits, size_text
from values.clock import clock_text
from values.events import (
    ChunkFinished,
    ChunkRetried,
    Completed,
    Event,
    Noted,
    Progressed,
    StageStarted,
    event_json,
)

Summary = dict[str, Any]
_T = TypeVar("_T")
_PLAIN_STEP_S = 10.0


class View(Protocol):
    """Shows events as they come."""

    def show(self, event: Event) -> None: ...

    def close(self) -> None: ...


def follow(events: Iterator[Event], view: View) -> Summary:
    """Show all `events` and give the summary that ends them."""
    summary: Summary = {}
    try:
        for event in events:
            view.show(event)
            if isinstance(event, Completed):
                summary = event.summary
    finally:
        view.close()
    return summary


def follow_to_value(events: Generator[Event, None, _T], view: View) -> _T:
    """Show all `events` and give what their generator returns."""
    try:
        while True:
            try:
                view.show(next(events))
            except StopIteration as end:
                value: _T = end.value
                return value
    finally:
        view.close()


def choose_view(*, as_json: bool, stream: TextIO | None = None) -> View:
    """JSON lines if asked for, a live display in a terminal, plain lines otherwise."""
    stream = stream or sys.stdout
    if as_json:
        return JsonView(stream)
    console = Console(file=stream)
    return LiveView(console) if console.is_terminal else PlainView(stream)


class JsonView:
    """One JSON object a line; the last line is the summary."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def show(self, event: Event) -> None:
        self._stream.write(json.dumps(event_json(event), ensure_ascii=False) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Nothing to put away."""


class PlainView:
    """A line for each thing worth a line in a log."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._said = 0.0
        self._pace = Pace()

    def show(self, event: Event) -> None:
        line = self._line(event)
        if line:
            self._stream.write(line + "\n")
            self._stream.flush()

    def close(self) -> None:
        """Nothing to put away."""

    def _line(self, event: Event) -> str:
        match event:
            case StageStarted(stage, text):
                return f"{stage:8} {text}".rstrip()
            case Progressed("encode", done, total):
                self._pace.note(done)
                if time.monotonic() - self._said < _PLAIN_STEP_S:
                    return ""
                self._said = time.monotonic()
                return f"encode   {done}/{total} frames, {self._pace.text(total)}"
            case Progressed("search" | "quality" | "shots" | "artwork" | "qc" as stage, done, total):
                if done < total and time.monotonic() - self._said < _PLAIN_STEP_S:
                    return ""
                self._said = time.monotonic()
                return f"{stage:8} {done}/{total}"
            case Progressed(stage, done, total):
                if done < total and time.monotonic() - self._said < _PLAIN_STEP_S:
                    return ""
                self._said = time.monotonic() if done < total else 0.0
                return f"{stage:8} {size_text(done)}"
            case ChunkFinished(index, frames, reused, cpu_s, done, total, codec):
                name = "audio" if index < 0 else f"chunk {index} {codec}".rstrip()
                how = "found done" if reused else f"{cpu_s:.1f} s of CPU"
                return f"encode   {name}: {f'{frames} frames, ' if frames else ''}{how} ({done}/{total})"
            case ChunkRetried(index, attempt, reason, name):
                name = name or ("audio" if index < 0 else f"chunk {index}")
                return f"retry    {name} after attempt {attempt}: {reason}"
            case Noted(text):
                return f"note     {text}"
            case Completed(summary):
                return summary_text(summary)
            case _:
                assert_never(event)


class LiveView:
    """A bar that moves, with chunks, speed, the current rate and the time left; notes scroll above it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("[bold]{task.description:9}"),
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %"),
            TextColumn("{task.fields[text]}", markup=False),
            TimeRemainingColumn(),
            console=console,
        )
        self._task: TaskID | None = None
        self._pace = Pace()
        self._chunks = ""
        self._named = ""
        self._progress.start()

    def show(self, event: Event) -> None:
        match event:
            case StageStarted(stage, text):
                self._stage(stage, text)
            case Progressed(stage, done, total):
                self._advance(stage, done, total)
            case ChunkFinished(index, frames, _, _, done, total):
                if index >= 0:
                    self._chunks = f"chunk {done}/{total}"
                    self._pace.jump(frames if event.reused else 0)
            case ChunkRetried(index, attempt, reason, name):
                name = escape(name or ("audio" if index < 0 else f"chunk {index}"))
                self._console.print(f"[yellow]{name}, attempt {attempt} failed:[/] {escape(reason)}", highlight=False)
            case Noted(text):
                self._console.print(f"[yellow]note[/] {escape(text)}", highlight=False)
            case Completed(summary):
                self.close()
                self._console.print(summary_text(summary), highlight=False, markup=False)
            case _:
                assert_never(event)

    def close(self) -> None:
        self._progress.stop()

    def _stage(self, stage: str, text: str) -> None:
        if self._task is not None:
            self._progress.update(self._task, total=1, completed=1, text="")
        if text:
            self._console.print(f"[bold]{stage}[/] {escape(text)}", highlight=False)
        self._task = self._progress.add_task(stage, total=None, text="")
        self._named = stage

    def _advance(self, stage: str, done: int, total: int) -> None:
        if self._task is None:
            return
        if stage != self._named:  # what a stage does beside itself, as measuring earlier work while encoding
            return
        text = size_text(done) if stage == "ingest" else f"{done}/{total}"
        if stage == "encode":
            self._pace.note(done)
            text = f"{self._chunks} {self._pace.text(total)}".strip()
        self._progress.update(self._task, total=total, completed=done, text=text)


class Pace:
    """Frames per second, on the whole and over the last moments."""

    def __init__(self) -> None:
        self._begun: float | None = None
        self._first = 0
        self._marks: list[tuple[float, int]] = []

    def note(self, done: int) -> None:
        """`done` frames are encoded by now."""
        now = time.monotonic()
        if self._begun is None:
            self._begun, self._first = now, done
        self._marks = [*self._marks[-20:], (now, done)]

    def jump(self, frames: int) -> None:
        """`frames` were found done: they are no speed."""
        self._first += frames

    def text(self, total: int) -> str:
        """``'61 fps now, 58 fps, 0:01:12 left'``, as far as it is known."""
        if self._begun is None or len(self._marks) < 2:
            return "starting"
        now, done = self._marks[-1]
        since, before = self._marks[0]
        mean = (done - self._first) / max(now - self._begun, 1e-3)
        current = (done - before) / max(now - since, 1e-3)
        left = f", {clock_text(Fraction(int((total - done) / mean)))[:-4]} left" if mean > 0 else ""
        return f"{current:.0f} fps now, {mean:.0f} fps{left}"


def summary_text(summary: Summary) -> str:
    """What a person wants to know of a finished onboarding."""
    lines = [
        f"done     {summary['title_id']}: {summary['frames']} frames, {summary['duration']:.3f} s, "
        f"{summary['chunks']} chunks ({summary['reused_chunks']} reused), {summary['wall_s']:.1f} s, "
        f"{summary['encode_cpu_s']:.1f} s of CPU{_more_cpu(summary)}"
    ]
    names = max((len(r["id"]) for r in summary["renditions"]), default=0)
    codecs = max((len(r["codec"]) for r in summary["renditions"]), default=0)
    for r in summary["renditions"]:
        shape = f"{r['width']}x{r['height']}" if r["kind"] == "video" else "audio"
        vmaf = f", VMAF {r['vmaf']:.1f}" if r.get("vmaf") is not None else ""
        lines.append(
            f"         {r['id']:{max(10, names)}} {shape:10} {r['codec']:{max(14, codecs)}} "
            f"{bits(r['average_bps']):>11} (peak {bits(r['peak_bps'])}), {size_text(r['size_bytes'])}{vmaf}"
        )
    return "\n".join([*lines, f"         HLS  {summary['hls']}", f"         DASH {summary['dash']}"])


def _more_cpu(summary: Summary) -> str:
    """What was spent beside encoding: on the search for rungs and shots, on measuring quality."""
    parts = [("search", "search_cpu_s"), ("measure", "measure_cpu_s")]
    return "".join(f", {summary[key]:.1f} s to {word}" for word, key in parts if summary.get(key))
