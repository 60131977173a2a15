"""Statements of layers that the program defines elsewhere: `SomethingLayer(...)` and `CustomShape(Name, (4, 5))`."""

from __future__ import annotations

from typing import Any

from neural.binding.expressions import CallValue, Evaluator, SearchValue, show_value
from neural.binding.places import Given, rule_error
from neural.binding.scope import BindError, Scope
from neural.errors import RuleError
from neural.layers.custom import Custom, custom_layer
from neural.syntax import LayerStatement, Name


def read_custom(evaluator: Evaluator, statement: LayerStatement, scope: Scope) -> tuple[Custom, dict[str, Given]]:
    """Return a custom layer with its arguments as given; raise ``BindError``."""
    type_, given = statement.type.text, _given(evaluator, statement, scope)
    if type_ == "CustomShape":
        type_, given = _custom_shape(given, statement, scope)
    values = {name: each.value for name, each in given.items() if name not in ("name", "shared")}
    try:
        return custom_layer(type_, values), given
    except RuleError as error:
        raise rule_error(error, scope.at(statement.type.range), given) from None


def _given(evaluator: Evaluator, statement: LayerStatement, scope: Scope) -> dict[str, Given]:
    given: dict[str, Given] = {}
    for index, argument in enumerate(statement.arguments or ()):
        at = scope.at(argument.value.range)
        name = argument.name or f"argument_{index}"
        if name in given:
            raise BindError("N206", f"`{name}` is given twice", at)
        first_of_shape = statement.type.text == "CustomShape" and index == 0 and isinstance(argument.value, Name)
        value: Any = argument.value.id if first_of_shape else evaluator.value(argument.value, scope)  # type: ignore[union-attr]
        value = value.first if isinstance(value, SearchValue) else value
        if not _is_plain(value):
            raise BindError("N203", f"a custom layer keeps plain values, got {show_value(value)}", at)
        given[name] = Given(value, at, scope.at(argument.name_range) if argument.name_range else None)
    return given


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return not isinstance(value, CallValue | dict)


def _custom_shape(given: dict[str, Given], statement: LayerStatement, scope: Scope) -> tuple[str, dict[str, Given]]:
    name, shape = given.get("argument_0"), given.get("argument_1")
    if name is None or shape is None or len(given) > 2:
        raise BindError(
            "N204", "CustomShape needs a name and a shape: CustomShape(Name, (4, 5))", scope.at(statement.type.range)
        )
    if not isinstance(name.value, str) or not name.value.isidentifier() or not name.value.isascii():
        raise BindError("N203", f"a custom layer has a word as its name, got {show_value(name.value)}", name.at)
    return name.value, {"output_shape": shape}
