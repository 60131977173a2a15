"""Whole networks: the order of axes is followed through branches, merges and reshapes."""

import pytest

from tests.code_generation.random_networks import random_network
from tests.code_generation.torch_modules import difference, module_of, run


@pytest.mark.parametrize("seed", range(150))
def test_random_networks_compute_what_keras_computes(seed: int) -> None:
    built = random_network(seed)
    model = module_of(built.plan, built.weights)
    results = run(model, built.inputs)
    assert len(results) == len(built.results)
    for result, expected in zip(results, built.results, strict=True):
        assert difference(result, expected) < 1e-9
