"""How large a program becomes when it is written out, counted without writing it out.

The count is a lower bound: a repetition whose number is not known before binding counts as one. What passes here and
still grows too large is stopped while it is bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from neural.binding.expressions import Evaluator
from neural.binding.graph import WORK, too_many_layers
from neural.binding.macros import Macro, find_macro
from neural.binding.scope import BindError, Scope, UnknownError
from neural.layers.fields import whole
from neural.limits import Limits
from neural.syntax import Block, BranchStatement, Expression, ForStatement, LayerStatement, Statement


class Size(NamedTuple):
    """What a piece of a program stands for: at least so many layers, and so many statements and turns of loops."""

    layers: int
    steps: int


_LAYER = Size(1, 0)


class Expansion:
    """Counts the layers, statements and turns of loops that a block stands for, each macro once."""

    def __init__(self, macros: Mapping[str, Macro], evaluator: Evaluator, limits: Limits) -> None:
        self._macros = macros
        self._evaluator = evaluator
        self._limits = limits
        self._sizes: dict[str, Size] = {}
        self._entered: set[str] = set()

    def excess(self, block: Block, scope: Scope) -> BindError | None:
        """Return the report for a block that stands for more than a network may hold, at the place that is at fault."""
        try:
            self._block(block, scope)
        except BindError as error:
            return error
        return None

    def _too_large(self, size: Size) -> bool:
        return size.layers > self._limits.layers or size.steps > WORK * self._limits.layers

    def _block(self, block: Block, scope: Scope) -> Size:
        layers, steps, most = 0, 0, self._limits.layers
        for start, statement in block.statements:
            if isinstance(statement, LayerStatement) and statement.block is None and statement.count is None:
                more, further = self._called(statement.type.text)
                further += 1
            else:
                more, further = self._statement(statement, scope.moved(start))
            layers += more
            steps += further
            if layers > most or steps > WORK * most:
                word = getattr(statement, "type", None)
                at = word.range if word else (0, statement.length)
                raise too_many_layers(self._limits, scope.moved(start).at(at))
        return Size(layers, steps)

    def _statement(self, statement: Statement, scope: Scope) -> Size:
        if isinstance(statement, LayerStatement):
            layers, steps = self._called(statement.type.text)
            inner = self._block(statement.block, scope) if statement.block else Size(0, 0)
            one = Size(layers + inner.layers, 1 + steps + inner.steps)
            return self._times(one, statement.count, self._number(statement.count, scope), scope)
        if isinstance(statement, ForStatement):
            turns = self._number(statement.high, scope) - self._number(statement.low, scope)
            inner = self._block(statement.block, scope)
            return self._times(Size(inner.layers, 1 + inner.steps), statement.high, turns, scope)
        return self._block(statement.block, scope) if isinstance(statement, BranchStatement) else Size(0, 1)

    def _times(self, one: Size, count: Expression | None, number: int, scope: Scope) -> Size:
        whole = Size(one.layers * max(number, 0), one.steps * max(number, 1))
        if count is not None and self._too_large(whole):
            raise too_many_layers(self._limits, scope.at(count.range))
        return whole

    def _number(self, expression: Expression | None, scope: Scope) -> int:
        if expression is None:
            return 1
        try:
            return whole(self._evaluator.value(expression, scope)) or 0
        except (BindError, UnknownError):
            return 0

    def _called(self, name: str) -> Size:
        """Return the size of a macro's body, or of one layer; one that reaches itself, or too deep, is left to bind."""
        macro = self._macros.get(name) or find_macro(name)
        if macro is None:
            return _LAYER
        if name in self._entered or len(self._entered) >= self._limits.depth:
            return Size(0, 0)
        if name not in self._sizes:
            self._entered.add(name)
            self._sizes[name] = self._block(macro.block, Scope(macro.start, macro.values))
            self._entered.remove(name)
        return self._sizes[name]
