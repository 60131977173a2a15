"""The rows of the table: layers under the heads of their groups, and equal groups in a row under one head.

``outline`` says which rows there are; ``row`` writes one, and only of those that a page does not hold already.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from neural.cost.report import LayerReport, Report
from neural.reference import facts as reference
from webapp import formatting
from webapp.parts import GroupRow, InputRow, LayerRow, Number, Share, TableContext

FEWEST_REPEATS: Final = 3
"""How many equal groups in a row have a head of their own."""

LARGEST_PLAIN: Final = 80
"""Rows up to which the browser lays the table out as a whole, and makes an old one into a new one."""

DEEPEST: Final = 8
"""How many heads stand above a layer at most; groups within these are not parted."""

_NUMBERED = re.compile(r"_\d+$")

Part = tuple[str | None, tuple[LayerReport, ...]]
"""Layers in a row that are in one group, with the group's name; a layer in none, with None."""


class LayerAt(NamedTuple):
    """The row of a layer, within the head of a group; ``is_output`` marks an output that is not the end of a chain."""

    layer: LayerReport
    depth: int
    within: str
    is_output: bool

    @property
    def id(self) -> str:
        return f"row-{self.layer.key}"


class GroupAt(NamedTuple):
    """The head of a group of layers, or of equal groups in a row."""

    group: str
    name: str
    members: tuple[LayerReport, ...]
    depth: int
    within: str

    @property
    def id(self) -> str:
        return f"group-{self.group}"


At = LayerAt | GroupAt
"""A row and its place. Two that are equal are written alike."""


def outline(report: Report, largest: int) -> tuple[At, ...]:
    """Return the rows of the table, those of the first layers in a large network; heads sum all of their group."""
    return tuple(_first(_Outline(report).of(report.layers, 0, ()), largest))


def frame(report: Report, rows: Sequence[At], largest: int) -> TableContext:
    """Return the table around its rows."""
    return TableContext(
        inputs=tuple(
            InputRow(each.name, formatting.shape(each.shape), each.dtype, each.line, each.column)
            for each in report.inputs
        ),
        has_groups=any(isinstance(row, GroupAt) for row in rows),
        has_times=report.device is not None,
        hidden=max(0, len(report.layers) - largest),
        convention=report.convention,
        searched=_searched(report),
        empty=_empty(report),
        is_large=len(rows) > LARGEST_PLAIN,
    )


def row(at: At, share: Share, has_time: bool) -> LayerRow | GroupRow:
    """Return what a row says."""
    return _layer(at, share, has_time) if isinstance(at, LayerAt) else _group(at, share, has_time)


def shares(report: Report, rows: Sequence[At]) -> list[Share]:
    """Return the share of every row, in order."""
    found = report.shares()
    written: dict[float, Share] = {}
    made: list[Share] = []
    place = 0
    for at in rows:
        if isinstance(at, LayerAt):
            share, known = found[place], at.layer.status == "ok"
            place += 1
        else:
            share, known = sum(found[place : place + len(at.members)]), True
        key = share if known else -1.0
        if key not in written:
            written[key] = Share(f"{round(share * 100, 2):g}", formatting.percent(share) if known else "")
        made.append(written[key])
    return made


def _first(rows: Iterator[At], layers: int) -> Iterator[At]:
    """Yield rows until some layers have had theirs."""
    for row in rows:
        yield row
        layers -= isinstance(row, LayerAt)
        if layers == 0:
            return


def _searched(report: Report) -> str:
    if not report.searches:
        return ""
    number = len(report.searches)
    return f"{number:,} value{'s are' if number > 1 else ' is'} to be searched; what is shown is the first point."


def _empty(report: Report) -> str:
    if report.layers:
        return ""
    if report.ok or len(report.diagnostics) == 1:
        return "No layers yet. An example shows how a network is written."
    return "No layer can be shown while these errors stand."


