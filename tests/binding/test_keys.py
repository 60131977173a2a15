"""Layers that have no name of their own are called and counted as Keras calls and counts them."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from tests.binding.graphs import network
from tests.binding.programs import probe

L = keras.layers

ROWS: list[tuple[str, str, list[Any]]] = [
    ("(6,)", "Dense(2) Dense(2) Dropout(0.1) Dense(2)", [L.Dense, L.Dense, L.Dropout, L.Dense]),
    ("(9, 9, 1)", "Conv2D(2, 3) DepthwiseConv2D(3) SeparableConv2D(2, 3)",
     [L.Conv2D, L.DepthwiseConv2D, L.SeparableConv2D]),
    ("(9, 1)", "Conv1D(2, 3) MaxPooling1D() AveragePooling1D(2) Flatten()",
     [L.Conv1D, L.MaxPooling1D, L.AveragePooling1D, L.Flatten]),
    ("(9, 9, 1)", "MaxPooling2D() AveragePooling2D(2) GlobalMaxPooling2D()",
     [L.MaxPooling2D, L.AveragePooling2D, L.GlobalMaxPooling2D]),
    ("(9, 1)", "GlobalAveragePooling1D() BatchNormalization() BatchNormalization()",
     [L.GlobalAveragePooling1D, L.BatchNormalization, L.BatchNormalization]),
    ("(6,)", "ReLU() LeakyReLU() PReLU() ELU() Softmax()", [L.ReLU, L.LeakyReLU, L.PReLU, L.ELU, L.Softmax]),
    ("(9, 4)", "LSTM(2, return_sequences=true) GRU(2, return_sequences=true) SimpleRNN(2)",
     [L.LSTM, L.GRU, L.SimpleRNN]),
    ("(9, 4)", "LayerNormalization() SpatialDropout1D(0.1) ZeroPadding1D() UpSampling1D() Cropping1D()",
     [L.LayerNormalization, L.SpatialDropout1D, L.ZeroPadding1D, L.UpSampling1D, L.Cropping1D]),
    ("(6,)", "GaussianNoise(0.1) GaussianDropout(0.1) AlphaDropout(0.1) RepeatVector(2)",
     [L.GaussianNoise, L.GaussianDropout, L.AlphaDropout, L.RepeatVector]),
    ("(9, 9, 1)", "ZeroPadding2D() Cropping2D(1) UpSampling2D() Permute((2, 1, 3))",
     [L.ZeroPadding2D, L.Cropping2D, L.UpSampling2D, L.Permute]),
    ("(6,)", "Reshape((3, 2)) Embedding(5, 3)(input) Activation('relu')", [L.Reshape, L.Embedding, L.Activation]),
    ("(9, 4)", "MultiHeadAttention(2, 2) MultiHeadAttention(2, 2)", [L.MultiHeadAttention, L.MultiHeadAttention]),
    ("(4,), (4,)", "Add() Subtract()(input_1, input_2) Multiply()(input_1, input_2) Average()(input_1, input_2)",
     [L.Add, L.Subtract, L.Multiply, L.Average]),
    ("(4,), (4,)", "Maximum() Minimum()(input_1, input_2) Concatenate()(input_1, input_2)",
     [L.Maximum, L.Minimum, L.Concatenate]),
]  # fmt: skip

#: Arguments that Keras's constructors cannot do without.
NEEDS: dict[Any, tuple[Any, ...]] = {
    L.Dense: (2,), L.Dropout: (0.1,), L.Conv1D: (2, 3), L.Conv2D: (2, 3), L.DepthwiseConv2D: (3,),
    L.SeparableConv2D: (2, 3), L.AveragePooling1D: (2,), L.AveragePooling2D: (2,), L.LSTM: (2,), L.GRU: (2,),
    L.SimpleRNN: (2,), L.SpatialDropout1D: (0.1,), L.GaussianNoise: (0.1,), L.GaussianDropout: (0.1,),
    L.AlphaDropout: (0.1,), L.RepeatVector: (2,), L.Permute: ((2, 1, 3),), L.Reshape: ((3, 2),),
    L.Embedding: (5, 3), L.Activation: ("relu",), L.MultiHeadAttention: (2, 2),
}  # fmt: skip


@pytest.mark.parametrize(("input", "statements", "layers"), ROWS)
def test_names(input: str, statements: str, layers: list[Any]) -> None:
    keras.backend.clear_session()
    names = [layer(*NEEDS.get(layer, ())).name for layer in layers]
    assert [node.key for node in network(probe(statements, input)).nodes] == names
