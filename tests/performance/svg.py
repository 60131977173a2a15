"""Pictures without JavaScript that are read in the light and in the dark, and hold their own background."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

#: Colours in an order in which neighbours are told apart, also by those who see few: in the light, in the dark.
COLOURS: Final = (
    ("#2a78d6", "#3987e5"),
    ("#eb6834", "#d95926"),
    ("#1baf7a", "#199e70"),
    ("#eda100", "#c98500"),
    ("#e87ba4", "#d55181"),
    ("#008300", "#33a333"),
    ("#4a3aa7", "#9085e9"),
    ("#e34948", "#e66767"),
)

_LIGHT: Final = """
.paper { fill: #fcfcfb } text { fill: #0b0b0b } .quiet { fill: #52514e } .grid { stroke: #e1e0d9 }
.aside { stroke: #6b6a66; fill: #6b6a66 }
"""
_DARK: Final = """
.paper { fill: #1a1a19 } text { fill: #ffffff } .quiet { fill: #c3c2b7 } .grid { stroke: #3a3a38 }
.aside { stroke: #a3a29a; fill: #a3a29a }
"""
#: Comes last: a line has no fill in either.
_SHAPES: Final = """
text { font: 13px system-ui, sans-serif } .title { font-size: 15px; font-weight: 600 } .end { text-anchor: end }
.middle { text-anchor: middle } .line { fill: none; stroke-width: 2 } .line.aside { fill: none; stroke-dasharray: 6 4 }
"""


def picture(width: int, height: int, title: str, parts: Iterable[str]) -> str:
    """Return a whole picture, whose title is what a screen reader says."""
    light, dark = (
        "".join(f".c{index} {{ stroke: {both[which]}; fill: {both[which]} }} " for index, both in enumerate(COLOURS))
        for which in (0, 1)
    )
    style = f"{light}{_LIGHT}@media (prefers-color-scheme: dark) {{ {dark}{_DARK}}}{_SHAPES}"
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(title)}">\n<style>{style}</style>\n'
        f'<rect class="paper" width="{width}" height="{height}"/>\n{body}\n</svg>\n'
    )


def text(x: float, y: float, words: str, kind: str = "") -> str:
    """Return words at a place; ``kind`` is of "title", "quiet", "end" and "middle"."""
    return f'<text x="{x:.1f}" y="{y:.1f}"{_class(kind)}>{escape(words)}</text>'


def path(points: Iterable[tuple[float, float]], kind: str) -> str:
    """Return a line through points."""
    way = " L ".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="M {way}"{_class(kind)}/>'


def dot(x: float, y: float, kind: str) -> str:
    """Return a point."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"{_class(kind)}/>'


def bar(x: float, y: float, width: float, height: float, kind: str) -> str:
    """Return a bar that begins at the left."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2"{_class(kind)}/>'


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
