"""TTML, DFXP and IMSC 1 text documents (W3C TTML2, IMSC 1.1). Pure.

Times nest: an element's are relative to its parent's. A paragraph whose spans come and go becomes a cue for each state.
Fonts, sizes, animation and emphasis are lost. Documents are parsed as hostile XML.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from subtitles.cue import BadSubtitles, Cue, Subtitles, check_count, to_ms
from subtitles.markup import Run, colour_styles, payload
from subtitles.ttml_style import (
    Attributes,
    Sheet,
    attributes,
    hidden,
    inherited,
    local,
    read_sheet,
    referred,
    run_of,
    settings_of,
)
from subtitles.ttml_time import Clock, read_clock, read_time

_DEEPEST = 100
_FOREVER = Fraction(10**7)
_HINT = "Export the subtitles again, as TTML, WebVTT or SRT."
_MOST_WORK = 1_000_000  # states of one paragraph times its pieces: beyond it someone plays tricks


@dataclass(frozen=True, slots=True)
class _At:
    """Where a walk is: time ``[start, stop)`` in seconds, the inherited style, the region, and how space counts."""

    start: Fraction
    stop: Fraction
    style: Attributes
    region: str
    preserve: bool
    depth: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of text and when it is shown."""

    start: Fraction
    stop: Fraction
    run: Run


@dataclass(frozen=True, slots=True)
class _Reader:
    """A document's tables, and its text for finding lines."""

    sheet: Sheet
    clock: Clock
    source: bytes | str
    where: str


def read_ttml(data: bytes | str, *, where: str) -> Subtitles:
    """Parse a document. Raises BadSubtitles with the line of broken XML or of what is no time, and for documents that
    hold pictures instead of text."""
    root = _parse(data, where)
    if local(root.tag) != "tt":
        raise BadSubtitles(f"its root is {local(root.tag)!r} and not 'tt'", where=f"{where}, line 1", hint=_HINT)
    own = attributes(root)
    try:
        clock = read_clock(own)
    except ValueError as error:
        raise BadSubtitles(f"it counts time in no way known ({error})", where=where, hint=_HINT) from error
    reader = _Reader(read_sheet(root), clock, data, where)
    body = next((e for e in root if local(e.tag) == "body"), None)
    at = _At(Fraction(0), _FOREVER, reader.sheet.initial, "", own.get("space") == "preserve", 0)
    cues: list[Cue] = []
    for cue in _cues(reader, body, at) if body is not None else ():
        cues.append(cue)
        check_count(len(cues), where)
    if not cues and _has_pictures(root):
        raise BadSubtitles("it holds pictures and no text", where=where, hint="Bitmap subtitles can't become WebVTT.")
    return Subtitles(tuple(cues), colour_styles(c.text for c in cues), language=own.get("lang", "").strip())


def _parse(data: bytes | str, where: str) -> Any:
    try:
        return defusedxml.ElementTree.fromstring(data)
    except ParseError as error:
        line = error.position[0]
        raise BadSubtitles(f"its XML is broken ({error})", where=f"{where}, line {line}", hint=_HINT) from error
    except DefusedXmlException as error:
        raise BadSubtitles(
            "its XML declares entities, which no subtitle needs", where=where, hint="Remove its DOCTYPE."
        ) from error
    except (ValueError, LookupError) as error:  # an encoding that isn't known
        raise BadSubtitles(f"its XML can't be read ({error})", where=f"{where}, line 1", hint=_HINT) from error


def _cues(reader: _Reader, element: Any, at: _At) -> Iterator[Cue]:
    """The cues of all paragraphs in `element` (body or div), which begins within `at`."""
    inner = _enter(reader, element, at)
    for child, place in _children(reader, element, inner):
        kind = local(child.tag)
        if kind == "p":
            yield from _paragraph(reader, child, place)
        elif kind in ("div", "body"):
            yield from _cues(reader, child, place)


