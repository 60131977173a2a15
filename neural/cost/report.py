"""The report: every number a person sees of one network, as plain frozen data.

Shapes here carry the batch axis first, as ``None``. Units: FLOPs count a multiply-add as two; memory is in bytes; both
are for the whole batch. A number that depends on an unknown size is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

from neural.diagnostics import Diagnostic
from neural.records import dataclass

if TYPE_CHECKING:
    from neural.cost.devices import Device
    from neural.cost.explanation import Explanation
    from neural.cost.memory import Peak
    from neural.cost.walk import Walk
    from neural.shape_propagation.plan import Plan

Framework = Literal["tensorflow", "pytorch"]
Status = Literal["ok", "error", "unknown"]
BatchShape = tuple[int | None, ...]

FRAMEWORKS: tuple[Framework, ...] = ("tensorflow", "pytorch")
#: Types that a report may be asked for; "mixed" computes in half precision and keeps float32 weights.
DTYPES = ("float32", "float16", "bfloat16", "float64", "mixed")
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class InputReport:
    """An input tensor: its name, its shape with the batch axis, its dtype and its line."""

    name: str
    shape: BatchShape
    dtype: str
    line: int
    column: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "shape": list(self.shape),
            "dtype": self.dtype,
            "line": self.line,
            "column": self.column,
        }


@dataclass(frozen=True, slots=True)
class LayerReport:
    """One row: a layer, where it stands in the source, its shapes and its costs."""

    key: str
    name: str
    type: str
    group: tuple[str, ...]
    line: int
    column: int
    end_line: int
    arguments: Mapping[str, Any]
    inputs: tuple[str, ...]
    input_shapes: tuple[BatchShape | None, ...]
    output_shape: BatchShape | None
    output_dtype: str | None
    parameters: int | None
    trainable_parameters: int | None
    flops: int | None
    macs: int | None
    other_ops: int | None
    weight_bytes: int | None
    activation_bytes: int | None
    status: Status
    device: str | None = None
    time: float | None = None
    """The least time of its forward pass on the report's device, in seconds."""
    bound: Literal["compute", "memory"] | None = None
    """What sets that time: its arithmetic, or the bytes it moves."""

    def to_dict(self) -> dict[str, Any]:
        known = self.parameters is not None
        return {
            "key": self.key,
            "name": self.name,
            "type": self.type,
            "group": list(self.group),
            "line": self.line,
            "column": self.column,
            "arguments": dict(self.arguments),
            "inputs": list(self.inputs),
            "input_shapes": [None if s is None else list(s) for s in self.input_shapes],
            "output_shape": None if self.output_shape is None else list(self.output_shape),
            "output_dtype": self.output_dtype,
            "parameters": {"total": self.parameters, "trainable": self.trainable_parameters} if known else None,
            "flops": self.flops,
            "macs": self.macs,
            "other_ops": self.other_ops,
            "weight_bytes": self.weight_bytes,
            "activation_bytes": self.activation_bytes,
            "time": self.time,
            "bound": self.bound,
            "device": self.device,
            "status": self.status,
        }


@dataclass(frozen=True, slots=True)
class SearchReport:
    """A value to search, `HPO(...)`: its place, and its choices or its range.

    ``points`` is how many values it stands for, None for a range without steps. Analysis shows the first.
    """

    line: int
    column: int
    kind: str
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    step: float | None = None
    points: int | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "line": self.line,
            "column": self.column,
            "kind": self.kind,
            "choices": list(self.choices),
            "low": self.low,
            "high": self.high,
            "step": self.step,
            "points": self.points,
        }


