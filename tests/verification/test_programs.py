"""Whole programs: the PyTorch file and the Keras file compute the same function, gradients included."""

from __future__ import annotations

from pathlib import Path

import pytest

from neural import verification
from neural.compiler import default_compiler
from neural.errors import NeuralError
from neural.shape_propagation.plan import Plan
from tests.code_generation.plans import NO_LINES, plan_of_program
from tests.examples.small import small_plan
from tests.generator import random_program

#: Programs whose axes, padding and shapes are easily mistaken.
PROGRAMS = {
    "twins": """
        input: { left: (9, 9, 3), right: (12, 12, 3) }
        layers:
            Conv2D(4, 3, strides=2, padding="same", shared="eye")(left)
            GlobalAveragePooling2D()
            a = Dense(5, "tanh", shared="mind")
            Conv2D(4, 3, strides=2, padding="same", shared="eye")(right)
            GlobalAveragePooling2D()
            b = Dense(5, "tanh", shared="mind")
            Subtract()(a, b)""",
    "permuted": """
        input: (6, 7, 4)
        layers:
            Conv2D(6, 3, padding="same", strides=2, activation="elu")
            Permute((3, 1, 2))
            Conv2D(5, 2)
            Softmax(axis=2)
            LayerNormalization(axis=1)
            Reshape((-1, 5))
            Conv1D(4, 2, padding="causal")
            Flatten()
            Dense(3)""",
    "u-shaped": """
        input: (None, None, None, 3)
        layers:
            a = Conv2D(4, 3, padding="same", activation="relu")
            MaxPooling2D(2, padding="same")
            b = SeparableConv2D(8, 3, padding="same", activation="tanh")
            AveragePooling2D(3, strides=2, padding="same")
            Conv2D(8, 4, padding="same")
            c = UpSampling2D(2)
            Concatenate()(b, c)
            UpSampling2D(2, interpolation="nearest")
            GlobalMaxPooling2D()
            Dense(4, "sigmoid")""",
    "squeeze": """
        input: (8, 8, 6)
        layers:
            seen = DepthwiseConv2D(3, padding="same", depth_multiplier=2)
            GlobalAveragePooling2D()
            Dense(4, "relu")
            gate = Dense(12, "sigmoid")
            Multiply()(seen, gate)
            PReLU(shared_axes=(1, 2))
        """,
    "sequences": """
        input: { left: (9, 5), right: (7, 5) }
        layers:
            Bidirectional(GRU(6, return_sequences=true), merge_mode="mul")(left)
            query = LayerNormalization()
            TimeDistributed(Dense(6, "tanh"))(right)
            value = Conv1D(6, 3, padding="same")
            attended = MultiHeadAttention(3, 4)(query, value)
            Add()(attended, query)
            AveragePooling1D(2, padding="same")
            BatchNormalization()
            last = LSTM(5, return_sequences=true, go_backwards=true, recurrent_activation="hard_sigmoid")
        output: attended, last""",
    "scaled": """
        input: (6, 7, 4)
        layers:
            Conv2DTranspose(8, 3, strides=2, padding="same", activation="silu")
            seen = GroupNormalization(4)
            DepthwiseConv2D(5, padding="same")
            InstanceNormalization()
            Conv2D(8, 1)
            LayerScale(0.1)
            branch = StochasticDepth(0.2)
            Add()(branch, seen)
            Slice(axis=2, start=3, size=9)
            AdaptiveAveragePooling2D((4, 5))
            Reshape((20, 8))
            RMSNormalization()
            query = GroupQueryAttention(4, 4, 2, use_causal_mask=true)
            Slice(axis=1, start=4, size=6)(query)
            value = UnitNormalization()
            AdditiveAttention()(query, value)
            Attention(use_scale=true)
            Rescaling(0.5, offset=-0.25)
            left = GlobalAveragePooling1D()
            right = LSTMCell(8)
            alike = Dot(axes=1, normalize=true)(left, right)
        output: left, right, alike""",
    "standardised": """
        input: (6, 7, 3)
        layers:
            Normalization(mean=(0.485, 0.456, 0.406), variance=(0.052, 0.05, 0.051))
            Conv2D(4, 3, strides=2)
            Normalization(axis=(1, 3))
            Flatten()
            Dense(5)
            Normalization(invert=true)
            Normalization(axis=none, mean=2, variance=9, invert=true)""",
    "volume": """
        input: (5, 8, 6, 2)
        layers:
            Conv3D(4, 3, padding="same", strides=(1, 2, 1), activation="mish")
            a = ZeroPadding3D((1, 0, 0))
            Conv3DTranspose(4, 2, strides=2)
            Cropping3D(((1, 0), (0, 2), (3, 0)))
            UpSampling3D((1, 2, 1))
            SpatialDropout3D(0.2)
            HardSwish()
            b = GlobalMaxPooling3D()
            GlobalAveragePooling3D()(a)
            c = GRUCell(4, activation="softsign")
            Multiply()(b, c)
            LogSoftmax()""",
    "frames": """
        input: (5, 8, 8, 3)
        layers:
            TimeDistributed(Conv2D(4, 3, strides=2, padding="same", activation="relu"))
            TimeDistributed(BatchNormalization())
            kept = TimeDistributed(MaxPooling2D(2))
            TimeDistributed(Flatten())
            last = SimpleRNN(6, activation="relu")
        output: kept, last""",
}