def _enter(reader: _Reader, element: Any, at: _At) -> _At:
    """The place inside `element`."""
    if at.depth > _DEEPEST:
        raise BadSubtitles(f"elements lie in one another more than {_DEEPEST} deep", where=reader.where, hint=_HINT)
    own = referred(attributes(element), reader.sheet.styles)
    start = at.start + (_time(reader, own["begin"]) if "begin" in own else 0)
    stop = at.stop
    if "end" in own:
        stop = min(stop, at.start + _time(reader, own["end"]))
    if "dur" in own:
        stop = min(stop, start + _time(reader, own["dur"]))
    space = own.get("space")
    region = own.get("region", at.region)
    base = inherited(at.style)
    if not at.region and region:
        base = base | inherited(reader.sheet.regions.get(region, {}))
    preserve = space == "preserve" if space else at.preserve
    return _At(start, stop, base | own, region, preserve, at.depth + 1)


def _children(reader: _Reader, element: Any, inner: _At) -> Iterator[tuple[Any, _At]]:
    """The children of `element`, each with the place that its times count from."""
    if attributes(element).get("timeContainer") != "seq":
        yield from ((child, inner) for child in element)
        return
    for child in element:
        yield child, inner
        after = _enter(reader, child, inner).stop
        inner = replace(inner, start=min(after, inner.stop))


def _time(reader: _Reader, text: str) -> Fraction:
    try:
        return read_time(text, reader.clock)
    except ValueError as error:
        source, wanted = reader.source, f'"{text}"'
        found = source.find(wanted) if isinstance(source, str) else source.find(wanted.encode())
        line = source.count("\n", 0, found) if isinstance(source, str) else source.count(b"\n", 0, found)
        raise BadSubtitles(
            str(error),
            where=f"{reader.where}, line {line + 1}" if found >= 0 else reader.where,
            hint="Times are written like 00:01:02.500, 00:01:02:12, 62.5s, 1550f or 625000t. Correct it.",
        ) from error


def _paragraph(reader: _Reader, element: Any, at: _At) -> Iterator[Cue]:
    inner = _enter(reader, element, at)
    pieces = list(_pieces(reader, element, inner))
    edges = sorted({t for p in pieces if p.start < p.stop for t in (p.start, p.stop)})
    if len(edges) * len(pieces) > _MOST_WORK:
        raise BadSubtitles(f"a paragraph changes {len(edges)} times", where=reader.where, hint=_HINT)
    region = reader.sheet.regions.get(inner.region, {}) | {
        k: v for k, v in inner.style.items() if k in ("origin", "extent", "displayAlign", "writingMode")
    }
    for start, stop in itertools.pairwise(edges):
        text = payload(_spaced([p.run for p in pieces if p.start <= start < p.stop]))
        if text:
            settings = settings_of(region, inner.style.get("textAlign", ""), text.count("\n") + 1, reader.sheet.frame)
            yield Cue(to_ms(start), to_ms(stop), text, settings)


def _pieces(reader: _Reader, element: Any, inner: _At) -> Iterator[_Piece]:
    """The text in a paragraph or span, whose inside is `inner`."""
    if hidden(inner.style):
        return
    yield _piece(element.text, inner)
    for child, place in _children(reader, element, inner):
        kind = local(child.tag)
        if kind == "br":
            yield _Piece(inner.start, inner.stop, Run("\n"))
        elif kind == "span":
            span = _enter(reader, child, place)
            if span.style.get("ruby") == "container":
                yield _ruby(child, span)
            else:
                yield from _pieces(reader, child, span)
        yield _piece(child.tail, inner)


def _piece(text: str | None, at: _At) -> _Piece:
    words = text or ""
    return _Piece(
        at.start, at.stop, replace(run_of(at.style), text=words if at.preserve else re.sub(r"\s+", " ", words))
    )


def _ruby(element: Any, at: _At) -> _Piece:
    """Base text with what is set above it (TTML2 section 10.2.36)."""
    base: list[str] = []
    above: list[str] = []
    for child in element.iter():
        (above if attributes(child).get("ruby") in ("text", "textContainer") else base).append(child.text or "")
    text, over = ("".join("".join(part).split()) for part in (base, above))
    return _Piece(at.start, at.stop, replace(run_of(at.style), text=text, ruby=over))


def _spaced(runs: list[Run]) -> Iterator[Run]:
    """Runs without a space that follows a space of the run before."""
    last = "\n"
    for run in runs:
        text = run.text.lstrip(" ") if last in " \n" else run.text
        if text:
            yield replace(run, text=text)
            last = text[-1]


def _has_pictures(root: Any) -> bool:
    return any(local(e.tag) == "image" or "backgroundImage" in attributes(e) for e in root.iter())
