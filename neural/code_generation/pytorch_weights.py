"""How Keras's weights become the ``state_dict`` of a generated PyTorch module.

Kernels are transposed, gates reordered, and the second bias vector of recurrent layers is zero. NumPy is imported when
weights are converted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from neural.code_generation import pytorch, pytorch_attention, pytorch_recurrent, pytorch_weights_named
from neural.code_generation.pytorch_elementwise import factors, places
from neural.code_generation.pytorch_layout import native
from neural.code_generation.pytorch_view import own_form
from neural.layers import (
    activations,
    attention,
    attention_plain,
    cells,
    convolution,
    convolution_transposed,
    core,
    depthwise,
    normalization,
    normalization_group,
    recurrent,
    recurrent_convolution,
    recurrent_stack,
    scaling,
    spectral,
    wrappers,
)
from neural.layers.base import Inputs, Layer
from neural.shape_propagation.plan import Plan

Array = Any
State = dict[tuple[str, str], Array]
"""By the suffix of the module and the name of the parameter in it, or "" for one that is itself a parameter."""
Rule = Callable[[Any, Inputs, Sequence[Array]], State]


def state_dict(plan: Plan, weights: Mapping[str, Sequence[Array]]) -> dict[str, Array]:
    """Return the state of the generated module from Keras's weights of each step, by its key."""
    return {name: array for state in states(plan, weights).values() for name, array in state.items()}


def states(plan: Plan, weights: Mapping[str, Sequence[Array]]) -> dict[str, dict[str, Array]]:
    """Return the same by the key of each step."""
    found: dict[str, dict[str, Array]] = {}
    attributes = pytorch.modules(plan)
    for step in plan.steps:
        if step.key in weights and step.key in attributes:
            shapes = tuple(shape for shape in step.input_shapes if shape is not None)
            found[step.key] = {
                ".".join(filter(None, (attributes[step.key][suffix], name))): array
                for (suffix, name), array in converted(step.layer, shapes, weights[step.key]).items()
            }
    return found


def converted(layer: Layer, inputs: Inputs, weights: Sequence[Array]) -> State:
    """Return the parameters of a layer's modules from Keras's weights, in Keras's order."""
    rule = RULES.get(type(layer))
    return rule(layer, inputs, weights) if rule else {}


def _named(arrays: Iterable[tuple[str, Array]], suffix: str = "") -> State:
    return {(suffix, name): array for name, array in arrays}


def _with_bias(kernel: Array, weights: Sequence[Array]) -> State:
    return _named(zip(("weight", "bias"), (kernel, *weights[1:]), strict=False))


def _dense(layer: core.Affine, inputs: Inputs, weights: Sequence[Array]) -> State:
    if layer.tied is not None:
        return {("bias", ""): weights[0]} if weights else {}
    return _with_bias(weights[0].T, weights)


def _embedding(layer: Layer, inputs: Inputs, weights: Sequence[Array]) -> State:
    return _named([("weight", weights[0])])


def _channels_out_first(kernel: Array) -> Array:
    """Turn (sizes, in, out) to (out, in, sizes), and so those of a transposed one, (sizes, out, in)."""
    rank = kernel.ndim - 2
    return kernel.transpose(rank + 1, rank, *range(rank))


def _convolution(layer: Layer, inputs: Inputs, weights: Sequence[Array]) -> State:
    return _with_bias(_channels_out_first(weights[0]), weights)


def _by_channel(kernel: Array) -> Array:
    """Turn (sizes, channels, multiplier) to (channels * multiplier, 1, sizes): the multiples of a channel together."""
    rank = kernel.ndim - 2
    moved = kernel.transpose(rank, rank + 1, *range(rank))
    return moved.reshape(-1, 1, *kernel.shape[:rank])


def _depthwise(layer: Layer, inputs: Inputs, weights: Sequence[Array]) -> State:
    return _with_bias(_by_channel(weights[0]), weights)


def _separable(layer: Layer, inputs: Inputs, weights: Sequence[Array]) -> State:
    kernels = (_by_channel(weights[0]), _channels_out_first(weights[1]))
    return _named(zip(("0.weight", "1.weight", "1.bias"), (*kernels, *weights[2:]), strict=False))


def _normalization(layer: normalization.Normalization, inputs: Inputs, weights: Sequence[Array]) -> State:
    names = [name for name, kept in (("weight", layer.scale), ("bias", layer.center)) if kept]
    return _named(zip((*names, "running_mean", "running_var"), weights, strict=False))


def _prelu(layer: activations.PReLU, inputs: Inputs, weights: Sequence[Array]) -> State:
    alpha = weights[0]
    if set(layer.shared_axes or ()) == set(range(1, alpha.ndim)):
        return _named([("weight", alpha.reshape(-1))])
    return _named([("weight", alpha.transpose([axis - 1 for axis in native(alpha.ndim + 1)[1:]]))])


