"""Pictures of marts for people who look at a run in Dagster: what a table of numbers hides.

A picture is an SVG inside Markdown, drawn from the mart that was just built; its title is what it
shows. Add one by adding a function and an entry in ``PICTURES``.
"""

import base64
import math
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT, MARGIN = 560, 340, 56
BLUE, ORANGE, GREY, INK = "#0072B2", "#D55E00", "#999999", "#333333"
"""Told apart by people who are colour-blind (Okabe and Ito 2008)."""

CURVE_POINTS = 300
"""More points of a curve than that cannot be told apart."""

GRID = 48
"""Cells of a scatter along each side; a hundred thousand dots would say no more."""

LEAST_CV2 = 0.01
"""A logarithmic axis has no zero: steadier series stand at its end."""


def picture(con: Any, mart: str) -> tuple[str, str] | None:
    """Return title and Markdown of a mart's picture.

    Args:
        con: Open work file.
        mart: Name of the mart.

    Returns:
        None where the mart has no picture or holds nothing to draw.
    """
    return PICTURES[mart](con) if mart in PICTURES else None


def demand_classes(con: Any) -> tuple[str, str] | None:
    """ADI against CV2 of each series with the limits between the classes (Syntetos, Boylan)."""
    cells = con.execute(
        f"""
        with placed as (
            select
                ln(cast(adi as double)) as x,
                ln(greatest(cast(cv2 as double), {LEAST_CV2})) as y,
                demand_class in ('INTERMITTENT', 'LUMPY') as is_sporadic
            from marts.mart_demand_class
            where demand_class <> 'UNDETERMINED'
        ),
        ends as (select max(x) as right, min(y) as bottom, max(y) as top from placed)
        select
            floor({GRID} * x / nullif(ends.right, 0)) as column_no,
            floor({GRID} * (y - ends.bottom) / nullif(ends.top - ends.bottom, 0)) as row_no,
            is_sporadic, count(*), avg(x), avg(y)
        from placed cross join ends group by all order by all
        """
    ).fetchall()
    if not cells:
        return None
    limits = dict(
        con.execute("select limit_name, limit_value from policy.demand_class_rule").fetchall()
    )
    limit_x, limit_y = math.log(limits["adi_limit"]), math.log(limits["cv2_limit"])
    total, sporadic = sum(c[3] for c in cells), sum(c[3] for c in cells if c[2])
    most = max(c[3] for c in cells)
    x = _scale([*(c[4] for c in cells), 0.0, limit_x], MARGIN, WIDTH - 12)
    y = _scale([*(c[5] for c in cells), limit_y], HEIGHT - MARGIN, 12)
    dots = [
        f'<circle cx="{x(c[4]):.1f}" cy="{y(c[5]):.1f}" r="{2 + 5 * math.sqrt(c[3] / most):.1f}"'
        f' fill="{ORANGE if c[2] else BLUE}" fill-opacity=".65"/>'
        for c in cells
    ]
    limit_lines = [
        _line((x(limit_x), 12), (x(limit_x), HEIGHT - MARGIN), GREY),
        _line((MARGIN, y(limit_y)), (WIDTH - 12, y(limit_y)), GREY),
    ]
    title = f"{sporadic / total:.0%} of {total:,} series are intermittent or lumpy"
    bottom = HEIGHT - MARGIN
    words = [
        _text(MARGIN + 6, bottom - 8, "smooth", BLUE),
        _text(MARGIN + 6, 24, "erratic", BLUE),
        _text(WIDTH - 14, bottom - 8, "intermittent", ORANGE, "end"),
        _text(WIDTH - 14, 24, "lumpy", ORANGE, "end"),
        _text(x(limit_x), bottom + 14, f"{limits['adi_limit']:.2f}", INK, "middle"),
        _text(MARGIN - 4, y(limit_y) + 4, f"{limits['cv2_limit']:.2f}", INK, "end"),
    ]
    axes = ("Months between demands (ADI, logarithmic)", "Variation of size (CV², logarithmic)")
    return title, _markdown(title, [*limit_lines, *dots, *_axes(*axes), *words])


def whale_curve(con: Any) -> tuple[str, str] | None:
    """Cumulative share of profit over customers from the best to the worst."""
    points = con.execute(
        """
        select
            cast(cumulative_customers_share as double),
            cast(cumulative_profit_share as double),
            is_peak
        from marts.mart_whale_curve
        where cumulative_profit_share is not null
        order by profit_rank
        """
    ).fetchall()
    if not points:
        return None
    peak = next(point for point in points if point[2])
    step = -(-len(points) // CURVE_POINTS)
    drawn = [(0.0, 0.0), *(point[:2] for point in points[step - 1 :: step]), points[-1][:2]]
    x = _scale([0.0, 1.0], MARGIN, WIDTH - 12)
    y = _scale([0.0, 1.0, *(point[1] for point in drawn), peak[1]], HEIGHT - MARGIN, 12)
    path = " ".join(f"{x(left):.1f},{y(up):.1f}" for left, up in drawn)
    title = f"{peak[0]:.0%} of customers earn {peak[1]:.1%} of the profit; the others take it down"
    if peak[1] <= points[-1][1]:
        title = "Every customer adds to the profit"
    shapes = [
        _line((x(0), y(1)), (x(1), y(1)), GREY),
        f'<polyline points="{path}" fill="none" stroke="{BLUE}" stroke-width="2"/>',
        f'<circle cx="{x(peak[0]):.1f}" cy="{y(peak[1]):.1f}" r="5" fill="{ORANGE}"/>',
    ]
    words = [
        _text(MARGIN - 4, y(1) + 4, "100%", INK, "end"),
        _text(MARGIN - 4, y(0) + 4, "0%", INK, "end"),
        _text(x(1), HEIGHT - MARGIN + 14, "100%", INK, "end"),
        _text(x(peak[0]) - 8, y(peak[1]) + 18, f"{peak[1]:.1%}", ORANGE, "end"),
    ]
    axes = ("Customers, from the most to the least profitable", "Share of the profit of all")
    return title, _markdown(title, [*shapes, *_axes(*axes), *words])


PICTURES: dict[str, Callable[[Any], tuple[str, str] | None]] = {
    "mart_demand_class": demand_classes,
    "mart_whale_curve": whale_curve,
}


def _scale(values: Sequence[float], first: float, last: float) -> Callable[[float], float]:
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    return lambda value: first + (last - first) * (value - low) / span


def _line(start: tuple[float, float], end: tuple[float, float], colour: str) -> str:
    return (
        f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
        f' stroke="{colour}" stroke-dasharray="4 3"/>'
    )


def _text(x: float, y: float, words: str, colour: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def _axes(below: str, beside: str) -> list[str]:
    bottom, middle = HEIGHT - MARGIN, (HEIGHT - MARGIN) / 2
    return [
        f'<path d="M{MARGIN} 12V{bottom}H{WIDTH - 12}" fill="none" stroke="{INK}"/>',
        _text(WIDTH / 2, HEIGHT - 14, below, INK, "middle"),
        f'<text transform="translate(18 {middle}) rotate(-90)" text-anchor="middle">'
        f"{escape(beside)}</text>",
    ]


def _markdown(title: str, shapes: Iterable[str]) -> str:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
        f' height="{HEIGHT}" font-family="sans-serif" font-size="12" fill="{INK}">'
        f'<title>{escape(title)}</title><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
        f"{''.join(shapes)}</svg>"
    )
    packed = base64.b64encode(svg.encode()).decode()
    return f"**{title}**\n\n![{title}](data:image/svg+xml;base64,{packed})"
