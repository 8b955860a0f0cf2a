"""The measured quality of a published title, read from its record and its scores files. Does I/O."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from onboarding.titles import read_title
from quality.scores import FrameScores, load_scores
from storage import Store
from values.digest import digest_bytes
from values.errors import NotFoundError, TitleError
from values.title import Quality, Rendition, Title


@dataclass(frozen=True, slots=True)
class RenditionQuality:
    """One video rendition: what `title.json` says of its quality, and VMAF of each measured frame."""

    rendition: Rendition
    quality: Quality
    scores: FrameScores


@dataclass(frozen=True, slots=True)
class TitleQuality:
    """A title with all its measured renditions, in the title's order."""

    title: Title
    renditions: tuple[RenditionQuality, ...]


def title_quality(store: Store, title_id: str) -> TitleQuality:
    """The quality of a title's renditions. Raises TitleError if it was not measured, or its scores are damaged."""
    title = read_title(store, title_id)
    found = tuple(
        RenditionQuality(r, r.quality, _scores(store, r, r.quality)) for r in title.video if r.quality is not None
    )
    if not found:
        raise TitleError(
            f"the quality of {title_id!r} was not measured",
            where=store.url,
            hint="Onboard it again with --quality fast or full.",
        )
    return TitleQuality(title, found)


def quality_json(found: TitleQuality) -> dict[str, Any]:
    """What `matinee quality --json` prints: the statistics of each rendition, without the single frames."""
    return {
        "id": found.title.id,
        "name": found.title.name,
        "duration": float(found.title.duration),
        "renditions": [
            {
                "id": r.rendition.id,
                "codec": r.rendition.codec,
                "width": r.rendition.width,
                "height": r.rendition.height,
                "average_bps": r.rendition.average_bps,
                "peak_bps": r.rendition.peak_bps,
                **{k: v for k, v in dataclasses.asdict(r.quality).items() if k not in ("scores", "width", "height")},
                "measured_width": r.quality.width,
                "measured_height": r.quality.height,
                "scores": r.quality.scores.key,
            }
            for r in found.renditions
        ],
    }


def _scores(store: Store, rendition: Rendition, quality: Quality) -> FrameScores:
    key = quality.scores.key
    try:
        data = store.get(key)
    except NotFoundError as error:
        raise TitleError(f"the scores of {rendition.id} are missing", where=key, hint=_ANEW) from error
    if digest_bytes(data) != quality.scores.xxh3:
        raise TitleError(f"the scores of {rendition.id} are not those that were stored", where=key, hint=_ANEW)
    return load_scores(data, where=key)


_ANEW = "Onboard the master again with --force --quality fast or full."
