"""Cells in rows: their order, so that few lines cross, and their places, so that lines run straight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_SWEEPS = 3
_LIGHT = 1e-4


@dataclass(slots=True, eq=False)
class Cell:
    """A place in a row: a box, a port of the frame, or a lane that a tensor passes the row by.

    ``firm`` cells hold their place against others: all but the lanes of a tensor that other boxes read as well.
    """

    width: float
    row: int
    firm: bool = True
    box: bool = False
    order: int = 0
    x: float = 0.0
    above: list[Link] = field(default_factory=list)
    below: list[Link] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Link:
    """A line between cells of neighbouring rows; ``start`` and ``end`` are offsets from the cells' middles."""

    upper: Cell
    lower: Cell
    start: float = 0.0
    end: float = 0.0

    def __post_init__(self) -> None:
        self.upper.below.append(self)
        self.lower.above.append(self)


Row = list[Cell]


def order_rows(rows: Sequence[Row]) -> None:
    """Sort each row by where its neighbours stand (barycentres), keeping the program's order where nothing decides."""
    for row in rows:
        _number(row)
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        for row in rows[1:] if downwards else rows[-2::-1]:
            row.sort(key=_place_above if downwards else _place_below)
            _number(row)


def _number(row: Row) -> None:
    for index, cell in enumerate(row):
        cell.order = index


def _place_above(cell: Cell) -> float:
    places = [link.upper.order + link.start / (link.upper.width + 1) for link in cell.above]
    return sum(places) / len(places) if places else float(cell.order)


def _place_below(cell: Cell) -> float:
    places = [link.lower.order + link.end / (link.lower.width + 1) for link in cell.below]
    return sum(places) / len(places) if places else float(cell.order)


def place_rows(rows: Sequence[Row], gap: float) -> None:
    """Set each cell's ``x``, its middle: near its neighbours' and never nearer to the next cell than ``gap``."""
    for row in rows:
        settle(row, [0.0] * len(row), gap)
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        for row in rows[1:] if downwards else rows[-2::-1]:
            settle(row, [_wanted(cell, downwards, sweep > 0) for cell in row], gap)


def _wanted(cell: Cell, downwards: bool, straight: bool) -> float:
    """Return where the neighbours on one side would have a cell.

    The end of a loose lane follows the lane itself rather than the box it comes from, so that the lane is straight.
    """
    before, after = _places_above(cell), _places_below(cell)
    if not downwards:
        before, after = after, before
    if straight and not cell.firm and after and before and not _is_lane(before[0][0]) and _is_lane(after[0][0]):
        return after[0][1]
    firm = [x for other, x in before if other.firm]
    places = firm or [x for _, x in before]
    return sum(places) / len(places) if places else cell.x


def _places_above(cell: Cell) -> list[tuple[Cell, float]]:
    return [(link.upper, link.upper.x + link.start - link.end) for link in cell.above]


def _places_below(cell: Cell) -> list[tuple[Cell, float]]:
    return [(link.lower, link.lower.x + link.end - link.start) for link in cell.below]


def _is_lane(cell: Cell) -> bool:
    return not cell.box and bool(cell.above) and bool(cell.below)


def settle(row: Row, wanted: Sequence[float], gap: float) -> None:
    """Place a row's cells as near as can be to where they want to be, in order and apart."""
    widths = [cell.width for cell in row]
    weights = [1.0 if cell.firm else _LIGHT for cell in row]
    for cell, x in zip(row, apart(wanted, widths, weights, gap), strict=True):
        cell.x = x


def apart(wanted: Sequence[float], widths: Sequence[float], weights: Sequence[float], gap: float) -> list[float]:
    """Return the places nearest to ``wanted`` (weighted least squares) that keep order and distance.

    With the distances taken off it is an isotonic regression, solved by pooling adjacent violators:
    https://en.wikipedia.org/wiki/Isotonic_regression
    """
    offsets = _offsets(widths, gap)
    blocks: list[tuple[float, float, int]] = []
    for x, offset, weight in zip(wanted, offsets, weights, strict=True):
        block = (x - offset, weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            mean, mass, count = blocks.pop()
            total = mass + block[1]
            block = ((mean * mass + block[0] * block[1]) / total, total, count + block[2])
        blocks.append(block)
    levels = [mean for mean, _, count in blocks for _ in range(count)]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]


def _offsets(widths: Sequence[float], gap: float) -> list[float]:
    offsets: list[float] = []
    edge = 0.0
    for width in widths:
        offsets.append(edge + width / 2)
        edge += width + gap
    return offsets


def spread(places: Iterable[float], low: float, high: float, gap: float) -> list[float]:
    """Return where lines that come from ``places`` (ascending) end on an edge from ``low`` to ``high``."""
    wanted = [min(max(place, low), high) for place in places]
    gap = min(gap, (high - low) / max(len(wanted) - 1, 1))
    ends = apart(wanted, [0.0] * len(wanted), [1.0] * len(wanted), gap)
    return [min(max(end, low + index * gap), high - (len(ends) - 1 - index) * gap) for index, end in enumerate(ends)]


def rows_of(cells: Iterable[Cell], count: int) -> list[Row]:
    """Return the cells row by row, each row in the order given."""
    rows: list[Row] = [[] for _ in range(count)]
    for cell in cells:
        rows[cell.row].append(cell)
    return rows
