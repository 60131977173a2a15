"""What each rule of the grammar makes: Syntax, of the parts that the rule keeps, as ``Builder`` makes it of a tree.

A terminal's part is a ``Word``. Ranges are relative to the statement or item at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from neural import syntax
from neural.limits import Limits
from neural.parser import literals
from neural.syntax import Expression, Range, Word


class RefusedError(Exception):
    """A text is not read this way: it is nested too deep, or reads two ways."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read, and within which limits."""

    text: str
    limits: Limits

    def root(self, value: Expression) -> Expression:
        """Return a value that no other holds; refuse one that is nested too deep."""
        depth = self.limits.depth
        # Every level takes a character, so that few values have to be looked into.
        if value.range[1] - value.range[0] > depth and _deeper(value, depth):
            raise RefusedError
        return value


def _deeper(value: Expression, depth: int) -> bool:
    return depth < 1 or any(_deeper(each, depth - 1) for each in _inside(value))


def _inside(value: Expression) -> tuple[Expression, ...]:
    match value:
        case syntax.Sequence():
            return value.items
        case syntax.Call():
            return tuple(argument.value for argument in value.arguments)
        case syntax.Mapping():
            return tuple(pair.value for pair in value.pairs)
        case syntax.Group():
            return (value.inner,)
        case syntax.Unary():
            return (value.operand,)
        case syntax.Binary():
            return value.left, value.right
        case syntax.Conditional():
            return value.then, value.test, value.otherwise
        case _:
            return ()


Parts = Sequence[Any]


def _tuple(parts: Parts, at: Range, reading: Reading) -> tuple[Any, ...]:
    return tuple(parts)


# --- the file ---


def _program(parts: Parts, at: Range, reading: Reading) -> syntax.Program:
    return syntax.Program(tuple(parts), len(reading.text))


def _let(parts: Parts, at: Range, reading: Reading) -> syntax.Let:
    name, value, within = parts
    low, high = within or (None, None)
    return syntax.Let(name, reading.root(value), low, high, at[1] - at[0])


def _within(parts: Parts, at: Range, reading: Reading) -> tuple[Expression, Expression]:
    return reading.root(parts[0]), reading.root(parts[1])


def _define(parts: Parts, at: Range, reading: Reading) -> syntax.Define:
    name, parameters, block = parts
    return syntax.Define(name, parameters or (), block, at[1] - at[0])


def _network(parts: Parts, at: Range, reading: Reading) -> syntax.NetworkItem:
    return syntax.NetworkItem(parts[0], tuple(parts[1:]), at[1] - at[0])


def _research(parts: Parts, at: Range, reading: Reading) -> syntax.Research:
    named = len(parts) > 1 and isinstance(parts[1], Word)
    return syntax.Research(parts[0], parts[1] if named else None, tuple(parts[1 + named :]), at[1] - at[0])


# --- sections of a network ---


def _input(parts: Parts, at: Range, reading: Reading) -> syntax.InputSection:
    mapped = isinstance(parts[1], tuple)
    return syntax.InputSection(parts[0].range, parts[1] if mapped else tuple(parts[1:]))


def _named_input(parts: Parts, at: Range, reading: Reading) -> syntax.InputShape:
    name, shape = parts
    return syntax.InputShape(name, shape.shape, shape.dtype)


def _input_shape(parts: Parts, at: Range, reading: Reading) -> syntax.InputShape:
    shape, dtype = parts
    return syntax.InputShape(None, reading.root(shape), dtype)


def _layers(parts: Parts, at: Range, reading: Reading) -> syntax.LayersSection:
    return syntax.LayersSection(parts[0].range, parts[1])


def _output(parts: Parts, at: Range, reading: Reading) -> syntax.OutputSection:
    return syntax.OutputSection(parts[0].range, tuple(parts[1:]))


def _setting(parts: Parts, at: Range, reading: Reading) -> syntax.SettingSection:
    return syntax.SettingSection(parts[0].range, parts[0].text, reading.root(parts[1]))


def _settings(parts: Parts, at: Range, reading: Reading) -> syntax.SettingsSection:
    name = parts[0].text
    canonical = "execution" if name == "execute" else name
    return syntax.SettingsSection(parts[0].range, canonical, tuple(parts[1:]))


def _entry(parts: Parts, at: Range, reading: Reading) -> syntax.Pair:
    return syntax.Pair(parts[0].text, parts[0].range, reading.root(parts[1]))


# --- statements ---


def _statements(parts: Parts, at: Range, reading: Reading) -> syntax.Block:
    return syntax.Block(tuple(parts), at if parts else (0, 0))


def _layer(parts: Parts, at: Range, reading: Reading) -> syntax.LayerStatement:
    labels, word, arguments, references, device, block, repeat = parts
    if repeat is not None:
        _check_count(repeat, at[0], reading)
    if arguments is not None:
        for argument in arguments[0]:
            reading.root(argument.value)
    given, place = arguments or (None, None)
    count = repeat[0] if repeat else None
    length = at[1] - at[0]
    return syntax.LayerStatement(labels or (), word, given, place, references, device, block, count, length)


