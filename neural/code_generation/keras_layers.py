"""The layers in Keras: a table from a layer's class to the call that makes it and the way it is called.

Names, order and defaults of arguments are Keras's own, so that most rows say only that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from neural.code_generation import keras_elementwise
from neural.code_generation.emitter import UnsupportedError
from neural.code_generation.keras_custom import custom_class
from neural.code_generation.keras_elementwise import ONE_STEP
from neural.code_generation.keras_made import Made, Row, arguments, by_activation, same
from neural.layers import (
    activations,
    attention,
    attention_grouped,
    attention_plain,
    cells,
    convolution,
    convolution_transposed,
    core,
    custom,
    depthwise,
    merging,
    merging_dot,
    normalization,
    pooling,
    pooling_adaptive,
    pooling_global,
    recurrent,
    regularization,
    reshaping,
    reshaping_edges,
    wrappers,
)
from neural.layers.base import Layer, type_name


def made(layer: Layer) -> Made:
    """Return the call for a layer; raise ``UnsupportedError`` where there is none."""
    row = ROWS.get(type(layer))
    if row is None:
        raise UnsupportedError(f"{type_name(layer)} has no form in Keras", "use layers of the catalogue")
    return row(layer)


#: Keras's names of the devices that programs name.
_DEVICES = {"cpu": "cpu", "gpu": "gpu", "cuda": "gpu", "mps": "gpu", "xpu": "gpu", "tpu": "tpu"}


def keras_device(device: str) -> str | None:
    """Return a program's device as Keras names it, or None where Keras chooses."""
    name, _, index = device.partition(":")
    return f"{_DEVICES[name]}:{index or 0}" if name in _DEVICES else None


def _wrapper(layer: Layer) -> Made:
    """Return a layer around another one, which is its first argument."""
    positional, named = arguments(layer, {})
    return Made(f"layers.{type_name(layer)}", (made(positional[0]).code(), *positional[1:]), named)


def _depthwise(layer: Layer) -> Made:
    """Return a layer with a depthwise convolution over a map, which TensorFlow strides alike in both directions."""
    assert isinstance(layer, depthwise.DepthwiseConv2D | depthwise.SeparableConv2D)
    if len(set(layer.strides)) > 1:
        why = f"TensorFlow's depthwise convolution has one stride for height and width, got {layer.strides}"
        raise UnsupportedError(why, "use equal strides, or generate code for PyTorch", "strides")
    return same()(layer)


def _list(layer: Layer, tensors: Sequence[str]) -> list[str]:
    return [f"[{', '.join(tensors)}]"]


def _input(layer: Layer) -> Made:
    assert isinstance(layer, core.Input)
    return Made("keras.Input", (), {"shape": layer.shape})


def _prelu(layer: Layer) -> Made:
    assert isinstance(layer, activations.PReLU)
    return Made("layers.PReLU", (), {"shared_axes": list(layer.shared_axes)} if layer.shared_axes else {})


def _attention(layer: Layer) -> Made:
    positional, named = arguments(layer, {"output_dim": "output_shape"})
    named.pop("use_causal_mask", None)
    return Made(f"layers.{type_name(layer)}", positional, named, _query_value_key)


def _plain_attention(layer: Layer) -> Made:
    _, named = arguments(layer, {})
    named.pop("use_causal_mask", None)
    return Made(f"layers.{type_name(layer)}", (), named, _listed_query_value_key)


def _listed_query_value_key(layer: Layer, tensors: Sequence[str]) -> list[str]:
    """Return one list of query, value and key, and what else the call takes."""
    given = _query_value_key(layer, tensors)
    operands = [each for each in given if "=" not in each]
    return [f"[{', '.join(operands)}]", *given[len(operands) :]]


def _cell(layer: Layer) -> Made:
    """Return a cell, called once with a state of zeros."""
    positional, named = arguments(layer, {})
    inner = Made(f"layers.{type_name(layer)}", positional, named).code()
    return Made("OneStep", (inner,), {}, helper=ONE_STEP)


def _custom(layer: Layer) -> Made:
    assert isinstance(layer, custom.Custom)
    name = custom.class_name(layer)
    return Made(name, (), custom.given_settings(layer), helper=custom_class(name))


