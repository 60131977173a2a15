"""The statement that each layer becomes in Keras."""

from __future__ import annotations

import inspect
from textwrap import dedent
from typing import Any

import pytest

from neural.code_generation.emitter import UnsupportedError, generate
from neural.code_generation.keras_layers import ROWS, made
from neural.errors import NeuralError, RuleError
from neural.layers.base import Layer
from neural.layers.catalogue import LAYERS
from neural.layers.custom import Custom
from tests.code_generation.both_lines import BOTH
from tests.code_generation.plans import NO_LINES, plan_of
from tests.layers.oracle import ATTENTION, NOT_IN_KERAS, keras
from tests.layers.rows import Row, make, row

LINES = [
    (
        row("Dense", (8,), units=4),
        """
        outputs = layers.Dense(4, name="layer")(inputs)  # (None, 4)
        """,
    ),
    (
        row("Dense", (5, 8), units=4, activation="relu", use_bias=False),
        """
        # (None, 5, 4)
        outputs = layers.Dense(4, activation="relu", use_bias=False, name="layer")(inputs)
        """,
    ),
    (
        row("Output", (8,), units=10, activation="softmax"),
        """
        outputs = layers.Dense(10, activation="softmax", name="layer")(inputs)  # (None, 10)
        """,
    ),
    (
        row("Embedding", (100,), input_dim=10000, output_dim=64),
        """
        outputs = layers.Embedding(10000, 64, name="layer")(inputs)  # (None, 100, 64)
        """,
    ),
    (
        row("Activation", (8,), activation="gelu"),
        """
        outputs = layers.Activation("gelu", name="layer")(inputs)  # (None, 8)
        """,
    ),
    (
        row("ReLU", (8,)),
        """
        outputs = layers.ReLU(name="layer")(inputs)  # (None, 8)
        """,
    ),
    (
        row("ReLU", (8,), max_value=6.0, negative_slope=0.1, threshold=0.5),
        """
        outputs = layers.ReLU(
            max_value=6.0, negative_slope=0.1, threshold=0.5, name="layer"
        )(inputs)  # (None, 8)
        """,
    ),
    (
        row("LeakyReLU", (8,)),
        """
        outputs = layers.LeakyReLU(name="layer")(inputs)  # (None, 8)
        """,
    ),
    (
        row("LeakyReLU", (8,), negative_slope=0.2),
        """
        outputs = layers.LeakyReLU(negative_slope=0.2, name="layer")(inputs)  # (None, 8)
        """,
    ),
    (
        row("PReLU", (8, 8, 3)),
        """
        outputs = layers.PReLU(name="layer")(inputs)  # (None, 8, 8, 3)
        """,
    ),
    (
        row("PReLU", (8, 8, 3), shared_axes=(1, 2)),
        """
        outputs = layers.PReLU(shared_axes=[1, 2], name="layer")(inputs)  # (None, 8, 8, 3)
        """,
    ),
    (
        row("ELU", (8,), alpha=0.5),
        """
        outputs = layers.ELU(alpha=0.5, name="layer")(inputs)  # (None, 8)
        """,
    ),
    (
        row("Softmax", (8,)),
        """
        outputs = layers.Softmax(name="layer")(inputs)  # (None, 8)
        """,
    ),
    (
        row("Softmax", (4, 8), axis=1),
        """
        outputs = layers.Softmax(axis=1, name="layer")(inputs)  # (None, 4, 8)
        """,
    ),
    (
        row("GELU", (8,)),
        """
        outputs = layers.Activation("gelu", name="layer")(inputs)  # (None, 8)
        """,
    ),
    (
        row("SiLU", (8,)),
        """
        outputs = layers.Activation("silu", name="layer")(inputs)  # (None, 8)
        """,
    ),
    (
        row("Sigmoid", (8,)),
        """
        outputs = layers.Activation("sigmoid", name="layer")(inputs)  # (None, 8)
        """,
    ),
    (
        row("Tanh", (8,)),
        """
        outputs = layers.Activation("tanh", name="layer")(inputs)  # (None, 8)
        """,
    ),
    (
        row("Conv1D", (20, 3), filters=4, kernel_size=3),
        """
        outputs = layers.Conv1D(4, 3, name="layer")(inputs)  # (None, 18, 4)
        """,
    ),
    (
        row("Conv1D", (20, 4), filters=4, kernel_size=5, strides=2, padding="causal", groups=2, use_bias=False),
        """
        outputs = layers.Conv1D(
            4, 5, strides=2, padding="causal", groups=2, use_bias=False, name="layer"
        )(inputs)  # (None, 10, 4)
        """,
    ),
    (
        row("Conv2D", (28, 28, 1), filters=32, kernel_size=3, activation="relu"),
        """
        # (None, 26, 26, 32)
        outputs = layers.Conv2D(32, 3, activation="relu", name="layer")(inputs)
        """,
    ),
    (
        row("Conv2D", (28, 28, 4), filters=8, kernel_size=(3, 5), padding="same", dilation_rate=2),
        """
        outputs = layers.Conv2D(8, (3, 5), padding="same", dilation_rate=2, name="layer")(
            inputs
        )  # (None, 28, 28, 8)
        """,
    ),
    (
        row("DepthwiseConv1D", (20, 3), kernel_size=3, depth_multiplier=2),
        """
        # (None, 18, 6)
        outputs = layers.DepthwiseConv1D(3, depth_multiplier=2, name="layer")(inputs)
        """,
    ),
    (
        row("DepthwiseConv2D", (28, 28, 3), kernel_size=3, strides=2, padding="same", use_bias=False),
        """
        outputs = layers.DepthwiseConv2D(
            3, strides=2, padding="same", use_bias=False, name="layer"
        )(inputs)  # (None, 14, 14, 3)
        """,
    ),
    (
        row("SeparableConv1D", (20, 3), filters=8, kernel_size=3, activation="silu"),
        """
        # (None, 18, 8)
        outputs = layers.SeparableConv1D(8, 3, activation="silu", name="layer")(inputs)
        """,
    ),
    (
        row("SeparableConv2D", (28, 28, 3), filters=8, kernel_size=3, dilation_rate=2, depth_multiplier=2),
        """
        outputs = layers.SeparableConv2D(
            8, 3, dilation_rate=2, depth_multiplier=2, name="layer"
        )(inputs)  # (None, 24, 24, 8)
        """,
    ),
    (
        row("MaxPooling1D", (20, 3)),
        """
        outputs = layers.MaxPooling1D(name="layer")(inputs)  # (None, 10, 3)
        """,
    ),
    (
        row("MaxPooling1D", (20, 3), pool_size=3, strides=1, padding="same"),
        """
        outputs = layers.MaxPooling1D(pool_size=3, strides=1, padding="same", name="layer")(
            inputs
        )  # (None, 20, 3)
        """,
    ),
    (
        row("MaxPooling2D", (28, 28, 3)),
        """
        outputs = layers.MaxPooling2D(name="layer")(inputs)  # (None, 14, 14, 3)
        """,
    ),
    (
        row("MaxPooling2D", (28, 28, 3), pool_size=(3, 2), strides=2),
        """
        # (None, 13, 14, 3)
        outputs = layers.MaxPooling2D(pool_size=(3, 2), strides=2, name="layer")(inputs)
        """,
    ),
    (
        row("AveragePooling1D", (20, 3), pool_size=2),
        """
        outputs = layers.AveragePooling1D(2, name="layer")(inputs)  # (None, 10, 3)
        """,
    ),
    (
        row("AveragePooling2D", (28, 28, 3), pool_size=(2, 4), padding="same"),
        """
        # (None, 14, 7, 3)
        outputs = layers.AveragePooling2D((2, 4), padding="same", name="layer")(inputs)
        """,
    ),
    (
        row("GlobalMaxPooling1D", (20, 3)),
        """
        outputs = layers.GlobalMaxPooling1D(name="layer")(inputs)  # (None, 3)
        """,
    ),
    (
        row("GlobalMaxPooling2D", (28, 28, 3), keepdims=True),
        """
        # (None, 1, 1, 3)
        outputs = layers.GlobalMaxPooling2D(keepdims=True, name="layer")(inputs)
        """,
    ),
    (
        row("GlobalAveragePooling1D", (20, 3), keepdims=True),
        """
        # (None, 1, 3)
        outputs = layers.GlobalAveragePooling1D(keepdims=True, name="layer")(inputs)
        """,
    ),
    (
        row("GlobalAveragePooling2D", (28, 28, 3)),
        """
        outputs = layers.GlobalAveragePooling2D(name="layer")(inputs)  # (None, 3)
        """,
    ),
    (
        row("SimpleRNN", (20, 3), units=8, activation="relu", return_sequences=True),
        """
        outputs = layers.SimpleRNN(
            8, activation="relu", return_sequences=True, name="layer"
        )(inputs)  # (None, 20, 8)
        """,
    ),
    (
        row("LSTM", (20, 3), units=8),
        """
        outputs = layers.LSTM(8, name="layer")(inputs)  # (None, 8)
        """,
    ),
    (
        row("LSTM", (20, 3), units=8, recurrent_activation="hard_sigmoid", dropout=0.1, go_backwards=True),
        """
        outputs = layers.LSTM(
            8,
            recurrent_activation="hard_sigmoid",
            dropout=0.1,
            go_backwards=True,
            name="layer",
        )(inputs)  # (None, 8)
        """,
    ),
    (
        row("GRU", (20, 3), units=8, recurrent_dropout=0.25, reset_after=False),
        """
        outputs = layers.GRU(8, recurrent_dropout=0.25, reset_after=False, name="layer")(
            inputs
        )  # (None, 8)
        """,
    ),
    (
        row("Bidirectional", (20, 3), layer=make("LSTM", {"units": 8, "return_sequences": True}), merge_mode="sum"),
        """
        outputs = layers.Bidirectional(
            layers.LSTM(8, return_sequences=True), merge_mode="sum", name="layer"
        )(inputs)  # (None, 20, 8)
        """,
    ),
    (
        row("Bidirectional", (20, 3), layer=make("GRU", {"units": 8})),
        """
        outputs = layers.Bidirectional(layers.GRU(8), name="layer")(inputs)  # (None, 16)
        """,
    ),
    (
        row(
            "TimeDistributed",
            (5, 28, 28, 1),
            layer=make("Conv2D", {"filters": 4, "kernel_size": 3, "activation": "relu"}),
        ),
        """
        outputs = layers.TimeDistributed(
            layers.Conv2D(4, 3, activation="relu"), name="layer"
        )(inputs)  # (None, 5, 26, 26, 4)
        """,
    ),
    (
        row("TimeDistributed", (5, 8), layer=make("Output", {"units": 4})),
        """
        # (None, 5, 4)
        outputs = layers.TimeDistributed(layers.Dense(4), name="layer")(inputs)
        """,
    ),
    (
        row("MultiHeadAttention", (20, 64), num_heads=4, key_dim=16),
        """
        outputs = layers.MultiHeadAttention(4, 16, name="layer")(inputs, inputs)
        """,
    ),
    (
        row("MultiHeadAttention", (20, 64), (30, 32), num_heads=4, key_dim=16, value_dim=8, dropout=0.1, output_dim=48),
        """
        outputs = layers.MultiHeadAttention(
            4, 16, value_dim=8, dropout=0.1, output_shape=48, name="layer"
        )(input_1, input_2)  # (None, 20, 48)
        """,
    ),
    (
        row(
            "MultiHeadAttention",
            (20, 64),
            (30, 32),
            (30, 16),
            num_heads=4,
            key_dim=16,
            use_bias=False,
            use_causal_mask=True,
        ),
        """
        outputs = layers.MultiHeadAttention(4, 16, use_bias=False, name="layer")(
            input_1, input_2, input_3, use_causal_mask=True
        )  # (None, 20, 64)
        """,
    ),
    (
        row("BatchNormalization", (28, 28, 3)),
        """
        outputs = layers.BatchNormalization(name="layer")(inputs)  # (None, 28, 28, 3)
        """,
    ),
    (
        row("BatchNormalization", (28, 28, 3), axis=1, momentum=0.9, epsilon=1e-5, center=False, scale=False),
        """
        outputs = layers.BatchNormalization(
            axis=1, momentum=0.9, epsilon=1e-5, center=False, scale=False, name="layer"
        )(inputs)  # (None, 28, 28, 3)
        """,
    ),
    (
        row("LayerNormalization", (5, 8), epsilon=1e-6),
        """
        outputs = layers.LayerNormalization(epsilon=1e-6, name="layer")(inputs)
        """,
    ),
    (
        row("LayerNormalization", (5, 8, 4), axis=(1, 2), center=False),
        """
        outputs = layers.LayerNormalization(axis=(1, 2), center=False, name="layer")(inputs)
        """,
    ),
    (
        row("Dropout", (8,), rate=0.5),
        """
        outputs = layers.Dropout(0.5, name="layer")(inputs)  # (None, 8)
        """,
    ),
    (
        row("SpatialDropout1D", (20, 3), rate=0.2),
        """
        outputs = layers.SpatialDropout1D(0.2, name="layer")(inputs)  # (None, 20, 3)
        """,
    ),
    (
        row("SpatialDropout2D", (28, 28, 3), rate=0.2),
        """
        outputs = layers.SpatialDropout2D(0.2, name="layer")(inputs)  # (None, 28, 28, 3)
        """,
    ),
    (
        row("AlphaDropout", (8,), rate=0.1),
        """
        outputs = layers.AlphaDropout(0.1, name="layer")(inputs)  # (None, 8)
        """,
    ),
    (
        row("GaussianDropout", (8,), rate=0.1),
        """
        outputs = layers.GaussianDropout(0.1, name="layer")(inputs)  # (None, 8)
        """,
    ),
    (
        row("GaussianNoise", (8,), stddev=0.1),
        """
        outputs = layers.GaussianNoise(0.1, name="layer")(inputs)  # (None, 8)
        """,
    ),
    (
        row("Flatten", (28, 28, 1)),
        """
        outputs = layers.Flatten(name="layer")(inputs)  # (None, 784)
        """,
    ),
    (
        row("Reshape", (784,), target_shape=(28, 28, -1)),
        """
        outputs = layers.Reshape((28, 28, -1), name="layer")(inputs)  # (None, 28, 28, 1)
        """,
    ),
    (
        row("Permute", (4, 5, 6), dims=(3, 1, 2)),
        """
        outputs = layers.Permute((3, 1, 2), name="layer")(inputs)  # (None, 6, 4, 5)
        """,
    ),
    (
        row("RepeatVector", (8,), n=5),
        """
        outputs = layers.RepeatVector(5, name="layer")(inputs)  # (None, 5, 8)
        """,
    ),
    (
        row("Cropping1D", (20, 3), cropping=(2, 0)),
        """
        outputs = layers.Cropping1D(cropping=(2, 0), name="layer")(inputs)  # (None, 18, 3)
        """,
    ),
    (
        row("Cropping2D", (28, 28, 3), cropping=2),
        """
        outputs = layers.Cropping2D(cropping=2, name="layer")(inputs)  # (None, 24, 24, 3)
        """,
    ),
    (
        row("ZeroPadding1D", (20, 3), padding=2),
        """
        outputs = layers.ZeroPadding1D(padding=2, name="layer")(inputs)  # (None, 24, 3)
        """,
    ),
    (
        row("ZeroPadding1D", (20, 3), padding=(1, 0)),
        """
        # (None, 21, 3)
        outputs = layers.ZeroPadding1D(padding=(1, 0), name="layer")(inputs)
        """,
    ),
    (
        row("ZeroPadding2D", (28, 28, 3)),
        """
        outputs = layers.ZeroPadding2D(name="layer")(inputs)  # (None, 30, 30, 3)
        """,
    ),
    (
        row("ZeroPadding2D", (28, 28, 3), padding=(1, 2)),
        """
        # (None, 30, 32, 3)
        outputs = layers.ZeroPadding2D(padding=(1, 2), name="layer")(inputs)
        """,
    ),
    (
        row("ZeroPadding2D", (28, 28, 3), padding=((1, 0), (2, 2))),
        """
        # (None, 29, 32, 3)
        outputs = layers.ZeroPadding2D(padding=((1, 0), (2, 2)), name="layer")(inputs)
        """,
    ),
    (
        row("UpSampling1D", (20, 3), size=3),
        """
        outputs = layers.UpSampling1D(size=3, name="layer")(inputs)  # (None, 60, 3)
        """,
    ),
    (
        row("UpSampling2D", (14, 14, 3), size=(2, 3), interpolation="bilinear"),
        """
        outputs = layers.UpSampling2D(size=(2, 3), interpolation="bilinear", name="layer")(
            inputs
        )  # (None, 28, 42, 3)
        """,
    ),
    (
        row("Add", (8,), (8,)),
        """
        outputs = layers.Add(name="layer")([input_1, input_2])  # (None, 8)
        """,
    ),
    (
        row("Subtract", (8,), (8,)),
        """
        outputs = layers.Subtract(name="layer")([input_1, input_2])  # (None, 8)
        """,
    ),
    (
        row("Multiply", (8,), (8,), (8,)),
        """
        outputs = layers.Multiply(name="layer")([input_1, input_2, input_3])  # (None, 8)
        """,
    ),
    (
        row("Average", (8,), (8,)),
        """
        outputs = layers.Average(name="layer")([input_1, input_2])  # (None, 8)
        """,
    ),
    (
        row("Maximum", (8,), (8,)),
        """
        outputs = layers.Maximum(name="layer")([input_1, input_2])  # (None, 8)
        """,
    ),
    (
        row("Minimum", (8,), (8,)),
        """
        outputs = layers.Minimum(name="layer")([input_1, input_2])  # (None, 8)
        """,
    ),
    (
        row("Concatenate", (8,), (4,)),
        """
        outputs = layers.Concatenate(name="layer")([input_1, input_2])  # (None, 12)
        """,
    ),
    (
        row("Concatenate", (3, 8), (5, 8), axis=1),
        """
        # (None, 8, 8)
        outputs = layers.Concatenate(axis=1, name="layer")([input_1, input_2])
        """,
    ),
]

