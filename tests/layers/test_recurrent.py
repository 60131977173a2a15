"""Recurrent layers and wrappers against Keras and PyTorch."""

from typing import Any

import pytest

from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, only_we_refuse, refusal
from tests.layers.rows import Row, make, row

OPTIONS: list[dict[str, Any]] = [
    {},
    {"activation": "relu"},
    {"use_bias": False},
    {"dropout": 0.1},
    {"recurrent_dropout": 0.1},
    {"return_sequences": True},
    {"go_backwards": True},
    {"return_sequences": True, "go_backwards": True, "use_bias": False},
    {"return_state": True},
    {"return_state": True, "return_sequences": True},
    {"return_state": True, "return_sequences": True, "go_backwards": True},
    {"return_state": True, "activation": "elu"},
    {"return_state": True, "return_sequences": True, "recurrent_dropout": 0.1, "dropout": 0.2},
]
KINDS = ("SimpleRNN", "LSTM", "GRU")
STATES = {"SimpleRNN": 1, "LSTM": 2, "GRU": 1}

AGREE = [
    *(row(name, (5, 4), units=3, **options) for name in KINDS for options in OPTIONS),
    *(row(name, shape, units=2) for name in KINDS for shape in ((1, 1), (None, 4), (7, 9))),
    *(row(name, (None, 4), units=2, return_sequences=True) for name in KINDS),
    *(
        row(name, (5, 4), *[(3,)] * STATES[name], units=3, **options)
        for name in KINDS
        for options in ({}, {"return_state": True}, {"activation": "softsign", "return_sequences": True})
    ),
    *(row(name, (None, 4), *[(3,)] * STATES[name], units=3, return_state=True, go_backwards=True) for name in KINDS),
    row("LSTM", (5, 4), units=3, recurrent_activation="hard_sigmoid"),
    row("GRU", (5, 4), units=3, recurrent_activation="relu"),
    row("GRU", (5, 4), units=3, reset_after=False),
    row("GRU", (5, 4), units=3, reset_after=False, use_bias=False),
    row("GRU", (5, 4), units=3, reset_after=True, use_bias=False),
]


def layer(type: str, **arguments: Any) -> Any:
    return make(type, arguments)


BIDIRECTIONAL = [
    *(row("Bidirectional", (5, 4), layer=layer(name, units=3)) for name in KINDS),
    *(
        row("Bidirectional", (5, 4), layer=layer("LSTM", units=3, return_sequences=again), merge_mode=mode)
        for mode in ("concat", "sum", "mul", "ave")
        for again in (False, True)
    ),
    row("Bidirectional", (None, 4), layer=layer("GRU", units=3, return_sequences=True, reset_after=False)),
    row("Bidirectional", (None, 4), layer=layer("SimpleRNN", units=3), merge_mode="sum"),
    row("Bidirectional", (5, 4), layer=layer("GRU", units=3, use_bias=False, dropout=0.1, recurrent_dropout=0.2)),
    row("Bidirectional", (1, 1), layer=layer("LSTM", units=1, activation="relu")),
    *(
        row("Bidirectional", (5, 4), layer=layer(name, units=3, return_state=True, **options), merge_mode=mode)
        for name in KINDS
        for mode in ("concat", "ave", None)
        for options in ({}, {"return_sequences": True}, {"return_sequences": True, "dropout": 0.2})
    ),
    *(
        row("Bidirectional", (5, 4), layer=layer(name, units=3, return_sequences=again, **options), merge_mode=None)
        for name in KINDS
        for again in (False, True)
        for options in ({}, {"activation": "softplus"})
    ),
    *(
        row(
            "Bidirectional",
            (5, 4),
            *[(3,)] * 2 * STATES[name],
            layer=layer(name, units=3, return_state=True, **options),
        )
        for name in KINDS
        for options in ({}, {"return_sequences": True, "recurrent_dropout": 0.1})
    ),
]