def _rms_normalization(layer: Layer, inputs: Inputs, weights: Sequence[Array]) -> State:
    return _named([("weight", weights[0])])


def _layer_scale(layer: Layer, inputs: Inputs, weights: Sequence[Array]) -> State:
    return _named([("weight", weights[0].reshape(factors(len(inputs[0]) + 1, weights[0].size)))])


def _statistics(layer: scaling.Normalization, inputs: Inputs, weights: Sequence[Array]) -> State:
    """Turn mean and variance, of the axes that have their own, to tensors in PyTorch's order; the count is left out."""
    (shape,) = inputs
    kept = layer.positions(shape)
    whole = tuple((size or 1) if index in kept else 1 for index, size in enumerate(shape))
    order = [axis - 1 for axis in native(len(shape) + 1)[1:]]
    arrays = (array.reshape(whole).transpose(order).reshape(places(layer, shape)) for array in weights[:2])
    return _named(zip(("mean", "variance"), arrays, strict=False))


def _projections(bias: bool, weights: Sequence[Array]) -> tuple[list[Array], list[Array], list[tuple[str, Array]]]:
    """Turn the (in, heads, size) kernels of query, key and value to (heads * size, in), and the output's likewise."""
    pairs = 2 if bias else 1
    kernels = [kernel.reshape(kernel.shape[0], -1).T for kernel in weights[: 3 * pairs : pairs]]
    last = weights[3 * pairs]
    output = last.reshape(-1, last.shape[-1]).T
    biases = [each.reshape(-1) for each in weights[1 : 3 * pairs : 2]] if bias else []
    return kernels, biases, [*zip(("weight", "bias"), (output, *weights[3 * pairs + 1 :]), strict=False)]


def _attention(layer: attention.MultiHeadAttention, inputs: Inputs, weights: Sequence[Array]) -> State:
    """Turn the kernels of query, key, value and output to those of PyTorch's own module, or of the one written out."""
    import numpy

    if not pytorch_attention.own_form(layer, inputs):
        return pytorch_weights_named.projections(layer, inputs, weights)
    kernels, biases, ends = _projections(layer.use_bias, weights)
    named = [(f"out_proj.{name}", array) for name, array in ends]
    if len({kernel.shape[1] for kernel in kernels}) == 1:
        named.append(("in_proj_weight", numpy.concatenate(kernels)))
    else:
        named += [(f"{part}_proj_weight", kernel) for part, kernel in zip("qkv", kernels, strict=True)]
    return _named([*named, *([("in_proj_bias", numpy.concatenate(biases))] if biases else [])])


def _gates(layer: recurrent.Recurrent, array: Array) -> list[Array]:
    """Split the last axis by gate, transposed where it is a matrix."""
    import numpy

    return [part.T for part in numpy.split(array, layer.gates, axis=-1)]


def _recurrent(
    layer: recurrent.Recurrent, inputs: Inputs, weights: Sequence[Array], suffix: str = "", end: str = ""
) -> State:
    kernel, states, *bias = weights
    maps, loops = _gates(layer, kernel), _gates(layer, states)
    first, second = _biases(layer, bias[0]) if bias else ([], [])
    if not own_form(layer):
        named = [(f"inputs.{i}.weight", each) for i, each in enumerate(maps)]
        named += [(f"states.{i}.weight", each) for i, each in enumerate(loops)]
        named += [(f"inputs.{i}.bias", each) for i, each in enumerate(first)]
        if isinstance(layer, recurrent.GRU) and layer.reset_after:
            named += [(f"states.{i}.bias", each) for i, each in enumerate(second)]
        return _named(named, suffix)
    import numpy

    order = (1, 0, 2) if isinstance(layer, recurrent.GRU) else range(layer.gates)
    parts = {"weight_ih": maps, "weight_hh": loops, "bias_ih": first, "bias_hh": second}
    return _named(
        ((f"{name}_l0{end}", numpy.concatenate([part[i] for i in order])) for name, part in parts.items() if part),
        suffix,
    )


def _biases(layer: recurrent.Recurrent, bias: Array) -> tuple[list[Array], list[Array]]:
    """Return, by gate, the bias of the input and that of the state, which is zero where Keras has one only."""
    import numpy

    if bias.ndim == 2:
        return list(numpy.split(bias[0], layer.gates)), list(numpy.split(bias[1], layer.gates))
    return list(numpy.split(bias, layer.gates)), list(numpy.split(numpy.zeros_like(bias), layer.gates))


def _cell(layer: cells.Cell, inputs: Inputs, weights: Sequence[Array]) -> State:
    return _recurrent(layer.sequence, inputs, weights)


