"""Syntax as the plain dictionaries of the earlier Neural DSL: a translation at the edge, never used inside."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, cast

from lark import Tree

from neural.errors import NeuralError
from neural.parser.builder import Builder
from neural.syntax import (
    Argument,
    Binary,
    Block,
    BranchStatement,
    BrokenStatement,
    Call,
    Conditional,
    Define,
    Expression,
    ForStatement,
    Group,
    InputSection,
    LayersSection,
    LayerStatement,
    Let,
    Literal,
    Mapping,
    Name,
    NetworkItem,
    Program,
    Research,
    Sequence,
    SettingSection,
    SettingsSection,
    Statement,
    Unary,
)

#: Parameter names of the values that the earlier language gave without one.
POSITIONAL: dict[str, tuple[str, ...]] = {
    "Dense": ("units", "activation"),
    "Output": ("units", "activation"),
    "Conv1D": ("filters", "kernel_size", "activation"),
    "Conv2D": ("filters", "kernel_size", "activation"),
    "Conv3D": ("filters", "kernel_size", "activation"),
    "MaxPooling1D": ("pool_size", "strides", "padding"),
    "MaxPooling2D": ("pool_size", "strides", "padding"),
    "AveragePooling2D": ("pool_size", "strides", "padding"),
    "Dropout": ("rate",),
    "Embedding": ("input_dim", "output_dim"),
    "LSTM": ("units",),
    "GRU": ("units",),
    "SimpleRNN": ("units",),
    "Activation": ("activation",),
    "Reshape": ("target_shape",),
    "Permute": ("dims",),
}


def from_tree(tree: Tree[Any]) -> Any:
    """Return the dictionary form of a tree of any start rule."""
    builder = Builder()
    match tree.data:
        case "program":
            return _program(builder.program(tree, 0))
        case "network" | "define" | "let" | "research":
            return _item(builder.item(tree).item, {})
        case "layer" | "for" | "branch":
            return _statement(builder.statement(tree).statement, {})
        case "statements":
            return _block(builder.block(tree), {})
        case _:
            return value(builder.expression(tree))


def from_source(text: str, framework: str) -> dict[str, Any]:
    """Return the dictionary of the first network of a program; raise ``NeuralError`` when it cannot be parsed."""
    from neural.parser.parser import parse

    parsed = parse(text)
    if parsed.program is None or parsed.diagnostics:
        raise NeuralError(parsed.diagnostics)
    networks = cast(list[dict[str, Any]], _program(parsed.program)["networks"])
    if not networks:
        raise ValueError("the program holds no network")
    return {**networks[0], "framework": framework}


def _program(program: Program) -> dict[str, Any]:
    macros = {item.name.text: item for _, item in program.items if isinstance(item, Define)}
    return {
        "networks": [_item(item, macros) for _, item in program.items if isinstance(item, NetworkItem)],
        "macros": {name: _block(macro.block, macros) for name, macro in macros.items()},
        "research": [_item(item, macros) for _, item in program.items if isinstance(item, Research)],
    }


def _item(item: Any, macros: dict[str, Define]) -> dict[str, Any]:
    if isinstance(item, Let):
        return {"name": item.name.text, "value": value(item.value)}
    if isinstance(item, Define):
        return {"name": item.name.text, "layers": _block(item.block, macros)}
    if isinstance(item, Research):
        groups = {group.name: {pair.key: value(pair.value) for pair in group.pairs} for group in item.groups}
        return {"type": "Research", "name": item.name.text if item.name else None, "params": groups}
    return _network(item, macros)


def _network(item: NetworkItem, macros: dict[str, Define]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "name": item.name.text,
        "input": None,
        "layers": [],
        "loss": None,
        "optimizer": None,
        "training": None,
        "execution": {"device": "auto"},
        "framework": "tensorflow",
        "shape_info": [],
        "warnings": [],
    }
    for section in item.sections:
        if isinstance(section, InputSection):
            shapes = [{"type": "Input", "shape": _shape(each.shape)} for each in section.shapes]
            result["input"] = shapes[0] if len(shapes) == 1 else shapes
        elif isinstance(section, LayersSection):
            result["layers"] = _block(section.block, macros)
        elif isinstance(section, SettingSection):
            result[section.name] = _optimizer(section.value) if section.name == "optimizer" else _bare(section.value)
        elif isinstance(section, SettingsSection):
            name = "training" if section.name == "train" else section.name
            result[name] = {pair.key: _bare(pair.value) for pair in section.pairs}
    return result


def _shape(expression: Expression) -> tuple[Any, ...]:
    found = value(expression)
    return found if isinstance(found, tuple) else (found,)


def _bare(expression: Expression) -> Any:
    return expression.id if isinstance(expression, Name) else value(expression)


def _optimizer(expression: Expression) -> dict[str, Any]:
    from neural.parser.parser import parse_expression

    if isinstance(expression, Literal) and isinstance(expression.value, str) and "(" in expression.value:
        expression = parse_expression(expression.value) or expression
    if isinstance(expression, Call):
        return {"type": expression.name, "params": _params(expression.name, expression.arguments)}
    return {"type": _bare(expression), "params": {}}


# --- statements ---


def _block(block: Block, macros: dict[str, Define]) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = []
    for _, statement in block.statements:
        macro = macros.get(statement.type.text) if isinstance(statement, LayerStatement) else None
        one = _block(macro.block, macros) if macro else [_statement(statement, macros)]
        result += [dict(each) for _ in range(_count(statement)) for each in one]
    return result


def _count(statement: Statement) -> int:
    count = value(statement.count) if isinstance(statement, LayerStatement) and statement.count else 1
    return count if isinstance(count, int) and 1 <= count <= 1000 else 1


def _statement(statement: Statement, macros: dict[str, Define]) -> dict[str, Any]:
    if isinstance(statement, LayerStatement):
        name = statement.type.text
        result: dict[str, Any] = {
            "type": name,
            "params": None if statement.arguments is None else _params(name, statement.arguments) or None,
            "sublayers": _block(statement.block, macros) if statement.block else [],
        }
        if statement.device is not None:
            result["device"] = statement.device.value
        return result
    if isinstance(statement, ForStatement):
        return {"type": "for", "variable": statement.variable.text, "sublayers": _block(statement.block, macros)}
    if isinstance(statement, BranchStatement):
        return {"type": "branch", "name": statement.name.text, "sublayers": _block(statement.block, macros)}
    if isinstance(statement, BrokenStatement):
        return {"type": statement.word.text, "params": None, "sublayers": []}
    return {"type": statement.name.text, "params": value(statement.value), "sublayers": []}


def _params(type_: str, arguments: tuple[Argument, ...]) -> dict[str, Any]:
    names = POSITIONAL.get(type_, ())
    result: dict[str, Any] = {}
    for index, argument in enumerate(arguments):
        name = argument.name or (names[index] if index < len(names) else f"arg{index}")
        result[name] = value(argument.value)
    return result


# --- values ---


def value(expression: Expression) -> Any:
    """Return the plain value of an expression; names stay strings, arithmetic over numbers is worked out."""
    if isinstance(expression, Literal):
        return expression.value
    if isinstance(expression, Name):
        return expression.id
    if isinstance(expression, Group):
        return value(expression.inner)
    if isinstance(expression, Sequence):
        items = [value(item) for item in expression.items]
        return items if expression.is_list else tuple(items)
    if isinstance(expression, Mapping):
        return {pair.key: value(pair.value) for pair in expression.pairs}
    if isinstance(expression, Unary):
        operand = value(expression.operand)
        return -operand if expression.operator == "-" and isinstance(operand, int | float) else operand
    if isinstance(expression, Call):
        return _hpo(expression) if expression.name == "HPO" else _call(expression)
    assert isinstance(expression, Binary | Conditional)
    return _computed(expression)


def _computed(expression: Binary | Conditional) -> Any:
    if isinstance(expression, Conditional):
        return value(expression.then if value(expression.test) is True else expression.otherwise)
    left, right = value(expression.left), value(expression.right)
    if not all(isinstance(each, int | float) for each in (left, right)):
        raise ValueError(f"{left} {expression.operator} {right} is no arithmetic over numbers")
    if expression.operator == "**" and abs(right) > 64:
        raise ValueError(f"the exponent {right} is too large")
    return _OPERATORS[expression.operator](left, right)


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def _call(call: Call) -> dict[str, Any]:
    return {"type": call.name, "params": _params(call.name, call.arguments)}


def _hpo(call: Call) -> dict[str, Any]:
    inner = call.arguments[0].value if call.arguments else None
    if not isinstance(inner, Call) or inner.name not in _SEARCHES:
        raise ValueError("HPO(...) holds choice(...), range(...) or log_range(...)")
    return {"hpo": _SEARCHES[inner.name](inner)}


def _ends(call: Call) -> tuple[list[Any], dict[str, Any]]:
    plain = [value(argument.value) for argument in call.arguments if argument.name is None]
    return plain, {argument.name: value(argument.value) for argument in call.arguments if argument.name}


def _choice(call: Call) -> dict[str, Any]:
    return {"type": "categorical", "values": _ends(call)[0]}


def _range(call: Call) -> dict[str, Any]:
    plain, named = _ends(call)
    found = dict(zip(("start", "end", "step"), plain, strict=False)) | named
    return {"type": "range", "start": found.get("start"), "end": found.get("end"), "step": found.get("step")}


def _log_range(call: Call) -> dict[str, Any]:
    plain, named = _ends(call)
    found = dict(zip(("min", "max"), plain, strict=False)) | named
    return {"type": "log_range", "min": found.get("min"), "max": found.get("max")}


_SEARCHES: dict[str, Callable[[Call], dict[str, Any]]] = {
    "choice": _choice,
    "range": _range,
    "log_range": _log_range,
}
