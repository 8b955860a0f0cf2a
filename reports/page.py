"""The shell of a report: one HTML file with all it needs inside, readable in light and dark and on paper. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape


def page(title: str, *blocks: str, lead: str = "") -> str:
    """A whole HTML document of `blocks`, which are HTML; `title` and `lead` are text."""
    opening = f'<p class="lead">{escape(lead)}</p>' if lead else ""
    body = "\n".join(blocks)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n{opening}\n{body}\n</main>\n</body>\n</html>\n"
    )


def section(heading: str, *blocks: str) -> str:
    """A heading (text) and what is under it (HTML)."""
    return f"<section>\n<h2>{escape(heading)}</h2>\n" + "\n".join(blocks) + "\n</section>"


def paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def bullets(lines: Sequence[str]) -> str:
    """A list of sentences, "" for none."""
    items = "\n".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>\n{items}\n</ul>" if lines else ""


def figure(svg: str, *, caption: str = "") -> str:
    """A drawing from `reports.svg` with words under it. It scrolls sideways where the screen is too narrow for it."""
    words = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure><div class="drawing" tabindex="0">{svg}</div>{words}</figure>'


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, colours: Sequence[str] = ()) -> str:
    """A table of text. Columns whose name ends in ``>`` hold numbers, set to the right; in ``~`` sentences, which wrap.

    `colours` gives each row the swatch of its line in a figure: names of CSS variables such as ``series-1``, or "".
    """
    kinds = [_KINDS.get(name[-1:], "") for name in columns]
    head = "".join(
        f'<th scope="col"{kind}>{escape(name.rstrip(">~"))}</th>' for name, kind in zip(columns, kinds, strict=True)
    )
    lines = []
    for i, row in enumerate(rows):
        cells = [f"<td{kind}>{escape(cell)}</td>" for cell, kind in zip(row, kinds, strict=True)]
        swatch = f'<i class="swatch" style="background: {_colour(colours[i])}"></i>' if colours else ""
        cells[0] = f'<th scope="row">{swatch}{escape(row[0])}</th>'
        lines.append("<tr>" + "".join(cells) + "</tr>")
    body = "\n".join(lines)
    return f'<div class="table"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'


def _with_margin(size: re.Match[str]) -> str:
    width, height = (float(side) + 2 * _MARGIN for side in size.groups())
    return f'viewBox="{-_MARGIN} {-_MARGIN} {width:g} {height:g}"'


def _colour(name: str) -> str:
    return f"var(--{name})" if name else "none"


def svg_file(svg: str) -> str:
    """A drawing from `reports.svg` as a file of its own, with the page's colours and fonts inside, and a margin."""
    head, rest = svg.split(">", 1)
    head = re.sub(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', _with_margin, head)
    return (
        f"{head}>\n<style>{_COLOURS}svg {{ background: var(--card); }}\n"
        f"text {{ font-family: {_FONTS} !important; }}\n{_DRAWING}</style>{rest}\n"
    )


_MARGIN = 16  # pixels

_KINDS = {">": ' class="number"', "~": ' class="words"'}

_FONTS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'

_COLOURS = """
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d1a18; --quiet: #6a625d; --rule: #e6e1db;
  --series-1: #b3362a; --series-2: #cc6a14; --series-3: #a67c00; --series-4: #4c8a3a;
  --series-5: #0f8577; --series-6: #2468b4; --series-7: #5b4fce; --series-8: #9a3ca4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #141213; --card: #1c191a; --ink: #f0eae5; --quiet: #a89f99; --rule: #373132;
    --series-1: #ff8a75; --series-2: #ffab5e; --series-3: #f0c94a; --series-4: #93d27c;
    --series-5: #55d0c0; --series-6: #76b5ff; --series-7: #a79bff; --series-8: #e29bea;
  }
}
"""

# Words keep a rim of the background's colour, so that lines behind them don't cross them out.
_DRAWING = """svg * { stroke-linejoin: round; stroke-linecap: butt; }
svg text { stroke: var(--card); stroke-width: 4px; paint-order: stroke; }
"""

_STYLE = (
    _COLOURS
    + """* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 FONTS;
}
main { width: min(100% - 2.5rem, 68rem); margin: 3rem auto 5rem; }
h1 { font-size: clamp(1.6rem, 1.2rem + 1.6vw, 2.3rem); line-height: 1.2; letter-spacing: -0.015em; margin: 0; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 3rem 0 0.75rem; }
p { max-width: 46rem; margin: 0.75rem 0; }
.lead { color: var(--quiet); font-size: 1.05rem; margin: 0.6rem 0 0; }
figure { margin: 1rem 0; background: var(--card); border: 1px solid var(--rule); border-radius: 12px; }
figcaption { color: var(--quiet); font-size: 0.9rem; max-width: 52rem; padding: 0 1.25rem 1rem; }
.drawing { overflow-x: auto; padding: 1.25rem 1.25rem 0.75rem; }
.drawing svg { display: block; width: 100%; min-width: 40rem; height: auto; }
.drawing svg text { font-family: inherit !important; }
.drawing:focus-visible { outline: 2px solid var(--series-6); outline-offset: 2px; border-radius: 10px; }
.table { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; font-size: 0.93rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.5rem 0.75rem; border-bottom: 1px solid var(--rule); white-space: nowrap; }
thead th { color: var(--quiet); font-weight: 500; font-size: 0.85rem; vertical-align: bottom; }
tbody th { font-weight: 600; }
th:first-child, td:first-child { padding-left: 0; }
.number { text-align: right; }
.words { white-space: normal; min-width: 18rem; }
ul { max-width: 46rem; margin: 0.75rem 0; padding-left: 1.2rem; }
.swatch { display: inline-block; width: 0.75rem; height: 0.75rem; border-radius: 3px; margin-right: 0.55rem; }
@media print {
  figure, table { break-inside: avoid; }
  main { margin: 0; width: 100%; }
}
""".replace("FONTS", _FONTS)
    + _DRAWING
)
