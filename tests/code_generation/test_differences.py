"""Where the frameworks differ: said of the layers where it is so, with what the generated code does about it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from neural.code_generation.differences import AXES, ELEMENTS, differences
from neural.code_generation.differences_layers import (
    ATTENTION_DROPOUT,
    EPSILON,
    GATES,
    MEAN,
    PADDING,
    SECOND_BIAS,
    SLOPE,
    STATISTICS,
    STEPS_DROPOUT,
    WRITTEN_OUT,
)
from neural.compiler import default_compiler

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.neural"))


def notes(layers: str, shape: str) -> tuple[dict[tuple[str, str], str], str]:
    """Return the notes of a network by key and topic, and its PyTorch code."""
    source = f"network N {{ input: {shape} layers: {layers} }}"
    plan = default_compiler().plan(source).plan
    assert plan is not None
    found = {(each.key, each.topic): each.text for each in differences(plan)}
    return found, default_compiler().code(source, backend="pytorch", script=False).source


# A program's layers and input, the layer and topic of a note, words of the note, and what the PyTorch code has of it.
SAID = [
    ("Conv2D(4, 3)", "(28, 28, 1)", "conv2d", AXES, "(batch, 28, 28, 1) comes in as (batch, 1, 28, 28)", "Conv2d(1"),
    ("UpSampling2D(2)", "(4, 4, 3)", "up_sampling2d", AXES, "(batch, 4, 4, 3) comes in", "(batch, 3, 8, 8)"),
    (
        "Dense(48) Reshape((4, 4, 3))",
        "(8,)",
        "reshape",
        AXES,
        "(batch, 4, 4, 3) goes out as (batch, 3, 4, 4)",
        "permute",
    ),
    ("Conv1D(4, 3)", "(16, 8)", "conv1d", AXES, "(batch, 16, 8) is read as (batch, 8, 16)", "transpose(1, 2)"),
    ("MaxPooling1D(2)", "(16, 8)", "max_pooling1d", AXES, "(batch, 16, 8) is read as", "transpose(1, 2)"),
    ("SpatialDropout1D(0.5)", "(16, 8)", "spatial_dropout1d", AXES, "is read as", "transpose(1, 2)"),
    ("Conv3D(4, 3)", "(8, 8, 8, 2)", "conv3d", AXES, "(batch, 8, 8, 8, 2) comes in as (batch, 2, 8, 8, 8)", "Conv3d(2"),
    ("Conv2D(4, 3) Flatten()", "(8, 8, 1)", "flatten", ELEMENTS, "channels last", ".permute(0, 2, 3, 1).flatten(1)"),
    ("Conv2D(4, 3) ReLU() Reshape((9, 16))", "(8, 8, 1)", "reshape", ELEMENTS, "moves", ".permute(0, 2, 3, 1)"),
    ("Conv1D(4, 3) Dropout(0.1) Flatten()", "(8, 2)", "flatten", ELEMENTS, "moves", ".transpose(1, 2).flatten(1)"),
    ("Flatten()", "(8, 8, 3)", "flatten", ELEMENTS, "moves", ".permute(0, 2, 3, 1).flatten(1)"),
    (
        'Conv2D(4, 3, strides=2, padding="same")',
        "(8, 8, 1)",
        "conv2d",
        PADDING,
        "0 before and 1 after",
        "F.pad(x, (0, 1, 0, 1))",
    ),
    ('Conv2D(4, 4, padding="same")', "(8, 8, 1)", "conv2d", PADDING, "1 before and 2 after", "F.pad(x, (1, 2, 1, 2))"),
    (
        'Conv2D(4, 3, strides=2, padding="same")',
        "(None, None, None, 1)",
        "conv2d",
        PADDING,
        "depends on the size",
        "pad_same(x",
    ),
    ('Conv1D(4, 3, dilation_rate=4, padding="causal")', "(16, 8)", "conv1d", PADDING, "zeros, 8 long", "F.pad("),
    (
        'DepthwiseConv2D(3, strides=2, padding="same")',
        "(8, 8, 3)",
        "depthwise_conv2d",
        PADDING,
        "0 before and 1",
        "F.pad(",
    ),
    (
        'SeparableConv2D(4, 3, strides=2, padding="same")',
        "(8, 8, 3)",
        "separable_conv2d",
        PADDING,
        "nn.Conv2d",
        "F.pad(",
    ),
    (
        'MaxPooling2D(2, padding="same")',
        "(7, 7, 3)",
        "max_pooling2d",
        PADDING,
        "ceil_mode=True has nn.MaxPool2d",
        "ceil_mode=True",
    ),
    (
        'MaxPooling2D(2, strides=1, padding="same")',
        "(8, 8, 3)",
        "max_pooling2d",
        PADDING,
        "0 before and 1 after",
        "F.pad(",
    ),
    (
        'MaxPooling2D(3, strides=2, padding="same")',
        "(8, 8, 3)",
        "max_pooling2d",
        PADDING,
        "0 before and 1 after",
        "ceil_mode=True",
    ),
    (
        'MaxPooling2D(3, strides=2, padding="same")',
        "(None, None, None, 3)",
        "max_pooling2d",
        PADDING,
        "as the network runs",
        "pad_same(",
    ),
    (
        'AveragePooling2D(3, strides=1, padding="same")',
        "(8, 8, 3)",
        "average_pooling2d",
        MEAN,
        "out of the mean",
        "count_include_pad=False",
    ),
    (
        'AveragePooling2D(3, padding="same")',
        "(None, None, 8, 3)",
        "average_pooling2d",
        MEAN,
        "counts it",
        "average_pool_same(",
    ),
    (
        'Conv2DTranspose(4, 4, strides=3, padding="same")',
        "(8, 8, 3)",
        "conv2d_transpose",
        PADDING,
        "cuts one more at the end",
        ":-1, :-1]",
    ),
    (
        'TimeDistributed(Conv2D(4, 3, strides=2, padding="same"))',
        "(5, 8, 8, 1)",
        "time_distributed",
        PADDING,
        "0 before and 1",
        "F.pad(",
    ),
    ("BatchNormalization()", "(8,)", "batch_normalization", STATISTICS, "PyTorch's 0.01 of the new", "momentum=0.01"),
    (
        "BatchNormalization(momentum=0.9)",
        "(8,)",
        "batch_normalization",
        STATISTICS,
        "momentum 0.9 is",
        "BatchNorm1d(8, eps=0.001)",
    ),
    ("BatchNormalization()", "(8,)", "batch_normalization", EPSILON, "eps=0.001", "eps=0.001"),
    ("LayerNormalization()", "(8,)", "layer_normalization", EPSILON, "PyTorch's default is 1e-5", "eps=0.001"),
    ("GroupNormalization(2)", "(4, 4, 8)", "group_normalization", EPSILON, "eps=0.001", "eps=0.001"),
    ("InstanceNormalization()", "(4, 4, 8)", "instance_normalization", EPSILON, "eps=0.001", "eps=0.001"),
    ("RMSNormalization()", "(8,)", "rms_normalization", EPSILON, "the machine's", "eps=1e-6"),
    ("LeakyReLU()", "(8,)", "leaky_re_lu", SLOPE, "slope 0.3", "F.leaky_relu(x, 0.3)"),
    ('Dense(4, "leaky_relu")', "(8,)", "dense", SLOPE, "slope 0.2", ", 0.2)"),
    ("LSTM(16)", "(10, 8)", "lstm", SECOND_BIAS, "64 parameters more", "nn.LSTM(8, 16"),
    ("SimpleRNN(16)", "(10, 8)", "simple_rnn", SECOND_BIAS, "16 parameters more", "nn.RNN(8, 16"),
    ("Bidirectional(LSTM(16))", "(10, 8)", "bidirectional", SECOND_BIAS, "128 parameters more", "bidirectional=True"),
    ("GRU(16)", "(10, 8)", "gru", GATES, "reset, update and new state", "nn.GRU(8, 16"),
    ("GRU(16, reset_after=false)", "(10, 8)", "gru", WRITTEN_OUT, "reset gate comes before", "ResetBeforeRecurrence("),
    ("LSTM(16, recurrent_dropout=0.1)", "(10, 8)", "lstm", WRITTEN_OUT, "drops out the state", "LongShortRecurrence("),
    ('LSTM(16, "relu")', "(10, 8)", "lstm", WRITTEN_OUT, "activations", "LongShortRecurrence("),
    ("LSTM(16, dropout=0.2)", "(10, 8)", "lstm", STEPS_DROPOUT, "one mask for all steps", "nn.Dropout1d(0.2)"),
    (
        "MultiHeadAttention(2, 8, dropout=0.1)",
        "(10, 8)",
        "multi_head_attention",
        ATTENTION_DROPOUT,
        "passes 0",
        "if self.training",
    ),
    (
        "GroupQueryAttention(4, 4, 2, dropout=0.1)",
        "(10, 8)",
        "group_query_attention",
        ATTENTION_DROPOUT,
        "passes 0",
        "if self.training",
    ),
]


@pytest.mark.parametrize(("layers", "shape", "key", "topic", "words", "code"), SAID)
def test_a_difference_is_said_with_what_the_code_does(
    layers: str, shape: str, key: str, topic: str, words: str, code: str
) -> None:
    found, source = notes(layers, shape)
    assert words in found[key, topic]
    assert code in source


# A program's layers and input, and a topic of which nothing is to be said, as the frameworks agree there.
UNSAID = [
    ("Dense(4)", "(8,)", None),
    ("LSTM(16, use_bias=false)", "(10, 8)", None),
    ("LSTM(16)", "(10, 8)", GATES),
    ("GRU(16)", "(10, 8)", SECOND_BIAS),
    ("GELU()", "(8,)", None),
    ("ReLU(negative_slope=0.1)", "(8,)", None),
    ("LeakyReLU(0.01)", "(8,)", None),
    ("LayerNormalization(epsilon=1e-5)", "(8,)", None),
    ("MultiHeadAttention(2, 4, dropout=0.1)", "(10, 8)", None),
    ("MultiHeadAttention(2, 8)", "(10, 8)", None),
    ('Conv2D(4, 3, padding="same")', "(8, 8, 1)", PADDING),
    ('Conv2D(4, 3, strides=2, padding="same")', "(7, 7, 1)", PADDING),
    ('Conv2D(4, 1, strides=2, padding="same")', "(8, 8, 1)", PADDING),
    ("Conv2D(4, 3, strides=2)", "(8, 8, 1)", PADDING),
    ('MaxPooling2D(2, padding="same")', "(8, 8, 3)", PADDING),
    ('MaxPooling2D(3, strides=1, padding="same")', "(8, 8, 3)", MEAN),
    ('AveragePooling2D(2, padding="same")', "(8, 8, 3)", MEAN),
    ("AveragePooling2D(3)", "(9, 9, 3)", MEAN),
    ('Conv2DTranspose(4, 3, strides=1, padding="same")', "(8, 8, 3)", PADDING),
    ("Conv2D(1, 3) Flatten()", "(8, 8, 1)", ELEMENTS),
    ("Conv2D(4, 8) Flatten()", "(8, 8, 1)", ELEMENTS),
    ("GlobalAveragePooling2D() Flatten()", "(8, 8, 3)", ELEMENTS),
    ("Reshape((4, 4, 3)) Flatten()", "(48,)", ELEMENTS),
    ("Reshape((4, 4, 3)) Flatten()", "(48,)", AXES),
    ("Dense(4) Flatten()", "(5, 8)", ELEMENTS),
]


@pytest.mark.parametrize(("layers", "shape", "topic"), UNSAID)
def test_where_they_agree_nothing_is_said(layers: str, shape: str, topic: str | None) -> None:
    found, _ = notes(layers, shape)
    assert [each for each in found if topic in (None, each[1])] == []


@pytest.mark.parametrize(
    "layers",
    [
        "Conv2D(4, 3) Flatten()",
        "Flatten()",
        "Conv2D(1, 3) Flatten()",
        "Conv2D(4, 8) Flatten()",
        "Reshape((4, 4, 4)) Flatten()",
        "Conv2D(4, 3) BatchNormalization() ReLU() Flatten()",
        "Conv2D(4, 3) Dense(2) Flatten()",
        "LayerNormalization() Flatten()",
        "a = Conv2D(4, 3) b = ReLU()(a) Add()(a, b) Flatten()",
        "Conv2D(4, 3) Reshape((9, 16))",
        "ZeroPadding2D(1) Flatten()",
        "Permute((2, 1, 3)) Flatten()",
    ],
)
def test_elements_are_said_to_move_exactly_where_the_code_moves_them(layers: str) -> None:
    found, source = notes(layers, "(8, 8, 1)" if "Reshape((4" not in layers else "(64,)")
    last = next(line for line in source.splitlines() if "flatten(1)" in line or ".reshape(" in line)
    said = any(topic == ELEMENTS for _, topic in found)
    assert said == (".permute(" in last or ".transpose(" in last)


def test_every_note_is_of_a_layer_and_of_its_topic_once() -> None:
    for path in EXAMPLES:
        plan = default_compiler().plan(path.read_text(encoding="utf-8")).plan
        assert plan is not None
        found = differences(plan)
        keys = {step.key for step in plan.steps}
        assert {each.key for each in found} <= keys, path.name
        assert max(Counter((each.key, each.topic) for each in found).values(), default=1) == 1, path.name


def test_dead_layers_have_no_notes() -> None:
    source = "network N { input: (8,) layers: BatchNormalization() used = Dense(2)(input) output: used }"
    plan = default_compiler().plan(source).plan
    assert plan is not None
    assert differences(plan) == ()


def test_a_program_with_errors_has_none() -> None:
    assert default_compiler().differences("network N { input: (8,) layers: BatchNorm() Dnse(2) }") == ()
    assert len(default_compiler().differences("network N { input: (8,) layers: BatchNorm() }")) == 2
