"""Every layer has at least twelve configurations in the tables; here are more of those whose tables are short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from neural.layers.catalogue import LAYERS
from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch
from tests.layers.rows import Row, make, row

SHAPES = ((1,), (2, 3), (5, None), (None, None, 4), (3, 1, 2), (2, 3, 4, 5), (11, 1))
STACK = [make("LSTMCell", {"units": 4}), make("GRUCell", {"units": 3})]
VOLUME = (2, 5, 4, 6, 2)

AGREE = [
    *(row(name, shape) for name in ("GELU", "SiLU", "Sigmoid", "Tanh", "ELU", "Flatten") for shape in SHAPES),
    *(row("ELU", shape, alpha=0.5) for shape in SHAPES[:2]),
    row("ClassToken", (7, 3)),
    row("ClassToken", (2, 16)),
    row("ClassToken", (31, 5)),
    row("ClassToken", (None, 1)),
    row("ClassToken", (64, 12)),
    row("ClassToken", (1, 48)),
    row("SinePositionEncoding", (4, 5, 6)),
    row("SinePositionEncoding", (3, 12), max_wavelength=2),
    row("RelativePositionBias", (6, 4), num_heads=1),
    row("RelativePositionBias", (13, 6), num_heads=6, num_buckets=16, max_distance=20),
    row("RelativePositionBias", (3, 6), (9, 6), num_heads=2, bidirectional=False),
    row("ConvLSTM3D", VOLUME, filters=2, kernel_size=1, use_bias=False),
    row("ConvLSTM3D", VOLUME, filters=1, kernel_size=2, go_backwards=True),
    row("ConvLSTM3D", VOLUME, filters=2, kernel_size=2, dilation_rate=(1, 2, 1)),
    row("ConvLSTM3D", VOLUME, filters=2, kernel_size=2, padding="same", strides=2, return_sequences=True),
    row("ConvLSTM3D", VOLUME, filters=2, kernel_size=2, dropout=0.3, recurrent_dropout=0.2),
    row("ConvLSTM3D", (None, 5, 4, 6, 2), filters=2, kernel_size=2, return_state=True),
    row("LeakyReLU", (11, 1), negative_slope=0.05),
    row("Cropping1D", (9, 2), cropping=(0, 8)),
    row("Cropping1D", (None, 2), cropping=3),
    row("Embedding", (None,), input_dim=1, output_dim=1),
    row("RepeatVector", (1,), n=1),
    row("RepeatVector", (7,), n=100),
    row("RepeatVector", (None,), n=3),
    row("RepeatVector", (12,), n=9),
    row("Embedding", (33,), input_dim=70, output_dim=5),
    row("SpatialDropout1D", (1, 1), rate=0.5),
    row("SpatialDropout1D", (None, 3), rate=0.25),
    row("SpatialDropout2D", (1, 1, 1), rate=0.5),
    row("SpatialDropout2D", (None, 3, 2), rate=0.25),
    row("SpatialDropout2D", (4, None, 2), rate=0.9),
    row("StackedRNNCells", (3,), cells=[make("SimpleRNNCell", {"units": 2})]),
    row("StackedRNNCells", (2,), cells=STACK),
    row("StackedRNNCells", (5,), cells=[*STACK, make("SimpleRNNCell", {"units": 7})]),
    row("StackedRNNCells", (4,), cells=[make("GRUCell", {"units": 2, "reset_after": False})]),
    row("StackedRNNCells", (4,), cells=[make("LSTMCell", {"units": 2, "use_bias": False})]),
    row("StackedRNNCells", (9,), cells=[make("GRUCell", {"units": units}) for units in (8, 4, 2, 1)]),
    row("StackedRNNCells", (6,), cells=[make("SimpleRNNCell", {"units": 3, "activation": "relu"})]),
    row("UpSampling1D", (None, 1), size=5),
    row("UpSampling1D", (1, 4), size=1),
    row("UpSampling1D", (7, None), size=3),
    row("UpSampling1D", (2, 2), size=10),
    row("ZeroPadding1D", (None, None), padding=(0, 4)),
    row("ZeroPadding1D", (1, 1), padding=0),
]

REFUSED = [
    (row("ConvLSTM3D", VOLUME, filters=2, kernel_size=6), "does not fit"),
    (row("StackedRNNCells", (3, 4), cells=STACK), "2 axes"),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    if each.type != "ConvLSTM3D":  # its FLOPs are compared through the generated code
        costs_agree_with_torch(each)


@pytest.mark.parametrize(("each", "says"), REFUSED, ids=str)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


def rows(value: Any) -> Iterator[Row]:
    """Yield the rows in a table, however it holds them."""
    if isinstance(value, Row):
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from rows(each)
    elif isinstance(value, dict):
        yield from rows([*value.values()])


def tables() -> Iterator[Row]:
    """Yield every row of the tables and of the parameters of the tests in this folder."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = import_module(f"tests.layers.{path.stem}")
        for name, value in vars(module).items():
            yield from rows(value)
            for mark in getattr(value, "pytestmark", ()) if name.startswith("test_") else ():
                if mark.name == "parametrize" and mark.args[1] not in vars(module).values():
                    yield from rows(list(mark.args[1]))


def test_every_layer_has_twelve_configurations() -> None:
    counted = Counter(each.type for each in {str(each): each for each in tables()}.values())
    assert {name: counted[name] for name in LAYERS if counted[name] < 12 and name != "Input"} == {}
