"""Memory of a Plan: bytes of weights, of activations, and the peak of a training step.

Training holds the weights, the gradients so far, the optimizer's state and the storages that the backward pass still
needs; a storage that several layers keep counts once. The peak is found by walking the layers backwards. The
allocator's slack and the device's context are not part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def training_peak(
    plan: Plan, batch: int, dtype: str, slots: int, parameters: Mapping[str, tuple[int, int]] | None = None
) -> Peak | None:
    """Return the peak of one training step, or None when it depends on an unknown size.

    ``slots`` is how many copies of the trainable weights the optimizer's state holds; ``parameters`` are those that
    each step owns, total and trainable, in the view of a framework, by default Keras's.
    """
    steps = [step for step in plan.steps if step.facts is not None]
    kept = _kept_storages(plan, batch, dtype)
    if kept is None:
        return None
    owned = parameters if parameters is not None else {step.key: _owned(step) for step in steps}
    sizes = precision(dtype)
    weights = sum(owned[step.key][0] for step in steps)
    trainable = sum(owned[step.key][1] for step in steps)
    live, gradients, during = _worst(steps, kept, owned, sizes.gradient)
    return Peak(
        weights=weights * sizes.weight,
        master=trainable * sizes.master,
        state=trainable * slots * sizes.state,
        activations=live,
        gradients=gradients,
        during=during,
    )


def _worst(
    steps: list[Step], kept: Kept, owned: Mapping[str, tuple[int, int]], gradient: int
) -> tuple[int, int, str | None]:
    """Walk the layers backwards; return live activations and gradients where they are most, and at which layer."""
    live, gradients = sum(kept.sizes.values()), 0
    worst: tuple[int, int, str | None] = (live, 0, None)
    names = {step.key: f"shared {step.node.shared}" if step.node.shared else step.key for step in steps}
    weights = {names[step.key]: owned[step.key][1] for step in steps if step.owns_weights}
    for step in reversed(steps):
        # The gradient of weights is there from the first of their users that the walk meets.
        used = [names[key] for key in (step.key, step.tied_to) if key is not None]
        gradients += sum(weights.pop(name, 0) for name in used) * gradient
        if live + gradients > worst[0] + worst[1]:
            worst = (live, gradients, step.key)
        live -= sum(kept.sizes[storage] for storage in kept.freed_by.get(step.key, ()))
    return worst


def _owned(step: Step) -> tuple[int, int]:
    if step.facts is None or not step.owns_weights:
        return 0, 0
    return step.facts.parameters, step.facts.trainable_parameters


@dataclass(slots=True)
class Kept:
    """The storages that live until the backward pass: their bytes, and the layer whose backward frees each."""

    sizes: dict[str, int]
    freed_by: dict[str, list[str]]


def saved_bytes(plan: Plan, batch: int, dtype: str) -> int | None:
    """Return the bytes of all storages that the forward pass keeps for the backward pass, each once."""
    kept = _kept_storages(plan, batch, dtype)
    return None if kept is None else sum(kept.sizes.values())


def _kept_storages(plan: Plan, batch: int, dtype: str) -> Kept | None:
    tensors = _storages(plan)
    kept = Kept({}, {})
    for step in plan.steps:
        if step.facts is None:
            continue
        saved = step.facts.saved
        if saved is None:
            return None
        names = [*step.node.inputs] if saved.inputs else []
        names += [step.key] if saved.output else []
        for name in dict.fromkeys(tensors[name].key for name in names):
            size = _storage(tensors[name], batch, dtype)
            if size is None:
                return None
            if name not in kept.sizes:
                kept.sizes[name] = size
                kept.freed_by.setdefault(step.key, []).append(name)
        own = _own_bytes(saved, batch, dtype)
        if own:
            kept.sizes[f"{step.key}/own"] = own
            kept.freed_by.setdefault(step.key, []).append(f"{step.key}/own")
    return kept


def _storages(plan: Plan) -> dict[str, Step]:
    """Return, by the key of each tensor, the step that made the storage it lies in."""
    found: dict[str, Step] = {}
    for step in plan.all():
        view = step.node.layer is not None and step.node.layer.is_view() and bool(step.node.inputs)
        found[step.key] = found[step.node.inputs[0]] if view else step
    return found


def _storage(step: Step, batch: int, dtype: str) -> int | None:
    return 0 if step.output_shape is None else tensor_bytes(step.output_shape, step.dtype, batch, dtype)


def tensor_bytes(shape: Shape, own: str | None, batch: int, dtype: str) -> int | None:
    """Return the bytes of a tensor of its own type, or of the compute type; None when a size is unknown."""
    size = product(shape)
    return None if size is None else size * batch * element_bytes(own, dtype)


def _own_bytes(saved: Saved, batch: int, dtype: str) -> int:
    per_sample = saved.elements * precision(dtype).activation + saved.statistics * 4 + saved.bytes
    return batch * per_sample + saved.shared_statistics * 4
