"""The Plan: a Network with the shape, weights and cost of every node filled in.

Everything a person sees or downloads is derived from a Plan and from nothing else. Shapes and costs are of one sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from neural.layers.base import Layer, Saved, Weight
from neural.layers.core import Affine
from neural.network import Network, Node
from neural.records import dataclass
from neural.shapes import Shape

Status = Literal["ok", "error", "unknown"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a layer makes of its input shapes. Costs are None where a size is unknown."""

    output_shapes: tuple[Shape, ...]
    """The shapes of its results; most layers have one."""
    weights: tuple[Weight, ...]
    parameters: int
    trainable_parameters: int
    flops: int | None
    other_ops: int | None
    saved: Saved | None

    @property
    def output_shape(self) -> Shape:
        return self.output_shapes[0]


@dataclass(frozen=True, slots=True)
class Step:
    """A node of the plan. ``facts`` is None when the layer is broken (status error) or depends on one (unknown)."""

    node: Node
    input_shapes: tuple[Shape | None, ...]
    facts: Facts | None
    dtype: str | None
    """Type of the result's elements; None is the compute type of the report."""
    status: Status
    owns_weights: bool = True
    """False where an earlier step owns the shared weights that it uses."""

    @property
    def key(self) -> str:
        return self.node.key

    @property
    def layer(self) -> Layer:
        """The layer of a node that is not broken."""
        if self.node.layer is None:
            raise ValueError(f"{self.node.key} is broken")
        return self.node.layer

    @property
    def tied_to(self) -> str | None:
        """Key of the Embedding whose matrix the layer has as its kernel, if it has one's."""
        layer = self.node.layer
        return layer.tied.name if isinstance(layer, Affine) and layer.tied else None

    @property
    def output_shape(self) -> Shape | None:
        return self.facts.output_shape if self.facts else None


@dataclass(frozen=True, slots=True)
class Plan:
    """A network's inputs and layers in order, each with its facts."""

    network: Network
    inputs: tuple[Step, ...]
    steps: tuple[Step, ...]

    def all(self) -> Iterator[Step]:
        """Yield inputs, then layers."""
        yield from self.inputs
        yield from self.steps

    def live(self) -> list[Step]:
        """Return, in order, the steps that an output depends on, be it by their weights."""
        needed = set(self.network.outputs)
        live: list[Step] = []
        for step in reversed(self.steps):
            if step.key in needed:
                needed.update(step.node.inputs)
                if step.tied_to is not None:
                    needed.add(step.tied_to)
                live.append(step)
        return live[::-1]

    def unread(self) -> list[Step]:
        """Return the layers that nothing reads and that are no outputs; of several of one statement, none if one is.

        Layers that lead only to these are not among them.
        """
        live = self.live()
        if len(live) in (0, len(self.steps)):
            return []
        keys, statements = {step.key for step in live}, {step.node.place.statement for step in live}
        read = {key for step in self.steps for key in step.node.inputs}
        return [
            step
            for step in self.steps
            if step.key not in keys
            and step.key not in read
            and step.node.place.statement not in statements
            and step.node.shared is None
        ]

    def consumers(self) -> dict[str, list[Step]]:
        """Return, by key, the steps that read each tensor."""
        readers: dict[str, list[Step]] = {step.key: [] for step in self.all()}
        for step in self.steps:
            for key in step.node.inputs:
                readers[key].append(step)
        return readers