#: Examples that take long to build, and are verified by `make verify-all` alone.
SLOW = {
    *("convnext", "densenet", "efficientnet", "efficientnet_v2", "inception_resnet_v2", "inception_v3", "nasnet"),
    *("mobilenet_v2", "mobilenet_v3", "resnet", "resnet_v2", "vgg", "xception"),
}
EXAMPLES = [path for path in sorted(Path("examples").glob("*.neural")) if path.stem not in SLOW]


def verified(plan: Plan) -> verification.Verification:
    """Return the outcome for a plan; there must be no difference."""
    found = verification.verify(plan, NO_LINES)
    assert found.ok, found.problem
    return found


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name: str) -> None:
    assert verified(plan_of_program(f"network Net {{ {PROGRAMS[name]} }}")).layers


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples(path: Path) -> None:
    assert verified(small_plan(path)).gradient_difference is not None


#: Random programs that a framework cannot express, and those with code of their own.
NOT_VERIFIED: dict[int, type[Exception]] = {
    **dict.fromkeys((9, 23, 38), NeuralError),
    **dict.fromkeys((33, 36), verification.RefusalError),
}
#: Random programs that differed once.
SEEDS = (60, 88, 98, 126, 134, 193, 203, 324, 332, 373)


@pytest.mark.parametrize("seed", [*range(40), *SEEDS])
def test_random_programs(seed: int) -> None:
    analysis = default_compiler().plan(random_program(seed))
    assert analysis.plan is not None
    if seed in NOT_VERIFIED:
        with pytest.raises(NOT_VERIFIED[seed]):
            verified(analysis.plan)
    else:
        verified(analysis.plan)


def test_a_small_network_is_verified_in_less_time_than_a_framework_is_imported() -> None:
    plan = plan_of_program("network Net { input: (8, 8, 3) layers: Conv2D(4, 3) Flatten() Dense(2) }")
    verified(plan)
    assert verified(plan).seconds < 3


def test_what_is_found() -> None:
    source = "network Net { input: (8) layers: a = Dense(4, 'relu') BatchNormalization() Dense(2) }"
    found = default_compiler().verify(source)
    assert (found.network, found.ok, found.problem, found.key) == ("Net", True, "", None)
    assert (found.layers, found.parameters, found.notes) == (3, 36 + 16 + 10, ())
    assert found.output_difference < 1e-9
    assert found.gradient_difference is not None
    assert found.gradient_difference < 1e-6
    assert [name for name, _ in found.versions] == ["PyTorch", "Keras", "TensorFlow"]
    assert found.summary().startswith("verified in PyTorch 2.")
    assert found.to_dict()["versions"].keys() == {"PyTorch", "Keras", "TensorFlow"}


REFUSED = [
    ("Lambda('lambda x: x * 2') Dense(2)", "lambda: it is code of the program's own, which is never run here"),
    ("FancyLayer() Dense(2)", "fancy_layer: it is code of the program's own, which is never run here"),
    ("Dense(100000) Dense(1000)", "100,901,000 parameters and 201,600,000 FLOPs a sample are beyond"),
]


@pytest.mark.parametrize(("layers", "says"), REFUSED)
def test_what_is_not_verified(layers: str, says: str) -> None:
    with pytest.raises(verification.RefusalError) as refusal:
        default_compiler().verify(f"network Net {{ input: (8) layers: {layers} }}")
    assert str(refusal.value).startswith(says)


def test_a_program_with_errors_is_not_verified() -> None:
    with pytest.raises(NeuralError, match="N401"):
        default_compiler().verify("network Net { input: (8) layers: Conv2D(4, 3) }")


def test_a_slope_in_float32_is_said() -> None:
    found = default_compiler().verify("network Net { input: (8) layers: Dense(4) LeakyReLU() }")
    assert found.ok
    assert found.notes == ("compared within 2e-07: TensorFlow computes the slope of leaky_relu less exactly",)
