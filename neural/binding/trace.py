"""What binding the statements of a network went through, so that some of them can be bound again after an edit."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterator, Mapping
from dataclasses import field
from typing import NamedTuple

from neural.binding.macros import Macro
from neural.binding.naming import Named
from neural.binding.scope import Scope, Tensors
from neural.records import dataclass


class Mark(NamedTuple):
    """How things stand before a statement: nodes, names and looks at shapes so far, and the tensors that it reads.

    ``events`` counts what need not come out the same when the statement is bound alone: reports, names, searches.
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
    looks: list[str]
    """The tensors whose shapes were asked for, in order."""
    finds: list[str]
    """The nodes that were asked for: for what they are, not for their shapes."""
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

    def looks_of(self, first: int, last: int) -> list[str]:
        """Return the tensors whose shapes some statements in a row asked for."""
        return self.looks[self.marks[first].looks : self.marks[last].looks]

    def looking_at(self, keys: Container[str]) -> Iterator[int]:
        """Yield the statements that asked for the shape of one of some tensors."""
        looked = (number for number, key in enumerate(self.looks) if key in keys)
        return (bisect_right(self.marks, number, key=lambda mark: mark.looks) - 1 for number in looked)

    def tensors_at(self, statement: int) -> dict[str, str]:
        """Return the tensors that have a name before a statement, by name."""
        named = dict(self.scope.tensors)
        for number, name, key in self.labels:
            if number >= statement:
                break
            named[name] = key
        return named
