"""Parse tree to Syntax. Ranges come out relative to the statement or item that holds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from lark import Token, Tree

from neural.diagnostics import Diagnostic, LineIndex
from neural.limits import DEFAULT_LIMITS, Limits
from neural.parser import literals
from neural.syntax import (
    Argument,
    Binary,
    Block,
    BranchStatement,
    Call,
    Conditional,
    Define,
    Expression,
    ForStatement,
    Group,
    InputSection,
    InputShape,
    Item,
    LayersSection,
    LayerStatement,
    Let,
    Literal,
    Mapping,
    NetworkItem,
    OutputSection,
    Pair,
    Parameter,
    Placed,
    PlacedItem,
    Program,
    Range,
    Research,
    Section,
    Sequence,
    SettingSection,
    SettingsSection,
    Statement,
    StrayStatement,
    Unary,
    Word,
)

Node = Any
"""A lark Tree or Token."""


class TooDeepError(Exception):
    """Blocks or expressions are nested beyond the limit, at ``range`` (offsets into the source)."""

    def __init__(self, range: Range, limit: int) -> None:
        super().__init__(range)
        self.range = range
        self.limit = limit

    def diagnostic(self, lines: LineIndex) -> Diagnostic:
        message = f"blocks and expressions are nested at most {self.limit} deep"
        return Diagnostic("N106", "error", message, lines.span(*self.range), "use a macro, or a name for a part of it")


class AmbiguousError(Exception):
    """A repetition whose number seems to be missing: what follows on the next line reads as a layer."""


class Builder:
    """Makes Syntax of the trees of one source. ``base`` is the offset that ranges are relative to."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.base = 0
        self._expressions = 0
        self._blocks = 0

    # --- places ---

    def range(self, node: Node) -> Range:
        """Return where a tree or a token stands, relative to the statement at hand."""
        at: Any = node if isinstance(node, Token) else node.meta
        return at.start_pos - self.base, at.end_pos - self.base

    def word(self, node: Node) -> Word:
        """Return the name a token, or a tree around one token, holds."""
        token = node if isinstance(node, Token) else node.children[0]
        return Word(str(token), self.range(token))

    # --- the file ---

    def program(self, tree: Tree[Token], length: int) -> Program:
        """Return the syntax of a whole file."""
        return Program(tuple(self.item(child) for child in cast(list[Tree[Token]], tree.children)), length)

    def item(self, tree: Tree[Token]) -> PlacedItem:
        """Return a top-level item with its place."""
        start = self.base = tree.meta.start_pos
        length = tree.meta.end_pos - start
        makers: dict[str, Callable[[list[Node], int], Item]] = {
            "let": self._let,
            "define": self._define,
            "network": self._network,
            "research": self._research,
        }
        return PlacedItem(start, makers[tree.data](tree.children, length))

    def _let(self, children: list[Node], length: int) -> Let:
        low = high = None
        if len(children) == 3:
            low, high = (self.expression(child) for child in children[2].children)
        return Let(self.word(children[0]), self.expression(children[1]), low, high, length)

    def _define(self, children: list[Node], length: int) -> Define:
        parameters = children[1].children if len(children) == 3 else []
        return Define(
            self.word(children[0]), tuple(self._parameter(child) for child in parameters),
            self.block(children[-1]), length,
        )  # fmt: skip

    def _parameter(self, tree: Tree[Token]) -> Parameter:
        children = cast(list[Node], tree.children)
        default = self.expression(children[1].children[0]) if len(children) == 2 else None
        return Parameter(self.word(children[0]), default)

    def _network(self, children: list[Node], length: int) -> NetworkItem:
        return NetworkItem(self.word(children[0]), tuple(self.section(child) for child in children[1:]), length)

    def _research(self, children: list[Node], length: int) -> Research:
        name = self.word(children[1]) if len(children) > 1 and children[1].data == "word" else None
        groups = [child for child in children[1:] if child.data == "note_group"]
        return Research(
            self.word(children[0]), name,
            tuple(self._settings(group.children) for group in groups), length,
        )  # fmt: skip

    # --- sections ---

    def section(self, tree: Tree[Token]) -> Section:
        """Return a section of a network."""
        children = cast(list[Node], tree.children)
        keyword = self.range(children[0])
        match tree.data:
            case "input":
                return InputSection(keyword, self._inputs(children[1:]))
            case "layers":
                return LayersSection(keyword, self.block(children[1]))
            case "output":
                return OutputSection(keyword, tuple(self.word(child) for child in children[1:]))
            case "setting":
                return SettingSection(keyword, str(children[0]), self.expression(children[1]))
            case _:
                return self._settings(children)

    def _settings(self, children: list[Node]) -> SettingsSection:
        name = self.word(children[0])
        canonical = "execution" if name.text == "execute" else name.text
        return SettingsSection(name.range, canonical, tuple(self._pair(child) for child in children[1:]))

    def _inputs(self, children: list[Node]) -> tuple[InputShape, ...]:
        if children[0].data == "input_mapping":
            named = ((self.word(child.children[0]), child.children[1]) for child in children[0].children)
            return tuple(self._input(shape, name) for name, shape in named)
        return tuple(self._input(child, None) for child in children)

    def _input(self, tree: Tree[Token], name: Word | None) -> InputShape:
        children = cast(list[Node], tree.children)
        dtype = self.word(children[1]) if len(children) == 2 else None
        return InputShape(name, self.expression(children[0]), dtype)

    # --- statements ---

    def block(self, tree: Tree[Token]) -> Block:
        """Return the block of a `statements` tree, or of a tree in braces around one."""
        outer = self.range(tree) if tree.children else (0, 0)
        statements = cast(Tree[Token], tree.children[0]) if tree.data == "block" else tree
        return Block(tuple(self.statement(child) for child in cast(list[Tree[Token]], statements.children)), outer)

    def statement(self, tree: Tree[Token]) -> Placed:
        """Return a statement, its ranges relative to itself, placed relative to the one around it."""
        self._blocks += 1
        self._check_depth(self._blocks, tree)
        outer, start = self.base, tree.meta.start_pos
        self.base = start
        length = tree.meta.end_pos - start
        children = cast(list[Node], tree.children)
        result: Statement
        match tree.data:
            case "layer":
                result = self._layer(children, length)
            case "branch":
                result = BranchStatement(self.word(children[0]), self.block(children[1]), length)
            case "for":
                low, high = self.expression(children[1]), self.expression(children[2])
                result = ForStatement(self.word(children[0]), low, high, self.block(children[3]), length)
            case _:
                result = StrayStatement(self.word(children[0]), self.expression(children[1]), length)
        self.base = outer
        self._blocks -= 1
        return Placed(start - outer, result)

    def _layer(self, children: list[Node], length: int) -> LayerStatement:
        parts = {child.data: child for child in children if isinstance(child, Tree)}
        label, arguments, references = parts.get("label"), parts.get("arguments"), parts.get("references")
        device, block, repeat = parts.get("device"), parts.get("block"), parts.get("repeat")
        if repeat is not None and _is_next_statement(cast(Tree[Token], repeat.children[0]), repeat.meta.line):
            raise AmbiguousError
        return LayerStatement(
            labels=tuple(self.word(child) for child in label.children) if label else (),
            type=self.word(next(child for child in children if isinstance(child, Token))),
            arguments=self.arguments(arguments) if arguments else None,
            arguments_range=self.range(arguments) if arguments else None,
            references=tuple(self.word(child) for child in references.children) if references else None,
            device=self._string(device.children[0]) if device else None,
            block=self.block(block) if block else None,
            count=self.expression(repeat.children[0]) if repeat else None,
            length=length,
        )

    def arguments(self, tree: Tree[Token]) -> tuple[Argument, ...]:
        """Return the arguments of a call."""
        return tuple(self._argument(child) for child in cast(list[Tree[Token]], tree.children))

    def _argument(self, tree: Tree[Token]) -> Argument:
        if tree.data in ("named", "colon_named"):
            name = self.word(tree.children[0])
            value = self.expression(cast(Tree[Token], tree.children[1]))
            return Argument(name.text, name.range, value, tree.data == "colon_named")
        return Argument(None, None, self.expression(tree))

    # --- expressions ---

    def expression(self, tree: Tree[Token]) -> Expression:
        """Return the syntax of a value."""
        self._expressions += 1
        self._check_depth(self._expressions, tree)
        result = _EXPRESSIONS[tree.data](self, tree.children, tree)
        self._expressions -= 1
        return result

    def _check_depth(self, depth: int, tree: Tree[Token]) -> None:
        if depth > self.limits.depth:
            start = tree.meta.start_pos
            raise TooDeepError((start, start + 1), self.limits.depth)

    def _number(self, children: list[Node], tree: Tree[Token]) -> Literal:
        return literals.number(str(children[0]), self.range(tree), self.limits)

    def _negative_count(self, children: list[Node], tree: Tree[Token]) -> Unary:
        operand = literals.number(str(children[0]), self.range(children[0]), self.limits)
        return Unary("-", operand, self.range(tree))

    def _string(self, token: Node) -> Literal:
        return literals.string(str(token), self.range(token), self.limits)

    def _name(self, children: list[Node], tree: Tree[Token]) -> Expression:
        return literals.name(str(children[0]), self.range(tree))

    def _call(self, children: list[Node], tree: Tree[Token]) -> Call:
        name = self.word(children[0])
        return Call(name.text, name.range, self.arguments(children[1]), self.range(tree))

    def _items(self, children: list[Node]) -> tuple[Expression, ...]:
        return tuple(self.expression(child) for child in children)

    def _pair(self, tree: Tree[Token]) -> Pair:
        key, value = cast(list[Node], tree.children)
        if isinstance(key, Token):
            return Pair(str(self._string(key).value), self.range(key), self.expression(value))
        word = self.word(key)
        return Pair(word.text, word.range, self.expression(value))

    def _binary(self, children: list[Node], tree: Tree[Token]) -> Binary:
        left, operator, right = children
        return Binary(str(operator), self.expression(left), self.expression(right), self.range(tree))


def _is_next_statement(count: Tree[Token], line: int) -> bool:
    """Whether a count stands on a later line than its sign, and reads as a layer or macro does."""
    name = count.children[0] if count.data in ("call", "name") else ""
    return count.meta.line > line and str(name)[:1].isupper()


_Maker = Callable[[Builder, list[Node], Tree[Token]], Expression]
_EXPRESSIONS: dict[str, _Maker] = {
    "number": Builder._number,
    "negative_count": Builder._negative_count,
    "string": lambda b, c, t: b._string(c[0]),
    "name": Builder._name,
    "call": Builder._call,
    "group": lambda b, c, t: Group(b.expression(c[0]), b.range(t)),
    "tuple": lambda b, c, t: Sequence(b._items(c), b.range(t)),
    "list": lambda b, c, t: Sequence(b._items(c), b.range(t), is_list=True),
    "mapping": lambda b, c, t: Mapping(tuple(b._pair(pair) for pair in c), b.range(t)),
    "unary": lambda b, c, t: Unary(str(c[0]), b.expression(c[1]), b.range(t)),
    "binary": Builder._binary,
    "conditional": lambda b, c, t: Conditional(b.expression(c[0]), b.expression(c[1]), b.expression(c[2]), b.range(t)),
}
