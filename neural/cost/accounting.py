"""Plan to Report: what one sample costs, for a batch, a type, an optimizer and a framework's view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import NoneType
from typing import Any, Final, NamedTuple, TypeVar

from neural.code_generation.pytorch_view import extra_parameters, view_shape
from neural.cost.devices import Device
from neural.cost.memory import precision, state_slots, tensor_bytes
from neural.cost.report import (
    BatchShape,
    Framework,
    InputReport,
    LayerReport,
    NoteReport,
    Report,
    SearchReport,
    Totals,
)
from neural.cost.roofline import Least, least_times
from neural.cost.walk import Setting, walk
from neural.diagnostics import Diagnostic, LineIndex, Shift
from neural.layers.base import Layer
from neural.layers.core import Matrix
from neural.network import Search
from neural.shape_propagation.plan import Facts, Plan, Step
from neural.shapes import Shape

_SCALARS: Final = frozenset({int, float, str, bool, NoneType})

_Part = TypeVar("_Part", InputReport, SearchReport)

#: The costs that are added up over the layers.
_SUMMED: Final = (
    "parameters",
    "trainable_parameters",
    "flops",
    "macs",
    "other_ops",
    "weight_bytes",
    "activation_bytes",
)


def report(
    plan: Plan,
    lines: LineIndex,
    diagnostics: tuple[Diagnostic, ...],
    *,
    framework: Framework,
    batch: int,
    dtype: str,
    optimizer: str | None,
    device: Device | None = None,
) -> Report:
    """Return the report of a plan. ``optimizer`` None is the program's own, or Adam."""
    name, slots = state_slots(optimizer) if optimizer else _own_optimizer(plan)
    layers = _rows(plan.steps, lines, framework, batch, dtype)
    owned = {step.key: _parameters(step, step.facts, framework) for step in plan.steps if step.facts}
    found = walk(plan, Setting(batch, dtype, slots), owned)
    peak = found.peak() if found else None
    if device is not None:
        layers = _with_times(layers, least_times(plan, device, batch, dtype))
    return Report(
        network=plan.network.name,
        framework=framework,
        batch=batch,
        dtype=dtype,
        optimizer=name,
        inputs=tuple(_input(step, lines, framework, dtype) for step in plan.inputs),
        layers=layers,
        outputs=plan.network.outputs,
        totals=_totals(layers, peak.total if peak else None),
        values=plan.network.values,
        diagnostics=diagnostics,
        searches=_searches(plan, lines),
        notes=tuple(NoteReport(note.name, note.groups) for note in plan.network.notes),
        device=device,
        plan=plan,
        peak=peak,
        walk=found,
    )


def report_again(
    before: Report,
    plan: Plan,
    lines: LineIndex,
    diagnostics: tuple[Diagnostic, ...],
    changed: Sequence[int],
    shift: Shift,
) -> Report | None:
    """Return the report of a plan that differs in some steps from that of another report, under the same settings.

    Rows of the other steps are the same objects, unless they stand elsewhere in the text. None where a size is unknown,
    or where times were asked for.
    """
    old, before_plan = before.walk, before.plan
    if before_plan is None or old is None or before.device is not None:
        return None
    then = [before.layers[number] for number in changed]
    steps = map(plan.steps.__getitem__, changed)
    now = _rows(steps, lines, before.framework, before.batch, before.dtype)
    totals = _totals_again(before.totals, then, now)
    before = _moved(before, shift)
    layers = list(before.layers)
    for number, row in zip(changed, now, strict=True):
        layers[number] = row
    owned = {number: (_owned(a), _owned(b)) for number, a, b in zip(changed, then, now, strict=True)}
    found = old.again(before_plan, plan, owned) or walk(
        plan, old.setting, {row.key: _owned(row) for row in layers if row.parameters is not None}
    )
    if totals is None or found is None:
        return None
    peak = found.peak()
    return replace(
        before,
        layers=tuple(layers),
        totals=replace(totals, training_bytes=peak.total),
        diagnostics=diagnostics,
        plan=plan,
        peak=peak,
        walk=found,
    )


