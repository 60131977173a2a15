"""Exceptions: the public one, and the one a layer raises when a rule of its is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from neural.records import dataclass

if TYPE_CHECKING:
    from neural.diagnostics import Diagnostic


class NeuralError(Exception):
    """A program that cannot be used as asked; ``diagnostics`` says why and where."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = diagnostics
        first = next((d for d in diagnostics if d.severity == "error"), None)
        where = f"{first.line}:{first.column}: {first.code}: {first.message}" if first else ""
        super().__init__(where or "the program has errors")

    @property
    def first(self) -> str:
        """The first error's message with its line."""
        first = next((d for d in self.diagnostics if d.severity == "error"), None)
        return f"Line {first.line}: {first.message}" if first else "The program has errors."


@dataclass(frozen=True, slots=True)
class Repair:
    """A repair that a layer proposes for its statement, to be turned into text edits.

    ``value`` is source text: the new value of ``argument`` (None: the argument at fault) for "set", a statement to put
    in front for "insert"; "remove" drops the statement.
    """

    title: str
    argument: str | None = None
    value: str = ""
    action: Literal["set", "insert", "remove"] = "set"


class RuleError(ValueError):
    """A rule of a layer is broken: the message names the value, ``help`` the way out.

    ``argument`` names the field at fault, or is None when the shape of an input is.
    """

    def __init__(
        self,
        message: str,
        *,
        help: str = "",
        argument: str | None = None,
        repairs: tuple[Repair, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.argument = argument
        self.repairs = repairs
