"""The least time a layer takes on a device: that of its arithmetic or of its bytes moved, whichever is larger.

https://doi.org/10.1145/1498765.1498785. Bytes moved are the inputs read, the results written and the weights read, each
once and nothing fused; a layer that only views its input moves none, and of an embedding only the rows that are looked
up are read. The arithmetic is the direct algorithm's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from neural.cost.devices import Device
from neural.cost.memory import precision, tensor_bytes
from neural.layers.results import Result
from neural.shape_propagation.plan import Plan, Step
from neural.shapes import Shape

Bound = Literal["compute", "memory"]


class Least(NamedTuple):
    """The least time of one forward pass of a layer, in seconds, and what sets it."""

    flops: int
    moved: int
    seconds: float
    bound: Bound


def least_times(plan: Plan, device: Device, batch: int, dtype: str) -> dict[str, Least]:
    """Return the least time of every layer whose sizes are known, by key; none for a type without a stated rate."""
    rate = device.rate(dtype)
    if rate is None:
        return {}
    sizes = {step.key: _bytes(step, (step.output_shape,), batch, dtype) for step in plan.all()}
    weights = {step.key: step.facts.parameters if step.facts else 0 for step in plan.steps}
    found = {}
    for step in plan.steps:
        read = weights[step.key] + (weights.get(step.tied_to, 0) if step.tied_to else 0)
        moved = _moved(step, sizes, read * precision(dtype).weight, batch, dtype)
        if step.facts is not None and step.facts.flops is not None and moved is not None:
            flops = step.facts.flops * batch
            compute, memory = flops / rate, moved / device.bandwidth
            bound: Bound = "compute" if compute > memory else "memory"
            found[step.key] = Least(flops, moved, max(compute, memory), bound)
    return found


def _moved(step: Step, sizes: Mapping[str, int | None], weights: int, batch: int, dtype: str) -> int | None:
    """Return the bytes that a layer reads and writes; ``sizes`` are those of the tensors by key."""
    if step.facts is None:
        return None
    if step.layer.is_view() or isinstance(step.layer, Result):
        return 0
    made = _bytes(step, step.facts.output_shapes, batch, dtype)
    if made is None:
        return None
    read = min(weights, made) if step.layer.integer_input else weights
    return _sum((*(sizes[key] for key in dict.fromkeys(step.node.inputs)), made, read))


def _bytes(step: Step, shapes: Iterable[Shape | None], batch: int, dtype: str) -> int | None:
    """Return the bytes of results of a step, or None when a size is unknown."""
    return _sum(None if shape is None else tensor_bytes(shape, step.dtype, batch, dtype) for shape in shapes)


def _sum(values: Iterable[int | None]) -> int | None:
    total = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total
