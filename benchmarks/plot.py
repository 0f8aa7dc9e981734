"""A plot as SVG, written plainly: two panels over one logarithmic axis. A few lines need no library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 760, 320
PANEL = (300, 220)
INK, SOFT, LINE = "#1b1b1b", "#777777", "#1f5fa8"


@dataclass(frozen=True)
class Axis:
    """What one panel shows: values, and perhaps others to hold them against."""

    title: str
    values: Sequence[float]
    also: Sequence[float] = ()
    also_title: str = ""


def plot(title: str, counts: Sequence[int], logarithmic: Axis, linear: Axis) -> str:
    """Return an SVG: the first panel logarithmic both ways, the second from zero."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f'<g font-family="sans-serif" font-size="12"><title>{escape(title)}</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="16" y="22" font-size="14" fill="{INK}">{escape(title)}</text>',
    ]
    lowest = 10 ** math.floor(math.log10(min((*logarithmic.values, *logarithmic.also))))
    highest = 10 ** math.ceil(math.log10(max((*logarithmic.values, *logarithmic.also))))
    decades = round(math.log10(highest / lowest))
    ticks = [lowest * 10**power for power in range(decades + 1)]
    parts += _panel(
        60,
        counts,
        logarithmic,
        [(tick, math.log10(tick / lowest) / decades) for tick in ticks],
        lowest,
        decades,
    )
    top = _round_up(max(linear.values) * 1.2)
    parts += _panel(410, counts, linear, [(top * step / 4, step / 4) for step in range(5)], 0, top)
    return "\n".join([*parts, "</g></svg>"]) + "\n"


def _panel(
    left: int,
    counts: Sequence[int],
    axis: Axis,
    ticks: Sequence[tuple[float, float]],
    low: float,
    span: float,
) -> list[str]:
    wide, high = PANEL
    bottom = 50 + high

    def across(count: int) -> float:
        first, last = math.log10(counts[0]), math.log10(counts[-1])
        return left + wide * (math.log10(count) - first) / (last - first)

    def up(value: float) -> float:
        share = math.log10(value / low) / span if low else value / span
        return bottom - high * share

    parts = [f'<text x="{left}" y="44" fill="{SOFT}">{escape(axis.title)}</text>']
    for value, share in ticks:
        y = bottom - high * share
        parts.append(f'<path d="M{left} {y:.1f}h{wide}" stroke="#dddddd"/>')
        parts.append(
            f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end" fill="{SOFT}">{value:,g}</text>'
        )
    for count in counts:
        x = across(count)
        parts.append(
            f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle" fill="{SOFT}">{count:,}</text>'
        )
    if axis.also:
        parts.append(_line([(across(c), up(v)) for c, v in zip(counts, axis.also, strict=True)], SOFT, "4 4"))
        words = escape(f"- - {axis.also_title}")
        right, low_down = left + wide - 8, bottom - 12
        parts.append(f'<text x="{right}" y="{low_down}" text-anchor="end" fill="{SOFT}">{words}</text>')
    points = [(across(count), up(value)) for count, value in zip(counts, axis.values, strict=True)]
    parts.append(_line(points, LINE, ""))
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{LINE}"/>' for x, y in points]
    return parts


def _line(points: Sequence[tuple[float, float]], colour: str, dashes: str) -> str:
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'


def _round_up(value: float) -> float:
    unit = 10 ** math.floor(math.log10(value))
    return math.ceil(value / unit) * unit
