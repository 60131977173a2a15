"""Every number of a report is what its explanation says: the formula is worked out again, here, as plain arithmetic."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Mapping
from fractions import Fraction

import pytest

import neural
from neural.cost.report import Framework, Report
from neural.layers.catalogue import LAYERS
from tests.cost.reports import RESNET50, report

OF_LAYERS = ("parameters", "flops", "macs", "other_ops", "weight_bytes", "activation_bytes")
OF_TOTALS = (*OF_LAYERS, "training_bytes")
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def worked_out(text: str, terms: Mapping[str, float] | None = None) -> Fraction:
    """Return the value of a formula by arithmetic alone: numbers, `+ - x /` and brackets."""
    for name in sorted(terms or {}, key=len, reverse=True):
        text = re.sub(rf"(?<![\w/]){re.escape(name)}(?![\w/])", str((terms or {})[name]), text)
    return _value(ast.parse(text.replace(",", "").replace(" x ", " * "), mode="eval").body)


def _value(node: ast.expr) -> Fraction:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Fraction(node.value)
    assert isinstance(node, ast.BinOp), ast.dump(node)
    found: Fraction = OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    return found


def example(layer: type) -> str:
    match = re.search(r"Example: `(network .+)`", layer.__doc__ or "")
    assert match, layer
    return match[1]


def check(found: Report, key: str | None, what: str, expected: int | None) -> None:
    explained = found.explain(key, what)
    assert (explained.key, explained.what, explained.convention) == (key, what, found.convention)
    assert explained.result == expected
    assert worked_out(explained.values) == expected
    assert worked_out(explained.formula, explained.terms) == expected


@pytest.mark.parametrize("framework", ["tensorflow", "pytorch"])
@pytest.mark.parametrize("name", LAYERS)
def test_every_number_of_every_layer_of_the_catalogue(name: str, framework: Framework) -> None:
    found = neural.analyze(example(LAYERS[name]), framework=framework, batch=3, dtype="float16")
    assert found.ok
    for layer in found.layers:
        for what in OF_LAYERS:
            check(found, layer.key, what, getattr(layer, what))
            if layer.type == name:
                assert found.explain(layer.key, what).source.startswith("https://")


@pytest.mark.parametrize("what", OF_TOTALS)
@pytest.mark.parametrize("settings", [{}, {"batch": 8, "optimizer": "SGD"}, {"framework": "pytorch", "dtype": "mixed"}])
def test_every_sum(what: str, settings: dict[str, object]) -> None:
    found = neural.analyze(RESNET50, **settings)  # type: ignore[arg-type]
    check(found, None, what, getattr(found.totals, what))
    assert found.explain("totals", what) == found.explain(None, what)


@pytest.mark.parametrize(
    ("statement", "shape", "what", "formula", "values"),
    [
        ("Dense(4)", "(6,)", "flops", "batch x 2 x input elements x units", "1 x 2 x 6 x 4"),
        ("Dense(4)", "(6,)", "parameters", "kernel + bias", "6 x 4 + 4"),
        ("Dense(4)", "(6,)", "macs", "FLOPs / 2", "48 / 2"),
        ("Dense(4)", "(6,)", "weight_bytes", "parameters x bytes of a weight", "28 x 4"),
        ("Dense(4)", "(6,)", "other_ops", "batch x output elements x operations of an element", "1 x 4 x 1"),
        ("Dense(4)", "(6,)", "activation_bytes", "batch x output elements x bytes of an element", "1 x 4 x 4"),
        ("Flatten()", "(6, 2)", "flops", "0", "0"),
        ("Flatten()", "(6, 2)", "parameters", "0", "0"),
        ("TimeDistributed(Dense(4))", "(5, 6)", "flops", "batch x steps x layer flops", "1 x 5 x 48"),
        ("Bidirectional(LSTM(2))", "(5, 6)", "flops", "batch x 2 x layer flops", "1 x 2 x 640"),
    ],
)
def test_texts(statement: str, shape: str, what: str, formula: str, values: str) -> None:
    found = report(statement, shape)
    explained = found.explain(found.layers[0].key, what)
    assert (explained.formula, explained.values) == (formula, values)


def test_what_is_in_a_wrapper_is_explained_too() -> None:
    (part,) = report("TimeDistributed(Dense(4))", "(5, 6)").explain("time_distributed", "flops").parts
    assert (part.name, part.values, part.result) == ("layer flops, of Dense", "2 x 6 x 4", 48)


def test_attention_is_a_sum_of_named_parts() -> None:
    found = report("MultiHeadAttention(2, key_dim=3, value_dim=5)", "(7, 8)", batch=2)
    explained = found.explain("multi_head_attention", "flops")
    projected, heads, batch = 7 * 8 * 2, 2, 2
    assert [(part.name, part.result) for part in explained.parts] == [
        ("queries and keys projected", batch * 2 * heads * 3 * projected),
        ("values and results projected", batch * 2 * heads * 5 * projected),
        ("scores and weighted values", batch * 2 * heads * 7 * 7 * (3 + 5)),
    ]
    assert explained.parts[2].formula == "batch x 2 x num_heads x queries x keys x (key_dim + value_size)"
    assert explained.parts[2].values == "2 x 2 x 2 x 7 x 7 x (3 + 5)"
    assert sum(part.result or 0 for part in explained.parts) == explained.result


@pytest.mark.parametrize("name", LAYERS)
def test_parts_that_are_summands_add_up(name: str) -> None:
    for layer in (found := neural.analyze(example(LAYERS[name]), batch=3)).layers:
        explained = found.explain(layer.key, "flops")
        if any(part.name.startswith("layer flops") for part in explained.parts):
            continue
        assert sum(part.result or 0 for part in explained.parts) == (explained.result if explained.parts else 0)
        for part in explained.parts:
            assert worked_out(part.values) == worked_out(part.formula, explained.terms) == part.result


def test_parameters_name_their_weights() -> None:
    parts = report("Conv2D(64, 3)", "(8, 8, 3)").explain("conv2d", "parameters").parts
    assert [(part.name, part.formula, part.values, part.result) for part in parts] == [
        ("kernel", "(3, 3, 3, 64)", "3 x 3 x 3 x 64", 1728),
        ("bias", "(64,)", "64", 64),
    ]


def test_pytorch_has_a_second_bias_and_buffers() -> None:
    found = report("LSTM(2, return_sequences=true) BatchNormalization()", "(5, 6)", framework="pytorch")
    lstm, normalization = (found.explain(layer.key, "parameters") for layer in found.layers)
    assert [(part.name, part.result) for part in lstm.parts][-1] == ("second bias", 8)
    assert [part.name for part in normalization.parts] == ["gamma", "beta"]
    assert normalization.note == "PyTorch counts moving statistics as buffers."


def test_shared_weights_are_explained_where_they_count() -> None:
    found = report('Dense(6, shared="w") Dense(6, shared="w")')
    assert found.explain("dense", "parameters").result == 42
    explained = found.explain("dense_1", "parameters")
    assert (explained.result, explained.formula) == (0, "0")
    assert '"w"' in explained.note


def test_training_memory_has_parts_and_a_moment() -> None:
    found = report("Dense(4) Dense(2)", optimizer="Adam")
    explained = found.explain(None, "training_bytes")
    assert [(part.name, part.result) for part in explained.parts] == [
        ("weights", 152),
        ("optimizer state", 304),
        ("activations", 24),
        ("gradients", 152),
    ]
    assert "The peak is while the backward pass is at dense." in explained.note


def test_an_unknown_size_is_said() -> None:
    explained = neural.analyze("network N { input: (8, None, 6)\n layers: Dense(4) }").explain("dense", "flops")
    assert (explained.result, explained.values) == (None, "")
    assert explained.note == "It depends on a size that is not known."


def test_a_broken_layer_is_said() -> None:
    found = neural.analyze("network N { input: (6, 6)\n layers: Conv2D(4, 3) }")
    assert found.explain("conv2d", "flops").result is None
    assert "error" in found.explain("conv2d", "flops").note


@pytest.mark.parametrize(
    ("key", "what", "error"),
    [("nothing", "flops", KeyError), ("dense", "training_bytes", ValueError), (None, "share", ValueError)],
)
def test_what_is_not_there_is_refused(key: str | None, what: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        report("Dense(4)").explain(key, what)


def test_it_prints_and_is_plain_data() -> None:
    explained = report("Dense(4)").explain("dense", "flops")
    assert str(explained).splitlines()[:3] == [
        "flops of dense = batch x 2 x input elements x units",
        "= 1 x 2 x 6 x 4",
        "= 48 FLOPs",
    ]
    assert explained.to_dict()["terms"] == {"batch": 1, "input elements": 6, "units": 4}
