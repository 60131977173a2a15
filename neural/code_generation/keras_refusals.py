"""What Keras on TensorFlow computes wrongly for layers of certain shapes: refused, or written in another way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from string import ascii_lowercase

from neural.code_generation.emitter import UnsupportedError
from neural.layers.attention import MultiHeadAttention
from neural.layers.attention_grouped import GroupQueryAttention
from neural.layers.base import Layer
from neural.layers.einsum import EinsumDense
from neural.shape_propagation.plan import Step
from neural.shapes import Shape


def refuse(step: Step) -> None:
    """Raise ``UnsupportedError`` for a layer whose bias Keras would add along another axis.

    ``keras.ops.add`` takes what has one axis longer than 1 for a bias of the last axis, or of the one after the batch,
    where either has as many elements.
    """
    layer = step.layer
    if isinstance(layer, EinsumDense):
        biases = [weight.shape for weight in step.facts.weights[1:]] if step.facts else []
        wrong = any(_is_misplaced(bias, step.output_shape or ()) for bias in biases)
        help = "give its bias all axes of the result, or none"
    elif isinstance(layer, MultiHeadAttention):
        sizes = {layer.num_heads: (layer.key_dim, layer.value_dim)}
        wrong, help = _confuses_heads(step, sizes), "use a key_dim and a value_dim of at least 2, or no bias"
    elif isinstance(layer, GroupQueryAttention):
        sizes = dict.fromkeys((layer.num_query_heads, layer.num_key_value_heads), (layer.head_dim, None))
        wrong, help = _confuses_heads(step, sizes), "use a head_dim of at least 2, or no bias"
    else:
        return
    if wrong:
        raise UnsupportedError("Keras would add its bias along another axis, of as many elements", help)


def _is_misplaced(bias: tuple[int, ...], result: Shape) -> bool:
    """Whether Keras takes a bias for one of another axis of the result than the one that it is for."""
    long = [index for index, size in enumerate(bias) if size > 1]
    if len(long) != 1:
        return False
    axis, size = len(result) - len(bias) + long[0], bias[long[0]]
    last = len(result) - 1
    if result[last] == size:
        return axis != last
    return result[0] == size and axis != 0


def _confuses_heads(step: Step, sizes: Mapping[int, tuple[int | None, int | None]]) -> bool:
    """Whether a bias of (heads, 1) would be added to the steps; ``sizes`` are those of the heads, by their number."""
    lengths = {shape[0] for shape in step.input_shapes[:3] if shape}
    heads = {count for count, each in sizes.items() if 1 in each and count > 1}
    return bool(getattr(step.layer, "use_bias", False) and (heads & lengths or (heads and None in lengths)))


def spelt_out(step: Step) -> Layer:
    """Return a step's layer, an equation with the letters that its dots stand for where those are several axes.

    Keras works out the shape of the result with the axes behind the dots turned around.
    """
    layer, shape = step.layer, step.input_shapes[0] or ()
    if not isinstance(layer, EinsumDense) or not layer.equation.startswith("..."):
        return layer
    hidden = len(shape) + 1 - len(layer.equation.partition(",")[0].removeprefix("..."))
    if hidden < 3:  # the batch and one axis
        return layer
    free = [letter for letter in ascii_lowercase if letter not in layer.equation]
    equation = layer.equation.replace("...", "".join(free[:hidden]))
    return replace(layer, equation=equation, output_dim=(*shape[: hidden - 1], *layer.output_dim))