LINES += [(each, keras) for each, keras, _ in BOTH]

#: Arguments that Keras calls otherwise, and those it takes when the layer is called.
RENAMED = {("MultiHeadAttention", "output_dim"): "output_shape", ("Lambda", "shape"): "output_shape"}
AT_THE_CALL = {(name, "use_causal_mask") for name in ATTENTION} | {("Dense", "tied"), ("Output", "tied")}
#: Arguments of attention that Keras does not have.
OUR_OWN = {(name, own) for name in ATTENTION for own in ("rope_theta", "scale", "use_key_bias")}


def statement(source: str) -> str:
    """Return the statement of the last layer, with its comment where that stands above."""
    lines = source.splitlines()
    first = next(index for index, line in enumerate(lines) if line.startswith(("    outputs =", "    layer, ")))
    ends = ("    return keras.Model", "    outputs = [layer, ")
    last = next(index for index, line in enumerate(lines) if line.startswith(ends))
    first -= lines[first - 1].startswith("    # ")
    return dedent("\n".join(lines[first:last]))


@pytest.mark.parametrize(("each", "expected"), LINES, ids=lambda value: str(value) if isinstance(value, Row) else "")
def test_a_layer_becomes_this(each: Row, expected: str) -> None:
    source = generate(plan_of(each.layer, each.shapes), "tensorflow", NO_LINES)
    assert statement(source) == dedent(expected).strip("\n").rstrip()


