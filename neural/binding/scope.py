"""What is visible at a point of a program, and how a statement says that it cannot be bound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from neural.errors import Repair
from neural.network import Place, Range
from neural.suggest import nearest, shown

Tensors = tuple[str, ...]
"""What a statement without references reads: one tensor, or several after named branches."""


class BindError(Exception):
    """One statement cannot be bound: the report to make, at offsets into the source."""

    def __init__(
        self,
        code: str,
        message: str,
        at: Range,
        *,
        help: str = "",
        repairs: tuple[Repair, ...] = (),
        related: tuple[tuple[str, Range], ...] = (),
        word: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at
        self.help = help
        self.repairs = repairs
        self.related = related
        self.repair_at = at
        """Where the repairs' text goes, when that is not the whole place."""
        self.word = word
        """The name that is none, for code N207: where a string is wanted, quotes repair it."""


def unknown(
    code: str, message: str, at: Range, word: str, known: Iterable[str], *, otherwise: str = "", quote: bool = False
) -> BindError:
    """Return the report for a word that is none of those known: the nearest as help and fix, else what there is."""
    known = list(known)
    close = nearest(word, known)
    listed = ", ".join(shown(each) for each in known[:12]) + (", …" if len(known) > 12 else "")
    return BindError(
        code,
        message,
        at,
        help=f"did you mean `{close[0]}`?" if close else otherwise or f"known are {listed}",
        repairs=tuple(Repair(f"write `{each}`", value=f'"{each}"' if quote else each) for each in close),
    )


class UnknownError(Exception):
    """A value depends on something broken that has its own report: say nothing more."""


class Scope(NamedTuple):
    """What a statement sees. ``base`` is where it begins, so that its ranges become offsets into the source.

    ``tensors`` are labels and inputs in scope, by the key of the node that makes them. ``call`` is the place in the
    program of a call into the standard library, whose own text has no place there.
    """

    base: int = 0
    values: Mapping[str, Any] = MappingProxyType({})
    tensors: Mapping[str, str] = MappingProxyType({})
    group: tuple[str, ...] = ()
    macros: tuple[str, ...] = ()
    call: Place | None = None
    device: str | None = None

    def at(self, range: Range) -> Range:
        """Return a range of the statement at hand as offsets into the source."""
        if self.call is not None:
            return self.call.type
        return self.base + range[0], self.base + range[1]

    def moved(self, start: int) -> Scope:
        """Return the scope of a statement that begins ``start`` after this one."""
        return Scope(self.base + start, *self[1:])

    def with_tensors(self, tensors: Mapping[str, str]) -> Scope:
        """Return a scope that sees these tensors."""
        return Scope(self.base, self.values, tensors, self.group, self.macros, self.call, self.device)

    def within(self, group: tuple[str, ...], tensors: Mapping[str, str]) -> Scope:
        """Return the scope of a group in this one that sees these tensors."""
        return Scope(self.base, self.values, tensors, group, self.macros, self.call, self.device)

    def with_values(self, values: Mapping[str, Any]) -> Scope:
        """Return a scope that sees further values."""
        values = {**self.values, **values}
        return Scope(self.base, values, self.tensors, self.group, self.macros, self.call, self.device)
