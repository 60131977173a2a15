"""Syntax as the plain dictionaries of the earlier Neural DSL: a translation at the edge, never used inside."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import field
from typing import Any, cast

from lark import Tree

from neural.errors import NeuralError
from neural.limits import DEFAULT_LIMITS
from neural.parser.builder import Builder
from neural.records import dataclass
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
    OutputSection,
    Program,
    Research,
    Section,
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
            return _item(builder.item(tree).item, Macros())
        case "layer" | "for" | "branch" | "stray":
            return _statement(builder.statement(tree).statement, Macros())
        case "input" | "layers" | "output" | "setting" | "settings":
            return _section(builder.section(tree), Macros())[1]
        case "statements":
            return _block(builder.block(tree), Macros())
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


@dataclass(slots=True)
class Macros:
    """The macros of a program, those being expanded, and how many layers may still be written out."""

    defined: dict[str, Define] = field(default_factory=dict)
    entered: list[str] = field(default_factory=list)
    left: int = DEFAULT_LIMITS.layers

    def spend(self, count: int) -> None:
        """Count layers; raise ``ValueError`` when there are too many."""
        self.left -= count
        if self.left < 0:
            raise ValueError(f"a network has at most {DEFAULT_LIMITS.layers} layers")


def _program(program: Program) -> dict[str, Any]:
    macros = Macros({item.name.text: item for _, item in program.items if isinstance(item, Define)})
    return {
        "networks": [_item(item, macros) for _, item in program.items if isinstance(item, NetworkItem)],
        "macros": {name: _block(macro.block, Macros()) for name, macro in macros.defined.items()},
        "research": [_item(item, macros) for _, item in program.items if isinstance(item, Research)],
    }


def _item(item: Any, macros: Macros) -> dict[str, Any]:
    if isinstance(item, Let):
        return {"name": item.name.text, "value": value(item.value)}
    if isinstance(item, Define):
        return {"name": item.name.text, "layers": _block(item.block, macros)}
    if isinstance(item, Research):
        groups = {group.name: {pair.key: value(pair.value) for pair in group.pairs} for group in item.groups}
        return {"type": "Research", "name": item.name.text if item.name else None, "params": groups}
    return _network(item, macros)


def _network(item: NetworkItem, macros: Macros) -> dict[str, Any]:
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
        name, found = _section(section, macros)
        result[name] = found
    return result


def _section(section: Section, macros: Macros) -> tuple[str, Any]:
    """Return the key and the value that a section has in the dictionary of its network."""
    match section:
        case InputSection(_, shapes):
            inputs = [{"type": "Input", "shape": _shape(each.shape)} for each in shapes]
            return "input", inputs[0] if len(inputs) == 1 else inputs
        case LayersSection(_, block):
            return "layers", _block(block, macros)
        case SettingSection(_, name, expression):
            return name, _optimizer(expression) if name == "optimizer" else _bare(expression)
        case SettingsSection(_, name, pairs):
            return "training" if name == "train" else name, {pair.key: _bare(pair.value) for pair in pairs}
        case OutputSection(_, names):
            return "output", [word.text for word in names]


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


def _block(block: Block, macros: Macros) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = []
    for _, statement in block.statements:
        one = _expanded(statement, macros)
        count = _count(statement)
        macros.spend(count * max(len(one), 1))
        result += [dict(each) for _ in range(count) for each in one]
    return result


def _expanded(statement: Statement, macros: Macros) -> list[dict[str, Any]]:
    macro = macros.defined.get(statement.type.text) if isinstance(statement, LayerStatement) else None
    if macro is None:
        return [_statement(statement, macros)]
    if macro.name.text in macros.entered or len(macros.entered) >= DEFAULT_LIMITS.depth:
        raise ValueError(f"the macro {macro.name.text} reaches itself, or too deep")
    macros.entered.append(macro.name.text)
    result = _block(macro.block, macros)
    macros.entered.pop()
    return result


def _count(statement: Statement) -> int:
    count = value(statement.count) if isinstance(statement, LayerStatement) and statement.count else 1
    return count if isinstance(count, int) and count >= 1 else 1


def _statement(statement: Statement, macros: Macros) -> dict[str, Any]:
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


def searches(value: Any, path: str = "") -> list[dict[str, Any]]:
    """Return every search value in a dictionary, in order, each with the path that leads to it."""
    if isinstance(value, dict):
        if set(value) == {"hpo"}:
            return [{"path": path, **value}]
        return [each for key, inner in value.items() for each in searches(inner, f"{path}.{key}".lstrip("."))]
    if isinstance(value, list | tuple):
        return [each for index, inner in enumerate(value) for each in searches(inner, f"{path}[{index}]")]
    return []
