"""The lambdas of programs as Python source, written from their trees: no text of a program is copied."""

from __future__ import annotations

import ast
import re
from copy import deepcopy

from neural.layers.lambdas import Lambda, module_of, parsed

#: Powers of names and numbers, which ``ruff format`` writes without blanks.
_POWER = re.compile(r"(?<![\w.\])])((?:[A-Za-z_]\w*\.)*\w+) \*\* (-?\w+(?:\.\w+)*)")


def whole(layer: Lambda) -> str:
    """Return a lambda as Python writes it."""
    return _written(parsed(layer.function))


def body(layer: Lambda, variable: str) -> str:
    """Return the expression of a lambda with a variable in the place of its argument."""
    tree = deepcopy(parsed(layer.function))  # which is kept for the next one who asks
    parameter = tree.args.args[0].arg
    for node in ast.walk(tree.body):
        if isinstance(node, ast.Name) and node.id == parameter:
            node.id = variable
    return _written(tree.body)


def packages(layer: Lambda) -> frozenset[str]:
    """Return the names at the start of the modules whose functions a lambda uses: keras, torch, F, …"""
    nodes = [node for node in ast.walk(parsed(layer.function)) if isinstance(node, ast.Attribute)]
    paths = [module_of(node) for node in nodes]
    return frozenset(path.split(".")[0] for path in paths if path)


def _written(tree: ast.AST) -> str:
    """Return source with double quotes, of which the words in a lambda hold none."""
    return _POWER.sub(r"\1**\2", ast.unparse(tree).replace("'", '"'))
