"""A function that a program states as the text of a Python lambda: kept as text, read as a tree, never executed.

Text that is no single, plain lambda is refused, and generated code is written from the tree and not from the text.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, ClassVar, final

from neural.errors import RuleError
from neural.layers.base import SAVES_INPUT, Advice, Inputs, Layer, Saved
from neural.layers.fields import Integers, argument, wrong
from neural.records import dataclass
from neural.shapes import Shape

LONGEST = 200
DEEPEST = 30

#: The modules whose functions a lambda may call: keras and ops in Keras, tf in TensorFlow, torch and F in PyTorch.
MODULES = frozenset(
    (
        *("keras.activations", "keras.ops", "ops", "tf", "tf.linalg", "tf.math", "tf.nn", "tf.signal"),
        *("torch", "torch.fft", "torch.linalg", "torch.nn.functional", "torch.special", "F", "math"),
    )
)
BUILTINS = frozenset(("abs", "bool", "float", "int", "len", "max", "min", "pow", "range", "round", "sum", "tuple"))

#: What of a module may be read and not called: numbers and types of elements.
VALUES = frozenset(
    (
        *("pi", "e", "inf", "nan", "newaxis", "bool", "int8", "int32", "int64", "uint8"),
        *("float16", "bfloat16", "float32", "float64", "long", "half", "float", "double"),
    )
)
#: How the names of functions begin that read or write files.
_FILES = ("dump", "load", "save", "tofile")

#: What a lambda's body is made of. No assignment, no comprehension, no lambda within, no text with blanks or slashes.
_NODES = (
    *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call, ast.keyword, ast.Attribute, ast.Name),
    *(ast.Subscript, ast.Slice, ast.Tuple, ast.List, ast.Constant, ast.expr_context),
    *(ast.operator, ast.unaryop, ast.boolop, ast.cmpop),
)
_ELEMENTWISE = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Name, ast.Constant)
_WORD = re.compile(r"[A-Za-z0-9_]{0,32}\Z")


@lru_cache(64)  # a lambda in a repetition is read as often as it is repeated
def parsed(text: str) -> ast.Lambda:
    """Return the tree of a plain lambda of one argument; raise ``ValueError`` with what is not plain about it."""
    if len(text) > LONGEST:
        raise ValueError(f"it has {len(text)} characters, and {LONGEST} is the most")
    if not text.isascii() or not text.isprintable() or "\\" in text:
        raise ValueError("it is one line of printable ASCII without a backslash")
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError("it is no Python expression") from None
    if not isinstance(tree, ast.Lambda) or not _one_argument(tree.args):
        raise ValueError("it is no lambda of one argument")
    parameter = tree.args.args[0].arg
    if parameter.startswith("_") or parameter in {path.partition(".")[0] for path in MODULES}:
        raise ValueError("its argument has a plain name of its own, such as x")
    for node in _walked(tree.body):
        _check(node, parameter)
    return tree


def _one_argument(given: ast.arguments) -> bool:
    others = (given.posonlyargs, given.vararg, given.kwonlyargs, given.kwarg, given.defaults)
    return len(given.args) == 1 and not any(others)


def _walked(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of an expression; a function of a module, where it is called, is part of its call."""
    nodes = [(tree, 1)]
    while nodes:
        node, depth = nodes.pop()
        if depth > DEEPEST:
            raise ValueError(f"it is nested more than {DEEPEST} deep")
        yield node
        if isinstance(node, ast.Attribute) and module_of(node):
            continue
        function = node.func if isinstance(node, ast.Call) else None
        known = isinstance(function, ast.Attribute) and module_of(function)
        children = [child for child in ast.iter_child_nodes(node) if not known or child is not function]
        nodes += [(child, depth + 1) for child in children]


def module_of(node: ast.Attribute) -> str | None:
    """Return the module that an attribute is a function of, or None when it is one of a tensor."""
    names, value = [], node.value
    while isinstance(value, ast.Attribute):
        names.append(value.attr)
        value = value.value
    path = ".".join([value.id, *reversed(names)]) if isinstance(value, ast.Name) else ""
    return path if path in MODULES else None


def _check(node: ast.AST, parameter: str) -> None:
    if not isinstance(node, _NODES):
        raise ValueError(f"it holds a {type(node).__name__}, which is more than an expression over tensors")
    function = node.func if isinstance(node, ast.Call) else node
    if isinstance(function, ast.Attribute):
        if function.attr.startswith(("_", *_FILES)):
            raise ValueError(f"it reads `{function.attr}`, which is no function of tensors")
        if function is node and module_of(function) and function.attr not in VALUES:
            raise ValueError(f"it reads `{function.attr}` of a module and does not call it")
    if isinstance(node, ast.Name) and node.id not in (parameter, *BUILTINS):
        raise ValueError(f"it reads `{node.id}`, which is neither its argument nor a function of {_listed()}")
    if isinstance(node, ast.Constant) and not _plain(node.value):
        raise ValueError("text in it is a word, such as a type's name")


def _plain(value: object) -> bool:
    return bool(_WORD.match(value)) if isinstance(value, str) else not isinstance(value, bytes | complex)


def _listed() -> str:
    return ", ".join(sorted({path for path in MODULES if "." not in path} | {"keras.ops"}))


@dataclass(frozen=True, slots=True)
class PythonLambda:
    """The text of a Python lambda of one argument."""

    @property
    def words(self) -> str:
        return 'a Python lambda of one argument in quotes, such as "lambda x: x * 2"'

    def read(self, value: Any) -> str:
        if not isinstance(value, str):
            raise wrong(self, value)
        try:
            parsed(value)
        except ValueError as error:
            raise RuleError(
                f"expected {self.words}; {error}", help="for more, name a layer of your own: SomethingLayer(...)"
            ) from None
        return value


@final
@dataclass(frozen=True, slots=True)
class Lambda(Layer):
    """Applies the lambda that a program states, in the functions of the framework that code is generated for.

    It is kept as text and never executed here. It is taken to keep its input's shape unless another is stated.

    Shape: (...) -> output_shape, or as its input
    Example: `network Net { input: (8,)  layers: Lambda("lambda x: x * 2 + 1") }`
    Source: https://keras.io/api/layers/core_layers/lambda/
    """

    ops_per_output: ClassVar[int] = 1

    function: str = argument(PythonLambda(), "The lambda, as text.")
    shape: tuple[int, ...] | None = argument(
        Integers(low=1, optional=True),
        "Sizes of one sample of its result; none keeps its input's.",
        default=None,
        aliases=("output_shape",),
        keras="output_shape",
    )

    def output_shape(self, inputs: Inputs) -> Shape:
        return inputs[0] if self.shape is None else self.shape

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Its input."""
        return SAVES_INPUT

    def advice(self, inputs: Inputs) -> Advice | None:
        """Say that the shape is assumed, unless the lambda computes with each element alone."""
        nodes = _walked(parsed(self.function).body)
        plain = all(isinstance(node, (*_ELEMENTWISE, ast.operator, ast.unaryop, ast.cmpop, ast.Load)) for node in nodes)
        if plain or self.shape is not None:
            return None
        return Advice(
            "the result of this lambda is taken to have its input's shape",
            help="state the sizes of one sample of it: output_shape=(...)",
        )
