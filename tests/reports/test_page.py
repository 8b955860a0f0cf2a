"""The shell of reports."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

from reports.page import bullets, figure, page, paragraph, section, svg_file, table


class Tags(HTMLParser):
    """Fails on tags that are not closed in order, and keeps the text."""

    VOID = frozenset({"meta", "br", "link", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style" and data.strip():
            self.text.append(data.strip())


def read(html: str) -> list[str]:
    parser = Tags()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser.text


def test_a_page_is_whole_and_shows_text_as_it_is() -> None:
    html = page(
        "A <b> & c",
        section("Head <i>", paragraph("x < y"), figure("<svg></svg>", caption="cap <u>")),
        table(("NAME", "BITS>"), [("<a>", "1 & 2")], colours=["series-3"]),
        lead="lead <script>",
    )
    assert read(html) == [
        "A <b> & c", "A <b> & c", "lead <script>", "Head <i>", "x < y", "cap <u>", "NAME", "BITS", "<a>", "1 & 2",
    ]  # fmt: skip
    assert "<script" not in html


def test_a_page_needs_nothing_from_elsewhere() -> None:
    html = page("x", paragraph("y"), figure("<svg></svg>"))
    assert re.findall(r"https?://|@import|url\(|src=|<link", html) == []


def test_numbers_are_set_to_the_right() -> None:
    html = table(("NAME", "BITS>"), [("a", "1")])
    assert '<th scope="col" class="number">BITS</th>' in html
    assert '<td class="number">1</td>' in html
    assert "swatch" not in html


def test_sentences_wrap_and_rows_may_lack_a_swatch() -> None:
    html = table(("NAME", "WHY~"), [("a", "because"), ("b", "also")], colours=["series-1", ""])
    assert '<td class="words">because</td>' in html
    assert '<th scope="col" class="words">WHY</th>' in html
    assert html.count("var(--series-1)") == 1
    assert html.count("swatch") == 2


def test_a_list_has_its_lines_as_text() -> None:
    assert read(f"<div>{bullets(['a < b', 'c'])}</div>") == ["a < b", "c"]
    assert bullets([]) == ""


def test_a_drawing_as_a_file_has_its_colours_inside() -> None:
    svg = svg_file(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50"><text style="fill: var(--ink)">x</text></svg>'
    )
    root = ElementTree.fromstring(svg)
    assert root.get("viewBox") == "-16 -16 132 82"
    style = root.findtext("{http://www.w3.org/2000/svg}style") or ""
    assert style.count("--ink:") == 2
    assert "prefers-color-scheme: dark" in style
