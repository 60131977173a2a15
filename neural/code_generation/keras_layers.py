"""The layers in Keras: a table from a layer's class to the call that makes it and the way it is called.

Names, order and defaults of arguments are Keras's own, so that most rows say only that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from neural.code_generation.emitter import UnsupportedError
from neural.code_generation.keras_custom import custom_class
from neural.code_generation.writer import Code, Helper, call
from neural.layers import (
    activations,
    attention,
    convolution,
    convolution_transposed,
    core,
    custom,
    depthwise,
    merging,
    normalization,
    pooling,
    pooling_global,
    recurrent,
    regularization,
    reshaping,
    reshaping_edges,
    wrappers,
)
from neural.layers.base import Layer, type_name
from neural.layers.fields import MISSING, Margins, Sizes

Reads = Callable[[Layer, Sequence[str]], list[str]]
"""From a layer and its tensors' variables to the arguments it is called with."""


@dataclass(frozen=True, slots=True)
class Made:
    """A call that makes a Keras layer, without its name, and how the layer is called."""

    function: str
    positional: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    reads: Reads = lambda layer, tensors: list(tensors)
    helper: Helper | None = None
    """A class that the call needs in the file."""

    def code(self) -> Code:
        """Return the call as an argument of another one."""
        return Code(call(self.function, self.positional, self.named))


Row = Callable[[Layer], Made]


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


def _same(function: str = "", reads: Reads | None = None, **names: str) -> Row:
    """Return the row of a layer that Keras has with the same arguments; ``names`` are those it calls otherwise."""

    def row(layer: Layer) -> Made:
        positional, named = _arguments(layer, names)
        name = f"layers.{function or type_name(layer)}"
        return Made(name, positional, named, reads) if reads else Made(name, positional, named)

    return row


