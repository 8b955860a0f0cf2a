"""Black bars around a picture, found in samples of the whole film. Pure.

A bar is what no sample lights. Dark scenes leave edges unlit too, but each at another place; a bar's edge is where many
frames end. So an edge counts if a share of all lit frames reach it, and if the bar is more than a few pixels wide. Bars
come in pairs, of about one width: what is dark on one side alone is a night sky, or a floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from treatment.facts import Box, Facts

_FEWEST = 4  # lit frames to judge by
_NEAR = 2  # pixels within which a frame reaches an edge
_AGREE = Fraction(1, 5)  # of the lit frames, that must reach an edge beside a bar
_AGREE_ALL_ROUND = Fraction(3, 4)  # where bars lie on all four sides, as they do around a dark scene's lamp
_LEAST_AREA, _LEAST_AREA_ALL_ROUND = Fraction(1, 4), Fraction(2, 5)  # of the picture, that is left
_UNEVEN = 3  # times its opposite, that a bar may be (subtitles are set into the lower one)
_LEAST_PX, _LEAST_SHARE = 4, Fraction(1, 100)  # the narrowest bar


def find_bars(facts: Facts, size: tuple[int, int]) -> tuple[Box | None, str]:
    """What lies between the bars of a picture of `size` (width, height in pixels), and in words what was found."""
    lit = list(facts.lit())
    if len(lit) < _FEWEST:
        return None, "too dark to see bars" if facts.frames else "no bars looked for"
    width, height = size
    union = Box(
        min(b.left for b in lit), min(b.top for b in lit), max(b.right for b in lit), max(b.bottom for b in lit)
    )
    edges = (union.left, union.top, width - union.right, height - union.bottom)
    bars = _paired([_bar(i, edge, lit, size) for i, edge in enumerate(edges)])
    found = Box(bars[0], bars[1], width - bars[2], height - bars[3])
    all_round = (bars[0] or bars[2]) and (bars[1] or bars[3])
    if all_round and not _agreed_all_round(union, lit):
        return None, "no bars: what is dark is no frame around the picture"
    area = (found.right - found.left) * (found.bottom - found.top)
    if not any(bars) or area < (_LEAST_AREA_ALL_ROUND if all_round else _LEAST_AREA) * width * height:
        return None, "no bars"
    return found, "bars: " + ", ".join(f"{n} {side}" for n, side in zip(bars, _SIDES, strict=True) if n)


_SIDES = ("left", "above", "right", "below")


def _bar(side: int, edge: int, lit: Sequence[Box], size: tuple[int, int]) -> int:
    """The bar's width if it is one, else 0."""
    length = size[side % 2]
    if edge < _LEAST_PX or edge < _LEAST_SHARE * length:
        return 0
    reaching = sum(_unlit(box, size)[side] <= edge + _NEAR for box in lit)
    return edge if reaching >= _AGREE * len(lit) else 0


def _paired(bars: Sequence[int]) -> tuple[int, int, int, int]:
    left, top, right, bottom = bars
    across = (left, right) if max(left, right) <= _UNEVEN * min(left, right) else (0, 0)
    down = (top, bottom) if max(top, bottom) <= _UNEVEN * min(top, bottom) else (0, 0)
    return across[0], down[0], across[1], down[1]


def _agreed_all_round(union: Box, lit: Sequence[Box]) -> bool:
    def near(box: Box) -> bool:
        pairs = zip(_edges(box), _edges(union), strict=True)
        return all(abs(a - b) <= _NEAR for a, b in pairs)

    return sum(near(box) for box in lit) >= _AGREE_ALL_ROUND * len(lit)


def _unlit(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    return box.left, box.top, size[0] - box.right, size[1] - box.bottom


def _edges(box: Box) -> tuple[int, int, int, int]:
    return box.left, box.top, box.right, box.bottom
