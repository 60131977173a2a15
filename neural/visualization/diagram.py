"""The graph of a network as a drawing: SVG for the page and for files, Mermaid for documents.

The SVG's classes are its interface to a style sheet: ``diagram`` (the whole), ``group`` (``frame``, ``group-title``),
``edge``, ``arrow``, ``node`` with ``kind-<family>`` and, where they apply, ``output``, ``error`` or ``unknown``
(``box``, ``mark``, ``type``, ``name``, ``shape``). Without a style sheet everything is drawn in ``currentColor``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil
from typing import NamedTuple

from neural.cost.report import BatchShape, Report
from neural.layers import catalogue
from neural.shapes import describe
from neural.visualization.frame import Box, Point, Route
from neural.visualization.layout import Item, arrange
from neural.visualization.text import fit, number, visible, width_of, xml

_HEIGHT, _NARROWEST, _WIDEST = 46.0, 132.0, 240.0
_TYPE_SIZE, _NAME_SIZE, _TITLE_SIZE = 13.0, 11.0, 11.0
_INDENT, _EDGE = 14.0, 12.0
_LONGEST_TITLE, _LEAST_NAME = 180.0, 40.0

_FAMILIES = {"cells": "recurrent", "depthwise": "convolution", "normalization": "normalisation"}

STYLE = """
:root { color-scheme: light dark; }
svg.diagram { color: #3c4457; font-family: Inter, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
.diagram .box { fill: #fff; stroke: #c9cfdb; }
.diagram .frame { fill: #64748b; fill-opacity: .06; stroke: #94a3b8; stroke-opacity: .7; stroke-dasharray: 4 3; }
.diagram .edge { stroke: #8a94a8; stroke-width: 1.5; }
.diagram .arrow { fill: #8a94a8; }
.diagram .type { fill: #1a2233; }
.diagram .name, .diagram .shape, .diagram .group-title { fill: #5c667a; opacity: 1; }
.diagram .mark { fill: #7c8aa5; }
.diagram .kind-input .mark { fill: #0f9d8a; }
.diagram .kind-core .mark { fill: #3b6fe0; }
.diagram .kind-convolution .mark { fill: #7a4fe0; }
.diagram .kind-pooling .mark { fill: #c2458f; }
.diagram .kind-recurrent .mark, .diagram .kind-wrappers .mark { fill: #c26a12; }
.diagram .kind-attention .mark { fill: #d1433f; }
.diagram .kind-normalisation .mark { fill: #1391b8; }
.diagram .kind-merging .mark { fill: #4d9420; }
.diagram .output .box { stroke: #3b6fe0; stroke-width: 2; }
.diagram .error .box { stroke: #d1433f; stroke-width: 2; }
.diagram .unknown { opacity: .55; }
@media (prefers-color-scheme: dark) {
  svg.diagram { color: #c5ccdb; background: #12161f; }
  .diagram .box { fill: #1c2230; stroke: #3a4458; }
  .diagram .edge { stroke: #6b768c; }
  .diagram .arrow { fill: #6b768c; }
  .diagram .type { fill: #eef1f7; }
  .diagram .name, .diagram .shape, .diagram .group-title { fill: #9aa5ba; }
}
"""


class _Node(NamedTuple):
    """What is drawn of a layer or an input."""

    key: str
    name: str
    type: str
    group: tuple[str, ...]
    inputs: tuple[str, ...]
    shape: str
    line: int
    classes: str
    title: str


def _nodes(report: Report) -> list[_Node]:
    outputs = frozenset(report.outputs)
    known: set[str] = set()
    nodes = list(_inputs(report))
    known.update(node.key for node in nodes)
    for layer in report.layers:
        classes = ["node", f"kind-{_family(layer.type)}"]
        classes += ["output"] if layer.key in outputs else []
        classes += [layer.status] if layer.status != "ok" else []
        shape = _shape(layer.output_shape)
        costs = f"{number(layer.parameters)} parameters, {number(layer.flops)} FLOPs ({report.convention})"
        title = f"{layer.type} {layer.name}\n{shape}\n{costs}"
        inputs = tuple(key for key in dict.fromkeys(layer.inputs) if key in known)
        known.add(layer.key)
        node = (layer.key, layer.name, layer.type, layer.group, inputs, shape, layer.line, " ".join(classes), title)
        nodes.append(_Node(*node))
    return nodes


def _inputs(report: Report) -> Iterator[_Node]:
    for each in report.inputs:
        shape = _shape(each.shape)
        title = f"Input {each.name}\n{shape}\n{each.dtype}"
        yield _Node(each.name, each.name, "Input", (), (), shape, each.line, "node kind-input", title)


def _family(type: str) -> str:
    """Return the family of a layer: the name of its file, or of the one it belongs beside."""
    layer = catalogue.find(type)
    family = layer.__module__.rpartition(".")[2].partition("_")[0] if layer else "custom"
    return _FAMILIES.get(family, family)


def _shape(shape: BatchShape | None) -> str:
    return "shape unknown" if shape is None else describe(shape, batch=False)


def diagram_svg(report: Report, *, standalone: bool = False) -> str:
    """Return the graph as one ``<svg>`` element; ``standalone`` makes it a file that carries its own style."""
    nodes = {node.key: node for node in _nodes(report)}
    width = _node_width(nodes.values())
    items = [Item(node.key, node.inputs, node.group, width, _HEIGHT) for node in nodes.values()]
    box = arrange(items, _title_width)
    name = xml(report.network or "network")
    size = f'width="{box.width:.0f}" height="{box.height:.0f}" viewBox="0 0 {box.width:.0f} {box.height:.0f}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" role="group" aria-label="Diagram of {name}" {size}>'
    )
    style = f"<style>{STYLE}</style>" if standalone else ""
    return head + style + "".join(_frame(box, nodes)) + "</svg>"


def _node_width(nodes: Iterable[_Node]) -> float:
    """Return one width for all nodes, wide enough for most of their text."""
    widest = max((max(_heading(node), width_of(node.shape, _NAME_SIZE)) for node in nodes), default=0.0)
    return float(ceil(min(max(widest + _INDENT + _EDGE, _NARROWEST), _WIDEST)))


def _heading(node: _Node) -> float:
    return width_of(node.type, _TYPE_SIZE) * 1.05 + 8 + width_of(visible(node.name), _NAME_SIZE)


def _title_width(title: str) -> float:
    return min(width_of(visible(title), _TITLE_SIZE), _LONGEST_TITLE) + 20


def _frame(frame: Box, nodes: dict[str, _Node]) -> Iterator[str]:
    """Yield a frame's lines, then what stands in it, each at its place."""
    yield '<g class="edges">'
    for route in frame.routes:
        yield _edge(route)
    yield "</g>"
    for child, (x, y) in frame.children:
        place = f'transform="translate({x:.1f} {y:.1f})"'
        if child.key is not None:
            yield _node(nodes[child.key], child, place)
            continue
        yield f'<g class="group" data-group="{xml(child.title)}" {place}>{_outline(child)}'
        yield from _frame(child, nodes)
        yield "</g>"


def _outline(frame: Box) -> str:
    title = xml(fit(frame.title, _LONGEST_TITLE, _TITLE_SIZE))
    return (
        f'<title>{xml(frame.title)}</title><rect class="frame" width="{frame.width:.1f}" height="{frame.height:.1f}"'
        ' rx="10" fill="none" stroke="currentColor" stroke-opacity=".35"/>'
        f'<text class="group-title" x="11" y="16" font-size="{_TITLE_SIZE:.0f}" fill="currentColor">{title}</text>'
    )


def _node(node: _Node, box: Box, place: str) -> str:
    room = box.width - _INDENT - _EDGE
    type = fit(node.type, room, _TYPE_SIZE * 1.05)
    beside = _INDENT + width_of(type, _TYPE_SIZE) * 1.05 + 8
    rest = box.width - _EDGE - beside
    name = (
        fit(node.name, rest, _NAME_SIZE) if min(width_of(visible(node.name), _NAME_SIZE), _LEAST_NAME) <= rest else ""
    )
    shape = fit(node.shape, room, _NAME_SIZE)
    right = box.width - _EDGE
    return (
        f'<g class="{node.classes}" data-key="{xml(node.key)}" data-line="{node.line}" tabindex="0" {place}>'
        f"<title>{_lines(node.title)}</title>"
        f'<rect class="box" width="{box.width:.0f}" height="{box.height:.0f}" rx="8" fill="none"'
        ' stroke="currentColor"/>'
        f'<rect class="mark" x="5" y="9" width="3" height="{box.height - 18:.0f}" rx="1.5" fill="currentColor"/>'
        f'<text class="type" x="{_INDENT:.0f}" y="20" font-size="{_TYPE_SIZE:.0f}" font-weight="600"'
        f' fill="currentColor">{xml(type)}</text>'
        f'<text class="name" x="{right:.0f}" y="20" font-size="{_NAME_SIZE:.0f}" text-anchor="end"'
        f' fill="currentColor">{xml(name)}</text>'
        f'<text class="shape" x="{_INDENT:.0f}" y="36" font-size="{_NAME_SIZE:.0f}"'
        f' fill="currentColor">{xml(shape)}</text>'
        "</g>"
    )


def _lines(text: str) -> str:
    return "\n".join(xml(line) for line in text.split("\n"))


def _edge(route: Route) -> str:
    path = f'<path class="edge" data-from="{xml(route.key)}" d="{_path(route)}" fill="none" stroke="currentColor"/>'
    if not route.tips:
        return path
    heads = "".join(f"M{x:.1f} {y:.1f}l-4-7h8z" for x, y in route.tips)
    return path + f'<path class="arrow" d="{heads}" fill="currentColor"/>'


def _path(route: Route) -> str:
    """Write the pieces of a route, shortened where an arrow's head stands, each going on where the last one ended."""
    tips = frozenset(route.tips)
    written: list[str] = []
    pen: Point | None = None
    for piece in route.pieces:
        start, end = piece[0], piece[-1]
        if start != pen:
            written.append(f"M{start[0]:.1f} {start[1]:.1f}")
        pen = end
        stop = (end[0], end[1] - 6) if end in tips else end
        written.append(_stroke(piece, stop))
    return "".join(written)


def _stroke(piece: tuple[Point, ...], end: Point) -> str:
    start = piece[0]
    if len(piece) > 2:
        return "".join(f"L{x:.1f} {y:.1f}" for x, y in (*piece[1:-1], end))
    if abs(start[0] - end[0]) < 0.6:
        return f"V{end[1]:.1f}" if start[0] == end[0] else f"L{end[0]:.1f} {end[1]:.1f}"
    turn = (start[1] + piece[-1][1]) / 2
    return f"C{start[0]:.1f} {turn:.1f} {end[0]:.1f} {turn - 4:.1f} {end[0]:.1f} {end[1]:.1f}"


_MERMAID = str.maketrans(
    {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;", "\\": "#92;"}
)


def mermaid(report: Report) -> str:
    """Return the graph as a Mermaid flowchart, groups as subgraphs: https://mermaid.js.org/syntax/flowchart.html"""
    nodes = _nodes(report)
    names = {node.key: f"n{index}" for index, node in enumerate(nodes)}
    lines = ["flowchart TD"]
    path: tuple[str, ...] = ()
    for node in nodes:
        lines += _subgraphs(path, node.group, names[node.key])
        path = node.group
        label = f"{_quoted(node.type)} {_quoted(node.name)}<br/>{_quoted(node.shape)}"
        ends = ("([", "])") if node.type == "Input" else ("[", "]")
        lines.append(f'{"    " * (len(path) + 1)}{names[node.key]}{ends[0]}"{label}"{ends[1]}')
    lines += _subgraphs(path, (), "")
    lines += [f"    {names[key]} --> {names[node.key]}" for node in nodes for key in node.inputs]
    return "\n".join(lines) + "\n"


def _subgraphs(before: tuple[str, ...], after: tuple[str, ...], unique: str) -> Iterator[str]:
    """Yield the ends and beginnings of subgraphs between two nodes' groups."""
    same = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    for depth in range(len(before), same, -1):
        yield "    " * depth + "end"
    for depth in range(same, len(after)):
        yield f'{"    " * (depth + 1)}subgraph g{depth}_{unique}["{_quoted(after[depth])}"]'


def _quoted(text: str) -> str:
    return visible(text).translate(_MERMAID)
