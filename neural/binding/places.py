"""Where things were written: the values of a call, and the layer that they make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from neural.binding.scope import BindError, Scope
from neural.errors import RuleError
from neural.network import Place, Range
from neural.syntax import LayerStatement


class Given(NamedTuple):
    """A value, where it stands, and where its name does."""

    value: Any
    at: Range
    name_at: Range | None


def place_of(statement: LayerStatement, given: Mapping[str, Given], scope: Scope) -> Place:
    """Return where a layer was written; inside the standard library, where the call into it stands."""
    if scope.call is not None:
        return scope.call
    end = statement.arguments_range
    return Place(
        statement=scope.at((0, statement.length)),
        type=scope.at(statement.type.range),
        arguments={name: each.at for name, each in given.items()},
        call_end=scope.at(end)[1] - 1 if end else None,
    )


def rule_error(error: RuleError, at: Range, given: Mapping[str, Given]) -> BindError:
    """Return the report for a layer whose own rules refuse its arguments."""
    at = given[error.argument].at if error.argument and error.argument in given else at
    return BindError("N203", error.message, at, help=error.help, repairs=error.repairs)
