"""The PyTorch view of the numbers: PyTorch's own shapes and parameter counts of the code that is generated.

Nothing here is a second definition: shapes are the program's in another order, counts the layer's own weights plus what
PyTorch holds besides (a second bias vector in ``nn.LSTM`` and ``nn.RNN``) or less what it holds as buffers.
"""

from __future__ import annotations

from typing import cast

from neural.code_generation.pytorch_layout import native, stored
from neural.layers.base import Layer, Weight
from neural.layers.cells import Cell
from neural.layers.recurrent import GRU, LSTM, Recurrent, SimpleRNN
from neural.layers.recurrent_stack import RNN, StackedRNNCells
from neural.layers.wrappers import Bidirectional, TimeDistributed
from neural.shapes import Shape


def view_shape(shape: Shape) -> Shape:
    """Return the sizes of one sample as PyTorch has them: channels first for maps and volumes."""
    return stored(shape, native(len(shape) + 1))


def extra_parameters(layer: Layer, weights: tuple[Weight, ...] = ()) -> tuple[int, int]:
    """Return what PyTorch counts beyond Keras: (parameters, trainable parameters).

    ``weights`` are those of the layer: moving statistics are buffers in PyTorch, and no parameters.
    """
    second = _second_bias(layer)
    return second - sum(weight.size for weight in weights if not weight.trainable), second


def own_form(layer: Recurrent) -> bool:
    """Whether PyTorch's own module computes what a recurrent layer does; else it is written out."""
    if layer.recurrent_dropout:
        return False
    if isinstance(layer, SimpleRNN):
        return layer.activation in ("tanh", "relu")
    gated = cast(LSTM | GRU, layer)
    usual = gated.activation == "tanh" and gated.recurrent_activation == "sigmoid"
    return usual and (not isinstance(gated, GRU) or gated.reset_after)


def _second_bias(layer: Layer) -> int:
    """Return the size of the bias vectors that PyTorch adds for the state. GRU has them in Keras too."""
    if isinstance(layer, Bidirectional):
        return 2 * _second_bias(layer.layer)
    if isinstance(layer, TimeDistributed):
        return _second_bias(layer.layer)
    if isinstance(layer, Cell | StackedRNNCells):
        return _second_bias(layer.sequence)
    if isinstance(layer, RNN):
        return sum(_second_bias(cell) for cell in layer.cells)
    if isinstance(layer, Recurrent) and not isinstance(layer, GRU) and layer.use_bias and own_form(layer):
        return layer.gates * layer.units
    return 0