def _recurrent_convolution(layer: Layer, inputs: Inputs, weights: Sequence[Array]) -> State:
    kernels = (_channels_out_first(kernel) for kernel in weights[:2])
    return _named(zip(("inputs.weight", "states.weight", "inputs.bias"), (*kernels, *weights[2:]), strict=False))


def _stacked(layer: recurrent_stack.RNN, inputs: Inputs, weights: Sequence[Array]) -> State:
    state: State = {}
    for index, cell in enumerate(layer.cells):
        count = 3 if cell.sequence.use_bias else 2
        suffix = str(index) if len(layer.cells) > 1 else ""
        state |= _recurrent(cell.sequence, inputs, weights[:count], suffix)
        weights = weights[count:]
    return state


def _stacked_cells(layer: recurrent_stack.StackedRNNCells, inputs: Inputs, weights: Sequence[Array]) -> State:
    return _stacked(layer.sequence, inputs, weights)


def _scalars(layer: Layer, inputs: Inputs, weights: Sequence[Array]) -> State:
    names = {"scale": "scale", "concat_score_weight": "weight"}
    return _named((names[weight.name], array) for weight, array in zip(layer.weights(inputs), weights, strict=True))


def _bidirectional(layer: wrappers.Bidirectional, inputs: Inputs, weights: Sequence[Array]) -> State:
    half = len(weights) // 2
    if pytorch_recurrent.one_module(layer.layer):
        ends = (("", ""), ("", "_reverse"))
    else:
        ends = (("forward", ""), ("backward", ""))
    ahead, back = (
        _recurrent(layer.layer, inputs, part, suffix, end)
        for part, (suffix, end) in zip((weights[:half], weights[half:]), ends, strict=True)
    )
    return ahead | back


def _spectral(layer: spectral.SpectralNormalization, inputs: Inputs, weights: Sequence[Array]) -> State:
    kernel, vector, *rest = weights
    inner = converted(layer.layer, inputs, [kernel, *rest])
    return {("", "u"): vector, **{(suffix, f"layer.{name}"): array for (suffix, name), array in inner.items()}}


def _time_distributed(layer: wrappers.TimeDistributed, inputs: Inputs, weights: Sequence[Array]) -> State:
    return converted(layer.layer, (inputs[0][1:],), weights)


RULES: Mapping[type[Layer], Rule] = {
    core.Dense: cast(Rule, _dense),
    core.Output: cast(Rule, _dense),
    core.Embedding: _embedding,
    convolution.Conv1D: _convolution,
    convolution.Conv2D: _convolution,
    convolution.Conv3D: _convolution,
    convolution_transposed.Conv1DTranspose: _convolution,
    convolution_transposed.Conv2DTranspose: _convolution,
    convolution_transposed.Conv3DTranspose: _convolution,
    depthwise.DepthwiseConv1D: _depthwise,
    depthwise.DepthwiseConv2D: _depthwise,
    depthwise.SeparableConv1D: _separable,
    depthwise.SeparableConv2D: _separable,
    normalization.BatchNormalization: cast(Rule, _normalization),
    normalization.LayerNormalization: cast(Rule, _normalization),
    normalization_group.GroupNormalization: cast(Rule, _normalization),
    normalization_group.InstanceNormalization: cast(Rule, _normalization),
    normalization_group.RMSNormalization: _rms_normalization,
    scaling.LayerScale: _layer_scale,
    scaling.Normalization: cast(Rule, _statistics),
    activations.PReLU: cast(Rule, _prelu),
    attention.MultiHeadAttention: cast(Rule, _attention),
    attention_plain.Attention: _scalars,
    attention_plain.AdditiveAttention: _scalars,
    cells.SimpleRNNCell: cast(Rule, _cell),
    cells.LSTMCell: cast(Rule, _cell),
    cells.GRUCell: cast(Rule, _cell),
    recurrent_stack.RNN: cast(Rule, _stacked),
    recurrent_stack.StackedRNNCells: cast(Rule, _stacked_cells),
    recurrent.SimpleRNN: cast(Rule, _recurrent),
    recurrent.LSTM: cast(Rule, _recurrent),
    recurrent.GRU: cast(Rule, _recurrent),
    recurrent_convolution.ConvLSTM1D: _recurrent_convolution,
    recurrent_convolution.ConvLSTM2D: _recurrent_convolution,
    recurrent_convolution.ConvLSTM3D: _recurrent_convolution,
    wrappers.Bidirectional: cast(Rule, _bidirectional),
    wrappers.TimeDistributed: cast(Rule, _time_distributed),
    spectral.SpectralNormalization: cast(Rule, _spectral),
    **pytorch_weights_named.RULES,
}