class _Outline:
    """Lists rows, outer groups before inner ones, and gives each group an identifier that edits seldom change."""

    def __init__(self, report: Report) -> None:
        # The end of a plain chain needs no mark.
        last = tuple(layer.key for layer in report.layers[-1:])
        self.outputs = frozenset() if report.outputs == last else frozenset(report.outputs)
        self.seen: Counter[str] = Counter()

    def of(self, layers: Sequence[LayerReport], level: int, groups: tuple[str, ...]) -> Iterator[At]:
        """Yield the rows of layers that share their first ``level`` groups; ``groups`` are the heads above them."""
        for equal in _runs(_parts(layers, level)):
            name, first = equal[0]
            if name is None or len(equal) < FEWEST_REPEATS:
                yield from self._of_parts(equal, level, groups)
                continue
            every = tuple(layer for _, members in equal for layer in members)
            identifier = self._identifier((*first[0].group[:level], f"{name}*"))
            yield GroupAt(identifier, f"{_base(name)} × {len(equal)}", every, len(groups), _last(groups))
            yield from self._of_parts(equal, level, (*groups, identifier))

    def _of_parts(self, parts: Sequence[Part], level: int, groups: tuple[str, ...]) -> Iterator[At]:
        for name, members in parts:
            if name is None:
                depth, within, outputs = len(groups), _last(groups), self.outputs
                for layer in members:
                    yield LayerAt(layer, depth, within, layer.key in outputs)
                continue
            identifier = self._identifier(members[0].group[: level + 1])
            yield GroupAt(identifier, name, members, len(groups), _last(groups))
            yield from self.of(members, level + 1, (*groups, identifier))

    def _identifier(self, path: Sequence[str]) -> str:
        name = "/".join(path)
        self.seen[name] += 1
        return f"{name}~{self.seen[name]}"


def _parts(layers: Sequence[LayerReport], level: int) -> Iterator[Part]:
    for name, members in groupby(
        layers, lambda layer: layer.group[level] if level < min(len(layer.group), DEEPEST) else None
    ):
        yield name, tuple(members)


def _runs(parts: Iterator[Part]) -> Iterator[list[Part]]:
    """Yield parts in a row that make the same, together."""
    for _, equal in groupby(parts, _made):
        yield list(equal)


def _made(part: Part) -> tuple[object, ...]:
    name, members = part
    if name is None:
        return (None, members[0].key)
    made = tuple((each.type, each.output_shape, each.parameters, each.flops, len(each.group)) for each in members)
    return (_base(name), made)


def _base(name: str) -> str:
    return _NUMBERED.sub("", name)


def _last(groups: tuple[str, ...]) -> str:
    return groups[-1] if groups else ""


def _group(at: GroupAt, share: Share, has_time: bool) -> GroupRow:
    return GroupRow(
        group=at.group,
        name=at.name,
        depth=at.depth,
        within=at.within,
        layers=len(at.members),
        shape=formatting.shape(at.members[-1].output_shape),
        parameters=formatting.count(formatting.add(each.parameters for each in at.members), "parameters"),
        flops=formatting.flops(formatting.add(each.flops for each in at.members)),
        memory=formatting.memory(formatting.add(memory(each) for each in at.members)),
        time=formatting.time(formatting.add(each.time for each in at.members), None) if has_time else None,
        share=share,
    )


def _layer(at: LayerAt, share: Share, has_time: bool) -> LayerRow:
    layer = at.layer
    known = layer.status == "ok"
    return LayerRow(
        key=layer.key,
        name=layer.name,
        type=layer.type,
        has_page=reference.find(layer.type) is not None,
        depth=at.depth,
        within=at.within,
        line=layer.line,
        column=layer.column,
        end_line=layer.end_line,
        status=layer.status,
        is_output=at.is_output,
        shape=formatting.shape(layer.output_shape) if layer.output_shape is not None else layer.status,
        inputs=", ".join(formatting.shape(each) for each in layer.input_shapes),
        parameters=_known(formatting.count(layer.parameters, "parameters"), known),
        flops=_known(formatting.flops(layer.flops), known),
        memory=_known(formatting.memory(memory(layer)), known),
        time=_known(formatting.time(layer.time, layer.bound), known) if has_time else None,
        share=share,
    )


def _known(number: Number, known: bool) -> Number:
    return number if known or number.value is not None else Number("–", "not known while the layer is not", None)


def memory(layer: LayerReport) -> int | None:
    """Return what a layer's weights and output take."""
    return formatting.add((layer.weight_bytes, layer.activation_bytes))
