"""Programs of positions, windows, experts and graphs: both files compute the same, and Keras's can be saved."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neural.code_generation.emitter import generate
from neural.shape_propagation.plan import Plan
from neural.verification.job import input_of, with_sizes
from tests.code_generation.plans import NO_LINES, plan_of, plan_of_program
from tests.code_generation.torch_modules import difference, torch
from tests.layers.oracle import keras
from tests.layers.rows import make
from tests.verification.test_programs import verified

PROGRAMS = {
    "T5": """
        input: { words: (6), text: (5) }
        layers:
            seen = Embedding(20, 8)(text)
            far = RelativePositionBias(2, num_buckets=8, max_distance=6)(seen)
            n = RMSNormalization()(seen)
            a = MultiHeadAttention(2, 4, use_bias=false, scale=1.0)(n, n, n, far)
            memory = Add()(seen, a)
            written = Embedding(20, 8)(words)
            back = RelativePositionBias(2, num_buckets=8, max_distance=6, bidirectional=false)(written)
            m = RMSNormalization()(written)
            b = MultiHeadAttention(2, 4, use_bias=false, scale=1.0, use_causal_mask=true)(m, m, m, back)
            c = MultiHeadAttention(2, 4, use_bias=false, scale=1.0)(b, memory)
            Add()(written, b, c)""",
    "Mixtral": """
        input: (7)
        layers:
            Embedding(20, 8)
            Residual() {
                RMSNormalization()
                GroupQueryAttention(4, 4, 2, use_bias=false, sliding_window=3, use_causal_mask=true, rope_theta=1e4)
            }
            Residual() {
                RMSNormalization()
                MixtureOfExperts(4, 12)
            }
            EinsumDense("abc,cde->abde", (7, 2, 3), bias_axes="de")
            RotaryEmbedding(100, sequence_axis=1, feature_axis=2)""",
    "Whisper": """
        input: (12, 5)
        layers:
            Conv1D(8, 3, "gelu", strides=2, padding="same")
            Residual() { PositionEmbedding(6) }
            Residual() { SinePositionEncoding() }
            Residual() {
                LayerNormalization()
                MultiHeadAttention(2, 4, use_key_bias=false)
            }""",
    "Swin": """
        input: (9, 13, 3)
        layers:
            Conv2D(8, 2, strides=1)
            Residual() { WindowAttention(2, 4) }
            Residual() { WindowAttention(2, 4, 2) }
            Reshape((4, 2, 6, 2, 8))
            Permute((1, 3, 4, 2, 5))
            Reshape((24, 32))
            ClassToken()
            Dense(4)""",
    "graphs": """
        input: { features: (6, 5), joined: (6, 6) }
        layers:
            edges = ReLU()(joined)
            h = GraphConv(8, "relu")(features, edges)
            x = GraphAttention(4, 2, "elu")(h, edges)
            GraphConv(3, normalize=false)(x, edges)""",
    "experts on maps": """
        input: (4, 5, 6)
        layers:
            Conv2D(4, 1)
            MixtureOfExperts(3, 5, 1, "gelu")
            Conv2D(2, 3)""",
}


def _inputs(plan: Plan) -> list[Any]:
    known, random = with_sizes(plan, NO_LINES), np.random.default_rng(0)
    return [input_of(step, known, random) for step in known.inputs]


@pytest.mark.parametrize("name", PROGRAMS)
def test_both_files_compute_the_same(name: str) -> None:
    assert verified(plan_of_program(f"network Net {{ {PROGRAMS[name]} }}")).layers


@pytest.mark.filterwarnings("ignore:__array__ implementation")
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_keras_model_comes_back_from_its_file(name: str, tmp_path: Path) -> None:
    plan = plan_of_program(f"network Net {{ {PROGRAMS[name]} }}")
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(compile(generate(plan, "tensorflow", NO_LINES), "generated.py", "exec"), scope)
    model = scope["build_model"]()
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    arrays = _inputs(plan)
    arrays = [each.astype("float32") if each.dtype == "float64" else each for each in arrays]
    given = arrays[0] if len(arrays) == 1 else arrays
    assert difference(np.asarray(again(given)), np.asarray(model(given))) == 0


@pytest.mark.parametrize("name", PROGRAMS)
def test_pytorch_trains_every_weight(name: str) -> None:
    plan = plan_of_program(f"network Net {{ {PROGRAMS[name]} }}")
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(compile(generate(plan, "pytorch", NO_LINES), "generated.py", "exec"), scope)
    model = scope["build_model"]().train()
    torch.manual_seed(0)
    arrays = [torch.from_numpy(each) for each in _inputs(plan)]
    arrays = [each.permute(0, 3, 1, 2) if each.ndim == 4 else each for each in arrays]
    model(*(each.float() if each.is_floating_point() else each for each in arrays)).square().sum().backward()
    assert [name for name, weight in model.named_parameters() if weight.grad is None] == []


def test_a_key_without_a_bias_computes_the_same() -> None:
    """A bias of the keys moves all scores of a query by one number, which softmax does not see."""
    arguments = {"num_heads": 2, "key_dim": 4}
    models = []
    for keyed in (True, False):
        layer = make("MultiHeadAttention", {**arguments, "use_key_bias": keyed, "scale": 0.5})
        scope: dict[str, Any] = {"__name__": "generated"}
        exec(generate(plan_of(layer, ((5, 8),)), "pytorch", NO_LINES), scope)
        models.append(scope["build_model"]().double().eval())
    state = {name: torch.randn_like(value) for name, value in models[0].state_dict().items()}
    models[0].load_state_dict(state)
    missing, unexpected = models[1].load_state_dict(state, strict=False)
    x = torch.randn(3, 5, 8, dtype=torch.float64)
    assert (missing, unexpected) == ([], ["layer.key.bias"])
    assert float((models[0](x) - models[1](x)).detach().abs().max()) < 1e-12
