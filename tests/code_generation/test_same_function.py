"""Whole programs: the PyTorch file and the Keras file of a program compute the same function."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neural.code_generation.emitter import generate
from neural.layers.core import Embedding
from neural.layers.graphs import GraphLayer
from neural.shape_propagation.plan import Plan
from tests.code_generation.keras_layers import double, finish, random_weight
from tests.code_generation.plans import NO_LINES, layers_of, plan_of_program
from tests.code_generation.torch_modules import difference, module_of, run
from tests.examples.small import small_plan

EXAMPLES = sorted(Path("examples").glob("*.neural"))

#: Programs whose axes, padding and shapes are easily mistaken, each with its tolerance where TensorFlow's is lower.
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


def inputs_of(plan: Plan, random: np.random.Generator) -> list[Any]:
    """Return a batch of two for each input, whole numbers where the program reads them; an unknown size is 12."""
    arrays = []
    for step in plan.inputs:
        shape = (2, *(12 if size is None else size for size in step.output_shape or ()))
        readers = [each for each in plan.steps if step.key in each.node.inputs]
        rows = [each.layer.input_dim for each in readers if isinstance(each.layer, Embedding)]
        if rows:
            arrays.append(random.integers(0, min(rows), shape).astype("int32"))
        elif any(isinstance(each.layer, GraphLayer) and each.node.inputs[1] == step.key for each in readers):
            arrays.append(random.integers(0, 2, shape).astype("float64"))  # which nodes are joined
        else:
            arrays.append(random.normal(size=shape))
    return arrays


def agree(plan: Plan, tolerance: float) -> None:
    """Build both files with the same random weights and compare what they make of the same input."""
    random = np.random.default_rng(0)
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(compile(generate(plan, "tensorflow", NO_LINES), "generated.py", "exec"), scope)
    with double():
        twin = scope["build_model"]()
        weights = {}
        for step in layers_of(plan):
            layer = twin.get_layer(step.key)
            weights[step.key] = [random_weight(weight, random) for weight in layer.weights if "seed" not in weight.path]
            layer.set_weights(weights[step.key])
            finish(layer)
        arrays = inputs_of(plan, random)
        expected = twin(arrays[0] if len(arrays) == 1 else arrays, training=False)
    results = run(module_of(plan, weights), arrays)
    for result, wanted in zip(results, expected if isinstance(expected, list | tuple) else [expected], strict=True):
        assert difference(result, np.asarray(wanted)) < tolerance


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name: str) -> None:
    agree(plan_of_program(f"network Net {{ {PROGRAMS[name]} }}"), 1e-9)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples(path: Path) -> None:
    source = path.read_text()
    agree(small_plan(path), 1e-9 if "gelu" not in source and "leaky" not in source.lower() else 2e-7)
