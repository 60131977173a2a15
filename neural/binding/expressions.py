"""Values of expressions: numbers, strings, tuples, and calls that their reader resolves (layers, schedules)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from neural.binding.scope import BindError, Scope, UnknownError
from neural.errors import Repair
from neural.layers.fields import show, whole
from neural.network import Range, Search
from neural.records import dataclass
from neural.shapes import Dim, Shape, describe
from neural.suggest import nearest, shown
from neural.syntax import (
    Argument,
    Binary,
    Call,
    Conditional,
    Expression,
    Group,
    Literal,
    Mapping,
    Name,
    Sequence,
    Unary,
)

LARGEST = 2**63 - 1
MOST_ITEMS = 1_000
MOST_NESTED = 8


@dataclass(frozen=True, slots=True)
class CallValue:
    """A call that stands for a layer, a loss, an optimizer or a schedule: its reader knows which."""

    call: Call
    scope: Scope

    @property
    def name(self) -> str:
        return self.call.name


@dataclass(frozen=True, slots=True)
class SearchValue:
    """``HPO(...)``: the value that analysis shows, and each alternative with its place."""

    first: Any
    alternatives: tuple[tuple[Any, Range], ...]


def divisible(x: float, by: int) -> int:
    """Round to a multiple of ``by``, never losing more than a tenth: the MobileNet family's rounding.

    Raises ``ValueError`` unless ``by`` is an integer of at least 1.
    """
    if whole(by) is None or by < 1:
        raise ValueError(by)
    by = int(by)
    rounded = max(by, int(x + by / 2) // by * by)
    return rounded + by if rounded < 0.9 * x else rounded


_FUNCTIONS: dict[str, tuple[Callable[..., Any], int, int]] = {
    "min": (lambda *numbers: min(numbers), 1, 64),
    "max": (lambda *numbers: max(numbers), 1, 64),
    "abs": (abs, 1, 1),
    "round": (round, 1, 1),
    "ceil": (math.ceil, 1, 1),
    "floor": (math.floor, 1, 1),
    "int": (int, 1, 1),
    "divisible": (divisible, 2, 2),
}

FUNCTIONS = (*_FUNCTIONS, "size")


class Evaluator:
    """Evaluates expressions. ``shape_of`` gives the shape of a tensor by its key, for ``size(tensor)``."""

    def __init__(self, shape_of: Callable[[str], Shape | None]) -> None:
        self._shape_of = shape_of
        self.searches: dict[Range, Search] = {}
        self.searched = 0
        """How many search values were read; the last one at a place is kept."""
        self.reads: dict[str, int] = {}
        """How often each name was looked up."""

    def value(self, expression: Expression, scope: Scope) -> Any:
        """Return the value of an expression; raise ``BindError`` at what is wrong in it."""
        if isinstance(expression, Literal):
            if expression.problem:
                raise BindError("N105", expression.problem, scope.at(expression.range))
            return expression.value
        if isinstance(expression, Name):
            return self._name(expression.id, expression.range, scope)
        match expression:
            case Group(inner, _):
                return self.value(inner, scope)
            case Sequence(items, _, is_list):
                values = [self.value(item, scope) for item in items]
                self._check_size(values, expression, scope)
                return values if is_list else tuple(values)
            case Unary() | Binary():
                return self._arithmetic(expression, scope)
            case Conditional(then, test, otherwise, _):
                return self.value(then if self._truth(test, scope) else otherwise, scope)
            case Mapping(pairs, _):
                return {pair.key: self.value(pair.value, scope) for pair in pairs}
            case Call():
                return self._call(expression, scope)

    def _check_size(self, values: list[Any], expression: Expression, scope: Scope) -> None:
        if any(isinstance(value, SearchValue) for value in values):
            raise BindError(
                "N208", "HPO(...) stands for a whole value, not for a part of one", scope.at(expression.range)
            )
        if _too_large(values):
            message = f"a value holds at most {MOST_ITEMS} items, nested at most {MOST_NESTED} deep"
            raise BindError("N208", message, scope.at(expression.range))

    def number(self, expression: Expression, scope: Scope) -> int | float:
        """Return the value of an expression that must be a number."""
        value = self.value(expression, scope)
        if isinstance(value, SearchValue):
            value = value.first
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BindError("N208", f"a number is needed here, got {show_value(value)}", scope.at(expression.range))
        return value

    def integer(
        self, expression: Expression, scope: Scope, what: str, low: int | None = None, code: str = "N208"
    ) -> int:
        """Return the value of an expression that must be an integer (of at least ``low``)."""
        number = whole(self.number(expression, scope))
        if number is None or (low is not None and number < low):
            got = show_value(self.value(expression, scope))
            bound = "" if low is None else f" of at least {low}"
            raise BindError(code, f"{what} is an integer{bound}, got {got}", scope.at(expression.range))
        return number

    def _name(self, id: str, at: Range, scope: Scope) -> Any:
        self.reads[id] = self.reads.get(id, 0) + 1
        if id in scope.values:
            value = scope.values[id]
            if isinstance(value, UnknownError):
                raise value
            return value
        close = nearest(id, scope.values)
        otherwise = f'a string is quoted: "{shown(id)}"'
        if id in scope.tensors:
            otherwise = (
                f"`{shown(id)}` is a tensor: a layer reads tensors in parentheses of their own, as in Add()(a, b)"
            )
        raise BindError(
            "N207",
            f"`{shown(id)}` is no name in scope here",
            scope.at(at),
            help=f'did you mean `{close[0]}`, or the string "{shown(id)}"?' if close else otherwise,
            repairs=tuple(Repair(f"write `{name}`", value=name) for name in close),
            word=id,
        )

    def _truth(self, test: Expression, scope: Scope) -> bool:
        value = self.value(test, scope)
        if not isinstance(value, bool):
            raise BindError("N208", f"a condition is true or false, got {show_value(value)}", scope.at(test.range))
        return value

    # --- arithmetic ---

    def _arithmetic(self, expression: Unary | Binary, scope: Scope) -> Any:
        try:
            if isinstance(expression, Unary):
                operand = self.number(expression.operand, scope)
                result: Any = -operand if expression.operator == "-" else operand
            else:
                result = self._binary(expression, scope)
        except (ZeroDivisionError, OverflowError, ValueError):
            result = math.nan
        return self._finite(result, expression, scope)

    def _binary(self, expression: Binary, scope: Scope) -> Any:
        operator = expression.operator
        if operator in ("==", "!="):
            same = self.value(expression.left, scope) == self.value(expression.right, scope)
            return same if operator == "==" else not same
        left, right = self.number(expression.left, scope), self.number(expression.right, scope)
        if operator == "**" and _power_too_large(left, right):
            return math.inf
        return _OPERATORS[operator](left, right)

    def _finite(self, result: Any, expression: Expression, scope: Scope) -> Any:
        good = isinstance(result, bool) or (
            isinstance(result, int | float) and math.isfinite(result) and abs(result) <= LARGEST
        )
        if not good:
            raise BindError(
                "N105",
                "this has no value that is a number below 2**63",
                scope.at(expression.range),
                help="division by zero, or a result that is too large",
            )
        return result

    # --- calls ---

    def _call(self, call: Call, scope: Scope) -> Any:
        if call.name == "HPO":
            return self._search(call, scope)
        if call.name == "size":
            return self._size(call, scope)
        known = _FUNCTIONS.get(call.name)
        if known is None:
            return CallValue(call, scope)
        function, least, most = known
        values = [self.number(argument.value, scope) for argument in self._positional(call, scope, least, most)]
        try:
            result = function(*values)
        except (ZeroDivisionError, OverflowError, ValueError):
            result = math.nan
        return self._finite(result, call, scope)

    def _positional(self, call: Call, scope: Scope, least: int, most: int) -> tuple[Argument, ...]:
        for argument in call.arguments:
            if argument.name is not None and argument.name_range is not None:
                at = scope.at(argument.name_range)
                raise BindError("N202", f"{call.name}(...) has no argument `{argument.name}`", at)
        if not least <= len(call.arguments) <= most:
            count = f"{least}" if least == most else f"{least} to {most}"
            raise BindError("N205", f"{call.name}(...) takes {count} arguments", scope.at(call.range))
        return call.arguments

    def _size(self, call: Call, scope: Scope) -> int:
        arguments = self._positional(call, scope, 1, 2)
        tensor = arguments[0].value
        if not isinstance(tensor, Name) or tensor.id not in scope.tensors:
            known = ", ".join(scope.tensors)
            raise BindError("N207", f"size(...) takes a tensor in scope: {known}", scope.at(tensor.range))
        axis = self.number(arguments[1].value, scope) if len(arguments) == 2 else -1
        shape = self._shape_of(scope.tensors[tensor.id])
        if shape is None:
            raise UnknownError
        return self._axis_size(shape, axis, call, scope)

    def _axis_size(self, shape: Shape, axis: float, call: Call, scope: Scope) -> int:
        axes: tuple[Dim, ...] = (None, *shape)
        if not isinstance(axis, int) or not -len(shape) <= axis <= len(shape) or axis == 0:
            message = f"{describe(shape)} has no axis {show(axis)} besides the batch"
            raise BindError("N208", message, scope.at(call.range))
        size = axes[axis]
        if size is None:
            raise BindError("N208", f"axis {axis} of {describe(shape)} has no known size", scope.at(call.range))
        return size

    # --- search values ---

    def _search(self, call: Call, scope: Scope) -> SearchValue:
        self.searched += 1
        inner = call.arguments[0].value if len(call.arguments) == 1 else None
        if not isinstance(inner, Call) or inner.name not in ("choice", "range", "log_range"):
            raise BindError(
                "N208",
                "HPO(...) holds choice(...), range(low, high, step=...) or log_range(low, high)",
                scope.at(call.range),
                repairs=_as_choice(call),
            )
        at = scope.at(call.range)
        if inner.name == "choice":
            return self._choice(inner, at, scope)
        return self._search_range(inner, at, scope)

    def _choice(self, call: Call, at: Range, scope: Scope) -> SearchValue:
        for argument in call.arguments:
            if argument.name_range is not None:
                at = scope.at(argument.name_range)
                raise BindError("N202", f"choice(...) has no argument `{shown(argument.name or '')}`", at)
        if not call.arguments:
            raise BindError("N204", "choice(...) needs at least one alternative", scope.at(call.range))
        alternatives = tuple(
            (self.value(argument.value, scope), scope.at(argument.value.range)) for argument in call.arguments
        )
        for value, place in alternatives:
            if isinstance(value, SearchValue):
                raise BindError("N208", "an alternative of a search is no search itself", place)
        self.searches[at] = Search(at, "choice", tuple(show_value(value) for value, _ in alternatives))
        return SearchValue(alternatives[0][0], alternatives)

    def _search_range(self, call: Call, at: Range, scope: Scope) -> SearchValue:
        given: dict[str, tuple[float, Range]] = {}
        names = ("low", "high", "step") if call.name == "range" else ("low", "high")
        spellings = {"start": "low", "end": "high", "stop": "high", "min": "low", "max": "high"}
        for index, argument in enumerate(call.arguments):
            name = argument.name or (names[index] if index < len(names) else "")
            name = spellings.get(name, name)
            place = scope.at(argument.name_range or argument.value.range)
            if name not in names or name in given:
                raise BindError("N202", f"{call.name}(...) takes {', '.join(names)}", place)
            given[name] = (self.number(argument.value, scope), scope.at(argument.value.range))
        for name in ("low", "high"):
            if name not in given:
                raise BindError("N204", f"{call.name}(...) needs `{name}`", scope.at(call.range))
        (low, low_at), (high, high_at) = given["low"], given["high"]
        if high <= low:
            raise BindError("N203", f"the high end of a range is above its low end {low}, got {high}", high_at)
        if call.name == "log_range" and low <= 0:
            raise BindError("N203", f"a logarithmic range is above 0, got {low}", low_at)
        step, step_at = given.get("step", (None, at))
        if step is not None and step <= 0:
            raise BindError("N203", f"the step of a range is above 0, got {step}", step_at)
        self.searches[at] = Search(at, call.name, low=low, high=high, step=step)
        return SearchValue(low, ((low, low_at), (high, high_at)))


def _too_large(values: list[Any]) -> bool:
    """Whether tuples within tuples hold more items, or more levels, than a value may."""
    level: list[Any] = values
    items = 0
    for _ in range(MOST_NESTED):
        items += len(level)
        if items > MOST_ITEMS:
            return True
        level = [inner for item in level if isinstance(item, list | tuple) for inner in item[: MOST_ITEMS + 1]]
        if not level:
            return False
    return True


def _divide(left: float, right: float) -> float:
    exact = isinstance(left, int) and isinstance(right, int) and right != 0 and left % right == 0
    return left // right if exact else left / right


def _power_too_large(base: float, exponent: float) -> bool:
    return abs(base) > 1 and exponent * math.log2(abs(base)) > 63


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def show_value(value: Any) -> str:
    """Write a value as the language does, a call by its name."""
    if isinstance(value, CallValue):
        return f"{value.name}(...)"
    if isinstance(value, SearchValue):
        return "HPO(...)"
    if isinstance(value, dict):
        return "{...}"
    return show(value)


def _as_choice(call: Call) -> tuple[Repair, ...]:
    """Return the repair that chooses among the values of ``HPO(8, 16)``."""
    values = [each.value.value for each in call.arguments if each.name is None and isinstance(each.value, Literal)]
    if len(values) < 2 or len(values) < len(call.arguments) or len(values) > 20:
        return ()
    choice = f"HPO(choice({', '.join(map(show, values))}))"
    return (Repair("choose among them", value=choice),)
