"""The layers in Keras: a table from a layer's class to the call that makes it and the way it is called.

Names, order and defaults of arguments are Keras's own, so that most rows say only that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from neural.code_generation import (
    keras_attention_general,
    keras_attention_windows,
    keras_elementwise,
    keras_graphs,
    keras_positions,
)
from neural.code_generation import lambdas as written
from neural.code_generation.emitter import UnsupportedError
from neural.code_generation.keras_custom import custom_class
from neural.code_generation.keras_elementwise import ONE_STEP
from neural.code_generation.keras_made import Made, Row, arguments, by_activation, grouped, same
from neural.code_generation.writer import Code
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
    einsum,
    lambdas,
    merging,
    merging_dot,
    normalization,
    pooling,
    pooling_adaptive,
    pooling_global,
    recurrent,
    recurrent_convolution,
    recurrent_stack,
    regularization,
    reshaping,
    reshaping_edges,
    spectral,
    splitting,
    wrappers,
)
from neural.layers.base import Layer, type_name


def made(layer: Layer, references: int = 1) -> Made:
    """Return the call for a layer of so many references; raise ``UnsupportedError`` where there is none."""
    row = BIASED.get(type(layer)) if references > 3 else None
    row = row or ROWS.get(type(layer))
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
    inner = made(positional[0])
    function, given = f"layers.{type_name(layer)}", (inner.code(), *positional[1:])
    return Made(function, given, named, helper=inner.helper, imports=inner.imports)


def _bidirectional(layer: Layer) -> Made:
    return replace(_wrapper(layer), reads=_started)


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
    if keras_attention_general.needs_general(layer):
        return keras_attention_general.general(layer)
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


def _activation(layer: Layer) -> Made:
    """Return the activation; Keras's own layer takes glu to keep the shape."""
    assert isinstance(layer, activations.Activation)
    return _glu(activations.GLU()) if layer.activation == "glu" else same()(layer)


def _glu(layer: Layer) -> Made:
    assert isinstance(layer, activations.GLU)
    named = {} if layer.axis == -1 else {"arguments": {"axis": layer.axis}}
    return Made("layers.Lambda", (Code("keras.activations.glu"),), named)


_IMPORTS = {"ops": "from keras import ops", "tf": "import tensorflow as tf", "math": "import math"}


def _lambda(layer: Layer) -> Made:
    """Return the lambda as the program has it."""
    assert isinstance(layer, lambdas.Lambda)
    used = written.packages(layer) - {"keras"}
    if used - set(_IMPORTS):
        raise UnsupportedError(
            f"this lambda calls functions of {' and '.join(sorted(used - set(_IMPORTS)))}",
            "for Keras write it with keras.ops, or generate code for PyTorch",
            "function",
        )
    named = {"output_shape": layer.shape} if layer.shape is not None else {}
    return Made("layers.Lambda", (Code(written.whole(layer)),), named, imports=tuple(_IMPORTS[each] for each in used))


def _cell(layer: Layer) -> Made:
    """Return a cell, called once with a state of zeros."""
    return Made("OneStep", (_cell_code(layer),), {}, helper=ONE_STEP)


def _split(layer: Layer) -> Made:
    """Return the function that splits, which takes the places of the cuts and not the sizes."""
    assert isinstance(layer, splitting.Split)
    parts = layer.num_or_sizes
    cuts = parts if isinstance(parts, int) else list(accumulate(parts[:-1]))
    return Made("layers.Lambda", (Code(f"lambda x: keras.ops.split(x, {cuts}, axis={layer.axis})"),))


def _recurrent(layer: Layer) -> Made:
    """Return a recurrent layer, which reads the states that it starts from as a list."""
    return same(reads=_started)(layer)


def _started(layer: Layer, tensors: Sequence[str]) -> list[str]:
    states = ", ".join(tensors[1:])
    return [tensors[0], f"initial_state=[{states}]"] if states else [tensors[0]]


def _rnn(layer: Layer) -> Made:
    """Return a loop over cells, the states of each of which stand together where there are several."""
    assert isinstance(layer, recurrent_stack.RNN)
    _, named = arguments(layer, {})
    named.pop("cell", None)
    cells_ = [_cell_code(cell) for cell in layer.cells]
    stacked = len(cells_) > 1
    groups = tuple(cell.sequence.state_count for cell in layer.cells) if stacked else ()
    return Made("layers.RNN", (cells_ if stacked else cells_[0],), named, _started_in_groups, groups=groups)


def _started_in_groups(layer: Layer, tensors: Sequence[str]) -> list[str]:
    assert isinstance(layer, recurrent_stack.RNN)
    if len(layer.cells) == 1:
        return _started(layer, tensors)
    sizes = [cell.sequence.state_count for cell in layer.cells]
    return _started(layer, [tensors[0], *grouped(tensors[1:], sizes, "[]")])


def _stacked_cells(layer: Layer) -> Made:
    assert isinstance(layer, recurrent_stack.StackedRNNCells)
    steps = [Code(f"OneStep({_cell_code(cell)})") for cell in layer.cells]
    return Made("keras.Sequential", (steps,), {}, helper=ONE_STEP)


def _cell_code(cell: Layer) -> Code:
    positional, named = arguments(cell, {})
    return Made(f"layers.{type_name(cell)}", positional, named).code()


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
    core.Masking: same(),
    einsum.EinsumDense: same(output_dim="output_shape"),
    activations.Activation: _activation,
    activations.ReLU: same(),
    activations.LeakyReLU: same(),
    activations.PReLU: _prelu,
    activations.ELU: same(),
    activations.Softmax: same(),
    activations.GLU: _glu,
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
    recurrent.SimpleRNN: _recurrent,
    recurrent.LSTM: _recurrent,
    recurrent.GRU: _recurrent,
    recurrent_stack.RNN: _rnn,
    recurrent_stack.StackedRNNCells: _stacked_cells,
    recurrent_convolution.ConvLSTM1D: _recurrent,
    recurrent_convolution.ConvLSTM2D: _recurrent,
    recurrent_convolution.ConvLSTM3D: _recurrent,
    splitting.Split: _split,
    wrappers.Bidirectional: _bidirectional,
    wrappers.TimeDistributed: _wrapper,
    spectral.SpectralNormalization: _wrapper,
    attention.MultiHeadAttention: _attention,
    attention_grouped.GroupQueryAttention: _attention,
    attention_plain.Attention: _plain_attention,
    attention_plain.AdditiveAttention: _plain_attention,
    cells.SimpleRNNCell: _cell,
    cells.LSTMCell: _cell,
    cells.GRUCell: _cell,
    normalization.BatchNormalization: same(),
    normalization.LayerNormalization: same(),
    regularization.ActivityRegularization: same(),
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
    **keras_positions.ROWS,
    **keras_graphs.ROWS,
    **keras_attention_windows.ROWS,
    custom.Custom: _custom,
    lambdas.Lambda: _lambda,
}

#: The functions and classes of all rows.
HELPERS = (
    *keras_elementwise.HELPERS,
    *keras_positions.HELPERS,
    *keras_attention_general.HELPERS,
    *keras_attention_windows.HELPERS,
    *keras_graphs.HELPERS,
)

#: The rows of attention with a bias of its scores, the fourth reference.
BIASED: Mapping[type[Layer], Row] = {attention.MultiHeadAttention: keras_attention_general.general}
