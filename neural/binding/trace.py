"""What binding the statements of a network went through, so that some of them can be bound again after an edit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from neural.binding.macros import Macro
from neural.binding.naming import Named
from neural.binding.scope import Scope, Tensors


class Mark(NamedTuple):
    """How things stand before a statement: nodes and names so far, tensors that it reads.

    ``events`` counts what looked at, or changed, more than the statement at hand: reports, shapes, other nodes;
    ``looks`` those of them that looked at what earlier statements made.
    """

    nodes: int
    names: int
    events: int
    looks: int
    current: Tensors


@dataclass(slots=True)
class Trace:
    """A mark for each statement of `layers:` and one for the end; labels in order, each with its statement's number."""

    scope: Scope
    macros: Mapping[str, Macro]
    given: list[Named]
    spent: int = 0
    """How many statements and turns of loops were written out."""
    marks: list[Mark] = field(default_factory=list)
    labels: list[tuple[int, str, str]] = field(default_factory=list)

    def label(self, name: str, tensors: Mapping[str, str]) -> None:
        """Take down that the statement at hand gave a tensor a name."""
        self.labels.append((len(self.marks) - 1, name, tensors[name]))

    def plain(self, first: int, last: int) -> bool:
        """Whether some statements in a row depended on nothing but their own text and the tensors they read."""
        return self.marks[first].events == self.marks[last].events

    def looked_at_after(self, last: int) -> bool:
        """Whether a statement from this one on looked at what earlier ones made, other than by reading a tensor."""
        return self.marks[last].looks != self.marks[-1].looks

    def tensors_at(self, statement: int) -> dict[str, str]:
        """Return the tensors that have a name before a statement, by name."""
        named = dict(self.scope.tensors)
        for number, name, key in self.labels:
            if number >= statement:
                break
            named[name] = key
        return named
