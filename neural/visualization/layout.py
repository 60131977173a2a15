"""The frames of a diagram: a graph of layers cut by its groups, laid out from the innermost out.

A frame is laid out like a small drawing of its own (``frame``); to the one around it, it is a box like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from neural.visualization.frame import Box, Frame

#: Frames are drawn this deep; groups within them are drawn flat.
DEEPEST_FRAME = 8

_LANES = 50_000


@dataclass(frozen=True, slots=True)
class Item:
    """A thing to draw: its key, the keys it reads (of items before it), its group path and its size."""

    key: str
    inputs: tuple[str, ...]
    group: tuple[str, ...]
    width: float
    height: float


def arrange(items: Sequence[Item], title_width: Callable[[str], float]) -> Box:
    """Return the drawing of a graph as the outermost frame."""
    return _Arrangement(items, title_width).frame(0, len(items), 0)


class _Arrangement:
    """The frames of one graph, innermost first, out of one store of lanes."""

    def __init__(self, items: Sequence[Item], title_width: Callable[[str], float]) -> None:
        self._items = items
        self._title_width = title_width
        self._last_use = {key: index for index, item in enumerate(items) for key in item.inputs}
        self._lanes = _LANES

    def frame(self, start: int, end: int, depth: int) -> Box:
        """Lay out the items of a range, which share the first ``depth`` names of their group."""
        boxes = [self._box(first, last, depth) for first, last in self._runs(start, end, depth)]
        leaving = [item.key for item in self._items[start:end] if self._last_use.get(item.key, -1) >= end]
        frame = Frame(boxes, leaving, depth > 0)
        self._lanes -= frame.connect(self._lanes)
        title = self._items[start].group[depth - 1] if depth else ""
        return frame.draw(title, self._title_width(title) if title else 0.0)

    def _runs(self, start: int, end: int, depth: int) -> Iterator[tuple[int, int]]:
        """Split a range where the name of the group at a depth changes, and into single items where there is none."""
        first = start
        for index in range(start + 1, end + 1):
            if index == end or not self._same_frame(first, index, depth):
                yield first, index
                first = index

    def _same_frame(self, first: int, second: int, depth: int) -> bool:
        one, other = self._items[first].group, self._items[second].group
        return depth < min(len(one), len(other), DEEPEST_FRAME) and one[depth] == other[depth]

    def _box(self, start: int, end: int, depth: int) -> Box:
        item = self._items[start]
        if depth < min(len(item.group), DEEPEST_FRAME):
            return self.frame(start, end, depth + 1)
        middle = item.width / 2
        return Box(item.width, item.height, dict.fromkeys(item.inputs, middle), {item.key: middle}, item.key)
