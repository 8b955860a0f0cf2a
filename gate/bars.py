"""Black bars around the picture, for the whole film or a part of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from gate.facts import Facts
from gate.finding import Finding
from gate.limits import Limits
from gate.marks import black_marks
from gate.measures import UNLIT, Measures, PictureMeasures
from gate.runs import OUT

Margins = tuple[int, int, int, int]
"""Lines and columns of black: left, right, top, bottom, in source pixels."""

_TOLERANCE = 0.006  # of a side: what encoding adds to a margin, and by how much two bars differ; credits differ more
_JITTER_S = Fraction(2)  # a dark moment within bars
_LIT_S = Fraction(1)  # lit picture behind a finding, where the film is longer


@dataclass(frozen=True, slots=True)
class Frame:
    """A stretch of frames ``[start, stop)`` with the same margins."""

    start: int
    stop: int
    margins: Margins


def find_bars(measures: Measures, facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Bars that all of the film has, and further ones that come and go."""
    lit = _lit(measures.picture, facts, limits)
    if not lit or len(lit) < min(_LIT_S * facts.rate, Fraction(facts.frames)):
        return
    size = facts.video.width, facts.video.height
    always = _even(_least(m for _, m in lit), size, limits)
    if any(always):
        yield _finding(0, facts.frames, always, facts, changing=False)
    for stretch in stretches(lit, facts):
        margins = _even(stretch.margins, size, limits)
        more = any(m > a + _slack(side) for m, a, side in zip(margins, always, _sides(size), strict=True))
        if more and facts.time(stretch.stop) - facts.time(stretch.start) >= limits.bars_s:
            yield _finding(stretch.start, stretch.stop, margins, facts, changing=True)


def _lit(picture: PictureMeasures, facts: Facts, limits: Limits) -> list[tuple[int, Margins]]:
    """The frames that show enough to have an outline, with their margins."""
    black = black_marks(picture, limits)
    columns = zip(picture.left, picture.right, picture.top, picture.bottom, strict=True)
    return [
        (i, margins)
        for i, (margins, seen, mark) in enumerate(zip(columns, picture.seen, black, strict=True))
        if seen and mark == OUT and margins[0] != UNLIT
    ]


def stretches(lit: Sequence[tuple[int, Margins]], facts: Facts) -> list[Frame]:
    """The lit frames as stretches of equal margins; short ones between two that are alike belong to them."""
    slack = [_slack(side) for side in _sides((facts.video.width, facts.video.height))]

    def alike(a: Margins, b: Margins) -> bool:
        return all(abs(x - y) <= s for x, y, s in zip(a, b, slack, strict=True))

    out: list[Frame] = []
    for at, margins in lit:
        if out and alike(out[-1].margins, margins):
            last = out.pop()
            out.append(Frame(last.start, at + 1, _least((last.margins, margins))))
        else:
            out.append(Frame(at, at + 1, margins))
    joined: list[Frame] = []
    for one in out:
        for back in range(1, min(len(joined), 50) + 1):
            before = joined[-back]
            if facts.time(one.start) - facts.time(before.stop) > _JITTER_S:
                break
            if alike(before.margins, one.margins) and all(_inside(one.margins, j.margins, slack) for j in
                                                          joined[len(joined) - back + 1 :]):  # fmt: skip
                del joined[len(joined) - back :]
                one = Frame(before.start, one.stop, _least((before.margins, one.margins)))
                break
        joined.append(one)
    return joined


def _inside(margins: Margins, darker: Margins, slack: Sequence[float]) -> bool:
    """Whether a picture with the margins `darker` may be a dark moment of one with `margins`."""
    return all(d >= m - s for m, d, s in zip(margins, darker, slack, strict=True))


def _least(several: Iterable[Margins]) -> Margins:
    left, right, top, bottom = (min(column) for column in zip(*several, strict=True))
    return left, right, top, bottom


def _even(margins: Margins, size: tuple[int, int], limits: Limits) -> Margins:
    """The margins that are bars: large enough, and as large as the ones across; 0 for the others."""
    left, right = _pair(margins[0], margins[1], size[0], limits)
    top, bottom = _pair(margins[2], margins[3], size[1], limits)
    return left, right, top, bottom


def _pair(a: int, b: int, side: int, limits: Limits) -> tuple[int, int]:
    small, large = min(a, b), max(a, b)
    bars = small >= limits.bar_share * side and large - small <= _slack(side)
    return (a, b) if bars else (0, 0)


def _slack(side: int) -> float:
    return max(2.0, _TOLERANCE * side)


def _sides(size: tuple[int, int]) -> tuple[int, int, int, int]:
    return size[0], size[0], size[1], size[1]


def _finding(start: int, stop: int, margins: Margins, facts: Facts, *, changing: bool) -> Finding:
    left, right, top, bottom = margins
    video = facts.video
    width, height = video.width - left - right, video.height - top - bottom
    aspect = float(width * video.sar / height)
    kind = "Letterbox" if not left + right else "Pillarbox" if not top + bottom else "Windowbox"
    crop = f"{width}:{height}:{left}:{top}"
    if changing:
        text = (
            f"{kind} for a part of the film: the picture inside is {width} × {height} ({aspect:.2f}:1) at {left}, "
            f"{top}. Bars that come and go can't be cropped for all of it."
        )
    else:
        text = (
            f"{kind}: the picture inside is {width} × {height} ({aspect:.2f}:1) at {left}, {top}. Cut the bars off "
            f"with --crop auto or --crop {crop}."
        )
    numbers: dict[str, float | int | str] = {
        "left": left,
        "right": right,
        "top": top,
        "bottom": bottom,
        "aspect": round(aspect, 3),
        "crop": crop,
    }
    return Finding("bars", "warning" if changing else "info", *facts.span(start, stop), text, numbers)
