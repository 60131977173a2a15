"""A drawn diagram read back: where its nodes and frames are, and the points its lines pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
Point = tuple[float, float]


@dataclass(frozen=True)
class Rectangle:
    """A rectangle of the drawing, with the key or the title of what it is."""

    name: str
    x: float
    y: float
    width: float
    height: float

    def holds(self, x: float, y: float, *, within: float = 0.0) -> bool:
        return (
            self.x + within <= x <= self.x + self.width - within
            and self.y + within <= y <= self.y + self.height - within
        )

    def contains(self, other: Rectangle) -> bool:
        return self.holds(other.x, other.y) and self.holds(other.x + other.width, other.y + other.height)

    def overlaps(self, other: Rectangle) -> bool:
        apart = self.x + self.width <= other.x or other.x + other.width <= self.x
        return not (apart or self.y + self.height <= other.y or other.y + other.height <= self.y)


@dataclass
class Drawing:
    """The shapes of an SVG in one system of coordinates."""

    width: float
    height: float
    nodes: dict[str, Rectangle] = field(default_factory=dict)
    frames: list[tuple[Rectangle, frozenset[str]]] = field(default_factory=list)
    lines: list[tuple[str, list[Point]]] = field(default_factory=list)
    tips: list[Point] = field(default_factory=list)


def read(svg: str) -> Drawing:
    """Read an SVG that ``diagram_svg`` made."""
    root = ElementTree.fromstring(svg)
    drawing = Drawing(float(root.get("width", "")), float(root.get("height", "")))
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    _walk(root, 0.0, 0.0, drawing)
    return drawing


def _walk(element: ElementTree.Element, x: float, y: float, drawing: Drawing) -> None:
    place = re.fullmatch(r"translate\(([-\d.]+) ([-\d.]+)\)", element.get("transform", "translate(0 0)"))
    assert place
    x, y = x + float(place[1]), y + float(place[2])
    classes = element.get("class", "").split()
    if "node" in classes:
        drawing.nodes[element.get("data-key", "")] = _rectangle(element, "box", x, y)
        return
    if "group" in classes:
        keys = [node.get("data-key", "") for node in element.iter(f"{SVG}g") if "node" in node.get("class", "")]
        drawing.frames.append((_rectangle(element, "frame", x, y), frozenset(keys)))
    if "edge" in classes:
        drawing.lines.append((element.get("data-from", ""), [(x + a, y + b) for a, b in points(element.get("d", ""))]))
    if "arrow" in classes:
        tips = re.findall(r"M([-\d.]+) ([-\d.]+)l-4-7h8z", element.get("d", ""))
        drawing.tips += [(x + float(a), y + float(b)) for a, b in tips]
    for child in element:
        _walk(child, x, y, drawing)


def _rectangle(element: ElementTree.Element, name: str, x: float, y: float) -> Rectangle:
    rectangle = next(each for each in element.iter(f"{SVG}rect") if each.get("class") == name)
    title = element.get("data-key") or element.get("data-group") or ""
    return Rectangle(title, x, y, float(rectangle.get("width", "")), float(rectangle.get("height", "")))


def points(path: str) -> Iterator[Point]:
    """Yield points along a path of M, L, V and C commands, closely spaced."""
    pen = (0.0, 0.0)
    for command, numbers in re.findall(r"([MLVC])([^MLVC]*)", path):
        values = [float(number) for number in numbers.split()]
        if command == "M":
            pen = (values[0], values[1])
            yield pen
            continue
        end = (pen[0], values[0]) if command == "V" else (values[-2], values[-1])
        first, second = ((values[0], values[1]), (values[2], values[3])) if command == "C" else (pen, end)
        yield from (_bezier(pen, first, second, end, step / 24) for step in range(1, 25))
        pen = end


def _bezier(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    x, y = (sum(weight * point[axis] for weight, point in zip(weights, (a, b, c, d), strict=True)) for axis in (0, 1))
    return x, y
