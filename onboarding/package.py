"""The package stage: what the workers made becomes a presentation, key frames for trick play included. Does I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from media.tracks import Track, parse_init
from onboarding.encoding import Tally
from onboarding.film import Film
from onboarding.present import Beside, join_film, present
from packager.build import Presentation
from packager.trick import make_trick, trick_drafts
from storage import Store


def package(
    film: Film,
    store: Store,
    tally: Tally,
    beside: Beside,
    *,
    now: datetime,
    every: int = 0,
    notes: Sequence[str] = (),
    extra: Mapping[str, object] | None = None,
) -> Presentation:
    """The presentation of a film that is encoded; its trick tracks are made and stored here. See `onboarding.present`.

    Raises EncodeError for chunks that don't fit together, StoreError where the store fails.
    """
    joined = join_film(film, tally.chunks, tally.sound, tracks=_tracks(store, tally), every=every)
    trick = tuple(make_trick(store, film.title_id, draft) for draft in trick_drafts(joined.drafts))
    beside = replace(beside, trick=trick)
    return present(film, tally.chunks, tally.sound, joined, beside, now=now, notes=notes, extra=extra)


def _tracks(store: Store, tally: Tally) -> dict[str, Track]:
    """The stored init segment of each rendition, parsed."""
    inits = {p.rendition: p.init.key for r in tally.chunks.values() for p in r.parts}
    inits |= {name: r.part.init.key for name, r in tally.sound.items()}
    return {name: parse_init(store.get(key)) for name, key in inits.items()}
