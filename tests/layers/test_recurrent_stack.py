"""Recurrent layers made of cells against Keras and PyTorch."""

from typing import Any

import pytest

from neural.layers.recurrent_stack import StackedRNNCells
from neural.shapes import Shape
from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, refusal
from tests.layers.rows import Row, make, row


def cell(kind: str, units: int, **options: Any) -> Any:
    return make(f"{kind}Cell", {"units": units, **options})


STACK = [cell("LSTM", 4), cell("GRU", 3), cell("SimpleRNN", 2)]
STACK_STATES: list[Shape] = [(4,), (4,), (3,), (2,)]

AGREE = [
    *(row("RNN", (5, 4), cell=cell(kind, 3)) for kind in ("SimpleRNN", "LSTM", "GRU")),
    *(
        row("RNN", (5, 4), cell=cell(kind, 3, activation="elu"), return_sequences=True, return_state=True)
        for kind in ("SimpleRNN", "LSTM", "GRU")
    ),
    row("RNN", (None, 4), cell=cell("GRU", 3, reset_after=False), go_backwards=True),
    row("RNN", (5, 4), (3,), (3,), cell=cell("LSTM", 3), return_state=True),
    row("RNN", (5, 4), cell=cell("LSTM", 3, dropout=0.1, recurrent_dropout=0.2)),
    row("RNN", (5, 4), cell=[cell("LSTM", 3), cell("LSTM", 2)]),
    row("RNN", (5, 4), cell=[cell("LSTM", 3), cell("LSTM", 2)], return_sequences=True, go_backwards=True),
    row("RNN", (5, 4), cell=[cell("LSTM", 3), cell("LSTM", 2)], return_state=True),
    row("RNN", (5, 4), cell=[cell("GRU", 3), cell("GRU", 2)], return_sequences=True, return_state=True),
    row("RNN", (5, 4), cell=[cell("SimpleRNN", 3, use_bias=False), cell("GRU", 2, activation="relu")]),
    row("RNN", (5, 4), cell=[cell("LSTM", 3, dropout=0.2), cell("LSTM", 2, dropout=0.3)]),
    row("RNN", (None, 4), cell=STACK, return_state=True, return_sequences=True),
    row("RNN", (5, 4), *STACK_STATES, cell=STACK, return_state=True),
    row("RNN", (5, 4), cell=make("StackedRNNCells", {"cells": STACK})),
    row("RNN", (1, 1), cell=[cell("GRU", 1), cell("GRU", 1)]),
    row("StackedRNNCells", (6,), cells=STACK),
    row("StackedRNNCells", (1,), cells=[cell("LSTM", 1), cell("LSTM", 1)]),
    row("StackedRNNCells", (6,), cells=[cell("GRU", 3, use_bias=False), cell("LSTM", 2, dropout=0.2)]),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "output", "parameters", "flops"),
    [
        (row("RNN", (20, 32), cell=cell("LSTM", 64)), (64,), 24_832, 983_040),
        (row("RNN", (20, 32), cell=[cell("LSTM", 64), cell("LSTM", 16)]), (16,), 30_016, 1_187_840),
        (row("StackedRNNCells", (32,), cells=[cell("LSTM", 64), cell("LSTM", 16)]), (16,), 30_016, 59_392),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: Shape, parameters: int, flops: int) -> None:
    gives(each, output, parameters, flops)


def test_states_are_those_of_the_cells_in_order() -> None:
    layer = make("RNN", {"cell": STACK, "return_state": True, "return_sequences": True})
    assert layer.results == 5
    assert layer.output_shapes(((20, 32),)) == ((20, 2), *STACK_STATES)


def test_a_list_of_cells_is_a_stack_of_them() -> None:
    listed = make("RNN", {"cell": [cell("GRU", 3), cell("GRU", 2)]})
    assert listed.cell == StackedRNNCells((cell("GRU", 3), cell("GRU", 2)))
    assert listed == make("RNN", {"cell": make("StackedRNNCells", {"cells": [cell("GRU", 3), cell("GRU", 2)]})})


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("RNN", (5,), cell=cell("LSTM", 3)), "RNN reads (steps, features)"),
        (row("RNN", (5, None), cell=cell("LSTM", 3)), "the feature axis to be known"),
        (row("RNN", (5, 4), cell=3), "expected a cell or a list of them, each one of SimpleRNNCell"),
        (row("RNN", (5, 4), cell=make("LSTM", {"units": 3})), "got LSTM(...)"),
        (row("RNN", (5, 4), cell=[]), "expected a list of cells"),
        (row("RNN", (5, 4), cell=[cell("LSTM", 3), 4]), "got 4"),
        (row("RNN", (5, 4), (3,), (3,), (3,), cell=cell("LSTM", 3)), "starts from 2 states, and here it is given 3"),
        (row("RNN", (5, 4), (2,), cell=cell("GRU", 3)), "a state of RNN is (None, 3); here it starts from (None, 2)"),
        (row("StackedRNNCells", (None,), cells=STACK), "the feature axis to be known"),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


def test_cells_on_top_of_each_other_are_a_list() -> None:
    assert "expected a list of cells" in refusal(row("StackedRNNCells", (6,), cells=cell("LSTM", 3))).message


def test_a_sequence_is_for_the_layer_of_the_cells() -> None:
    error = refusal(row("StackedRNNCells", (5, 8), cells=STACK))
    assert "LSTMCell reads (features) with the batch before it" in error.message
