"""Syntax: what the parser makes of a program. It knows names and values, never layers.

Every ``Range`` inside a statement is relative to where that statement begins, and a statement's own place is kept by
whoever holds it (``Placed``). A statement is thus the same value wherever it stands and can be kept across edits.
"""

from __future__ import annotations

from typing import NamedTuple

from neural.records import dataclass

Range = tuple[int, int]
"""Offsets of code points, the end exclusive."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a string, true, false or none. ``problem`` says why a number or string cannot be read."""

    value: int | float | str | bool | None
    range: Range
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """A bare word in a value."""

    id: str
    range: Range


@dataclass(frozen=True, slots=True)
class Sequence:
    """A tuple or a list of values."""

    items: tuple[Expression, ...]
    range: Range
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """An expression in parentheses: itself, and a tuple of one where a shape is asked for."""

    inner: Expression
    range: Range


@dataclass(frozen=True, slots=True)
class Pair:
    """One entry of a dictionary, or of a section in braces."""

    key: str
    key_range: Range
    value: Expression


@dataclass(frozen=True, slots=True)
class Mapping:
    """A dictionary."""

    pairs: tuple[Pair, ...]
    range: Range


@dataclass(frozen=True, slots=True)
class Unary:
    """A signed value."""

    operator: str
    operand: Expression
    range: Range


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic or a comparison of two values."""

    operator: str
    left: Expression
    right: Expression
    range: Range


@dataclass(frozen=True, slots=True)
class Conditional:
    """``then if test else otherwise``."""

    then: Expression
    test: Expression
    otherwise: Expression
    range: Range


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call: positional where ``name`` is None; ``colon`` for the spelling ``name: value``."""

    name: str | None
    name_range: Range | None
    value: Expression
    colon: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A name with arguments, as a value: a layer, a schedule, a function, HPO(...)."""

    name: str
    name_range: Range
    arguments: tuple[Argument, ...]
    range: Range


Expression = Literal | Name | Sequence | Group | Mapping | Unary | Binary | Conditional | Call


class Word(NamedTuple):
    """A name with its place."""

    text: str
    range: Range


class Placed(NamedTuple):
    """A statement and where it begins, relative to what holds it."""

    start: int
    statement: Statement


@dataclass(frozen=True, slots=True)
class Block:
    """Statements in braces, or those of ``layers:``."""

    statements: tuple[Placed, ...]
    range: Range


@dataclass(frozen=True, slots=True)
class LayerStatement:
    """``[label, … =] Type [(arguments)] [(references)] [@ "device"] [{ block }] [* count]``."""

    labels: tuple[Word, ...]
    type: Word
    arguments: tuple[Argument, ...] | None
    arguments_range: Range | None
    references: tuple[Word, ...] | None
    device: Literal | None
    block: Block | None
    count: Expression | None
    length: int
    repaired: bool = False
    """Whether it was broken and mended: it has its report already."""


@dataclass(frozen=True, slots=True)
class BranchStatement:
    """``name: { … }``: a block that runs on a named tensor, or a branch of Parallel."""

    name: Word
    block: Block
    length: int


@dataclass(frozen=True, slots=True)
class ForStatement:
    """``for name in low..high { … }``."""

    variable: Word
    low: Expression
    high: Expression
    block: Block
    length: int


@dataclass(frozen=True, slots=True)
class StrayStatement:
    """``name: value`` among layers: a misspelt section."""

    name: Word
    value: Expression
    length: int


@dataclass(frozen=True, slots=True)
class BrokenStatement:
    """A statement that could not be read and has its report; what it makes is unknown."""

    word: Word
    length: int


Statement = LayerStatement | BranchStatement | ForStatement | StrayStatement | BrokenStatement


@dataclass(frozen=True, slots=True)
class InputShape:
    """The shape of one input, its name where it has one, and its dtype where it is stated."""

    name: Word | None
    shape: Expression
    dtype: Word | None


@dataclass(frozen=True, slots=True)
class InputSection:
    """``input: …``."""

    keyword: Range
    shapes: tuple[InputShape, ...]


@dataclass(frozen=True, slots=True)
class LayersSection:
    """``layers: …``."""

    keyword: Range
    block: Block


@dataclass(frozen=True, slots=True)
class OutputSection:
    """``output: a, b``."""

    keyword: Range
    names: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class SettingSection:
    """``loss: …``, ``optimizer: …`` or ``metrics: …``."""

    keyword: Range
    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class SettingsSection:
    """``train { … }`` or ``execution { … }``, also a group of a research note."""

    keyword: Range
    name: str
    pairs: tuple[Pair, ...]


Section = InputSection | LayersSection | OutputSection | SettingSection | SettingsSection


@dataclass(frozen=True, slots=True)
class Let:
    """``let name = value in low..high``: a constant that acts as a knob."""

    name: Word
    value: Expression
    low: Expression | None
    high: Expression | None
    length: int


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a macro."""

    name: Word
    default: Expression | None


@dataclass(frozen=True, slots=True)
class Define:
    """``define Name(parameters) { … }``: a macro."""

    name: Word
    parameters: tuple[Parameter, ...]
    block: Block
    length: int
    broken: bool = False
    """Whether it could not be read and has its report; what its calls make is unknown."""


@dataclass(frozen=True, slots=True)
class NetworkItem:
    """``network Name { … }``."""

    name: Word
    sections: tuple[Section, ...]
    length: int
    broken: frozenset[str] = frozenset()
    """Names of the sections that could not be read and have their report."""


@dataclass(frozen=True, slots=True)
class Research:
    """``research Name { … }``: notes shown beside the model."""

    keyword: Word
    name: Word | None
    groups: tuple[SettingsSection, ...]
    length: int


Item = Let | Define | NetworkItem | Research


class PlacedItem(NamedTuple):
    """A top-level item and the offset where it begins."""

    start: int
    item: Item


@dataclass(frozen=True, slots=True)
class Program:
    """A file: its items in order, and its length in code points."""

    items: tuple[PlacedItem, ...]
    length: int
    broken: bool = False
    """Whether parts of the file could not be read and have their reports."""
