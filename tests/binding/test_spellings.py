"""PyTorch's spellings that are more than another name: its order of arguments, the sizes it states, and the hints."""

from __future__ import annotations

import inspect

import pytest

import neural
from neural.layers.catalogue import LAYERS, find
from neural.layers.spellings import ORDERS, STATED, accepted
from tests.binding.edits import applied
from tests.binding.programs import MAP, STEPS, probe
from tests.layers.oracle import keras
from tests.layers.torch_oracle import torch

#: PyTorch's names of our arguments.
THEIRS = {
    "units": "out_features",
    "filters": "out_channels",
    "strides": "stride",
    "dilation_rate": "dilation",
    "use_bias": "bias",
    "epsilon": "eps",
    "groups": "groups",
}


@pytest.mark.parametrize("spelling", ORDERS)
def test_the_order_is_pytorch_s(spelling: str) -> None:
    names = list(inspect.signature(getattr(torch.nn, spelling).__init__).parameters)[1:]
    ours = [THEIRS.get(name, name) for name in ORDERS[spelling]]
    if spelling == "GroupNorm":
        ours[0] = "num_groups"
    assert names[: len(ours)] == ours


@pytest.mark.parametrize("spelling", ORDERS)
def test_every_name_of_an_order_is_an_argument(spelling: str) -> None:
    layer = find(spelling)
    assert layer is not None
    assert set(ORDERS[spelling]) <= set(accepted(layer))
    assert STATED[layer.__name__] in ORDERS[spelling]


@pytest.mark.parametrize("name", LAYERS)
def test_data_format_is_read_where_keras_has_it(name: str) -> None:
    layer = getattr(keras.layers, name, None)
    theirs = inspect.signature(layer.__init__).parameters if inspect.isclass(layer) else {}
    assert ("data_format" in accepted(LAYERS[name])) == ("data_format" in theirs)


def test_channels_last_changes_nothing_and_channels_first_is_refused() -> None:
    plain = neural.analyze(probe("Conv2D(8, 3) MaxPooling2D() Flatten()", MAP))
    said = (
        'Conv2D(8, 3, data_format="channels_last") MaxPooling2D(data_format=none) Flatten(data_format="channels_last")'
    )
    report = neural.analyze(probe(said, MAP))
    assert report.diagnostics == ()
    assert report.totals == plain.totals
    (error,) = neural.analyze(probe('Conv2D(8, 3, data_format="channels_first")', MAP)).diagnostics
    assert (error.code, error.line, error.column) == ("N203", 4, 30)
    assert error.message == '`data_format`: expected "channels_last", got "channels_first"'
    assert error.help.endswith("for data with the channels first put Permute((2, 3, 1)) before the layer")


def test_a_stated_size_is_no_argument_of_its_layer() -> None:
    assert [name for name, stated in STATED.items() if stated in LAYERS[name].arguments()] == []


SAME: list[tuple[str, str, str]] = [
    # as in PyTorch, as in Keras, what it reads
    ("Linear(6, 4)", "Dense(4)", "(6,)"),
    ("Linear(6, 4, false)", "Dense(4, use_bias=false)", "(6,)"),
    ("Linear(6, 4, bias=false)", "Dense(4, use_bias=false)", "(6,)"),
    ("Linear(6, out_features=4)", "Dense(4)", "(6,)"),
    ("Linear(in_features=6, out_features=4)", "Dense(4)", "(6,)"),
    ('Linear(6, 4, "relu")', 'Dense(4, "relu")', "(6,)"),
    ('Linear(4, "relu")', 'Dense(4, "relu")', "(6,)"),
    ("Linear(4)", "Dense(4)", "(6,)"),
    ("Conv2d(3, 8, 5)", "Conv2D(8, 5)", MAP),
    ("Conv2d(3, 8, (5, 3), 2)", "Conv2D(8, (5, 3), strides=2)", MAP),
    ('Conv2d(3, 8, 5, 1, "same", 2)', 'Conv2D(8, 5, padding="same", dilation_rate=2)', MAP),
    ("Conv2d(3, 9, kernel_size=5, groups=3)", "Conv2D(9, 5, groups=3)", MAP),
    ("Conv2d(8, 5)", "Conv2D(8, 5)", MAP),
    ("Conv2D(3, 8, 5)", "Conv2D(3, 8, strides=5)", MAP),
    ("Conv1d(5, 8, 3)", "Conv1D(8, 3)", STEPS),
    ("Conv3d(2, 4, 3)", "Conv3D(4, 3)", "(5, 6, 7, 2)"),
    ("ConvTranspose2d(3, 8, 3, 2)", "Conv2DTranspose(8, 3, strides=2)", MAP),
    ("BatchNorm2d(3)", "BatchNormalization()", MAP),
    ("BatchNorm2d(3, 1e-5)", "BatchNormalization(epsilon=1e-5)", MAP),
    ("BatchNorm1d(num_features=6)", "BatchNormalization()", "(6,)"),
    ("InstanceNorm2d(3)", "InstanceNormalization()", MAP),
    ("LayerNorm(5)", "LayerNormalization()", STEPS),
    ("LayerNorm((5,), eps=1e-6)", "LayerNormalization(epsilon=1e-6)", STEPS),
    ("RMSNorm(5)", "RMSNormalization()", STEPS),
    ("GroupNorm(3, 6)", "GroupNormalization(3)", "(4, 4, 6)"),
    ("GroupNorm(num_groups=3, num_channels=6)", "GroupNormalization(3)", "(4, 4, 6)"),
    ("LSTM(input_size=5, hidden_size=4)", "LSTM(4)", STEPS),
    ("GRU(hidden_size=4, input_size=5)", "GRU(4)", STEPS),
    ("Dense(4, in_features=6)", "Dense(4)", "(6,)"),
    ("BatchNormalization(axis=1, num_features=7)", "BatchNormalization(axis=1)", STEPS),
    ("Linear(size(input), 2 * 2)", "Dense(4)", "(6,)"),
]