@dataclass(frozen=True, slots=True)
class NoteReport:
    """A research note: its name and its groups, such as metrics and references, as they were written."""

    name: str | None
    groups: Mapping[str, Mapping[str, Any]]

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "groups": {name: dict(group) for name, group in self.groups.items()}}


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the layers that are known; a cost is None when a known layer's depends on an unknown size."""

    parameters: int = 0
    trainable_parameters: int = 0
    non_trainable_parameters: int = 0
    flops: int | None = 0
    macs: int | None = 0
    other_ops: int | None = 0
    weight_bytes: int = 0
    activation_bytes: int | None = 0
    training_bytes: int | None = 0
    time: float | None = None
    """The least time of a forward pass on the report's device, in seconds: the layers one after the other."""

    def to_dict(self) -> dict[str, float | None]:
        return {
            "parameters": self.parameters,
            "trainable_parameters": self.trainable_parameters,
            "non_trainable_parameters": self.non_trainable_parameters,
            "flops": self.flops,
            "macs": self.macs,
            "other_ops": self.other_ops,
            "weight_bytes": self.weight_bytes,
            "activation_bytes": self.activation_bytes,
            "training_bytes": self.training_bytes,
            "time": self.time,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """All that is known of one network under one framework's view, batch, dtype and optimizer."""

    network: str | None
    framework: Framework
    batch: int
    dtype: str
    optimizer: str
    inputs: tuple[InputReport, ...] = ()
    layers: tuple[LayerReport, ...] = ()
    outputs: tuple[str, ...] = ()
    totals: Totals = field(default_factory=Totals)
    values: Mapping[str, Mapping[str, int | float | None]] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    searches: tuple[SearchReport, ...] = ()
    notes: tuple[NoteReport, ...] = ()
    device: Device | None = None
    plan: Plan | None = field(default=None, repr=False, compare=False)
    """What the numbers were worked out from, for their explanations."""
    peak: Peak | None = field(default=None, repr=False, compare=False)
    """The parts of the training memory."""
    walk: Walk | None = field(default=None, repr=False, compare=False)
    """How they were found, for the report after an edit."""

    def __str__(self) -> str:
        from neural.cost.tables import as_table

        return as_table(self)

    def _repr_html_(self) -> str:
        from neural.cost.html import as_html

        return as_html(self)

    @property
    def search_points(self) -> int | None:
        """How many points the search space has; None when a range in it has no steps."""
        total = 1
        for search in self.searches:
            if search.points is None:
                return None
            total *= search.points
        return total

    @property
    def ok(self) -> bool:
        """Whether the program has no error, so that code can be generated from it."""
        return not any(d.severity == "error" for d in self.diagnostics)

    @property
    def convention(self) -> str:
        """The words that stand beside every cost."""
        return f"1 MAC = 2 FLOPs, batch {self.batch}, {self.dtype}"

    def share(self, layer: LayerReport) -> float:
        """Return a layer's part of the network's FLOPs, 0 to 1: of its parameters where not all FLOPs are known.

        It is no field of a layer, as an edit of any layer changes the shares of all.
        """
        flops = self.totals.flops
        if flops:
            return (layer.flops or 0) / flops
        return (layer.parameters or 0) / (self.totals.parameters or 1)

    def shares(self) -> list[float]:
        """Return the share of every layer, in their order."""
        return [self.share(layer) for layer in self.layers]

    @property
    def fits(self) -> bool | None:
        """Whether a training step fits in the device's memory; None without a device or with unknown sizes."""
        if self.device is None or self.totals.training_bytes is None:
            return None
        return self.totals.training_bytes <= self.device.memory

    def explain(self, key: str | None, what: str) -> Explanation:
        """Return where a number of the report comes from: its formula, the values put in, convention and source.

        ``key`` is that of a layer, or None (or "totals") for the sums; ``what`` is "parameters", "flops", "macs",
        "other_ops", "weight_bytes", "activation_bytes" or "time", and for the sums also "training_bytes".
        Raises ``KeyError`` for a layer that is not there and ``ValueError`` for any other number.
        """
        from neural.cost.explaining import explain

        return explain(self, key, what)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form, schema 1: what ``neural summary --format json`` prints."""
        return {
            "schema": SCHEMA,
            "network": self.network,
            "framework": self.framework,
            "batch": self.batch,
            "dtype": self.dtype,
            "optimizer": self.optimizer,
            "device": None if self.device is None else {**self.device.to_dict(), "fits": self.fits},
            "inputs": [each.to_dict() for each in self.inputs],
            "layers": [layer.to_dict() for layer in self.layers],
            "outputs": list(self.outputs),
            "totals": self.totals.to_dict(),
            "values": {name: dict(value) for name, value in self.values.items()},
            "searches": [search.to_dict() for search in self.searches],
            "notes": [note.to_dict() for note in self.notes],
            "diagnostics": [diagnostic.to_dict() for diagnostic in self.diagnostics],
        }
