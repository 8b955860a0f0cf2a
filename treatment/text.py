"""What becomes of a master's text: which tracks are taken, their language, role and flags, and what they are called.
Pure.

Streams, caption channels and files become candidates; `settle` makes the title's tracks of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from media.probe import SubtitleStream
from subtitles.packets import CAPTION_CODECS, TEXT_CODECS
from treatment.decision import Decision
from values.keys import slug

Origin = Literal["file", "stream", "captions"]

_BITMAPS = {
    "hdmv_pgs_subtitle": "PGS", "dvd_subtitle": "VobSub", "dvb_subtitle": "DVB subtitles", "xsub": "XSUB",
}  # fmt: skip
_FOREIGN = {"dvb_teletext": "teletext", "arib_caption": "ARIB captions", "unknown": "a kind that is not known"}
_FORCED = re.compile(r"\b(?:forced|forcés?|forzad[oa]s?|forzati|erzwungene?)\b", re.IGNORECASE)
_SDH = re.compile(
    r"\b(?:SDH|CC|HOH|HI|captions?|hearing[ -]impaired|hard[ -]of[ -]hearing|malentendants?|sourds"
    r"|h[öo]rgesch[äa]digte?|gehörlose?|sordos|non ?udenti)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Text that may become a track. `source` says where it came from, `language` is a BCP 47 tag, `title` the track's
    own name; `default` is the flag in the master, or the user's wish; `cues` are counted in the film. `why` gives a
    reason for each thing that was concluded and not just read."""

    source: str
    origin: Origin
    language: str
    role: str = "subtitles"
    forced: bool = False
    default: bool = False
    title: str = ""
    cues: int = 0
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextPlan:
    """A candidate that becomes the track `id`, shown to people as `name`; `index` is its place among the candidates."""

    index: int
    candidate: Candidate
    id: str
    name: str
    default: bool
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """Text that is left out, and the reason."""

    source: str
    reason: str


def stream_source(stream: SubtitleStream, codec: str = "") -> str:
    return f"stream {stream.index} ({codec or stream.codec})"


def refusal(stream: SubtitleStream, codec: str = "") -> str | None:
    """Why a stream of this kind can't become a track; None where it can. `codec` is what its packets told, if more."""
    codec = codec or stream.codec
    language = "" if stream.language == "und" else f", {stream.language}"
    if codec in _BITMAPS:
        return (
            f"bitmap subtitles ({_BITMAPS[codec]}{language}) are pictures of text and left out; "
            "turn them into text (OCR) and give them with --subtitle"
        )
    if codec in TEXT_CODECS or codec in CAPTION_CODECS:
        return None
    kind = _FOREIGN.get(codec, f"the kind {codec}")
    return f"subtitles of {kind}{language} can't be read and are left out; give them as a file with --subtitle"


def stream_candidate(
    stream: SubtitleStream, *, language: str, codec: str = "", forced: bool = False, cues: int = 0
) -> Candidate:
    """A text stream as a candidate. `language` is its BCP 47 tag; `forced` says that its samples are all marked so.

    Masters flag little: a track's name counts where it says that it is forced, or for those who hear badly.
    """
    why = []
    if stream.forced or forced:
        why.append("flagged as forced")
    elif _FORCED.search(stream.title):
        forced = True
        why.append(f"forced: it is called {stream.title!r}")
    captions = stream.hearing_impaired
    if captions:
        why.append("flagged for the hearing impaired")
    elif _SDH.search(stream.title):
        captions = True
        why.append(f"for the hearing impaired: it is called {stream.title!r}")
    return Candidate(
        source=stream_source(stream, codec),
        origin="stream",
        language=language,
        role="captions" if captions else "subtitles",
        forced=stream.forced or forced,
        default=stream.default,
        title=stream.title,
        cues=cues,
        why=tuple(why),
    )


def caption_candidate(name: str, place: str, *, sound_language: str, cues: int) -> Candidate:
    """A caption channel (``CC1``) or service (``service 1``) as a candidate. Its bytes don't say the language: by
    convention the first one's is that of the sound (CTA-608-E, CTA-708-E); the others' is not known."""
    first = name in ("CC1", "service 1") and sound_language != "und"
    standard = "CEA-608" if name.startswith("CC") else "CEA-708"
    why = (f"{name} is in the language of the sound",) if first else (f"captions do not say the language of {name}",)
    return Candidate(
        source=f"{standard} {name} ({place})",
        origin="captions",
        language=sound_language if first else "und",
        role="captions",
        title=name,
        cues=cues,
        why=why,
    )