def _check_count(repeat: tuple[Expression, int], start: int, reading: Reading) -> None:
    """Refuse a count that is nested too deep, or stands on a later line than its sign and reads as a layer does."""
    count, sign = repeat
    if not isinstance(count, syntax.Unary):  # as a count, a sign and its number are one
        reading.root(count)
    begin = start + count.range[0]
    if reading.text[begin].isupper() and "\n" in reading.text[start + sign : begin]:
        raise RefusedError


def _branch(parts: Parts, at: Range, reading: Reading) -> syntax.BranchStatement:
    name, block = parts
    return syntax.BranchStatement(name, block, at[1] - at[0])


def _for(parts: Parts, at: Range, reading: Reading) -> syntax.ForStatement:
    variable, low, high, block = parts
    return syntax.ForStatement(variable, reading.root(low), reading.root(high), block, at[1] - at[0])


def _stray(parts: Parts, at: Range, reading: Reading) -> syntax.StrayStatement:
    return syntax.StrayStatement(parts[0], reading.root(parts[1]), at[1] - at[0])


def _arguments(parts: Parts, at: Range, reading: Reading) -> tuple[tuple[syntax.Argument, ...], Range]:
    return tuple([each if type(each) is syntax.Argument else syntax.Argument(None, None, each) for each in parts]), at


def _named(parts: Parts, at: Range, reading: Reading) -> syntax.Argument:
    return syntax.Argument(parts[0].text, parts[0].range, parts[1])


def _colon_named(parts: Parts, at: Range, reading: Reading) -> syntax.Argument:
    return syntax.Argument(parts[0].text, parts[0].range, parts[1], True)


# --- expressions ---


def _number(parts: Parts, at: Range, reading: Reading) -> syntax.Literal:
    return literals.number(parts[0].text, at, reading.limits)


def _negative_count(parts: Parts, at: Range, reading: Reading) -> syntax.Unary:
    return syntax.Unary("-", literals.number(parts[0].text, parts[0].range, reading.limits), at)


def _string(parts: Parts, at: Range, reading: Reading) -> syntax.Literal:
    return literals.string(parts[0].text, parts[0].range, reading.limits)


def _name(parts: Parts, at: Range, reading: Reading) -> Expression:
    return literals.name(parts[0].text, at)


def _call(parts: Parts, at: Range, reading: Reading) -> syntax.Call:
    name, arguments = parts
    return syntax.Call(name.text, name.range, arguments[0], at)


def _pair(parts: Parts, at: Range, reading: Reading) -> syntax.Pair:
    (text, place), value = parts
    key = str(literals.string(text, place, reading.limits).value) if text[0] in "\"'" else text
    return syntax.Pair(key, place, value)


def _binary(parts: Parts, at: Range, reading: Reading) -> syntax.Binary:
    left, operator, right = parts
    return syntax.Binary(operator.text, left, right, at)


Action = Callable[[Parts, Range, Reading], Any]

#: What a rule, or an alternative with a name of its own, makes.
ACTIONS: Final[Mapping[str, Action]] = {
    "program": _program,
    "let": _let,
    "within": _within,
    "define": _define,
    "parameters": _tuple,
    "parameter": lambda parts, at, reading: syntax.Parameter(*parts),
    "default": lambda parts, at, reading: reading.root(parts[0]),
    "network": _network,
    "research": _research,
    "note_group": _settings,
    "input": _input,
    "input_mapping": _tuple,
    "named_input": _named_input,
    "input_shape": _input_shape,
    "layers": _layers,
    "output": _output,
    "setting": _setting,
    "settings": _settings,
    "entry": _entry,
    "statements": _statements,
    "layer": _layer,
    "label": _tuple,
    "references": _tuple,
    "device": _string,
    "block": lambda parts, at, reading: syntax.Block(parts[0].statements, at),
    "repeat": lambda parts, at, reading: (parts[0], at[0]),
    "branch": _branch,
    "for": _for,
    "stray": _stray,
    "arguments": _arguments,
    "named": _named,
    "colon_named": _colon_named,
    "number": _number,
    "negative_count": _negative_count,
    "string": _string,
    "name": _name,
    "call": _call,
    "group": lambda parts, at, reading: syntax.Group(parts[0], at),
    "tuple": lambda parts, at, reading: syntax.Sequence(tuple(parts), at),
    "list": lambda parts, at, reading: syntax.Sequence(tuple(parts), at, True),
    "mapping": lambda parts, at, reading: syntax.Mapping(tuple(parts), at),
    "pair": _pair,
    "unary": lambda parts, at, reading: syntax.Unary(parts[0].text, parts[1], at),
    "binary": _binary,
    "conditional": lambda parts, at, reading: syntax.Conditional(parts[0], parts[1], parts[2], at),
}

#: Parts that may be missing, and are None then, with those around them in order.
OPTIONAL: Final[Mapping[str, tuple[str, ...]]] = {
    "let": ("NAME", "expression", "within"),
    "define": ("NAME", "parameters", "statements"),
    "parameter": ("NAME", "default"),
    "input_shape": ("parenthesis", "dtype"),
    "layer": ("label", "NAME", "arguments", "references", "device", "block", "repeat"),
}

#: Rules around one name, which hand it on.
SAME: Final = frozenset({"word", "dtype"})

#: What has a place of its own, its ranges relative to that: items of a file, and statements.
ITEMS: Final = frozenset({"let", "define", "network", "research"})
STATEMENTS: Final = frozenset({"layer", "branch", "for", "stray"})
