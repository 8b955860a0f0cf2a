"""What happens while a title is onboarded, as values: the console draws them, tests read them. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, assert_never


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage begins: ``ingest``, ``inspect``, ``plan``, ``encode``, ``package`` or ``publish``."""

    stage: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Progressed:
    """`done` of `total` units of a stage: bytes while ingesting, output frames while encoding."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ChunkFinished:
    """A chunk (or the audio, index -1) is stored. `reused` says that it was found done; `codec` is named where the
    title has several."""

    index: int
    frames: int
    reused: bool
    cpu_s: float
    done: int
    total: int
    codec: str = ""


@dataclass(frozen=True, slots=True)
class ChunkRetried:
    """An attempt at a chunk failed and is made again; `name` is what it is called where it is no chunk of the title."""

    index: int
    attempt: int
    reason: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """Something the user should know that is no error."""

    text: str


@dataclass(frozen=True, slots=True)
class Completed:
    """The title is published. `summary` is the JSON object that ends ``--json`` output."""

    summary: dict[str, Any]


Event = StageStarted | Progressed | ChunkFinished | ChunkRetried | Noted | Completed


def event_json(event: Event) -> dict[str, Any]:
    """One event as a JSON object with its kind under ``"event"``; the last one is the bare summary."""
    match event:
        case Completed(summary):
            return summary
        case StageStarted():
            kind = "stage"
        case Progressed():
            kind = "progress"
        case ChunkFinished():
            kind = "chunk"
        case ChunkRetried():
            kind = "retry"
        case Noted():
            kind = "note"
        case _:
            assert_never(event)
    return {"event": kind, **asdict(event)}