def _arguments(layer: Layer, names: Mapping[str, str]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the required arguments by position and the others that differ from their defaults by name."""
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for name, argument in layer.arguments().items():
        value = getattr(layer, name)
        written = _shortest(value, argument.kind)
        if argument.required and not named:
            positional.append(written)
        elif argument.default is MISSING or value != argument.default:
            named[names.get(name, name)] = written
    return tuple(positional), named


def _shortest(value: Any, kind: Any) -> Any:
    """Return sizes and margins that are all the same as one of them."""
    if isinstance(kind, Margins) and value is not None:
        pairs = tuple(pair[0] if pair[0] == pair[1] else pair for pair in value)
        if len(pairs) == 1 or (len(set(pairs)) == 1 and isinstance(pairs[0], int)):
            return pairs[0]
        return pairs if all(isinstance(pair, int) for pair in pairs) else value
    if isinstance(kind, Sizes) and value is not None and len(set(value)) == 1:
        return value[0]
    return value


def _activation(name: str) -> Row:
    return lambda layer: Made("layers.Activation", (name,))


def _wrapper(layer: Layer) -> Made:
    """Return a layer around another one, which is its first argument."""
    positional, named = _arguments(layer, {})
    return Made(f"layers.{type_name(layer)}", (made(positional[0]).code(), *positional[1:]), named)


def _depthwise(layer: Layer) -> Made:
    """Return a layer with a depthwise convolution over a map, which TensorFlow strides alike in both directions."""
    assert isinstance(layer, depthwise.DepthwiseConv2D | depthwise.SeparableConv2D)
    if len(set(layer.strides)) > 1:
        why = f"TensorFlow's depthwise convolution has one stride for height and width, got {layer.strides}"
        raise UnsupportedError(why, "use equal strides, or generate code for PyTorch", "strides")
    return _same()(layer)


def _list(layer: Layer, tensors: Sequence[str]) -> list[str]:
    return [f"[{', '.join(tensors)}]"]


def _input(layer: Layer) -> Made:
    assert isinstance(layer, core.Input)
    return Made("keras.Input", (), {"shape": layer.shape})


def _prelu(layer: Layer) -> Made:
    assert isinstance(layer, activations.PReLU)
    return Made("layers.PReLU", (), {"shared_axes": list(layer.shared_axes)} if layer.shared_axes else {})


def _attention(layer: Layer) -> Made:
    positional, named = _arguments(layer, {"output_dim": "output_shape"})
    named.pop("use_causal_mask", None)
    return Made("layers.MultiHeadAttention", positional, named, _query_value_key)


def _custom(layer: Layer) -> Made:
    assert isinstance(layer, custom.Custom)
    name = custom.class_name(layer)
    return Made(name, (), custom.given_settings(layer), helper=custom_class(name))


def _query_value_key(layer: Layer, tensors: Sequence[str]) -> list[str]:
    """Return query, value and, where it is another tensor, key; one tensor attends to itself."""
    assert isinstance(layer, attention.MultiHeadAttention)
    given = [*tensors, tensors[0]] if len(tensors) == 1 else list(tensors)
    return [*given, "use_causal_mask=True"] if layer.use_causal_mask else given


ROWS: Mapping[type[Layer], Row] = {
    core.Input: _input,
    core.Dense: _same(),
    core.Output: _same("Dense"),
    core.Embedding: _same(),
    activations.Activation: _same(),
    activations.ReLU: _same(),
    activations.LeakyReLU: _same(),
    activations.PReLU: _prelu,
    activations.ELU: _same(),
    activations.Softmax: _same(),
    activations.GELU: _activation("gelu"),
    activations.SiLU: _activation("silu"),
    activations.Sigmoid: _activation("sigmoid"),
    activations.Tanh: _activation("tanh"),
    convolution.Conv1D: _same(),
    convolution.Conv2D: _same(),
    convolution.Conv3D: _same(),
    convolution_transposed.Conv1DTranspose: _same(),
    convolution_transposed.Conv2DTranspose: _same(),
    convolution_transposed.Conv3DTranspose: _same(),
    depthwise.DepthwiseConv1D: _same(),
    depthwise.DepthwiseConv2D: _depthwise,
    depthwise.SeparableConv1D: _same(),
    depthwise.SeparableConv2D: _depthwise,
    pooling.MaxPooling1D: _same(),
    pooling.MaxPooling2D: _same(),
    pooling.MaxPooling3D: _same(),
    pooling.AveragePooling1D: _same(),
    pooling.AveragePooling2D: _same(),
    pooling.AveragePooling3D: _same(),
    pooling_global.GlobalMaxPooling1D: _same(),
    pooling_global.GlobalMaxPooling2D: _same(),
    pooling_global.GlobalMaxPooling3D: _same(),
    pooling_global.GlobalAveragePooling1D: _same(),
    pooling_global.GlobalAveragePooling2D: _same(),
    pooling_global.GlobalAveragePooling3D: _same(),
    recurrent.SimpleRNN: _same(),
    recurrent.LSTM: _same(),
    recurrent.GRU: _same(),
    wrappers.Bidirectional: _wrapper,
    wrappers.TimeDistributed: _wrapper,
    attention.MultiHeadAttention: _attention,
    normalization.BatchNormalization: _same(),
    normalization.LayerNormalization: _same(),
    regularization.Dropout: _same(),
    regularization.SpatialDropout1D: _same(),
    regularization.SpatialDropout2D: _same(),
    regularization.SpatialDropout3D: _same(),
    regularization.AlphaDropout: _same(),
    regularization.GaussianDropout: _same(),
    regularization.GaussianNoise: _same(),
    reshaping.Flatten: _same(),
    reshaping.Reshape: _same(),
    reshaping.Permute: _same(),
    reshaping.RepeatVector: _same(),
    reshaping_edges.Cropping1D: _same(),
    reshaping_edges.Cropping2D: _same(),
    reshaping_edges.Cropping3D: _same(),
    reshaping_edges.ZeroPadding1D: _same(),
    reshaping_edges.ZeroPadding2D: _same(),
    reshaping_edges.ZeroPadding3D: _same(),
    reshaping_edges.UpSampling1D: _same(),
    reshaping_edges.UpSampling2D: _same(),
    reshaping_edges.UpSampling3D: _same(),
    merging.Add: _same(reads=_list),
    merging.Subtract: _same(reads=_list),
    merging.Multiply: _same(reads=_list),
    merging.Average: _same(reads=_list),
    merging.Maximum: _same(reads=_list),
    merging.Minimum: _same(reads=_list),
    merging.Concatenate: _same(reads=_list),
    custom.Custom: _custom,
}