def _moved(report: Report, shift: Shift) -> Report:
    """Return a report with the places that its parts have after an edit."""
    if shift.before == shift.after:
        return report
    return replace(
        report,
        inputs=tuple(_moved_part(each, shift) for each in report.inputs),
        layers=tuple(_moved_row(each, shift) for each in report.layers),
        searches=tuple(_moved_part(each, shift) for each in report.searches),
    )


def _moved_part(part: _Part, shift: Shift) -> _Part:
    line, column = shift.position(part.line, part.column)
    return replace(part, line=line, column=column)


def _moved_row(row: LayerReport, shift: Shift) -> LayerReport:
    if (row.line, row.column) < shift.before:
        return row
    line, column = shift.position(row.line, row.column)
    return replace(row, line=line, column=column, end_line=row.end_line + shift.lines)


def _owned(row: LayerReport) -> tuple[int, int]:
    return row.parameters or 0, row.trainable_parameters or 0


def _totals_again(totals: Totals, then: Sequence[LayerReport], now: Sequence[LayerReport]) -> Totals | None:
    """Return sums in which some rows stand in place of others; None where a cost is unknown."""
    sums: dict[str, int] = {}
    for name in _SUMMED:
        total = getattr(totals, name)
        old, new = ([getattr(row, name) for row in rows] for rows in (then, now))
        if total is None or None in old or None in new:
            return None
        sums[name] = total + sum(new) - sum(old)
    sums["non_trainable_parameters"] = sums["parameters"] - sums["trainable_parameters"]
    return replace(totals, **sums)


def _with_times(layers: tuple[LayerReport, ...], times: Mapping[str, Least]) -> tuple[LayerReport, ...]:
    found = ((layer, times.get(layer.key)) for layer in layers)
    return tuple(replace(layer, time=least.seconds, bound=least.bound) if least else layer for layer, least in found)


def _searches(plan: Plan, lines: LineIndex) -> tuple[SearchReport, ...]:
    """Return the values to search in the order of the text: after an edit, offsets have another."""
    found = (_search(search, lines) for search in plan.network.searches)
    return tuple(sorted(found, key=lambda each: (each.line, each.column)))


def _search(search: Search, lines: LineIndex) -> SearchReport:
    line, column = lines.position(search.range[0])
    points = len(search.values) if search.values else None
    if search.step and search.low is not None and search.high is not None:
        points = int((search.high - search.low) / search.step + 1e-9) + 1
    return SearchReport(line, column, search.kind, search.values, search.low, search.high, search.step, points)


def _own_optimizer(plan: Plan) -> tuple[str, int]:
    """Return the name and slots of the program's optimizer, with its momentum; of Adam where it has none."""
    own = plan.network.training.optimizer
    name, slots = state_slots(own.name if own else "Adam")
    extra = ("momentum",) if name in ("SGD", "RMSprop") else ()
    more = sum(bool(own.arguments.get(argument)) for argument in (*extra, "amsgrad", "centered")) if own else 0
    return name, slots + more


def _seen(shape: Shape | None, framework: Framework) -> BatchShape | None:
    if shape is None:
        return None
    return (None, *(view_shape(shape) if framework == "pytorch" else shape))


def _input(step: Step, lines: LineIndex, framework: Framework, dtype: str) -> InputReport:
    line, column = lines.position(step.node.place.statement[0])
    shape = _seen(step.output_shape, framework) or ()
    return InputReport(step.key, shape, step.dtype or _compute(dtype), line, column)


def _compute(dtype: str) -> str:
    return "float16" if dtype == "mixed" else dtype


def _rows(
    steps: Iterable[Step], lines: LineIndex, framework: Framework, batch: int, dtype: str
) -> tuple[LayerReport, ...]:
    """Return the rows of steps. What repetitions of one statement have in common is worked out once."""
    known: dict[tuple[object, ...], _Common] = {}
    rows = []
    for step in steps:
        same = id(step.facts), step.node.place.statement, step.dtype, step.owns_weights
        common = known.get(same) if step.facts else None
        if common is None:
            common = known[same] = _common(step, lines, framework, batch, dtype)
        rows.append(_row(step, common))
    return tuple(rows)


