"""Statements that stand for several layers: Residual, Parallel, and calls of macros."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from neural.binding.expressions import SearchValue, show_value
from neural.binding.macros import Macro, find_macro
from neural.binding.places import Given, place_of
from neural.binding.scope import BindError, Scope, Tensors, UnknownError, unknown
from neural.layers.base import Layer, type_name
from neural.network import Node, Place, Range
from neural.suggest import shown
from neural.syntax import Argument, Block, BranchStatement, BrokenStatement, LayerStatement, Placed, Word

if TYPE_CHECKING:
    from neural.binding.statements import StatementBinder

STRUCTURAL = {"Residual": "Residual", "ResidualConnection": "Residual", "Parallel": "Parallel"}
MERGES = {
    layer.lower(): layer for layer in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")
} | {"concat": "Concatenate"}


def structural(
    binder: StatementBinder, name: str, statement: LayerStatement, scope: Scope, current: Tensors
) -> Tensors:
    """Bind Residual or Parallel: its block or branches, then the layer that merges them."""
    at = scope.at(statement.type.range)
    if statement.block is None:
        raise BindError("N308", f"{name} needs a block", at, help=f"{name}() {{ ... }}")
    source = binder.single(current, at)
    merge, given = _merge(binder, name, statement, scope)
    inner = scope.within(binder.graph.open_group(scope.group, name), {**scope.tensors, "input": source})
    if name == "Residual":
        result = binder.single(binder.block(statement.block, inner, (source,)), at)
        tensors: Tensors = (source, result)
    else:
        tensors = _branches(binder, statement.block, inner, source)
    place = place_of(statement, given, scope)
    check_arity(merge, tensors, place)
    binder.reader.give_hints()
    type_ = type_name(merge)
    key = binder.key(statement, type_, given, last=True)
    return (binder.graph.add(Node(key, merge, tensors, place, type_, inner.group, inner.device)),)


def _branches(binder: StatementBinder, block: Block, scope: Scope, source: str) -> Tensors:
    names: dict[str, Range] = {}
    results: list[str] = []
    for placed in block.statements:
        results.append(_parallel_branch(binder, placed, scope, source))
        if isinstance(placed.statement, BranchStatement):
            name, at = placed.statement.name.text, scope.moved(placed.start).at(placed.statement.name.range)
            if name in names:
                related = (("it is given here first", names[name]),)
                raise BindError("N305", f"the branch `{shown(name)}` is given twice", at, related=related)
            names[name] = at
    return tuple(results)


def _parallel_branch(binder: StatementBinder, placed: Placed, scope: Scope, source: str) -> str:
    here = scope.moved(placed.start)
    statement = placed.statement
    if isinstance(statement, BranchStatement):
        return binder.single(binder.block(statement.block, here, (source,)), here.at(statement.name.range))
    if isinstance(statement, BrokenStatement):
        raise UnknownError
    at = here.at((0, statement.length))
    raise BindError("N308", "a branch of Parallel is `name: { ... }`", at)


def _merge(
    binder: StatementBinder, name: str, statement: LayerStatement, scope: Scope
) -> tuple[Layer, dict[str, Given]]:
    merge, rest = Word("Add" if name == "Residual" else "Concatenate", statement.type.range), []
    for argument in statement.arguments or ():
        if argument.name not in (None, "merge"):
            rest.append(argument)
            continue
        value = binder.evaluator.value(argument.value, scope)
        if not isinstance(value, str) or value.lower() not in MERGES:
            known = ", ".join(f'"{each}"' for each in MERGES)
            at = scope.at(argument.value.range)
            raise BindError("N203", f"`merge`: expected one of {known}, got {show_value(value)}", at)
        merge = Word(MERGES[value.lower()], statement.type.range)
    return binder.reader.layer(merge, rest, scope)


def macro_call(
    binder: StatementBinder, macro: Macro, statement: LayerStatement, scope: Scope, current: Tensors
) -> Tensors:
    """Bind a call of a macro: the block it is called with, then its body, with the values of its parameters."""
    if macro.broken:
        raise UnknownError
    at = scope.at(statement.type.range)
    if macro.name in scope.macros:
        chain = " -> ".join((*scope.macros[scope.macros.index(macro.name) :], macro.name))
        raise BindError("N306", f"the macro `{macro.name}` reaches itself: {chain}", at)
    if len(scope.macros) >= binder.graph.limits.depth:
        raise BindError("N106", f"macros are nested at most {binder.graph.limits.depth} deep", at)
    group = binder.graph.open_group(scope.group, macro.name)
    if statement.block is not None:
        block_input = binder.single(current, at)
        inner = scope.within(group, {**scope.tensors, "input": block_input})
        current = binder.block(statement.block, inner, (block_input,))
    if macro.library and len(current) != _reads(macro):
        raise wrong_number(macro.name, f"{_reads(macro)}", len(current), at)
    tensors = dict(zip(macro.input_names(len(current)), current, strict=True))
    call = scope.call or (place_of(statement, {}, scope) if macro.library else None)
    body = Scope(macro.start, {}, tensors, group, (*scope.macros, macro.name), call, scope.device)
    values = _parameters(binder, macro, statement, scope, body)
    result = binder.templates.body(macro, body.with_values(values), current)
    if not result:
        raise BindError("N308", f"the macro `{macro.name}` makes no layer", at)
    return result


def _parameters(
    binder: StatementBinder, macro: Macro, statement: LayerStatement, scope: Scope, body: Scope
) -> dict[str, Any]:
    at = scope.at(statement.type.range)
    given = _arguments(binder, macro, statement.arguments or (), scope)
    values: dict[str, Any] = dict(macro.values)
    for parameter in macro.parameters:
        name = parameter.name.text
        if name in given:
            value = given[name]
            values[name] = value.first if isinstance(value, SearchValue) else value
        elif parameter.default is not None:
            values[name] = binder.evaluator.value(parameter.default, body.with_values(values))
        else:
            raise BindError("N204", f"{macro.name} needs `{name}`", at)
    return values


def _arguments(binder: StatementBinder, macro: Macro, written: tuple[Argument, ...], scope: Scope) -> dict[str, Any]:
    names = [parameter.name.text for parameter in macro.parameters]
    given: dict[str, Any] = {}
    named = False
    for index, argument in enumerate(written):
        at = scope.at(argument.name_range or argument.value.range)
        if argument.name is None and named:
            raise BindError("N205", "a value without a name stands before those with one", at)
        named = argument.name is not None
        if argument.colon:
            binder.graph.hint(f"`{argument.name}: value` is read as `{argument.name}=value`", at, ())
        if argument.name is None and index >= len(names):
            takes = f"{len(names)} argument{'s' * (len(names) != 1)}" if names else "no arguments"
            raise BindError("N205", f"{macro.name} takes {takes}", at)
        name = argument.name or names[index]
        if name not in names:
            otherwise = f"it takes {', '.join(names) or 'no arguments'}"
            raise unknown("N202", f"{macro.name} has no argument `{shown(name)}`", at, name, names, otherwise=otherwise)
        if name in given:
            raise BindError("N206", f"`{name}` is given twice", at)
        given[name] = binder.evaluator.value(argument.value, scope)
    return given


def check_arity(layer: Layer, current: Tensors, place: Place) -> None:
    """Raise unless a layer reads as many tensors as it is given."""
    least, most = layer.arity
    if least <= len(current) <= most:
        return
    name = type(layer).__name__
    if most == 0:
        raise BindError("N307", f"{name} is no step of a chain", place.type, help="state it in `input:`")
    reads = f"{least}" if least == most else f"at least {least}" if most > 99 else f"{least} to {most}"
    raise wrong_number(name, reads, len(current), place.type)


def wrong_number(name: str, reads: str, given: int, at: Range) -> BindError:
    """Return the report for a statement that is given another number of tensors than it reads."""
    tensors = "1 tensor" if reads == "1" else f"{reads} tensors"
    names = "a" if reads == "1" else "a, b"
    return BindError(
        "N307",
        f"{name} reads {tensors}, and here it is given {given}",
        at,
        help=f"name what it reads in a second pair of parentheses: {name}(...)({names})",
    )


@cache
def _library_reads(name: str) -> int:
    macro = find_macro(name)
    return macro.reads() if macro else 1


def _reads(macro: Macro) -> int:
    return _library_reads(macro.name)
