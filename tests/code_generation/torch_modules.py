"""Generated PyTorch, built with Keras's weights, and what its tensors look like to Keras."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from neural.code_generation.emitter import generate
from neural.code_generation.pytorch_layout import native
from neural.code_generation.pytorch_weights import state_dict
from neural.shape_propagation.plan import Plan
from tests.code_generation.plans import NO_LINES

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import torch

Array = Any


def module_of(plan: Plan, weights: Mapping[str, Sequence[Array]]) -> Any:
    """Return the generated network in float64 with the weights of Keras, by key, for inference."""
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(compile(generate(plan, "pytorch", NO_LINES), "generated.py", "exec"), scope)
    model = scope["build_model"]().double().eval()
    state = {name: torch.from_numpy(np.array(array)) for name, array in state_dict(plan, weights).items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected
    assert not weights or not [name for name in missing if not name.endswith("num_batches_tracked")]
    return model


def run(model: Any, arrays: Sequence[Array]) -> list[Array]:
    """Run a generated network on arrays laid out as the program has them, and return its results so laid out."""
    tensors = [torch.from_numpy(array.transpose(native(array.ndim)).copy()) for array in arrays]
    with torch.no_grad():
        result = model(*tensors)
    return [_program(each.detach().numpy()) for each in (result if isinstance(result, tuple) else (result,))]


def _program(array: Array) -> Array:
    return array.transpose(np.argsort(native(array.ndim)))


def parameters(model: Any) -> int:
    """Return the number of parameters, as PyTorch counts."""
    return sum(weight.numel() for weight in model.parameters())


def difference(first: Array, second: Array) -> float:
    """Return the largest difference, relative to the largest value."""
    assert first.shape == second.shape
    if not first.size:
        return 0.0
    return float(np.max(np.abs(first - second)) / max(float(np.max(np.abs(second))), 1e-300))