def _query_value_key(layer: Layer, tensors: Sequence[str]) -> list[str]:
    """Return query, value and, where it is another tensor, key; one tensor attends to itself."""
    given = [*tensors, tensors[0]] if len(tensors) == 1 else list(tensors)
    return [*given, "use_causal_mask=True"] if getattr(layer, "use_causal_mask", False) else given


ROWS: Mapping[type[Layer], Row] = {
    core.Input: _input,
    core.Dense: same(),
    core.Output: same("Dense"),
    core.Embedding: same(),
    activations.Activation: same(),
    activations.ReLU: same(),
    activations.LeakyReLU: same(),
    activations.PReLU: _prelu,
    activations.ELU: same(),
    activations.Softmax: same(),
    activations.GELU: by_activation("gelu"),
    activations.SiLU: by_activation("silu"),
    activations.Sigmoid: by_activation("sigmoid"),
    activations.Tanh: by_activation("tanh"),
    convolution.Conv1D: same(),
    convolution.Conv2D: same(),
    convolution.Conv3D: same(),
    convolution_transposed.Conv1DTranspose: same(),
    convolution_transposed.Conv2DTranspose: same(),
    convolution_transposed.Conv3DTranspose: same(),
    depthwise.DepthwiseConv1D: same(),
    depthwise.DepthwiseConv2D: _depthwise,
    depthwise.SeparableConv1D: same(),
    depthwise.SeparableConv2D: _depthwise,
    pooling.MaxPooling1D: same(),
    pooling.MaxPooling2D: same(),
    pooling.MaxPooling3D: same(),
    pooling.AveragePooling1D: same(),
    pooling.AveragePooling2D: same(),
    pooling.AveragePooling3D: same(),
    **{layer: same() for layer in pooling_adaptive.LAYERS},
    pooling_global.GlobalMaxPooling1D: same(),
    pooling_global.GlobalMaxPooling2D: same(),
    pooling_global.GlobalMaxPooling3D: same(),
    pooling_global.GlobalAveragePooling1D: same(),
    pooling_global.GlobalAveragePooling2D: same(),
    pooling_global.GlobalAveragePooling3D: same(),
    recurrent.SimpleRNN: same(),
    recurrent.LSTM: same(),
    recurrent.GRU: same(),
    wrappers.Bidirectional: _wrapper,
    wrappers.TimeDistributed: _wrapper,
    attention.MultiHeadAttention: _attention,
    attention_grouped.GroupQueryAttention: _attention,
    attention_plain.Attention: _plain_attention,
    attention_plain.AdditiveAttention: _plain_attention,
    cells.SimpleRNNCell: _cell,
    cells.LSTMCell: _cell,
    cells.GRUCell: _cell,
    normalization.BatchNormalization: same(),
    normalization.LayerNormalization: same(),
    regularization.Dropout: same(),
    regularization.SpatialDropout1D: same(),
    regularization.SpatialDropout2D: same(),
    regularization.SpatialDropout3D: same(),
    regularization.AlphaDropout: same(),
    regularization.GaussianDropout: same(),
    regularization.GaussianNoise: same(),
    reshaping.Flatten: same(),
    reshaping.Reshape: same(),
    reshaping.Permute: same(),
    reshaping.RepeatVector: same(),
    reshaping_edges.Cropping1D: same(),
    reshaping_edges.Cropping2D: same(),
    reshaping_edges.Cropping3D: same(),
    reshaping_edges.ZeroPadding1D: same(),
    reshaping_edges.ZeroPadding2D: same(),
    reshaping_edges.ZeroPadding3D: same(),
    reshaping_edges.UpSampling1D: same(),
    reshaping_edges.UpSampling2D: same(),
    reshaping_edges.UpSampling3D: same(),
    merging.Add: same(reads=_list),
    merging.Subtract: same(reads=_list),
    merging.Multiply: same(reads=_list),
    merging.Average: same(reads=_list),
    merging.Maximum: same(reads=_list),
    merging.Minimum: same(reads=_list),
    merging.Concatenate: same(reads=_list),
    merging_dot.Dot: same(reads=_list),
    **keras_elementwise.ROWS,
    custom.Custom: _custom,
}