TIME_DISTRIBUTED = [
    row("TimeDistributed", (5, 4), layer=layer("Dense", units=3)),
    row("TimeDistributed", (None, 4), layer=layer("Dense", units=3, use_bias=False)),
    row("TimeDistributed", (2, 28, 28, 1), layer=layer("Conv2D", filters=3, kernel_size=3, activation="relu")),
    row("TimeDistributed", (2, 8, 8, 3), layer=layer("MaxPooling2D")),
    row("TimeDistributed", (2, 8, 8, 3), layer=layer("Flatten")),
    row("TimeDistributed", (2, 8, 8, 3), layer=layer("BatchNormalization")),
    row("TimeDistributed", (2, 8, 8, 3), layer=layer("SeparableConv2D", filters=4, kernel_size=3, strides=2)),
    row("TimeDistributed", (3, 5, 4), layer=layer("LSTM", units=3)),
    row("TimeDistributed", (3, 5, 4), layer=layer("Bidirectional", layer=layer("LSTM", units=3))),
    row(
        "TimeDistributed", (3, 5, 7, 2), layer=layer("TimeDistributed", layer=layer("Conv1D", filters=3, kernel_size=2))
    ),
    row("TimeDistributed", (3, 5), layer=layer("Embedding", input_dim=10, output_dim=4)),
    row("TimeDistributed", (3, 5), layer=layer("Dropout", rate=0.5)),
    row("TimeDistributed", (3, 5), layer=layer("PReLU")),
    row("TimeDistributed", (3, 8), layer=layer("Reshape", target_shape=(2, -1))),
    row("TimeDistributed", (1, 1), layer=layer("Output", units=1)),
]


@pytest.mark.parametrize("each", [*AGREE, *BIDIRECTIONAL, *TIME_DISTRIBUTED], ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "output", "parameters", "flops"),
    [
        (row("SimpleRNN", (20, 32), units=64), (64,), 6208, 245_760),
        (row("LSTM", (20, 32), units=64, return_sequences=True), (20, 64), 24_832, 983_040),
        (row("GRU", (20, 32), units=64), (64,), 18_816, 737_280),
        (row("GRU", (20, 32), units=64, reset_after=False), (64,), 18_624, 737_280),
        (row("Bidirectional", (20, 32), layer=layer("LSTM", units=64)), (128,), 49_664, 1_966_080),
        (row("TimeDistributed", (10, 16), layer=layer("Dense", units=8)), (10, 8), 136, 2560),
        (
            row("TimeDistributed", (10, 28, 28, 1), layer=layer("Conv2D", filters=32, kernel_size=3)),
            (10, 26, 26, 32),
            320,
            3_893_760,
        ),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: tuple[int, ...], parameters: int, flops: int) -> None:
    gives(each, output, parameters, flops)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        *((row(name, (5,), units=3), f"{name} reads (steps, features)") for name in KINDS),
        *((row(name, (5, 6, 7), units=3), "4 axes") for name in KINDS),
        *((row(name, (5, None), units=3), "the feature axis to be known") for name in KINDS),
        *((row(name, (5, 4), units=0), "expected an integer of at least 1, got 0") for name in KINDS),
        *((row(name, (5, 4), units=3, activation="tan"), 'got "tan"') for name in KINDS),
        (row("LSTM", (5, 4), units=3, recurrent_activation="sig"), 'got "sig"'),
        (row("LSTM", (5, 4), (3,), units=3), "LSTM starts from 2 states, and here it is given 1"),
        (row("LSTM", (5, 4), (2,), (2,), units=3), "a state of LSTM is (None, 3); here it starts from (None, 2)"),
        (row("GRU", (5, 4), (5, 3), units=3), "a state of GRU is (None, 3); here it starts from (None, 5, 3)"),
        (row("Bidirectional", (5, 4), (2,), (2,), layer=layer("SimpleRNN", units=3)), "a state of Bidirectional is"),
        (row("GRU", (5, 4), units=2.5), "got 2.5"),
        (row("Bidirectional", (5, 4), layer=layer("LSTM", units=3), merge_mode="max"), 'got "max"'),
        (
            row("Bidirectional", (5, 4), layer=layer("LSTM", units=3, go_backwards=True)),
            "cannot have go_backwards=true",
        ),
        (
            row("Bidirectional", (5, 4), layer=layer("Dense", units=3)),
            "expected one of the layers SimpleRNN, LSTM, GRU",
        ),
        (row("Bidirectional", (5,), layer=layer("LSTM", units=3)), "LSTM reads (steps, features)"),
        (row("Bidirectional", (5, None), layer=layer("GRU", units=3)), "the feature axis to be known"),
        (row("Bidirectional", (5, 4), layer=3), "got 3"),
        (row("TimeDistributed", (4,), layer=layer("Dense", units=3)), "at least 3 axes in all"),
        (row("TimeDistributed", (5, 4), layer="Dense"), 'expected a layer such as LSTM(64), got "Dense"'),
        (row("TimeDistributed", (5, 4), layer=layer("Conv2D", filters=3, kernel_size=3)), "Conv2D reads"),
        (row("TimeDistributed", (5, 4), layer=layer("Add")), "applies a layer that reads one tensor, and Add does not"),
        (
            row("TimeDistributed", (2, 5, 4), layer=layer("LSTM", units=3, return_state=True)),
            "applies a layer that has one result, and LSTM has 3 here",
        ),
        (
            row("TimeDistributed", (5, 4, 3), layer=layer("MultiHeadAttention", num_heads=2, key_dim=2)),
            "MultiHeadAttention does not",
        ),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        # Keras clamps these to 0 to 1.
        *((row(name, (5, 4), units=3, dropout=1.5), "at most 1, got 1.5") for name in KINDS),
        (row("LSTM", (5, 4), units=3, recurrent_dropout=-1), "got -1"),
    ],
    ids=str,
)
def test_only_we_refuse(each: Row, says: str) -> None:
    only_we_refuse(each, says)


