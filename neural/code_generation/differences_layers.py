"""Where PyTorch and Keras do things differently, as far as a layer with its arguments and input shapes decides it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from neural.code_generation import pytorch_attention
from neural.code_generation.pytorch_view import extra_parameters, own_form
from neural.code_generation.writer import literal
from neural.layers import (
    activations,
    attention,
    attention_grouped,
    attention_plain,
    cells,
    convolution,
    convolution_transposed,
    depthwise,
    normalization,
    normalization_group,
    pooling,
    recurrent,
    recurrent_stack,
    spectral,
    wrappers,
)
from neural.layers.base import Inputs, Layer
from neural.shapes import Shape, reach, same_padding

Note = tuple[str, str]
"""A topic, and what is different."""
Sizes = tuple[int, ...]

ATTENTION_DROPOUT = "Dropout of attention"
EPSILON = "Epsilon"
GATES = "Gate order"
MEAN = "Mean of padded windows"
PADDING = "Padding"
SECOND_BIAS = "Second bias"
SLOPE = "Slope below zero"
STATISTICS = "Moving statistics"
STEPS_DROPOUT = "Dropout of sequences"
WRITTEN_OUT = "Written out"


def layer_notes(layer: Layer, inputs: Inputs, *, shared: bool = False) -> Iterator[Note]:
    """Yield the notes of a layer; ``shared`` says that its weights serve inputs of several sizes.

    A wrapper has those of the layer within, which sees one step of a sequence or the same input.
    """
    if isinstance(layer, wrappers.TimeDistributed):
        yield from layer_notes(layer.layer, tuple(shape[1:] for shape in inputs), shared=shared)
    elif isinstance(layer, spectral.SpectralNormalization):
        yield from layer_notes(layer.layer, inputs, shared=shared)
    else:
        for family, rule in RULES.items():
            if isinstance(layer, family):
                yield from rule(layer, inputs, shared)
        if getattr(layer, "activation", "") == "leaky_relu":
            yield _slope(0.2)


def _convolution(layer: Layer, inputs: Inputs, shared: bool) -> Iterator[Note]:
    found = cast(convolution.Convolution | depthwise.ChannelwiseConvolution, layer)
    spans = tuple(map(reach, found.kernel_size, found.dilation_rate))
    module = f"nn.Conv{len(spans)}d"
    if found.padding == "causal" and spans[0] > 1:
        yield PADDING, f"{module} has no causal padding: F.pad puts zeros, {spans[0] - 1} long, before the sequence."
    if found.padding != "same" or set(spans) == {1}:
        return
    if set(found.strides) != {1} or not all(span % 2 for span in spans):
        uneven = _uneven(inputs[0], spans, found.strides, shared)
        if uneven is None:
            yield PADDING, f"What 'same' adds with strides depends on the size: pad_same adds it before {module}."
        elif uneven:
            yield PADDING, f"Keras pads {uneven}, {module} both ends alike: F.pad does it before."


def _pooling(layer: Layer, inputs: Inputs, shared: bool) -> Iterator[Note]:
    found = cast(pooling.Pooling, layer)
    window, steps = found.pool_size, found.steps
    if found.padding != "same" or set(window) == {1}:
        return
    kind = "Avg" if isinstance(layer, pooling.AveragePooling) else "Max"
    module = f"nn.{kind}Pool{len(window)}d"
    if window == steps and set(window) == {2}:
        if any(size is None or size % 2 for size in inputs[0][:-1]):
            yield PADDING, f"Keras pads an odd size by one after the end: ceil_mode=True has {module} do so."
        return
    uneven = _uneven(inputs[0], window, steps, shared)
    if uneven is None:
        yield PADDING, "What 'same' adds with strides depends on the size, and is computed as the network runs."
    elif uneven:
        yield PADDING, f"Keras pads {uneven}; the padding of {module} is alike at both ends."
    if kind == "Avg" and (uneven is None or any(map(max, _pairs(inputs[0], window, steps)))):
        yield MEAN, "Keras leaves padding out of the mean; PyTorch counts it unless told otherwise, as here."


def _pairs(shape: Shape, spans: Sizes, strides: Sizes) -> list[tuple[int, int]]:
    sizes = (size or 1 for size in shape[:-1])
    return [same_padding(size, span, step, 1) for size, span, step in zip(sizes, spans, strides, strict=True)]


def _uneven(shape: Shape, spans: Sizes, strides: Sizes, shared: bool) -> str | None:
    """Return the first uneven padding in words, "" where all are even, None where a size that matters is unknown."""
    if shared or any(size is None and step > 1 for size, step in zip(shape[:-1], strides, strict=True)):
        return None
    pairs = _pairs(shape, spans, strides)
    return next((f"{before} before and {after} after" for before, after in pairs if before != after), "")


def _transposed(layer: Layer, inputs: Inputs, shared: bool) -> Iterator[Note]:
    found = cast(convolution_transposed.TransposedConvolution, layer)
    if any(cut > 0 and cut % 2 for cut in found.surplus):
        module = f"nn.ConvTranspose{len(found.kernel_size)}d"
        yield PADDING, f"Keras cuts one more at the end: it is sliced off after {module}, which cuts both ends alike."


def _batch_normalization(layer: Layer, inputs: Inputs, shared: bool) -> Iterator[Note]:
    kept = cast(normalization.BatchNormalization, layer).momentum
    shares = (
        f"Keras's momentum {kept:g} is the share of the old statistics, PyTorch's {round(1 - kept, 12):g} of the new"
    )
    yield STATISTICS, f"{shares}. PyTorch's running variance divides by n - 1, Keras's by n."
    yield from _epsilon(layer, inputs, shared)


def _epsilon(layer: Layer, inputs: Inputs, shared: bool) -> Iterator[Note]:
    epsilon: float = layer.epsilon  # type: ignore[attr-defined]
    if isinstance(layer, normalization_group.RMSNormalization):
        yield (
            EPSILON,
            f"eps={literal(epsilon)} is Keras's; PyTorch's default is the machine's for the type of its input.",
        )
    elif epsilon != 1e-5:
        yield EPSILON, f"eps={literal(epsilon)} is Keras's; PyTorch's default is 1e-5."


def _leaky_relu(layer: Layer, inputs: Inputs, shared: bool) -> Iterator[Note]:
    slope = cast(activations.LeakyReLU, layer).negative_slope
    if slope != 0.01:
        yield _slope(slope)


def _slope(slope: float) -> Note:
    return SLOPE, f"The slope {literal(slope)} is written out: PyTorch's default is 0.01."


def _attention(layer: Layer, inputs: Inputs, shared: bool) -> Iterator[Note]:
    dropout: float = layer.dropout  # type: ignore[attr-defined]
    has_module = isinstance(layer, attention.MultiHeadAttention) and pytorch_attention.own_form(layer, inputs)
    if dropout and not has_module:
        text = "PyTorch's functions drop out in evaluation too, where Keras's layer does not: the code passes 0 there."
        yield ATTENTION_DROPOUT, text


def _recurrent(layer: Layer, inputs: Inputs, shared: bool) -> Iterator[Note]:
    inner = list(_loops(layer))
    second = extra_parameters(layer)[1]
    if second:
        text = f"PyTorch has a second bias vector for the state, {second:,} parameters more"
        yield SECOND_BIAS, f"{text}; it is zero where weights come from Keras."
    for found in inner:
        module = "nn.RNN" if isinstance(found, recurrent.SimpleRNN) else f"nn.{type(found).__name__}"
        if not own_form(found):
            yield WRITTEN_OUT, f"{module} has no such form, so the code computes step by step: {_reason(found)}."
        elif isinstance(found, recurrent.GRU):
            yield GATES, "Keras stores update, reset and new state; nn.GRU stores reset, update and new state."
        if found.dropout and own_form(found):
            text = "Keras drops inputs with one mask for all steps: nn.Dropout1d does so"
            yield STEPS_DROPOUT, f"{text}, as the dropout of {module} is between stacked layers."


def _loops(layer: Layer) -> Iterator[recurrent.Recurrent]:
    """Yield the recurrent layers that a layer consists of."""
    if isinstance(layer, wrappers.Bidirectional):
        yield layer.layer
    elif isinstance(layer, cells.Cell):
        yield layer.sequence
    elif isinstance(layer, recurrent_stack.StackedRNNCells):
        yield from _loops(layer.sequence)
    elif isinstance(layer, recurrent_stack.RNN):
        for cell in layer.cells:
            yield cell.sequence
    elif isinstance(layer, recurrent.Recurrent):
        yield layer


def _reason(layer: recurrent.Recurrent) -> str:
    if layer.recurrent_dropout:
        return "it drops out the state at every step"
    if isinstance(layer, recurrent.GRU) and not layer.reset_after:
        return "the reset gate comes before the product"
    return "its activations are not those of the module"


#: What a window slides over: their input has its channels first in PyTorch.
WINDOWS = (
    *(convolution.Convolution, convolution_transposed.TransposedConvolution, depthwise.ChannelwiseConvolution),
    pooling.Pooling,
)

RULES: Mapping[Any, Callable[[Layer, Inputs, bool], Iterator[Note]]] = {
    convolution.Convolution: _convolution,
    depthwise.ChannelwiseConvolution: _convolution,
    convolution_transposed.TransposedConvolution: _transposed,
    pooling.Pooling: _pooling,
    normalization.BatchNormalization: _batch_normalization,
    normalization.LayerNormalization: _epsilon,
    normalization_group.ByGroup: _epsilon,
    normalization_group.RMSNormalization: _epsilon,
    activations.LeakyReLU: _leaky_relu,
    attention.MultiHeadAttention: _attention,
    attention_grouped.GroupQueryAttention: _attention,
    attention_plain.PlainAttention: _attention,
    recurrent.Recurrent: _recurrent,
    wrappers.Bidirectional: _recurrent,
    cells.Cell: _recurrent,
    recurrent_stack.RNN: _recurrent,
    recurrent_stack.StackedRNNCells: _recurrent,
}
