"""Parameters, FLOPs and bytes of whole programs, as literal numbers and against the frameworks' own counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import pytest

import neural
from tests.cost.reports import RESNET50, only, report

L = keras.layers
EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_example_of_digits_to_the_digit() -> None:
    found = neural.analyze((EXAMPLES / "mnist.neural").read_text(encoding="utf-8"))
    rows = [(each.key, each.output_shape, each.parameters, each.flops, each.weight_bytes, each.activation_bytes)
            for each in found.layers]  # fmt: skip
    assert rows == [
        ("conv2d", (None, 26, 26, 32), 320, 389_376, 1_280, 86_528),
        ("max_pooling2d", (None, 13, 13, 32), 0, 0, 0, 21_632),
        ("flatten", (None, 5408), 0, 0, 0, 21_632),
        ("dense", (None, 128), 692_352, 1_384_448, 2_769_408, 512),
        ("dropout", (None, 128), 0, 0, 0, 512),
        ("output", (None, 10), 1_290, 2_560, 5_160, 40),
    ]
    totals = found.totals.to_dict()
    totals.pop("other_ops")
    assert totals == {
        "parameters": 693_962,
        "trainable_parameters": 693_962,
        "non_trainable_parameters": 0,
        "flops": 1_776_384,
        "macs": 888_192,
        "weight_bytes": 2_775_848,
        "activation_bytes": 130_856,
        # Adam's state and the weights; then, at the dense layer, all gradients but the convolution's and what is kept
        "training_bytes": 3 * 2_775_848 + (2_769_408 + 5_160) + 155_072,
        "time": None,
    }
    assert found.convention == "1 MAC = 2 FLOPs, batch 1, float32"


def test_resnet50_to_the_digit() -> None:
    found = neural.analyze(RESNET50)
    assert found.ok
    assert len(found.layers) == 174
    assert found.layers[-2].output_shape == (None, 2048)
    # torchvision's model: 25,557,032 parameters beside 53,120 moving statistics, 4,089,184,256 multiply-adds
    assert found.totals.trainable_parameters == 25_557_032
    assert found.totals.non_trainable_parameters == 53_120
    assert found.totals.macs == 4_089_184_256
    assert found.totals.flops == 8_178_368_512


ONE_LAYER: list[tuple[str, str, int, int, int, tuple[int | None, ...]]] = [
    # statement, input, parameters, trainable, FLOPs, output: each worked out by hand
    ("Dense(4)", "(3,)", 3 * 4 + 4, 16, 2 * 3 * 4, (None, 4)),
    ("Dense(4, use_bias=false)", "(5, 3)", 12, 12, 2 * 5 * 3 * 4, (None, 5, 4)),
    ("Conv2D(8, 3)", "(10, 9, 3)", 27 * 8 + 8, 224, 2 * 8 * 7 * 9 * 3 * 8, (None, 8, 7, 8)),
    ("Conv2D(8, 3, 2, 'same')", "(10, 9, 3)", 224, 224, 2 * 5 * 5 * 9 * 3 * 8, (None, 5, 5, 8)),
    ("Conv2D(8, 3, groups=2)", "(10, 9, 4)", 9 * 2 * 8 + 8, 152, 2 * 8 * 7 * 9 * 2 * 8, (None, 8, 7, 8)),
    ("Conv2D(8, 3, dilation_rate=2)", "(10, 9, 3)", 224, 224, 2 * 6 * 5 * 9 * 3 * 8, (None, 6, 5, 8)),
    ("Conv1D(8, 5, padding='causal')", "(12, 3)", 128, 128, 2 * 12 * 5 * 3 * 8, (None, 12, 8)),
    ("DepthwiseConv2D(3, depth_multiplier=2)", "(10, 9, 3)", 9 * 6 + 6, 60, 2 * 8 * 7 * 9 * 6, (None, 8, 7, 6)),
    ("SeparableConv2D(8, 3)", "(10, 9, 3)", 27 + 24 + 8, 59, 2 * 56 * (27 + 24), (None, 8, 7, 8)),
    ("BatchNormalization()", "(10, 9, 3)", 12, 6, 0, (None, 10, 9, 3)),
    ("LayerNormalization()", "(5, 8)", 16, 16, 0, (None, 5, 8)),
    ("Embedding(100, 8)", "(12,)", 800, 800, 0, (None, 12, 8)),
    ("SimpleRNN(4)", "(7, 5)", 4 * (5 + 4 + 1), 40, 2 * 7 * 4 * 9, (None, 4)),
    ("LSTM(4)", "(7, 5)", 160, 160, 2 * 7 * 4 * 4 * 9, (None, 4)),
    ("GRU(4)", "(7, 5)", 3 * (20 + 16 + 8), 132, 2 * 7 * 3 * 4 * 9, (None, 4)),
    ("GRU(4, reset_after=false)", "(7, 5)", 120, 120, 2 * 7 * 3 * 4 * 9, (None, 4)),
    ("Bidirectional(LSTM(4))", "(7, 5)", 320, 320, 2 * 2 * 7 * 4 * 4 * 9, (None, 8)),
    ("TimeDistributed(Dense(4))", "(7, 5)", 24, 24, 2 * 7 * 20, (None, 7, 4)),
    ("MultiHeadAttention(2, 4)", "(7, 8)", 4 * 72, 288, 2 * 7 * 4 * 64 + 2 * 2 * 7 * 7 * 8, (None, 7, 8)),
    ("PReLU()", "(5, 8)", 40, 40, 0, (None, 5, 8)),
    ("MaxPooling2D(2)", "(10, 9, 3)", 0, 0, 0, (None, 5, 4, 3)),
    ("Flatten()", "(10, 9, 3)", 0, 0, 0, (None, 270)),
]


@pytest.mark.parametrize(("statement", "input", "parameters", "trainable", "flops", "output"), ONE_LAYER)
def test_one_layer(
    statement: str, input: str, parameters: int, trainable: int, flops: int, output: tuple[int | None, ...]
) -> None:
    found = only(statement, input)
    assert (found.parameters, found.trainable_parameters, found.flops) == (parameters, trainable, flops)
    assert found.output_shape == output
    assert found.macs == flops // 2
    assert found.weight_bytes == 4 * parameters


NETWORKS: list[tuple[str, str, tuple[int | None, ...], list[Any]]] = [
    (
        "Conv2D(8, 3, padding='same', use_bias=false) BatchNormalization() ReLU() MaxPooling2D() Flatten() Dense(10)",
        "(12, 12, 3)",
        (12, 12, 3),
        [L.Conv2D(8, 3, padding="same", use_bias=False), L.BatchNormalization(), L.ReLU(), L.MaxPooling2D(),
         L.Flatten(), L.Dense(10)],
    ),
    (
        "Embedding(50, 8) Bidirectional(LSTM(4, return_sequences=true)) GRU(6) Dense(2, 'softmax')",
        "(9,)",
        (9,),
        [L.Embedding(50, 8), L.Bidirectional(L.LSTM(4, return_sequences=True)), L.GRU(6), L.Dense(2)],
    ),
    (
        "SeparableConv2D(8, 3, 2) DepthwiseConv2D(3) LayerNormalization() PReLU(shared_axes=(1, 2)) Flatten() Dense(3)",
        "(16, 16, 4)",
        (16, 16, 4),
        [L.SeparableConv2D(8, 3, 2), L.DepthwiseConv2D(3), L.LayerNormalization(), L.PReLU(shared_axes=(1, 2)),
         L.Flatten(), L.Dense(3)],
    ),
    (
        "Conv1D(8, 3) TimeDistributed(Dense(5, 'relu')) UpSampling1D(2) SimpleRNN(7) RepeatVector(3) Dense(2)",
        "(10, 4)",
        (10, 4),
        [L.Conv1D(8, 3), L.TimeDistributed(L.Dense(5)), L.UpSampling1D(2), L.SimpleRNN(7), L.RepeatVector(3),
         L.Dense(2)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "input", "shape", "layers"), NETWORKS, ids=range(1, 5))
def test_parameters_and_shapes_are_those_of_keras(
    statements: str, input: str, shape: tuple[int | None, ...], layers: list[Any]
) -> None:
    model = keras.Sequential([keras.Input(shape), *layers])
    found = report(statements, input)
    assert [each.parameters for each in found.layers] == [each.count_params() for each in model.layers]
    assert [each.output_shape for each in found.layers] == [each.output.shape for each in model.layers]
    assert found.totals.parameters == model.count_params()
    trainable = sum(int(keras.ops.size(weight)) for weight in model.trainable_weights)
    assert found.totals.trainable_parameters == trainable
    assert found.totals.non_trainable_parameters == model.count_params() - trainable


SETTINGS: list[tuple[dict[str, Any], int, int, int, int]] = [
    # settings, FLOPs, weight bytes, activation bytes, other operations of Dense(4) on (3,)
    ({}, 24, 64, 16, 4),
    ({"batch": 8}, 192, 64, 128, 32),
    ({"dtype": "float16"}, 24, 32, 8, 4),
    ({"dtype": "bfloat16", "batch": 2}, 48, 32, 16, 8),
    ({"dtype": "float64"}, 24, 128, 32, 4),
    ({"dtype": "mixed"}, 24, 64, 8, 4),
    ({"optimizer": "SGD"}, 24, 64, 16, 4),
]


@pytest.mark.parametrize(("settings", "flops", "weight_bytes", "activation_bytes", "other_ops"), SETTINGS)
def test_settings(
    settings: dict[str, Any], flops: int, weight_bytes: int, activation_bytes: int, other_ops: int
) -> None:
    found = only("Dense(4)", "(3,)", **settings)
    assert (found.flops, found.weight_bytes, found.activation_bytes, found.other_ops) == (
        flops, weight_bytes, activation_bytes, other_ops,
    )  # fmt: skip
    assert found.parameters == 16


TYPES: list[tuple[str, str, str, list[tuple[str, int]]]] = [
    # statements, input, compute type: type of each result and its bytes
    ("Embedding(9, 4) Flatten()", "(3,)", "float32", [("float32", 48), ("float32", 48)]),
    ("Embedding(9, 4)", "(3,)", "float16", [("float16", 24)]),
    ("Dense(2)", "(3,)", "mixed", [("float16", 4)]),
    ("Dense(2)", "(3,)", "float64", [("float64", 16)]),
]


@pytest.mark.parametrize(("statements", "input", "dtype", "expected"), TYPES)
def test_types_of_results(statements: str, input: str, dtype: str, expected: list[tuple[str, int]]) -> None:
    found = report(statements, input, dtype=dtype)
    assert [(each.output_dtype, each.activation_bytes) for each in found.layers] == expected


INPUTS: list[tuple[str, str, str]] = [
    ("Dense(2)", "(3,)", "float32"),
    ("Embedding(9, 4)", "(3,)", "int32"),
    ("TimeDistributed(Embedding(9, 4))", "(3, 5)", "int32"),
    ("Embedding(9, 4)", "(3,) int64", "int64"),
    ("Dense(2)", "(3,) float16", "float16"),
    ("Embedding(9, 4) Dense(2)(input)", "(3,)", "float32"),
    ("Embedding(9, 4) Embedding(9, 5)(input)", "(3,)", "int32"),
]


@pytest.mark.parametrize(("statements", "input", "dtype"), INPUTS)
def test_types_of_inputs(statements: str, input: str, dtype: str) -> None:
    (found,) = report(statements, input).inputs
    assert found.dtype == dtype


SHARES: list[tuple[str, str, list[float]]] = [
    ("Dense(4) Dense(2)", "(3,)", [12 / 20, 8 / 20]),
    ("Dense(4) ReLU() Dense(4)", "(4,)", [0.5, 0.0, 0.5]),
    ("BatchNormalization() LayerNormalization()", "(5, 8)", [32 / 48, 16 / 48]),
    ("Flatten() ReLU()", "(5, 8)", [0.0, 0.0]),
]


@pytest.mark.parametrize(("statements", "input", "shares"), SHARES)
def test_shares_of_flops_or_else_of_parameters(statements: str, input: str, shares: list[float]) -> None:
    assert report(statements, input).shares() == pytest.approx(shares)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.neural")), ids=lambda path: path.stem)
def test_sums_of_the_examples(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for framework in ("tensorflow", "pytorch"):
        found = neural.analyze(source, framework=framework)
        assert sum(found.shares()) == pytest.approx(1)
        assert all(0 <= each <= 1 for each in found.shares())
        for name in ("flops", "macs", "other_ops", "weight_bytes", "activation_bytes", "parameters"):
            total = sum(getattr(each, name) for each in found.layers)
            assert getattr(found.totals, name) == total, name
        totals = found.totals
        assert totals.parameters == totals.trainable_parameters + totals.non_trainable_parameters
        assert totals.flops == 2 * (totals.macs or 0)
        assert totals.training_bytes is not None
        assert totals.training_bytes > 3 * totals.weight_bytes or found.optimizer != "Adam"


def test_costs_of_a_batch_are_so_many_times_those_of_one() -> None:
    one, many = neural.analyze(RESNET50), neural.analyze(RESNET50, batch=8)
    assert many.totals.flops == 8 * (one.totals.flops or 0)
    assert many.totals.activation_bytes == 8 * (one.totals.activation_bytes or 0)
    assert many.totals.parameters == one.totals.parameters


UNKNOWN: list[tuple[str, str, list[tuple[tuple[int | None, ...], int, int | None]]]] = [
    # statements, input: of each layer the shape, the parameters, and the FLOPs or None
    ("Conv2D(8, 3)", "(None, None, None, 3)", [((None, None, None, 8), 224, None)]),
    ("Conv2D(8, 3)", "(10, None, 3)", [((None, 8, None, 8), 224, None)]),
    ("Conv2D(8, 3, padding='same')", "(None, 10, None, 3)", [((None, 10, None, 8), 224, None)]),
    ("Dense(4)", "(None, None, 3)", [((None, None, 4), 16, None)]),
    (
        "Conv2D(8, 3) GlobalAveragePooling2D() Dense(2)",
        "(None, None, None, 3)",
        [((None, None, None, 8), 224, None), ((None, 8), 0, None), ((None, 2), 18, 32)],
    ),
    ("LSTM(4)", "(None, None, 5)", [((None, 4), 160, None)]),
    ("Embedding(50, 8)", "(None,)", [((None, None, 8), 400, None)]),
    ("Flatten()", "(None, None, 3)", [((None, None), 0, None)]),
]


@pytest.mark.parametrize(("statements", "input", "expected"), UNKNOWN)
def test_what_depends_on_an_unknown_size_is_none(
    statements: str, input: str, expected: list[tuple[tuple[int | None, ...], int, int | None]]
) -> None:
    found = report(statements, input)
    assert [(each.output_shape, each.parameters, each.flops) for each in found.layers] == expected
    assert found.totals.parameters == sum(parameters for _, parameters, _ in expected)
    totals = (found.totals.flops, found.totals.macs, found.totals.other_ops, found.totals.training_bytes)
    assert totals == (None, None, None, None)
    if None in expected[0][0][1:]:
        assert found.layers[0].activation_bytes is None
        assert found.totals.activation_bytes is None


def test_broken_layers_leave_the_sums_to_the_others() -> None:
    found = neural.analyze("network N { input: (6,) layers: a = Dense(4) Dense(-1) Dense(3) Dense(2)(a) }")
    assert [each.parameters for each in found.layers] == [28, None, None, 10]
    assert found.totals.parameters == 38
    assert found.totals.flops == 48 + 16
