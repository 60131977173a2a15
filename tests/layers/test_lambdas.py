"""Lambdas: kept as text, refused unless they are one plain expression of one argument."""

import pytest

from neural.layers.lambdas import DEEPEST, LONGEST, parsed
from tests.layers.checks import agrees_with_keras, costs_agree_with_torch, refusal
from tests.layers.rows import Row, row

AGREE = [
    row("Lambda", (8,), function="lambda x: x * 2"),
    row("Lambda", (8,), function="lambda x: x ** 2 - 3 * x + 1"),
    row("Lambda", (4, 5, 3), function="lambda x: -x / 2"),
    row("Lambda", (None, 5), function="lambda y: abs(y)"),
    row("Lambda", (6, 3), function="lambda x: x[:, 0]", shape=(3,)),
    row("Lambda", (4, 5, 3), function="lambda x: x[:, 1:3, :, 0]", shape=(2, 5)),
    row("Lambda", (4, 5, 3), function="lambda x: x[:, ::1] + x[:, :1]"),
    row("Lambda", (6, 3), function="lambda x: x[..., 1:] - x[..., :-1]", shape=(6, 2)),
    row("Lambda", (9,), function="lambda x: max(1, 2) * (x - 0.5) / -3"),
    row("Lambda", (2, 3, 4, 5), function="lambda x: x + x[:, :, :, :, :1]"),
    row("Lambda", (8,), function="lambda x: x * math.pi"),
    row("Lambda", (8,), function="lambda x: x * (2 if x.ndim > 1 else 3)"),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


PLAIN = [
    "lambda x: x",
    "lambda x: keras.ops.mean(x, axis=-1)",
    "lambda x: ops.concatenate([x, x], axis=1)",
    "lambda x: tf.nn.relu(x)",
    "lambda x: torch.nn.functional.pad(x, (1, 1), mode='reflect')",
    "lambda x: F.softplus(x, beta=2)",
    "lambda x: x.to(torch.float32).mean(dim=1)",
    "lambda x: keras.ops.cast(x, 'float32')",
    "lambda x: x if x.shape[1] > 3 and not 0 else -x",
]


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_lambda_is_read(text: str) -> None:
    assert row("Lambda", (8,), function=text).layer.function == text  # type: ignore[attr-defined]


HOSTILE = [
    # text, what is said of it
    ("x * 2", "it is no lambda of one argument"),
    ("lambda: 1", "it is no lambda of one argument"),
    ("lambda x, y: x", "it is no lambda of one argument"),
    ("lambda *x: x", "it is no lambda of one argument"),
    ("lambda x, /: x", "it is no lambda of one argument"),
    ("lambda x=print(1): x", "it is no lambda of one argument"),
    ("lambda x: x); import os; (1", "it is no Python expression"),
    ("lambda x: x\nimport os", "one line of printable ASCII"),
    ("lambda x: '\\x0a'", "one line of printable ASCII"),
    ("lambda x: \u0440", "one line of printable ASCII"),
    ("lambda x: x\x00", "one line of printable ASCII"),
    ("lambda x: __import__('os')", "it reads `__import__`"),
    ("lambda x: open('f')", "it reads `open`"),
    ("lambda x: eval('1')", "it reads `eval`"),
    ("lambda x: x.__class__", "it reads `__class__`, which is no function of tensors"),
    ("lambda x: x._keras", "it reads `_keras`, which is no function of tensors"),
    ("lambda x: torch.os.system('ls')", "it reads `os` of a module and does not call it"),
    ("lambda x: (F.importlib if x else x).import_module('os')", "it reads `importlib` of a module"),
    ("lambda x: [F.importlib][0].import_module('os')", "it reads `importlib` of a module"),
    ("lambda x: torch.hub.load('a', 'b')", "it reads `load`"),
    ("lambda x: torch.load('a')", "it reads `load`"),
    ("lambda x: tf.load_op_library('a')", "it reads `load_op_library`"),
    ("lambda x: x.numpy().tofile('f')", "it reads `tofile`"),
    ("lambda x: tf.io.write_file('a', 'b')", "it reads `write_file`|it reads `io`"),
    ("lambda x: keras.utils.get_file('a', 'b')", "it reads `keras`"),
    ("lambda x: (y := x)", "it holds a NamedExpr"),
    ("lambda x: [y for y in x]", "it holds a ListComp"),
    ("lambda x: lambda y: x", "it holds a Lambda"),
    ("lambda x: f'{x}'", "it holds a JoinedStr"),
    ("lambda x: (yield x)", "it holds a Yield"),
    ("lambda x: {1: x}", "it holds a Dict"),
    ("lambda x: x(*x)", "it holds a Starred"),
    ("lambda x: 'a/b'", "text in it is a word"),
    ("lambda x: b'a'", "text in it is a word"),
    ("lambda _: 1", "its argument has a plain name of its own"),
    ("lambda torch: torch.os", "its argument has a plain name of its own"),
    ("lambda x: " + "-" * (DEEPEST + 1) + "x", f"it is nested more than {DEEPEST} deep"),
    ("lambda x: x" + " + x" * 48, f"it has 203 characters, and {LONGEST} is the most"),
    ("lambda x: x" + "[0]" * 40, f"it is nested more than {DEEPEST} deep"),
    ("(" * 190, "it is no Python expression"),
]


@pytest.mark.parametrize(("text", "says"), HOSTILE)
def test_what_is_more_than_a_plain_lambda_is_refused(text: str, says: str) -> None:
    error = refusal(row("Lambda", (8,), function=text))
    assert any(each in error.message for each in says.split("|")), error.message
    assert error.message.isprintable()
    assert error.argument == "function"


@pytest.mark.parametrize("value", [3, None, True, 0.5, (1, 2)])
def test_what_is_no_text_is_refused(value: object) -> None:
    assert "expected a Python lambda of one argument in quotes" in refusal(row("Lambda", (8,), function=value)).message


def test_brackets_that_mean_nothing_are_no_nesting() -> None:
    assert parsed("lambda x: " + "(" * 90 + "x" + ")" * 90)


def test_a_shape_that_is_assumed_is_said() -> None:
    for function, shape, hinted in [
        ("lambda x: x * 2", None, False),
        ("lambda x: x[:, 0]", None, True),
        ("lambda x: keras.ops.mean(x)", None, True),
        ("lambda x: x[:, 0]", (3,), False),
    ]:
        layer = row("Lambda", (6, 3), function=function, shape=shape).layer
        assert (layer.advice(((6, 3),)) is not None) == hinted