@pytest.mark.parametrize(("torch_s", "keras_s", "input"), SAME)
def test_it_is_the_same_layer(torch_s: str, keras_s: str, input: str) -> None:
    first, second = neural.analyze(probe(torch_s, input)), neural.analyze(probe(keras_s, input))
    assert first.ok
    assert {each.severity for each in first.diagnostics} <= {"hint"}
    assert [layer.arguments for layer in first.layers] == [layer.arguments for layer in second.layers]
    assert first.totals == second.totals


WRONG: list[tuple[str, str, str, str]] = [
    # statement, input, what is said, the statement after the fix
    (
        "Linear(5, 4)",
        "(6,)",
        "5 != 6: `in_features` is the size of the input's last axis, and (None, 6) has 6 there",
        "Linear(6, 4)",
    ),
    (
        "Conv2d(32, 3, 3)",
        MAP,
        "32 != 3: `in_channels` is the size of the input's last axis, and (None, 16, 16, 3) has 3 there",
        "Conv2d(3, 3, 3)",
    ),
    (
        "GroupNorm(3, 9)",
        "(4, 4, 6)",
        "9 != 6: `num_channels` is the size of the input's last axis, and (None, 4, 4, 6) has 6 there",
        "GroupNorm(3, 6)",
    ),
    (
        "LSTM(4, input_size=6)",
        STEPS,
        "6 != 5: `input_size` is the size of the input's last axis, and (None, 7, 5) has 5 there",
        "LSTM(4, input_size=5)",
    ),
    (
        "TimeDistributed(Linear(7, 4))",
        STEPS,
        "7 != 5: `in_features` is the size of the input's last axis, and (None, 7, 5) has 5 there",
        "TimeDistributed(Linear(5, 4))",
    ),
]


@pytest.mark.parametrize(("statement", "input", "says", "fixed"), WRONG)
def test_a_size_that_the_input_has_not(statement: str, input: str, says: str, fixed: str) -> None:
    source = probe(statement, input)
    (error,) = neural.analyze(source).diagnostics
    assert (error.code, error.severity, error.message) == ("N401", "error", says)
    assert applied(source, error.fixes[0]) == probe(fixed, input)


def test_the_help_names_the_other_order() -> None:
    (error,) = neural.analyze(probe("Conv2d(32, 3, 3)", MAP)).diagnostics
    assert error.help == "Conv2d takes PyTorch's order of arguments, Conv2D Keras's"
    (error,) = neural.analyze(probe("Conv2d(8, 3, in_channels=9)", MAP)).diagnostics
    assert error.help == "leave it out: a layer takes the size of its input"


def test_the_layer_after_a_wrong_size_is_still_analysed() -> None:
    report = neural.analyze(probe("Linear(5, 4) Dense(3)"))
    assert [layer.output_shape for layer in report.layers] == [(None, 4), (None, 3)]


def test_a_size_of_what_is_unknown_is_not_compared() -> None:
    assert neural.analyze(probe("LayerNorm(5) Linear(5, 2)", "(None, 5)")).ok
    report = neural.analyze(probe("Dense(0) Linear(5, 4)"))
    assert [each.code for each in report.diagnostics if each.severity == "error"] == ["N203"]


def test_a_size_of_a_statement_that_is_unknown_is_forgotten() -> None:
    source = probe("TimeDistributed(Linear(5, 4), name=missing) Dense(3)", STEPS, top="let missing = 1 / 0\n")
    found = neural.analyze(source).diagnostics
    assert [each.code for each in found if each.severity == "error"] == ["N105"]
    source = probe(
        "words = Embedding(0, 4) Bidirectional(LSTM(3, input_size=9), name=missing) Dense(2)",
        "(6,)",
        top="let missing = 1 / 0\n",
    )
    assert "N401" not in [each.code for each in neural.analyze(source).diagnostics]


def test_a_hint_is_given_once_and_its_fix_changes_every_place() -> None:
    source = probe("Linear(8)\n    for i in 0..3 { Linear(out_features=4) }\n    linear(out_features=3)")
    hints = neural.analyze(source).diagnostics
    assert [(each.message, each.line, each.column) for each in hints] == [
        ("Linear is read as Dense", 4, 5),
        ("`out_features` is read as `units`", 5, 28),
        ("linear is read as Dense", 6, 5),
    ]
    fixed = probe("Dense(8)\n    for i in 0..3 { Dense(out_features=4) }\n    linear(out_features=3)")
    assert applied(source, hints[0].fixes[0]) == fixed
    assert applied(source, hints[1].fixes[0]) == source.replace("out_features", "units")


def test_a_place_has_one_hint() -> None:
    source = probe("Dense(out_features: 8)\n    Dense(out_features: 4)\n    Dense(out_features=3)")
    assert [(each.message, each.line, len(each.fixes)) for each in neural.analyze(source).diagnostics] == [
        ("`out_features: value` is read as `out_features=value`", 4, 0),
        ("`out_features` is read as `units`", 5, 1),
    ]
