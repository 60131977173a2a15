"""The encoder of the standard library, against PyTorch's."""

from __future__ import annotations

import pytest

import neural
from tests.cost.reports import report
from tests.layers.torch_oracle import FlopCounterMode, torch

SIZES = [(64, 4, 128), (32, 2, 64), (48, 8, 100), (6, 3, 10), (512, 8, 2048), (16, 1, 4)]


@pytest.mark.parametrize(("width", "heads", "ff"), SIZES)
def test_it_owns_as_many_parameters_as_in_pytorch(width: int, heads: int, ff: int) -> None:
    theirs = torch.nn.TransformerEncoderLayer(width, heads, ff, device="meta")
    for framework in ("tensorflow", "pytorch"):
        found = report(f"TransformerEncoder({heads}, {ff})", f"(7, {width})", framework=framework)
        assert found.totals.parameters == sum(each.numel() for each in theirs.parameters())
        assert found.totals.parameters == found.totals.trainable_parameters
        assert found.layers[-1].output_shape == (None, 7, width)


@pytest.mark.parametrize(("width", "heads", "ff"), SIZES)
@pytest.mark.parametrize("length", [1, 7, 20])
def test_its_flops_are_those_that_pytorch_counts(width: int, heads: int, ff: int, length: int) -> None:
    """With gradients, for otherwise PyTorch takes a path of which its counter sees nothing."""
    theirs = torch.nn.TransformerEncoderLayer(width, heads, ff, batch_first=True, device="meta")
    with FlopCounterMode(display=False) as counter:
        theirs(torch.empty((3, length, width), device="meta"))
    found = report(f"TransformerEncoder({heads}, {ff})", f"({length}, {width})", batch=3)
    assert found.totals.flops == counter.get_total_flops()
    assert found.totals.flops == 3 * 2 * length * (4 * width * width + 2 * width * ff + 2 * length * width)


ARGUMENTS: list[tuple[str, str, dict[str, object]]] = [
    ("TransformerEncoder(2, 8)", "dropout", {"rate": 0.1}),
    ("TransformerEncoder(2, 8, dropout=0.3)", "dropout_1", {"rate": 0.3}),
    ("TransformerEncoder(2, 8)", "dense", {"units": 8, "activation": "relu"}),
    ('TransformerEncoder(2, 8, activation="gelu")', "dense", {"units": 8, "activation": "gelu"}),
    ("TransformerEncoder(2, 8)", "dense_1", {"units": 6, "activation": "linear"}),
    ("TransformerEncoder(2, 8)", "multi_head_attention", {"num_heads": 2, "key_dim": 3}),
    ("TransformerEncoder(num_heads=2, ff_dim=8, key_dim=5)", "multi_head_attention", {"num_heads": 2, "key_dim": 5}),
    ("TransformerEncoder(2, 8)", "layer_normalization", {"epsilon": 1e-5}),
]


@pytest.mark.parametrize(("statement", "key", "expected"), ARGUMENTS)
def test_its_arguments_reach_its_layers(statement: str, key: str, expected: dict[str, object]) -> None:
    layer = next(each for each in report(statement, "(5, 6)").layers if each.key == key)
    assert {name: layer.arguments[name] for name in expected} == expected


def test_each_of_its_layers_stands_at_the_call() -> None:
    found = neural.analyze("network N {\n  input: (5, 6)\n  layers:\n    Dense(6)\n    TransformerEncoder(2, 8)\n}")
    assert {(each.line, each.column) for each in found.layers[1:]} == {(5, 5)}
    assert all(each.group[0] == "TransformerEncoder_1" for each in found.layers[1:])