@pytest.mark.parametrize(
    ("type", "options", "results"),
    [
        ("SimpleRNN", {}, [(64,)]),
        ("SimpleRNN", {"return_state": True}, [(64,), (64,)]),
        ("LSTM", {"return_state": True, "return_sequences": True}, [(20, 64), (64,), (64,)]),
        ("GRU", {"return_state": True, "return_sequences": True}, [(20, 64), (64,)]),
    ],
)
def test_states_are_further_results(type: str, options: dict[str, Any], results: list[tuple[int, ...]]) -> None:
    found = layer(type, units=64, **options)
    assert found.results == len(results)
    assert found.output_shapes(((20, 32),)) == tuple(results)


def test_states_of_both_directions_follow_the_results() -> None:
    both = layer("Bidirectional", layer=layer("LSTM", units=8, return_state=True), merge_mode=None)
    assert both.results == 6
    assert both.output_shapes(((20, 32),)) == ((8,),) * 6


def test_a_wrapped_layer_s_repairs_are_not_the_wrapper_s() -> None:
    error = refusal(row("TimeDistributed", (5, 4, 4, 1), layer=layer("Conv2D", filters=3, kernel_size=7)))
    assert error.message == "4 - 7 + 1 = -2: the 7x7 window does not fit in 4x4"
    assert error.repairs == ()
    grouped = refusal(row("TimeDistributed", (5, 4, 4, 3), layer=layer("Conv2D", filters=2, kernel_size=1, groups=2)))
    assert grouped.argument == "layer"


def test_a_wrapped_embedding_still_reads_whole_numbers() -> None:
    wrapped = layer("TimeDistributed", layer=layer("Embedding", input_dim=10, output_dim=4))
    assert wrapped.integer_input
    assert not wrapped.differentiable
    dense = layer("TimeDistributed", layer=layer("Dense", units=4))
    assert not dense.integer_input
    assert dense.differentiable
