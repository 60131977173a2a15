"""Layers whose arguments are all literals: they follow from their statement alone, and are kept across programs."""

from __future__ import annotations

from typing import NamedTuple

from neural.binding.arguments import ArgumentReader
from neural.binding.scope import Scope
from neural.caches import MEGABYTE, Cache
from neural.layers.base import Layer
from neural.network import Place, Range
from neural.syntax import Expression, LayerStatement, Literal, Sequence

#: Arguments whose meaning depends on the network around the layer.
_BOUND = frozenset(("name", "shared", "tied"))


class Known(NamedTuple):
    """The layer of a statement, and where its arguments stand in that. The layer is None where more is to be said."""

    statement: LayerStatement
    layer: Layer | None
    arguments: tuple[tuple[str, Range], ...] = ()

    def place(self, scope: Scope) -> Place:
        """Return where the layer was written; inside the standard library, where the call into it stands."""
        if scope.call is not None:
            return scope.call
        base, statement, end = scope.base, self.statement, self.statement.arguments_range
        first, last = statement.type.range
        return Place(
            (base, base + statement.length),
            (base + first, base + last),
            {name: (base + start, base + stop) for name, (start, stop) in self.arguments},
            base + end[1] - 1 if end else None,
        )


#: By the identity of a statement, which the value holds.
_KNOWN: Cache[int, Known] = Cache("statements", 4 * MEGABYTE, lambda _, made: 1_024 + 48 * made.statement.length)


def known_layer(statement: LayerStatement, reader: ArgumentReader) -> Known | None:
    """Return what is known of a statement that literals alone decide, or None of another one."""
    if statement.block is not None:
        return None
    for each in statement.arguments or ():
        if each.name in _BOUND or not _is_literal(each.value):
            return None
    return _KNOWN.get(id(statement), lambda: _read(statement, reader))


def _read(statement: LayerStatement, reader: ArgumentReader) -> Known:
    made = reader.plain_layer(statement.type, statement.arguments or ())
    if made is None:
        return Known(statement, None)
    return Known(statement, made[0], tuple((name, each.at) for name, each in made[1].items()))


def has_literals(statement: LayerStatement) -> bool:
    """Whether every argument of a statement is the same wherever that stands."""
    return all(_is_literal(each.value) for each in statement.arguments or ())


def _is_literal(value: Expression) -> bool:
    return isinstance(value, Literal) or (isinstance(value, Sequence) and all(map(_is_literal, value.items)))
