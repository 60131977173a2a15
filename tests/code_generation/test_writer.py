"""The writer: literals, calls, names, imports, and lines broken as the formatter breaks them."""

import ast
import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural.code_generation.writer import WIDTH, Code, Helper, Names, Writer, call, literal, wrap


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (True, "True"),
        (None, "None"),
        (0.001, "0.001"),
        (1e-12, "1e-12"),
        (float("inf"), 'float("inf")'),
        (float("-inf"), 'float("-inf")'),
        ("relu", '"relu"'),
        ("it's", '"it\'s"'),
        ('say "x"', "'say \"x\"'"),
        ("é\n\u202e", '"\\xe9\\n\\u202e"'),
        ((), "()"),
        ((3,), "(3,)"),
        ((3, (1, 2)), "(3, (1, 2))"),
        (["a", 1], '["a", 1]'),
        ({"a": (1,)}, '{"a": (1,)}'),
        (Code("x + 1"), "x + 1"),
        ((Code("a"), Code("b")), "(a, b)"),
    ],
)
def test_literals(value: object, text: str) -> None:
    assert literal(value) == text


@given(st.text())
def test_every_string_is_written_in_ascii_and_read_back(text: str) -> None:
    written = literal(text)
    assert written.isascii()
    assert ast.literal_eval(written) == text


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no form"):
        literal({1})


def test_calls() -> None:
    assert call("f") == "f()"
    assert call("nn.Conv2d", [1, 32, (3, 3)], {"padding": "same"}) == 'nn.Conv2d(1, 32, (3, 3), padding="same")'


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("conv2d", "conv2d"),
        ("Encoder", "Encoder"),
        ("block/conv.1", "block_conv_1"),
        ("class", "class_1"),
        ("print", "print_1"),
        ("match", "match_1"),
        ("forward", "forward_1"),
        ("l", "l_1"),
        ("__init__", "init"),
        ("_x", "x"),
        ("9", "layer_9"),
        ("", "layer"),
        ("été", "t"),
        ("a" * 60, "a" * 40),
    ],
)
def test_names(wanted: str, name: str) -> None:
    assert Names(["forward"]).take(wanted) == name


def test_a_name_is_given_once() -> None:
    names = Names()
    assert [names.take("a"), names.take("a"), names.take("a_1"), names.take("a")] == ["a", "a_1", "a_1_1", "a_2"]


@given(st.lists(st.text(), max_size=20))
def test_names_are_new_identifiers(texts: list[str]) -> None:
    names = Names()
    given_names = [names.take(text) for text in texts]
    assert len(set(given_names)) == len(texts)
    assert all(name.isidentifier() and name.isascii() and not keyword.iskeyword(name) for name in given_names)


def test_a_file() -> None:
    helper = Helper("twice", "\ndef twice(x: Tensor) -> Tensor:\n    return x + x\n", ("from torch import Tensor",))
    outer = Helper("more", "\ndef more(x: Tensor) -> Tensor:\n    return twice(x) + x\n", needs=(helper,))
    writer = Writer()
    writer.use("import torch", "from torch import nn", "import torch.nn.functional as F", "import math")
    assert writer.helper(outer) == "more"
    assert writer.helper(helper) == "twice"
    writer.section()
    with writer.block("class Net(nn.Module):"):
        writer.line('"""A network."""')
        writer.blank()
        with writer.block("def forward(self, x: Tensor) -> Tensor:"):
            writer.line("x = more(x)", "(batch, 4)")
            writer.lines(["y = x", "return y"])
    assert writer.source("A file.") == EXPECTED


EXPECTED = '''"""A file."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def twice(x: Tensor) -> Tensor:
    return x + x


def more(x: Tensor) -> Tensor:
    return twice(x) + x


class Net(nn.Module):
    """A network."""

    def forward(self, x: Tensor) -> Tensor:
        x = more(x)  # (batch, 4)
        y = x
        return y
'''

LONG = "a_name_that_is_rather_long"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("x = f(1)", ["    x = f(1)"]),
        (
            f"x = function({LONG}, {LONG}, size=(1, 2, 34))",
            ["    x = function(", f"        {LONG}, {LONG}, size=(1, 2, 34)", "    )"],
        ),
        (
            f"x = function({LONG}, {LONG}, {LONG}, size=(1, 2, 3))[0]",
            ["    x = function(", *(f"        {LONG}," for _ in range(3)), "        size=(1, 2, 3),", "    )[0]"],
        ),
        (
            f"x = {LONG} + {LONG} + {LONG} + {LONG}",
            ["    x = (", f"        {LONG}", *(f"        + {LONG}" for _ in range(3)), "    )"],
        ),
        (
            f"return {LONG}, {LONG}.permute(0, 2, 3, 1), {LONG}",
            ["    return (", f"        {LONG},", f"        {LONG}.permute(0, 2, 3, 1),", f"        {LONG},", "    )"],
        ),
        (
            f"x = function({LONG}, {LONG}, device=x.device).triu(1)",
            ["    x = function(", f"        {LONG}, {LONG}, device=x.device", "    ).triu(1)"],
        ),
        (
            f"def forward(self, {LONG}: Tensor, {LONG}_2: Tensor) -> Tensor:",
            ["    def forward(", f"        self, {LONG}: Tensor, {LONG}_2: Tensor", "    ) -> Tensor:"],
        ),
    ],
)
def test_long_lines_are_broken(text: str, lines: list[str]) -> None:
    assert wrap(text, 4) == lines


def test_a_comment_goes_above_what_fits_alone() -> None:
    writer = Writer()
    writer.section()
    statement = "x = " + "y" * (WIDTH - 8)
    writer.line(statement, "(batch, 10)")
    assert writer.source("A file.").endswith(f"\n# (batch, 10)\n{statement}\n")
