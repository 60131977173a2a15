"""Where PyTorch and Keras do things differently, and what the generated code does about it: a note a layer and topic.

A note is said only of a layer whose arguments and shapes make the difference. What a layer alone decides is in
``differences_layers``; here is what depends on the network: in which order PyTorch stores the axes of its tensors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from neural.code_generation.differences_layers import WINDOWS, layer_notes
from neural.code_generation.emitter import shape_comment
from neural.code_generation.pytorch_layout import channels_first, native, program, stored
from neural.layers import (
    activations,
    merging,
    normalization,
    normalization_group,
    pooling_adaptive,
    regularization,
    reshaping,
    reshaping_edges,
    scaling,
)
from neural.layers.base import Layer
from neural.shape_propagation.plan import Plan, Step
from neural.shapes import Shape

AXES = "Axis order"
ELEMENTS = "Order of elements"

#: Layers that move the channels first, whatever they are given.
_MOVES = (
    *(*WINDOWS, pooling_adaptive.AdaptivePooling, regularization.SpatialDropout, scaling.Resizing),
    *(reshaping_edges.UpSampling2D, reshaping_edges.UpSampling3D),
)
#: Layers that do so where the channels are what they normalise.
_NORMALISES = (normalization.BatchNormalization, normalization_group.ByGroup)
#: Layers that leave the axes in the order in which they find them.
_KEEPS = (
    *(activations.Activation, activations.Elementwise, activations.Softmax, merging.ElementwiseMerge),
    *(merging.Concatenate, reshaping_edges.ZeroPadding, reshaping_edges.Cropping, reshaping_edges.UpSampling1D),
)


@final
@dataclass(frozen=True, slots=True)
class Difference:
    """What PyTorch does otherwise than Keras at a layer, and how the generated code makes up for it."""

    key: str
    topic: str
    text: str


def differences(plan: Plan) -> tuple[Difference, ...]:
    """Return the notes of a plan without errors, in the order of its layers; at most one of a layer and topic."""
    inputs = {step.key: step for step in plan.inputs}
    first = {step.key for step in plan.inputs if native(_rank(step)) != program(_rank(step))}
    found: dict[tuple[str, str], str] = {}
    for step in plan.live():
        shapes = tuple(shape for shape in step.input_shapes if shape is not None)
        notes = [*_axes(step, shapes, inputs, plan.network.outputs), *_elements(step, shapes, first)]
        notes += layer_notes(step.layer, shapes, shared=step.node.shared is not None)
        for topic, text in notes:
            found.setdefault((step.key, topic), text)
        if _has_channels_first(step, first):
            first.add(step.key)
    return tuple(Difference(key, topic, text) for (key, topic), text in found.items())


def _axes(
    step: Step, shapes: tuple[Shape, ...], inputs: dict[str, Step], outputs: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Yield where a person meets the other order: at the inputs, at the outputs, and at windows over sequences."""
    for key in step.node.inputs:
        if key in inputs and (shape := inputs[key].output_shape) and len(shape) in (3, 4):
            yield AXES, f"{_orders(shape, 'comes in')} in PyTorch, which has the channels first."
    if step.key in outputs and (shape := step.output_shape) and len(shape) in (3, 4):
        yield AXES, f"{_orders(shape, 'goes out')} in PyTorch, which has the channels first."
    if isinstance(step.layer, _MOVES) and len(shapes[0]) == 2:
        yield AXES, f"{_orders(shapes[0], 'is read')} in PyTorch, whose windows slide over the last axis."


def _orders(shape: Shape, verb: str) -> str:
    """Return a shape in Keras's order and in PyTorch's, with what happens to it."""
    turned = stored(shape, channels_first(len(shape) + 1))
    return f"{shape_comment(shape)} {verb} as {shape_comment(turned)}"


def _elements(step: Step, shapes: tuple[Shape, ...], first: set[str]) -> Iterator[tuple[str, str]]:
    """Yield where elements are put in a row: in Keras the channels are what changes first."""
    if not isinstance(step.layer, reshaping.Flatten | reshaping.Reshape) or step.node.inputs[0] not in first:
        return
    *places, channels = shapes[0]
    if channels != 1 and any(size != 1 for size in places):
        text = "Keras lines up elements with the channels last; the code moves them there first"
        yield ELEMENTS, f"{text}, so that the weights of later layers are the same."


def _has_channels_first(step: Step, first: set[str]) -> bool:
    """Whether the result of a step is stored with its channels first."""
    layer: Layer = step.layer
    if isinstance(layer, _MOVES):
        return True
    if isinstance(layer, _NORMALISES):
        return _rank(step) > 2 and layer.axis in (-1, _rank(step) - 1)
    return isinstance(layer, _KEEPS) and all(key in first for key in step.node.inputs)


def _rank(step: Step) -> int:
    return len(step.output_shape or ()) + 1
