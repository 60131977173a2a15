"""Layers that wrap another: in both directions of a sequence, or at each of its steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from neural.errors import RuleError
from neural.layers.base import Inputs, Layer, Saved, Weight, type_name
from neural.layers.fields import Choice, LayerValue, argument
from neural.layers.recurrent import Recurrent
from neural.shapes import Shape, describe

RECURRENT = LayerValue(("SimpleRNN", "LSTM", "GRU"))


def wrapped_shape(layer: Layer, shape: Shape) -> Shape:
    """Return the shape of a wrapped layer's result; its repairs are left out, for they are not the wrapper's."""
    try:
        return layer.output_shape((shape,))
    except RuleError as error:
        argument = "layer" if error.argument else None
        raise RuleError(error.message, help=error.help, argument=argument) from error


@final
@dataclass(frozen=True, slots=True)
class Bidirectional(Layer):
    """Runs a recurrent layer in both directions, each with weights of its own, and merges the results.

    Shape: (steps, features) -> as the layer's, the last axis twice as large when they are concatenated
    Example: `network Net { input: (20, 32)  layers: Bidirectional(LSTM(64), merge_mode="sum") }`
    Source: https://keras.io/api/layers/recurrent_layers/bidirectional/
    """

    ops_per_output: ClassVar[int] = 1

    layer: Recurrent = argument(RECURRENT, "The recurrent layer.")
    merge_mode: str = argument(
        Choice(("concat", "sum", "mul", "ave"), synonyms=(("concatenate", "concat"), ("average", "ave"))),
        "How the two results become one.",
        default="concat",
    )

    def output_shape(self, inputs: Inputs) -> Shape:
        if self.layer.go_backwards:
            raise RuleError(
                "the forward layer of Bidirectional cannot have go_backwards=true: the other one reads backwards",
                help="leave go_backwards out",
                argument="layer",
            )
        *rest, units = wrapped_shape(self.layer, inputs[0])
        return (*rest, 2 * self.layer.units) if self.merge_mode == "concat" else (*rest, units)

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        own = self.layer.weights(inputs)
        return tuple(
            weight._replace(name=f"{direction}/{weight.name}")
            for direction in ("forward", "backward")
            for weight in own
        )

    def flops(self, inputs: Inputs, output: Shape) -> int:
        return 2 * self.layer.flops(inputs, self.layer.output_shape(inputs))

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        one = self.layer.saved(inputs, output)
        return Saved(inputs=one.inputs, elements=2 * one.elements, bytes=2 * one.bytes)


@final
@dataclass(frozen=True, slots=True)
class TimeDistributed(Layer):
    """Applies a layer to each step of a sequence, with the same weights.

    Shape: (steps, ...) -> (steps, ...), each step as the layer makes it
    Example: `network Net { input: (10, 28, 28, 1)  layers: TimeDistributed(Conv2D(8, 3)) }`
    Source: https://keras.io/api/layers/recurrent_layers/time_distributed/
    """

    ops_per_output: ClassVar[int] = 1

    layer: Layer = argument(LayerValue(), "The layer applied to each step.")

    @property
    def integer_input(self) -> bool:  # type: ignore[override]
        """Whether the layer reads whole numbers."""
        return self.layer.integer_input

    @property
    def differentiable(self) -> bool:  # type: ignore[override]
        """Whether the layer computes a gradient for its input."""
        return self.layer.differentiable

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        if self.layer.arity != (1, 1):
            raise RuleError(
                f"TimeDistributed applies a layer that reads one tensor, and {type_name(self.layer)} does not",
                help="put it on the whole sequence instead",
                argument="layer",
            )
        if len(shape) < 2:
            raise RuleError(
                f"TimeDistributed reads (steps, ...) with the batch before it, at least 3 axes in all; "
                f"it received {describe(shape)}, {len(shape) + 1} axes",
                help="give the input an axis of steps, or use the layer without TimeDistributed",
            )
        return (shape[0], *wrapped_shape(self.layer, shape[1:]))

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        return self.layer.weights((inputs[0][1:],))

    def flops(self, inputs: Inputs, output: Shape) -> int:
        return (inputs[0][0] or 0) * self.layer.flops((inputs[0][1:],), output[1:])

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        steps = inputs[0][0] or 0
        one = self.layer.saved((inputs[0][1:],), output[1:])
        return Saved(
            inputs=one.inputs,
            output=one.output,
            elements=steps * one.elements,
            statistics=steps * one.statistics,
            shared_statistics=steps * one.shared_statistics,
            bytes=steps * one.bytes,
        )
