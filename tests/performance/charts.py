"""The charts of docs/performance.md: how stages grow with the layers, and what peers take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tests.performance import svg
from tests.performance.growth import Line
from tests.performance.tables import amount

_WIDTH, _HEIGHT = 760, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 232, 44, 48
_LABEL, _ROW, _NAMES = 17, 24, 260


@dataclass(frozen=True, slots=True)
class Scale:
    """A logarithmic scale from ``low`` to ``high``, whole powers of ten, between two places."""

    low: int
    high: int
    start: float
    end: float

    @classmethod
    def of(cls, values: Sequence[float], start: float, end: float) -> Scale:
        """Return the scale on which all values have a place."""
        low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        return cls(low, max(high, low + 1), start, end)

    def at(self, value: float) -> float:
        """Return the place of a value."""
        return self.start + (math.log10(value) - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Return the powers of ten."""
        return [10.0**power for power in range(self.low, self.high + 1)]


def growth_chart(title: str, drawn: Sequence[Line]) -> str:
    """Return times by layers, both logarithmic, a line a stage; the peer's, called "alone", is dashed."""
    across = Scale.of([layers for line in drawn for layers, _ in line.times], _LEFT, _WIDTH - _RIGHT)
    up = Scale.of([seconds for line in drawn for _, seconds in line.times], _HEIGHT - _BOTTOM, _TOP)
    ends = spread([up.at(line.times[-1][1]) for line in drawn])
    parts = [svg.text(16, 24, title, "title"), *_axes(across, up)]
    for index, (line, end) in enumerate(zip(drawn, ends, strict=True)):
        colour = "aside" if line.stage.endswith("alone") else f"c{index % len(svg.COLOURS)}"
        points = [(across.at(layers), up.at(seconds)) for layers, seconds in line.times]
        right, bottom = points[-1]
        last = amount(line.times[-1][1], "s")
        parts += [svg.path(points, f"line {colour}"), *(svg.dot(x, y, colour) for x, y in points)]
        parts += [svg.path([(right + 5, bottom), (right + 16, end)], f"line {colour}")]
        parts += [svg.text(right + 20, end + 4, line.stage), svg.text(_WIDTH - 12, end + 4, last, "quiet end")]
    return svg.picture(_WIDTH, _HEIGHT, title, parts)


def _axes(across: Scale, up: Scale) -> list[str]:
    parts = [svg.text((across.start + across.end) / 2, _HEIGHT - 10, "layers", "quiet middle")]
    for tick in up.ticks():
        parts += [svg.path([(across.start, up.at(tick)), (across.end, up.at(tick))], "grid")]
        parts += [svg.text(across.start - 8, up.at(tick) + 4, amount(tick, "s"), "quiet end")]
    return parts + [
        svg.text(across.at(tick), _HEIGHT - _BOTTOM + 20, f"{tick:,.0f}", "quiet middle") for tick in across.ticks()
    ]


def spread(places: Sequence[float], gap: float = _LABEL) -> list[float]:
    """Return places as near to those given as can be, in their order, with a gap between any two."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    groups: list[list[int]] = []
    for place in order:
        groups.append([place])
        while (
            len(groups) > 1
            and _middle(groups[-1], places) - _middle(groups[-2], places)
            < gap * (len(groups[-1]) + len(groups[-2])) / 2
        ):
            groups[-2:] = [groups[-2] + groups[-1]]
    found = list(places)
    for group in groups:
        first = _middle(group, places) - gap * (len(group) - 1) / 2
        for number, index in enumerate(group):
            found[index] = first + gap * number
    return found


def _middle(group: Sequence[int], places: Sequence[float]) -> float:
    return sum(places[index] for index in group) / len(group)


@dataclass(frozen=True, slots=True)
class Bars:
    """What is compared for one program: what it is called, and the seconds of each, ours and others'."""

    heading: str
    rows: tuple[tuple[str, float, bool], ...]


def bars_chart(title: str, groups: Sequence[Bars]) -> str:
    """Return seconds as bars on one logarithmic scale; ours are coloured."""
    height = 64 + sum(34 + _ROW * len(group.rows) for group in groups)
    across = Scale.of([seconds for group in groups for _, seconds, _ in group.rows], _NAMES, _WIDTH - 80)
    parts = [svg.text(16, 24, title, "title")]
    for tick in across.ticks():
        parts += [svg.path([(across.at(tick), 40), (across.at(tick), height - 30)], "grid")]
        parts += [svg.text(across.at(tick), height - 12, amount(tick, "s"), "quiet middle")]
    top = 44
    for group in groups:
        parts += [svg.text(16, top + 14, group.heading, "title")]
        for number, row in enumerate(group.rows):
            parts += _bar(across, top + 24 + _ROW * number, *row)
        top += 34 + _ROW * len(group.rows)
    return svg.picture(_WIDTH, height, title, parts)


def _bar(across: Scale, top: float, name: str, seconds: float, is_ours: bool) -> list[str]:
    end = across.at(seconds)
    return [
        svg.text(_NAMES - 10, top + 14, name, "end"),
        svg.bar(_NAMES, top + 3, end - _NAMES, _ROW - 8, "c0" if is_ours else "aside"),
        svg.text(end + 8, top + 14, amount(seconds, "s"), "quiet"),
    ]
