"""Why a title got the rungs it got: plots, tables and the cost of the search, as one HTML page. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from coders.table import coder
from ladders.rung import Ladder
from onboarding.search import Search
from reports.effort import cost_bar, window_strip
from reports.field import Field
from reports.fixed import Rival, cheapest, rivals, saved_overall
from reports.frontier import frontier
from reports.page import bullets, figure, page, paragraph, section, table
from reports.svg import SERIES

_PLOT = (
    "Dots are trial encodes, scaled back to display size, one colour a resolution; the thin lines between them are "
    "interpolated. The heavy line is their upper convex hull: nothing that was tried gives more for its bits. Filled "
    "circles on it are the rungs."
)
_CAPPED = "as onboarding with that ladder would encode them: at their CRF, or at the higher one that their cap asks for"
_NOMINAL = "at their nominal bit rates"


def search_report(
    search: Search,
    *,
    title: str,
    fixed: Sequence[Ladder] = (),
    nominal: bool = False,
    rate: Fraction | None = None,
) -> str:
    """The page that `matinee ladder --html` writes for the film called `title`.

    Each fixed ladder in `fixed` is placed on the measured curves as `reports.fixed.rivals` says; at most three for a
    codec. `rate` is the film's, in frames a second: with it windows are shown by time, without it by frame. Raises
    UsageError for fixed ladders that have no rungs for the film.
    """
    beside = rivals(search, fixed, nominal=nominal)
    several = len(search.ladder.codecs) > 1
    blocks = []
    for codec in search.ladder.codecs:
        field = Field(search, codec, tuple(r for r in beside if r.codec == codec)[:3])
        name = coder(codec).label
        blocks.append(section(f"{name}: bits and quality" if several else "Bits and quality", *_plot(field, nominal)))
        blocks.append(section(f"{name}: rungs" if several else "Rungs", *_rungs(field)))
        blocks += [_versus(field, rival, nominal) for rival in field.rivals]
    blocks.append(section("What the search cost", *_cost(search, rate)))
    if search.notes:
        blocks.append(section("Notes", bullets(search.notes)))
    return page(f"Ladder of {title}", *blocks, lead=_lead(search))


def _lead(search: Search) -> str:
    names = [coder(c).label for c in search.ladder.codecs]
    codecs = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    width, height = search.display
    policy = search.policy
    rungs, trials = _count(len(search.choices), "rung"), _count(len(search.samples), "trial encode")
    return (
        f"{rungs} of {codecs}, found by {trials} in {_count(len(search.windows), 'window')} of the film. VMAF at "
        f"{width} × {height} pixels: {policy.top:g} at the top, at least {policy.step:g} from rung to rung, averages "
        f"from {policy.floor_kbps:,} to {policy.ceiling_kbps:,} kbit/s. All averages and scores are predicted from the "
        "trials."
    )


def _plot(field: Field, nominal: bool) -> list[str]:
    names = " and ".join(r.name for r in field.rivals if r.points)
    how = _NOMINAL if nominal else _CAPPED
    beside = f" Open marks and dashes are the rungs of {names}, {how}." if names else ""
    return [figure(frontier(field), caption=_PLOT + beside)]


def _rungs(field: Field) -> list[str]:
    points = [c.point for _, c in field.rungs]
    psnr, xpsnr = any(p.psnr_y is not None for p in points), any(p.xpsnr_y is not None for p in points)
    extra = (*(("PSNR>",) if psnr else ()), *(("XPSNR>",) if xpsnr else ()))
    columns = ("Rung", "Size", "CRF>", "Average>", "Cap>", "VMAF>", "Step>", *extra, "Why~")
    rows = []
    for name, choice in field.rungs:
        p = choice.point
        more = (*((_decibels(p.psnr_y),) if psnr else ()), *((_decibels(p.xpsnr_y),) if xpsnr else ()))
        step = "" if choice.step is None else f"{choice.step:.1f}"
        rows.append(
            (
                name, f"{p.width} × {p.height}", f"{p.crf:g}", _kbps(p.bps), _kbps(choice.max_bps), f"{p.vmaf:.1f}",
                step, *more, _sentence(choice.reason),
            )
        )  # fmt: skip
    colours = [f"series-{SERIES.index(field.colours[p.size]) + 1}" for p in points]
    decibels = " PSNR and XPSNR are of luma, in dB." if extra else ""
    words = f"Averages and caps are in kbit/s. A step is the VMAF up to the next rung.{decibels}"
    return [table(columns, rows, colours=colours), paragraph(words)]


def _versus(field: Field, rival: Rival, nominal: bool) -> str:
    """What the fixed rungs need, and the fewest bits at the same VMAF among all that was tried."""
    rows = []
    for placed in rival.rungs:
        p = placed.point
        best = cheapest(field.curves, p.vmaf) if p else None
        if p is None or best is None:
            continue
        rows.append(
            (
                placed.rung.name, f"{p.width} × {p.height}", f"{p.crf:.1f}", _kbps(placed.rung.max_bps), _kbps(p.bps),
                f"{p.vmaf:.1f}", f"{best.width} × {best.height}", f"{best.crf:.1f}", _kbps(best.bps),
                f"{round(100 * (1 - best.bps / p.bps))} %",
            )
        )  # fmt: skip
    columns = (
        f"Rung of {rival.name}", "Size", "CRF>", "Cap>", "Average>", "VMAF>", "Best size", "Its CRF>",
        "Its average>", "Saved>",
    )  # fmt: skip
    how = _NOMINAL if nominal else _CAPPED
    words = (
        "Predicted from the trials, not measured on whole encodes. Each row has a fixed rung and the fewest bits "
        f"(kbit/s) that reach its VMAF on the curves of all sizes. The fixed rungs are taken {how}."
    )
    missing = [f"{r.rung.name} is not compared: {r.missing}." for r in rival.unplaced]
    name = f" in {coder(field.codec).label}" if len(field.search.ladder.codecs) > 1 else ""
    body = [paragraph(_overall(field, rival)), table(columns, rows)] if rows else []
    return section(f"Against {rival.name}{name}, predicted", *body, paragraph(words) if rows else "", bullets(missing))


def _overall(field: Field, rival: Rival) -> str:
    saved = saved_overall(rival, [c.point for _, c in field.rungs])
    if isinstance(saved, str):
        return f"As whole ladders they are not compared: {saved}."
    less, sign = ("fewer", "−") if saved < 0 else ("more", "+")
    return (
        f"As whole ladders, the found rungs take {abs(saved):.1f} % {less} bits than {rival.name} at equal VMAF, "
        f"over what both reach (BD-rate {sign}{abs(saved):.1f} %)."
    )


def _cost(search: Search, rate: Fraction | None) -> list[str]:
    cost = search.cost
    tried, frames = sum(w.frames for w in search.windows), sum(w.weight for w in search.windows)
    parts = [
        ("Trial encodes", cost.encode_s, "series-6"),
        ("Measuring them", cost.measure_s, "series-5"),
        ("The search in all", cost.spent_s, ""),
        ("Allowed", cost.allowed_share * cost.final_s, "ink"),
        ("The final encode, predicted", cost.final_s, "quiet"),
    ]
    rows = [(name, _seconds(s), f"{100 * s / cost.final_s:.1f} %" if cost.final_s else "") for name, s, _ in parts]
    over = cost.share > cost.allowed_share
    words = (
        f"The windows hold {tried:,} of the film's {frames:,} frames ({100 * tried / frames:.1f} %). Each dark mark is "
        "a window; the shade around it is the part of the film that it stands for."
    )
    return [
        figure(cost_bar(cost), caption="The search went over what it was allowed." if over else ""),
        table(("", "CPU seconds>", "Of the final encode>"), rows, colours=[colour for _, _, colour in parts]),
        figure(window_strip(search.windows, rate), caption=words),
    ]


def _kbps(bps: float) -> str:
    return f"{bps / 1000:,.0f}"


def _decibels(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _seconds(seconds: float) -> str:
    return f"{seconds:,.1f}" if seconds < 1000 else f"{seconds:,.0f}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def _sentence(reason: str) -> str:
    """A reason as it stands in a table."""
    return reason[:1].upper() + reason[1:] + "."
