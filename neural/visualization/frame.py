"""One frame of a diagram: its boxes in rows, its tensors as lines between them, in time linear in their number.

Tensors come in by ports on the top edge and leave by ports on the bottom edge. Every box has a row below those it reads
(Sugiyama's method, https://en.wikipedia.org/wiki/Layered_graph_drawing). A tensor that passes rows by gets a lane of
narrow cells through them, and so never crosses a box; when lanes run out it goes around outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from neural.visualization.rows import Cell, Link, order_rows, place_rows, rows_of, spread

GAP, MARGIN, TITLE = 28.0, 14.0, 18.0
_PORT_GAP = 18.0
_SPACING, _LANE, _BEND, _WIDEST_BEND = 18.0, 8.0, 0.08, 36.0
_HEADS, _HEAD_GAP = 14.0, 14.0
_FAR_LANES = 32

Point = tuple[float, float]


@dataclass(slots=True)
class Route:
    """How one tensor runs inside a frame: pieces from point to point, and the tips of its arrows.

    A piece of two points is a line where it is upright and a curve otherwise; one of more is a detour of lines.
    """

    key: str
    pieces: list[tuple[Point, ...]] = field(default_factory=list)
    tips: list[Point] = field(default_factory=list)

    def add(self, *points: Point) -> None:
        """Add a piece, unless it has no length."""
        if points[0] != points[-1]:
            self.pieces.append(points)


@dataclass(slots=True)
class Box:
    """An item or a frame: its size, its ports (x by key, from its left edge), and what a frame holds."""

    width: float
    height: float
    inlets: dict[str, float]
    outlets: dict[str, float]
    key: str | None = None
    title: str = ""
    children: list[tuple[Box, Point]] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Line:
    """A tensor inside a frame: where it starts, who reads it, and its links once it has a lane."""

    key: str
    source: Cell
    readers: list[tuple[Cell, float]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    far: list[tuple[Cell, float]] = field(default_factory=list)

    @property
    def length(self) -> int:
        """How many rows it passes by."""
        return max(cell.row for cell, _ in self.readers) - self.source.row - 1

    def offset(self, box: Box | None) -> float:
        return box.outlets[self.key] - box.width / 2 if box else 0.0


class Frame:
    """A frame under construction: cells for boxes, ports and lanes, then rows, then places."""

    def __init__(self, boxes: Sequence[Box], leaving: Sequence[str], ported: bool) -> None:
        self._ported = ported
        self._boxes: dict[Cell, Box] = {}
        self._lines: dict[str, _Line] = {}
        self._entries: dict[str, Cell] = {}
        self._exits: dict[str, Cell] = {}
        self._cells: list[Cell] = []
        self._detours = 0
        for box in boxes:
            self._add(box)
        last = max((cell.row for cell in self._cells), default=0) + 1
        for key in leaving:
            self._exits[key] = self._cell(Cell(_LANE, last))
            self._lines[key].readers.append((self._exits[key], 0.0))

    def _cell(self, cell: Cell) -> Cell:
        self._cells.append(cell)
        return cell

    def _add(self, box: Box) -> None:
        sources = [self._source(key) for key in box.inlets]
        row = 1 + max((line.source.row for line in sources), default=0 if self._ported else -1)
        cell = self._cell(Cell(box.width, row, box=True))
        self._boxes[cell] = box
        for line in sources:
            line.readers.append((cell, box.inlets[line.key] - box.width / 2))
        for key in box.outlets:
            self._lines[key] = _Line(key, cell)

    def _source(self, key: str) -> _Line:
        if key not in self._lines:
            self._entries[key] = self._cell(Cell(_LANE, 0))
            self._lines[key] = _Line(key, self._entries[key])
        return self._lines[key]

    def connect(self, lanes: int) -> int:
        """Link every tensor to its readers, the shortest first; return how many cells of lanes that took."""
        used = 0
        for line in sorted((each for each in self._lines.values() if each.readers), key=lambda each: each.length):
            room = line.length <= lanes - used
            used += line.length if room else 0
            self._link(line, room)
        return used

    def _link(self, line: _Line, room: bool) -> None:
        start = line.offset(self._boxes.get(line.source))
        firm = line.source.box and len(line.readers) == 1
        chain = [line.source]
        for row in range(line.source.row + 1, line.source.row + 1 + (line.length if room else 0)):
            lane = self._cell(Cell(_LANE, row, firm=firm))
            line.links.append(Link(chain[-1], lane, start if len(chain) == 1 else 0.0))
            chain.append(lane)
        for reader, end in line.readers:
            place = reader.row - line.source.row - 1
            if place < len(chain):
                line.links.append(Link(chain[place], reader, start if place == 0 else 0.0, end))
            else:
                line.far.append((reader, end))

    def draw(self, title: str, title_width: float) -> Box:
        """Place every cell and return the finished frame."""
        rows = rows_of(self._cells, 1 + max((cell.row for cell in self._cells), default=-1))
        order_rows(rows)
        place_rows(rows, _SPACING)
        width = self._shift(rows, title_width)
        self._aim()
        tops, bottoms = self._heights(rows)
        far = sum(len(line.far) for line in self._lines.values())
        routes = [self._route(line, tops, bottoms, width) for line in self._lines.values() if line.readers]
        height = bottoms[-1] if bottoms and self._exits else (bottoms[-1] if bottoms else 0.0) + MARGIN
        return Box(
            width + min(far, _FAR_LANES) * _LANE,
            height,
            {key: cell.x for key, cell in self._entries.items()},
            {key: cell.x for key, cell in self._exits.items()},
            title=title,
            children=[(box, (cell.x - box.width / 2, tops[cell.row])) for cell, box in self._boxes.items()],
            routes=routes,
        )

    def _shift(self, rows: Sequence[list[Cell]], title_width: float) -> float:
        """Move all cells so that the frame begins at 0 and its title has room beside the ports; return its width."""
        left = min((row[0].x - row[0].width / 2 for row in rows), default=0.0) - MARGIN
        right = max((row[-1].x + row[-1].width / 2 for row in rows), default=0.0) + MARGIN
        port = min((cell.x for cell in self._entries.values()), default=right)
        more = max(title_width - (port - left), 0.0)
        for row in rows:
            for cell in row:
                cell.x += more - left
        return right - left + 2 * more

    def _aim(self) -> None:
        """Spread the lines that end on one item along its top edge, each as near below its origin as can be."""
        for cell, box in self._boxes.items():
            if box.key is None or len(cell.above) < 2:
                continue
            links = sorted(cell.above, key=lambda link: link.upper.x + link.start)
            reach = cell.width / 2 - _HEADS
            places = [link.upper.x + link.start - cell.x for link in links]
            for link, end in zip(links, spread(places, -reach, reach, _HEAD_GAP), strict=True):
                link.end = end

    def _heights(self, rows: Sequence[list[Cell]]) -> tuple[list[float], list[float]]:
        """Return the top and the bottom of each row; lines that run far to the side get more room to turn."""
        tops, bottoms = [], []
        y = 0.0 if self._ported else MARGIN
        for index, row in enumerate(rows):
            tops.append(y)
            y += max((self._boxes[cell].height for cell in row if cell.box), default=0.0)
            bottoms.append(y)
            run = max((abs(_end(link) - _start(link)) for cell in row for link in cell.below), default=0.0)
            y += self._gap(index, len(rows)) + min(_BEND * run, _WIDEST_BEND)
        return tops, bottoms

    def _gap(self, row: int, rows: int) -> float:
        """Return the least room below a row: below the ports at the top the title stands."""
        if self._ported and row == 0:
            return TITLE + _PORT_GAP
        return _PORT_GAP if self._exits and row == rows - 2 else GAP

    def _route(self, line: _Line, tops: Sequence[float], bottoms: Sequence[float], width: float) -> Route:
        route = Route(line.key)
        box = self._boxes.get(line.source)
        if box is not None:
            x = line.source.x + line.offset(box)
            route.add((x, tops[line.source.row] + box.height), (x, bottoms[line.source.row]))
        for link in line.links:
            start, end = _start(link), _end(link)
            route.add((start, bottoms[link.upper.row]), (end, tops[link.lower.row]))
            if not link.lower.box:
                route.add((end, tops[link.lower.row]), (end, bottoms[link.lower.row]))
            elif self._boxes[link.lower].key is not None:
                route.tips.append((end, tops[link.lower.row]))
        for cell, offset in line.far:
            self._detour(route, line, (cell.x + offset, tops[cell.row]), bottoms, width)
            if cell.box and self._boxes[cell].key is not None:
                route.tips.append((cell.x + offset, tops[cell.row]))
        return route

    def _detour(self, route: Route, line: _Line, end: Point, bottoms: Sequence[float], width: float) -> None:
        """Lead a tensor around the right side of everything, turning only between rows."""
        x, y = line.source.x + line.offset(self._boxes.get(line.source)), bottoms[line.source.row]
        side = width - MARGIN / 2 + (self._detours % _FAR_LANES) * _LANE
        self._detours += 1
        turn, back = y + GAP / 2, end[1] - GAP / 2
        route.add((x, y), (x, turn), (side, turn), (side, back), (end[0], back), end)


def _start(link: Link) -> float:
    return link.upper.x + link.start


def _end(link: Link) -> float:
    return link.lower.x + link.end
