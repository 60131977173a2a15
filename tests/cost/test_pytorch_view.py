"""The PyTorch view: PyTorch's own parameter counts and shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import neural
from tests.cost.reports import only, report
from tests.layers.torch_oracle import torch

nn = torch.nn


def count(module: Any) -> int:
    return sum(each.numel() for each in module.parameters())


MODULES: list[tuple[str, str, Callable[[], Any], int]] = [
    # statement, input, PyTorch's module, how many more parameters than in Keras
    ("Dense(4)", "(5,)", lambda: nn.Linear(5, 4), 0),
    ("Conv2D(4, 3)", "(8, 8, 5)", lambda: nn.Conv2d(5, 4, 3), 0),
    ("Conv1D(4, 3, use_bias=false)", "(8, 5)", lambda: nn.Conv1d(5, 4, 3, bias=False), 0),
    ("DepthwiseConv2D(3)", "(8, 8, 5)", lambda: nn.Conv2d(5, 5, 3, groups=5), 0),
    ("Embedding(9, 4)", "(5,)", lambda: nn.Embedding(9, 4), 0),
    ("BatchNormalization()", "(8, 8, 5)", lambda: nn.BatchNorm2d(5), -10),
    ("BatchNormalization(scale=false, center=false)", "(5,)", lambda: nn.BatchNorm1d(5, affine=False), -10),
    ("LayerNormalization()", "(8, 5)", lambda: nn.LayerNorm(5), 0),
    ("PReLU(shared_axes=1)", "(8, 5)", lambda: nn.PReLU(5), 0),
    ("SimpleRNN(4)", "(7, 5)", lambda: nn.RNN(5, 4), 4),
    ("SimpleRNN(4, 'relu')", "(7, 5)", lambda: nn.RNN(5, 4, nonlinearity="relu"), 4),
    ("LSTM(4)", "(7, 5)", lambda: nn.LSTM(5, 4), 16),
    ("LSTM(4, return_sequences=true)", "(7, 5)", lambda: nn.LSTM(5, 4), 16),
    ("LSTM(4, use_bias=false)", "(7, 5)", lambda: nn.LSTM(5, 4, bias=False), 0),
    ("GRU(4)", "(7, 5)", lambda: nn.GRU(5, 4), 0),
    ("GRU(4, use_bias=false)", "(7, 5)", lambda: nn.GRU(5, 4, bias=False), 0),
    ("Bidirectional(LSTM(4))", "(7, 5)", lambda: nn.LSTM(5, 4, bidirectional=True), 32),
    ("Bidirectional(GRU(4), merge_mode='sum')", "(7, 5)", lambda: nn.GRU(5, 4, bidirectional=True), 0),
    ("Bidirectional(SimpleRNN(4))", "(7, 5)", lambda: nn.RNN(5, 4, bidirectional=True), 8),
    ("TimeDistributed(Dense(4))", "(7, 5)", lambda: nn.Linear(5, 4), 0),
    ("MultiHeadAttention(2, 4)", "(7, 8)", lambda: nn.MultiheadAttention(8, 2), 0),
]


@pytest.mark.parametrize(("statement", "input", "module", "more"), MODULES)
def test_parameters(statement: str, input: str, module: Callable[[], Any], more: int) -> None:
    theirs = only(statement, input, framework="pytorch")
    assert theirs.parameters == count(module())
    assert theirs.parameters - (only(statement, input).parameters or 0) == more
    assert theirs.weight_bytes == 4 * theirs.parameters


WRITTEN_OUT = ["LSTM(4, 'relu')", "LSTM(4, recurrent_dropout=0.1)", "GRU(4, reset_after=false)", "SimpleRNN(4, 'gelu')"]


@pytest.mark.parametrize("statement", WRITTEN_OUT)
def test_cells_that_are_written_out_have_one_bias(statement: str) -> None:
    assert only(statement, "(7, 5)", framework="pytorch").parameters == only(statement, "(7, 5)").parameters


def test_moving_statistics_are_buffers_and_no_parameters() -> None:
    found = report("Conv2D(4, 3) BatchNormalization()", "(8, 8, 3)", framework="pytorch")
    assert found.totals.parameters == 112 + 8
    assert (found.totals.trainable_parameters, found.totals.non_trainable_parameters) == (120, 0)
    theirs = report("Conv2D(4, 3) BatchNormalization()", "(8, 8, 3)")
    assert (theirs.totals.trainable_parameters, theirs.totals.non_trainable_parameters) == (120, 8)


SHAPES: list[tuple[str, str, tuple[int | None, ...], tuple[int | None, ...]]] = [
    # statement, input: shape of the input and of the result
    ("Dense(4)", "(5,)", (None, 5), (None, 4)),
    ("Conv1D(4, 3)", "(8, 5)", (None, 8, 5), (None, 6, 4)),
    ("LSTM(4, return_sequences=true)", "(7, 5)", (None, 7, 5), (None, 7, 4)),
    ("Conv2D(4, 3)", "(8, 9, 5)", (None, 5, 8, 9), (None, 4, 6, 7)),
    ("MaxPooling2D(2)", "(8, 9, 5)", (None, 5, 8, 9), (None, 5, 4, 4)),
    ("Flatten()", "(8, 9, 5)", (None, 5, 8, 9), (None, 360)),
    ("GlobalAveragePooling2D()", "(8, 9, 5)", (None, 5, 8, 9), (None, 5)),
    ("Conv2D(4, 3)", "(None, None, None, 5)", (None, 5, None, None), (None, 4, None, None)),
    ("Reshape((2, 3, 4))", "(24,)", (None, 24), (None, 4, 2, 3)),
    ("TimeDistributed(Conv2D(4, 3))", "(2, 8, 9, 5)", (None, 5, 2, 8, 9), (None, 4, 2, 6, 7)),
    ("Embedding(9, 4)", "(5,)", (None, 5), (None, 5, 4)),
]


@pytest.mark.parametrize(("statement", "input", "read", "made"), SHAPES)
def test_maps_and_volumes_have_their_channels_first(
    statement: str, input: str, read: tuple[int | None, ...], made: tuple[int | None, ...]
) -> None:
    found = report(statement, input, framework="pytorch")
    assert found.inputs[0].shape == read
    assert found.layers[0].input_shapes == (read,)
    assert found.layers[0].output_shape == made


def test_flops_and_bytes_of_results_are_the_same_in_both_views() -> None:
    source = "Conv2D(8, 3, 'relu') MaxPooling2D() Flatten() Reshape((9, 200)) LSTM(4) Dense(3)"
    for first, second in zip(
        report(source, "(32, 32, 3)").layers, report(source, "(32, 32, 3)", framework="pytorch").layers, strict=True
    ):
        assert (first.flops, first.other_ops, first.activation_bytes) == (
            second.flops, second.other_ops, second.activation_bytes,
        )  # fmt: skip


def test_training_counts_what_the_view_owns() -> None:
    """An LSTM in PyTorch has another bias vector: weight, gradient and two copies in Adam's state."""
    bytes_ = {
        name: report("LSTM(4)", "(7, 5)", framework=name).totals.training_bytes for name in ("tensorflow", "pytorch")
    }
    assert (bytes_["pytorch"] or 0) - (bytes_["tensorflow"] or 0) == 16 * 4 * 4


def test_the_view_changes_nothing_else() -> None:
    source = "network N { input: (8, 8, 3) layers: Conv2D(4, 3) Flatten() Dense(2) }"
    first, second = (neural.analyze(source, framework=name) for name in ("tensorflow", "pytorch"))
    assert [(each.key, each.arguments, each.line) for each in first.layers] == [
        (each.key, each.arguments, each.line) for each in second.layers
    ]
    assert first.outputs == second.outputs