def test_every_layer_has_a_row() -> None:
    assert set(ROWS) - {Custom} == set(LAYERS.values())
    assert {each.type for each, _ in LINES} == set(LAYERS) - {"Input"}


def _declared() -> list[Any]:
    return [
        pytest.param(layer, name, id=f"{layer.__name__}.{name}")
        for layer in LAYERS.values()
        for name, argument in layer.arguments().items()
        if not argument.required
        and layer.__name__ not in {*NOT_IN_KERAS, "Input"}
        and (layer.__name__, name) not in {*AT_THE_CALL, *OUR_OWN}
    ]


@pytest.mark.parametrize(("layer", "name"), _declared())
def test_a_default_that_is_left_out_is_that_of_keras(layer: type[Layer], name: str) -> None:
    argument = layer.arguments()[name]
    function = getattr(keras.layers, "Dense" if layer.__name__ == "Output" else layer.__name__)
    default = inspect.signature(function).parameters[RENAMED.get((layer.__name__, name), name)].default
    try:
        assert argument.kind.read(default) == argument.default
    except RuleError:
        assert (default, argument.default) == (None, None)


def test_a_layer_without_a_row_is_refused() -> None:
    class Unheard(Layer):
        def output_shape(self, inputs: Any) -> Any:
            return inputs[0]

    with pytest.raises(UnsupportedError, match="Unheard has no form in Keras"):
        made(Unheard())


@pytest.mark.parametrize(
    "each",
    [
        row("DepthwiseConv2D", (27, 28, 8), kernel_size=3, strides=(1, 2)),
        row("SeparableConv2D", (32, 31, 3), filters=16, kernel_size=3, strides=(2, 1)),
    ],
    ids=str,
)
def test_strides_that_tensorflow_refuses_are_reported(each: Row) -> None:
    with pytest.raises(NeuralError) as refusal:
        generate(plan_of(each.layer, each.shapes), "tensorflow", NO_LINES)
    (diagnostic,) = refusal.value.diagnostics
    assert diagnostic.code == "N601"
    assert "one stride for height and width" in diagnostic.message
    assert diagnostic.help == "use equal strides, or generate code for PyTorch"
