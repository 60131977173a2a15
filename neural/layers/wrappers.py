"""Layers that wrap another: in both directions of a sequence, or at each of its steps."""

from __future__ import annotations

from typing import ClassVar, final

from neural.errors import RuleError
from neural.layers.base import Inputs, Layer, Saved, Weight, type_name
from neural.layers.fields import Choice, LayerValue, argument
from neural.layers.recurrent import Loop, Recurrent
from neural.records import dataclass
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
class Bidirectional(Loop):
    """Runs a recurrent layer in both directions, each with weights of its own, and merges the results.

    Without a merge they are two results. With return_state the states follow, of the forward direction first.

    Shape: (steps, features) -> as the layer's, the last axis twice as large when they are concatenated
    Example: `network Net { input: (20, 32)  layers: Bidirectional(LSTM(64), merge_mode="sum") }`
    Source: https://keras.io/api/layers/recurrent_layers/bidirectional/
    """

    arity: ClassVar[tuple[int, int]] = (1, 5)
    ops_per_output: ClassVar[int] = 1

    layer: Recurrent = argument(RECURRENT, "The recurrent layer.")
    merge_mode: str | None = argument(
        Choice(("concat", "sum", "mul", "ave"), (("concatenate", "concat"), ("average", "ave")), optional=True),
        "How the two results become one; none leaves them apart.",
        default="concat",
    )

    @property
    def outputs(self) -> int:  # type: ignore[override]
        """How many results it has before the states."""
        return 2 if self.merge_mode is None else 1

    @property
    def return_state(self) -> bool:  # type: ignore[override]
        """Whether the states of both directions are further results."""
        return self.layer.return_state

    @property
    def state_count(self) -> int:
        return 2 * self.layer.state_count

    def state_shapes(self, inputs: Inputs) -> tuple[Shape, ...]:
        return self.layer.state_shapes(inputs) * 2

    def output_shape(self, inputs: Inputs) -> Shape:
        if self.layer.go_backwards:
            raise RuleError(
                "the forward layer of Bidirectional cannot have go_backwards=true: the other one reads backwards",
                help="leave go_backwards out",
                argument="layer",
            )
        *rest, units = wrapped_shape(self.layer, inputs[0])
        self.check_start(inputs)
        return (*rest, 2 * self.layer.units) if self.merge_mode == "concat" else (*rest, units)

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        own = self.layer.weights(inputs)
        return tuple(
            weight._replace(name=f"{direction}/{weight.name}")
            for direction in ("forward", "backward")
            for weight in own
        )

    def layer_inputs(self, inputs: Inputs) -> Inputs:
        """Return what its layer reads in each direction."""
        return inputs[: 1 + len(inputs) // 2]

    def layer_flops(self, inputs: Inputs) -> int:
        """Return the FLOPs of its layer in one direction."""
        one = self.layer_inputs(inputs)
        return self.layer.flops(one, self.layer.output_shape(one))

    def flops(self, inputs: Inputs, output: Shape) -> int:
        """2 x layer flops."""
        return 2 * self.layer_flops(inputs)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """What its layer keeps, in both directions; the input once."""
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
        if self.layer.arity != (1, 1) and not isinstance(self.layer, Loop):
            raise RuleError(
                f"TimeDistributed applies a layer that reads one tensor, and {type_name(self.layer)} does not",
                help="put it on the whole sequence instead",
                argument="layer",
            )
        if self.layer.results > 1:
            raise RuleError(
                f"TimeDistributed applies a layer that has one result, and {type_name(self.layer)} has "
                f"{self.layer.results} here",
                help="use a layer with one result",
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

    def layer_inputs(self, inputs: Inputs) -> Inputs:
        """Return what its layer reads at each step."""
        return (inputs[0][1:],)

    def layer_flops(self, inputs: Inputs) -> int:
        """Return the FLOPs of its layer at one step."""
        step = self.layer_inputs(inputs)
        return self.layer.flops(step, self.layer.output_shape(step))

    def flops(self, inputs: Inputs, output: Shape) -> int:
        """steps x layer flops."""
        return (inputs[0][0] or 0) * self.layer_flops(inputs)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """What its layer keeps, at each step."""
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