_Size = int | None
_Costs = tuple[_Size, _Size, _Size, _Size, _Size, _Size, _Size]
"""A row's costs, from its parameters to the bytes of its activations."""


class _Common(NamedTuple):
    """What the rows of a statement's repetitions have in common, in the order of the fields of a row."""

    statement: tuple[int, int, int, Mapping[str, Any]]
    """Line, column, end line, arguments."""
    made: tuple[tuple[BatchShape | None, ...], BatchShape | None, str | None]
    """The shapes of what it reads, the shape and the dtype of what it makes."""
    costs: _Costs


def _row(step: Step, common: _Common) -> LayerReport:
    node = step.node
    return LayerReport(
        node.key,
        node.key,
        node.type,
        node.group,
        *common.statement,
        node.inputs,
        *common.made,
        *common.costs,
        step.status,
        node.device,
    )


def _common(step: Step, lines: LineIndex, framework: Framework, batch: int, dtype: str) -> _Common:
    start, end = step.node.place.statement
    line, column = lines.position(start)
    return _Common(
        (line, column, lines.position(end)[0], _arguments(step.node.layer)),
        (
            tuple(_seen(shape, framework) for shape in step.input_shapes),
            _seen(step.output_shape, framework),
            (step.dtype or _compute(dtype)) if step.facts else None,
        ),
        _costs(step, step.facts, framework, batch, dtype),
    )


def _costs(step: Step, facts: Facts | None, framework: Framework, batch: int, dtype: str) -> _Costs:
    if facts is None:
        return None, None, None, None, None, None, None
    parameters, trainable = _parameters(step, facts, framework)
    flops = None if facts.flops is None else facts.flops * batch
    return (
        parameters,
        trainable,
        flops,
        None if flops is None else flops // 2,
        None if facts.other_ops is None else facts.other_ops * batch,
        parameters * precision(dtype).weight,
        tensor_bytes(facts.output_shape, step.dtype, batch, dtype),
    )


def _parameters(step: Step, facts: Facts, framework: Framework) -> tuple[int, int]:
    """Return the parameters a step owns, total and trainable, in a framework's form of its layer."""
    if not step.owns_weights:
        return 0, 0
    extra, trainable = extra_parameters(step.layer, facts.weights) if framework == "pytorch" else (0, 0)
    return facts.parameters + extra, facts.trainable_parameters + trainable


def _arguments(layer: Layer | None) -> Mapping[str, Any]:
    if layer is None:
        return {}
    values = ((name, getattr(layer, name)) for name in layer.arguments())
    return {name: value if type(value) in _SCALARS else _plain(value) for name, value in values}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Layer):
        return {"type": type(value).__name__, "arguments": dict(_arguments(value))}
    return value.name if isinstance(value, Matrix) else value


def _totals(layers: Iterable[LayerReport], training: int | None) -> Totals:
    known = [layer for layer in layers if layer.parameters is not None]
    parameters = sum(layer.parameters or 0 for layer in known)
    trainable = sum(layer.trainable_parameters or 0 for layer in known)
    return Totals(
        parameters=parameters,
        trainable_parameters=trainable,
        non_trainable_parameters=parameters - trainable,
        flops=_sum(layer.flops for layer in known),
        macs=_sum(layer.macs for layer in known),
        other_ops=_sum(layer.other_ops for layer in known),
        weight_bytes=sum(layer.weight_bytes or 0 for layer in known),
        activation_bytes=_sum(layer.activation_bytes for layer in known),
        training_bytes=training,
        time=_time(known),
    )


def _time(layers: list[LayerReport]) -> float | None:
    times = [layer.time for layer in layers]
    return None if not times or None in times else sum(time or 0.0 for time in times)


def _sum(values: Iterable[int | None]) -> int | None:
    total = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total
