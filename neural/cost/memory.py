"""Memory of a Plan: bytes of weights, of activations, and the peak of a training step.

Training holds the weights, the gradients so far, the optimizer's state and the storages that the backward pass still
needs; a storage that several layers keep counts once. The peak is found by walking the layers backwards (``walk.py``).
The allocator's slack and the device's context are not part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from neural.cost.report import DTYPES as DTYPES
from neural.layers.base import Saved
from neural.shape_propagation.plan import Plan, Step
from neural.shapes import Shape, product
from neural.training_names import OPTIMIZERS, find_entry

#: Bytes of one element.
BYTES = {
    "float64": 8,
    "float32": 4,
    "float16": 2,
    "bfloat16": 2,
    "int64": 8,
    "int32": 4,
    "int8": 1,
    "uint8": 1,
    "bool": 1,
}

#: The optimizer that a report may be asked for beside those of programs: SGD that keeps a velocity.
MOMENTUM = "Momentum"


def state_slots(name: str) -> tuple[str, int]:
    """Return an optimizer's canonical name and how many copies of the trainable weights its state holds.

    Raises ``ValueError`` for a name that is none.
    """
    if name.lower() == MOMENTUM.lower():
        return MOMENTUM, 1
    entry = find_entry(OPTIMIZERS, name)
    if entry is None:
        raise ValueError(f"optimizer is one of {', '.join((*OPTIMIZERS, MOMENTUM))}, got {name!r}")
    return entry.name, entry.slots


@dataclass(frozen=True, slots=True)
class Precision:
    """Bytes of a weight, a gradient, a value of the optimizer's state, a master copy, and an activation."""

    weight: int
    gradient: int
    state: int
    master: int
    activation: int


@cache
def precision(dtype: str) -> Precision:
    """Return the sizes behind a type. Half-precision weights have a float32 master copy and float32 state."""
    if dtype == "mixed":
        return Precision(4, 4, 4, 0, 2)
    size = BYTES[dtype]
    return Precision(size, size, max(size, 4), 4 if size == 2 else 0, size)


def element_bytes(dtype: str | None, compute: str) -> int:
    """Return the bytes of one element of a tensor, of its own type or of the compute type."""
    return BYTES[dtype] if dtype else precision(compute).activation


@dataclass(frozen=True, slots=True)
class Peak:
    """What is held at the worst moment of a training step, in bytes.

    ``during`` is the layer whose backward pass runs then; None is the moment before all of them.
    """

    weights: int
    master: int
    state: int
    activations: int
    gradients: int
    during: str | None

    @property
    def total(self) -> int:
        return self.weights + self.master + self.state + self.activations + self.gradients


@dataclass(slots=True)
class Kept:
    """What lives until the backward pass, in bytes: storages by the layer that made them, and what is a layer's own.

    ``freed_by`` are, by layer, the storages that its backward pass frees.
    """

    sizes: dict[str, int]
    own: dict[str, int]
    freed_by: dict[str, list[str]]


def saved_bytes(plan: Plan, batch: int, dtype: str) -> int | None:
    """Return the bytes of all storages that the forward pass keeps for the backward pass, each once."""
    kept = kept_storages(plan, batch, dtype)
    return None if kept is None else sum(kept.sizes.values()) + sum(kept.own.values())


def kept_storages(plan: Plan, batch: int, dtype: str) -> Kept | None:
    """Return what the forward pass keeps for the backward pass, or None where a size is unknown."""
    tensors = _storages(plan)
    kept = Kept({}, {}, {})
    for step in plan.steps:
        if step.facts is None:
            continue
        saved = step.facts.saved
        if saved is None:
            return None
        names = [*step.node.inputs] if saved.inputs else []
        names += [step.node.key] if saved.output else []
        for name in names:
            maker = tensors[name]
            if maker.node.key in kept.sizes:
                continue
            size = storage_bytes(maker, batch, dtype)
            if size is None:
                return None
            kept.sizes[maker.node.key] = size
            kept.freed_by.setdefault(step.node.key, []).append(maker.node.key)
        kept.own[step.node.key] = own_bytes(saved, batch, dtype)
    return kept


def _storages(plan: Plan) -> dict[str, Step]:
    """Return, by the key of each tensor, the step that made the storage it lies in."""
    found: dict[str, Step] = {}
    for step in plan.all():
        view = step.node.layer is not None and step.node.layer.is_view() and bool(step.node.inputs)
        found[step.node.key] = found[step.node.inputs[0]] if view else step
    return found


def storage_bytes(step: Step, batch: int, dtype: str) -> int | None:
    """Return the bytes of a step's result; None when a size is unknown."""
    return 0 if step.output_shape is None else tensor_bytes(step.output_shape, step.dtype, batch, dtype)


def tensor_bytes(shape: Shape, own: str | None, batch: int, dtype: str) -> int | None:
    """Return the bytes of a tensor of its own type, or of the compute type; None when a size is unknown."""
    size = product(shape)
    return None if size is None else size * batch * element_bytes(own, dtype)


def own_bytes(saved: Saved, batch: int, dtype: str) -> int:
    """Return the bytes that a layer keeps beside storages: masks, statistics, indices."""
    per_sample = saved.elements * precision(dtype).activation + saved.statistics * 4 + saved.bytes
    return batch * per_sample + saved.shared_statistics * 4
