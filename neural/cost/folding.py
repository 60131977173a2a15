"""A report with its groups folded: one row for all layers of a macro call or block, with their sums."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from neural.cost.report import LayerReport, Report

N = TypeVar("N", int, float)
_NUMBERED = re.compile(r"_\d+$")


def fold(report: Report, depth: int) -> Report:
    """Return a report whose rows are at most ``depth`` groups deep, those below summed in one; the totals stay.

    The key of such a row is the path of its group, its shape that of its last layer.
    """
    rows = tuple(_rows(report.layers, depth))
    homes = {member.key: row.key for row, members in rows for member in members}
    folded = tuple(_reading(row, members, homes) for row, members in rows)
    return replace(report, layers=folded, outputs=tuple(dict.fromkeys(homes.get(key, key) for key in report.outputs)))


def _rows(layers: Sequence[LayerReport], depth: int) -> Iterator[tuple[LayerReport, tuple[LayerReport, ...]]]:
    """Yield each row with the layers it stands for."""
    for path, grouped in groupby(layers, lambda layer: layer.group[:depth] if len(layer.group) >= depth else None):
        members = tuple(grouped)
        if path is None:
            yield from ((layer, (layer,)) for layer in members)
        else:
            yield _folded(path, members), members


def _folded(path: tuple[str, ...], members: Sequence[LayerReport]) -> LayerReport:
    statuses, bounds = {each.status for each in members}, {each.bound for each in members}
    return replace(
        members[-1],
        key="/".join(path),
        name=path[-1],
        type=_NUMBERED.sub("", path[-1]),
        group=path[:-1],
        line=members[0].line,
        column=members[0].column,
        end_line=max(each.end_line for each in members),
        arguments={},
        parameters=_sum(each.parameters for each in members),
        trainable_parameters=_sum(each.trainable_parameters for each in members),
        flops=_sum(each.flops for each in members),
        macs=_sum(each.macs for each in members),
        other_ops=_sum(each.other_ops for each in members),
        weight_bytes=_sum(each.weight_bytes for each in members),
        activation_bytes=_sum(each.activation_bytes for each in members),
        status="error" if "error" in statuses else "unknown" if "unknown" in statuses else "ok",
        time=_sum(each.time for each in members),
        bound=bounds.pop() if len(bounds) == 1 else None,
    )


def _reading(row: LayerReport, members: Sequence[LayerReport], homes: Mapping[str, str]) -> LayerReport:
    """Return a row with what it reads of the others: their keys and shapes, for a group each once."""
    if members[0] is row:
        return replace(row, inputs=tuple(homes.get(key, key) for key in row.inputs))
    read = {
        homes.get(key, key): shape
        for each in members
        for key, shape in zip(each.inputs, each.input_shapes, strict=False)
        if homes.get(key) != row.key
    }
    return replace(row, inputs=tuple(read), input_shapes=tuple(read.values()))


def _sum(values: Iterable[N | None]) -> N | None:
    found = list(values)
    known = [value for value in found if value is not None]
    return sum(known[1:], known[0]) if len(known) == len(found) else None