def settle(
    candidates: Sequence[Candidate], *, name_of: Callable[[str], str]
) -> tuple[tuple[TextPlan, ...], tuple[Left, ...]]:
    """The title's tracks, in the order of the candidates, and what is left out. `name_of` gives a language's own name.

    A file of the user's replaces the master's text of its language and role; empty tracks are left out.
    """
    files = {_kind(c): c.source for c in candidates if c.origin == "file"}
    taken: dict[int, Candidate] = {}
    left = []
    for index, candidate in enumerate(candidates):
        if not candidate.cues:
            left.append(Left(candidate.source, "holds no text"))
        elif candidate.origin != "file" and _kind(candidate) in files:
            left.append(Left(candidate.source, f"is replaced by {files[_kind(candidate)]}"))
        else:
            taken[index] = candidate
    chosen, reason = _default(taken)
    ids: dict[str, int] = {}
    names: dict[str, int] = {}
    plans = []
    for index, c in taken.items():
        why = (*c.why, reason) if index == chosen else c.why
        plans.append(TextPlan(index, c, _unique(_id(c), ids, "-"), _name(c, name_of, names), index == chosen, why))
    return tuple(plans), tuple(left)


def text_record(
    plans: Sequence[TextPlan], left: Sequence[Left], detected: Mapping[str, Mapping[str, Any]]
) -> list[Any]:
    """A JSON-ready account, one object a source: what was detected (`detected`, by source), what was decided, why."""
    out: list[Any] = []
    for plan in plans:
        c = plan.candidate
        decided = {
            "id": plan.id, "language": c.language, "name": plan.name, "role": c.role, "forced": c.forced,
            "default": plan.default, "cues": c.cues,
        }  # fmt: skip
        out.append({"source": c.source, "detected": dict(detected.get(c.source, {})), "decided": decided,
                    "why": list(plan.why)})  # fmt: skip
    for one in left:
        out.append({"source": one.source, "detected": dict(detected.get(one.source, {})), "decided": None,
                    "why": [one.reason]})  # fmt: skip
    return out


def text_decisions(streams: Sequence[SubtitleStream], chapters: int) -> tuple[Decision, ...]:
    """What a master's text is before any of it is read, and what would become of it: a rule a stream. Captions within
    the pictures are found by reading, and told then."""
    found = []
    for stream in streams:
        flags = [word for word, on in (("default", stream.default), ("forced", stream.forced),
                                       ("hearing impaired", stream.hearing_impaired)) if on]  # fmt: skip
        title = f" {stream.title!r}" if stream.title else ""
        detected = f"{stream.codec}{title} ({', '.join([stream.language, *flags])})"
        reason = refusal(stream)
        decided = "WebVTT" if reason is None else "left out"
        found.append(Decision(f"text: {stream_source(stream)}", detected, decided, reason or "", noted=bool(reason)))
    if chapters:
        found.append(Decision("chapters", f"{chapters}", "kept, and a WebVTT track", ""))
    return tuple(found)


def text_treatment(record: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """An account of `text_record` in words, as the title's other decisions are told: by source."""
    out = {}
    for one in record:
        found, made = one["detected"], one["decided"]
        flags = [name.replace("_", " ") for name in ("default", "forced", "hearing_impaired") if found.get(name)]
        detected = ", ".join(str(w) for w in (found.get("codec", ""), found.get("language", ""), *flags) if w)
        decided = "left out"
        if made:
            words = [made["language"], made["role"], *(["forced"] if made["forced"] else [])]
            decided = f"WebVTT {made['id']} ({', '.join(words)}), {made['cues']} cues"
        out[f"text: {one['source']}"] = {"detected": detected, "decided": decided, "why": "; ".join(one["why"])}
    return out


def _kind(candidate: Candidate) -> tuple[str, str, bool]:
    return candidate.language, candidate.role, candidate.forced


def _default(taken: Mapping[int, Candidate]) -> tuple[int | None, str]:
    """The track that players show unasked, and why. Containers flag most tracks as default without meaning it, so a
    master's flag counts only where it singles out tracks among others."""
    wished = next((n for n, c in taken.items() if c.default and c.origin == "file"), None)
    if wished is not None:
        return wished, "default: asked for"
    streams = [n for n, c in taken.items() if c.origin == "stream" and not c.forced]
    flagged = [n for n in streams if taken[n].default]
    if flagged and len(flagged) < len(streams):
        return flagged[0], "default: the master flags it and not the others"
    return None, ""


def _id(candidate: Candidate) -> str:
    role = "" if candidate.role == "subtitles" else "-cc" if candidate.origin == "captions" else "-sdh"
    return f"text-{slug(candidate.language)}{role}{'-forced' if candidate.forced else ''}"


def _name(candidate: Candidate, name_of: Callable[[str], str], names: dict[str, int]) -> str:
    """The language's name and what sets the track apart; a second one of a name adds its own, or a number."""
    marks = []
    if candidate.role == "captions":
        marks.append("CC" if candidate.origin == "captions" else "SDH")
    if candidate.forced:
        marks.append("forced")
    base = name_of(candidate.language) + (f" ({', '.join(marks)})" if marks else "")
    if base in names and candidate.title and f"{base}: {candidate.title}" not in names:
        base = f"{base}: {candidate.title}"
    return _unique(base, names, " ")


def _unique(text: str, seen: dict[str, int], gap: str) -> str:
    """`text`, with a number where it was there before."""
    seen[text] = number = seen.get(text, 0) + 1
    return _unique(f"{text}{gap}{number}", seen, gap) if number > 1 else text
