"""Recurrent cells against Keras: one step from a state of zeros."""

import pytest

from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, refusal
from tests.layers.rows import Row, row

AGREE = [
    *(row(name, (8,), units=4) for name in ("SimpleRNNCell", "LSTMCell", "GRUCell")),
    *(row(name, (1,), units=1) for name in ("SimpleRNNCell", "LSTMCell", "GRUCell")),
    *(row(name, (5,), units=7, use_bias=False) for name in ("SimpleRNNCell", "LSTMCell", "GRUCell")),
    *(row(name, (5,), units=3, activation="relu") for name in ("SimpleRNNCell", "LSTMCell", "GRUCell")),
    *(row(name, (5,), units=3, activation="softmax") for name in ("SimpleRNNCell", "LSTMCell", "GRUCell")),
    *(row(name, (5,), units=3, dropout=0.25) for name in ("SimpleRNNCell", "LSTMCell", "GRUCell")),
    *(row(name, (5,), units=3, recurrent_dropout=0.25) for name in ("SimpleRNNCell", "LSTMCell", "GRUCell")),
    *(
        row(name, (5,), units=3, dropout=0.1, recurrent_dropout=0.2)
        for name in ("SimpleRNNCell", "LSTMCell", "GRUCell")
    ),
    *(row(name, (5,), units=3, recurrent_activation="hard_sigmoid") for name in ("LSTMCell", "GRUCell")),
    *(row(name, (32,), units=64, activation="elu") for name in ("SimpleRNNCell", "LSTMCell", "GRUCell")),
    *(row(name, (32,), units=64, activation="tanh") for name in ("SimpleRNNCell", "LSTMCell", "GRUCell")),
    *(row(name, (2,), units=2, activation="linear") for name in ("SimpleRNNCell", "LSTMCell", "GRUCell")),
    *(row(name, (2,), units=9, activation="silu", use_bias=False) for name in ("SimpleRNNCell", "LSTMCell", "GRUCell")),
    row("GRUCell", (5,), units=3, reset_after=False),
    row("GRUCell", (5,), units=3, reset_after=False, use_bias=False),
    row("GRUCell", (5,), units=3, reset_after=False, activation="relu"),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "parameters", "flops"),
    [
        (row("SimpleRNNCell", (32,), units=64), 6208, 12_288),
        (row("LSTMCell", (32,), units=64), 24_832, 49_152),
        (row("GRUCell", (32,), units=64), 18_816, 36_864),
        (row("GRUCell", (32,), units=64, reset_after=False), 18_624, 36_864),
    ],
    ids=str,
)
def test_literal_facts(each: Row, parameters: int, flops: int) -> None:
    gives(each, (64,), parameters, flops)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("SimpleRNNCell", (8,), units=0), "got 0"),
        (row("LSTMCell", (8,), units=-4), "got -4"),
        (row("GRUCell", (8,), units=2.5), "got 2.5"),
        (row("LSTMCell", (None,), units=4), "the feature axis to be known"),
        (row("GRUCell", (5, 8, 3), units=4), "GRUCell reads (features)"),
        (row("LSTMCell", (8,), units=4, activation="rel"), 'got "rel"'),
        (row("SimpleRNNCell", (8,), units=4, dropout="some"), 'got "some"'),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


def test_a_sequence_is_for_the_layer_of_the_cell() -> None:
    assert "LSTMCell reads (features) with the batch before it" in refusal(row("LSTMCell", (5, 8), units=4)).message
