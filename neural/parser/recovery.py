"""Reading a program that is broken in places: its structure is cut by hand, each piece is read by the grammar.

A program that the grammar reads never comes here. Otherwise tokens are cut into items, sections and statements by their
brackets and keywords; a piece that the grammar refuses becomes one diagnostic, and the pieces around it are kept.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from lark import Token

from neural.diagnostics import Diagnostic, LineIndex
from neural.limits import Limits
from neural.parser import messages
from neural.parser.builder import TooDeepError
from neural.parser.driver import REFUSED
from neural.parser.grammar import feed, shared_parser
from neural.parser.mending import Change, fix
from neural.parser.reading import BRACED, CLOSERS, CLOSING, ITEMS, SECTION_KEYWORDS, GiveUpError
from neural.parser.statement_reading import StatementReader
from neural.parser.tokens import end_of, start_of, tokenize
from neural.suggest import nearest, shown
from neural.syntax import (
    Block,
    Define,
    InputSection,
    Item,
    LayersSection,
    NetworkItem,
    Placed,
    PlacedItem,
    Program,
    Section,
    Word,
)

_SECTION_RULES = {
    "INPUT": "input",
    "OUTPUT": "output",
    "LOSS": "setting",
    "OPTIMIZER": "setting",
    "METRICS": "setting",
    "TRAIN": "settings",
    "EXECUTION": "settings",
    "EXECUTE": "settings",
}


def recover(source: str, text: str, lines: LineIndex, limits: Limits) -> tuple[Program, tuple[Diagnostic, ...]]:
    """Return what can be read of a source, and a diagnostic for what cannot; ``text``: without a byte-order mark."""
    refused = [match.start() for match in islice(REFUSED.finditer(text), 20)]
    tokens = tokenize(shared_parser(), source, REFUSED.sub(" ", text), lines)
    tokens.bad = sorted((*tokens.bad, *refused))
    tokens.diagnostics += [messages.bad_character(offset, source, lines) for offset in refused]
    recovery = Recovery(tokens, lines, limits, feed)
    return recovery.program(), tuple(recovery.diagnostics)


def recover_statements(source: str, part: Part, lines: LineIndex, limits: Limits) -> Recovered | None:
    """Return what can be read of some statements in a row, up to where it is known to go on as it did before.

    None where that is not reached, or where what is wrong may have to do with more than these statements.
    """
    text = source[part.start : part.end]
    if REFUSED.search(text) or not text.strip():
        return None
    tokens = tokenize(shared_parser(), source, source, lines, part.start, part.end)
    if tokens.swallowed or not tokens.tokens:
        return None
    return Recovery(tokens, lines, limits, feed).statements_until(part)


class Part(NamedTuple):
    """A part of a source that begins with a statement.

    ``known`` are the offsets within it where reading may stop; ``depth`` is how many blocks are around it.
    """

    start: int
    end: int
    depth: int
    known: frozenset[int]


class Recovered(NamedTuple):
    """Statements, with their offsets in the source; where reading stopped, and what is wrong."""

    statements: tuple[Placed, ...]
    stop: int
    diagnostics: tuple[Diagnostic, ...]


class Recovery(StatementReader):
    """Reads one broken program: its items, its networks and their sections."""

    def program(self) -> Program:
        """Return what can be read of the file; ``diagnostics`` hold what cannot."""
        items: list[PlacedItem] = []
        try:
            while self.peek() is not None:
                item = self._item()
                if item is not None:
                    items.append(item)
        except GiveUpError:
            pass
        except TooDeepError as error:
            self.diagnostics.append(error.diagnostic(self.lines))
        self._unclosed = self._unclosed[self.swallowed :]
        if self._unclosed:
            self.diagnostics.append(messages.unclosed(self._unclosed, self.source, self.lines))
        return Program(tuple(items), len(self.source), broken=True)

    def statements_until(self, part: Part) -> Recovered | None:
        """Return the statements up to the first offset that is known, behind the first statement."""
        self._open, self._depth = [Token("LBRACE", "{", start_pos=0, end_pos=1)], part.depth
        placed: list[Placed] = []
        try:
            while (token := self.peek()) is not None and start_of(token) not in part.known:
                if token == "}" or token.type in SECTION_KEYWORDS or self._item_begins():
                    return None
                self._add_statement(token, placed)
        except (GiveUpError, TooDeepError):
            return None
        if token is None or self._unclosed:
            return None
        return Recovered(tuple(placed), start_of(token), tuple(self.diagnostics))

    def _item(self) -> PlacedItem | None:
        token = self.peek()
        assert token is not None
        if token == ";":
            self.at += 1
            return None
        rule = "research" if token == "research" else str(token)
        right: PlacedItem | None = self._right_item(rule) if token.type in ITEMS or token == "research" else None
        if right is not None:
            return right
        if token.type == "NAME" and token != "research":
            token = self._nearest_item(token)
        if token.type == "NETWORK":
            return self._network(token)
        if token.type == "DEFINE":
            return self._define(token)
        if token.type == "LET" or token == "research":
            return self._whole_item(token)
        what = "a network, a macro or a constant"
        if self._foreign_comment(token, what):
            return None
        if token.type != "NAME":
            self.report(messages.expected(token, what, self.source, self.lines))
        self._skip_item()
        return None

    def _right_item(self, rule: str) -> PlacedItem | None:
        self.builder.base = 0
        right: PlacedItem | None = self._right(rule, self._item_ends)
        return right

    def _item_ends(self) -> bool:
        """Whether what stands here can follow an item."""
        token = self.peek()
        return token is None or token == ";" or token.type in ITEMS or token == "research"

    def _nearest_item(self, token: Token) -> Token:
        """Report a word that begins no item, and return the keyword it must have been, where that can be told."""
        self.report(messages.misspelt(token, self.lines, messages.TOP_LEVEL, "N101", messages.PROGRAM_HOLDS))
        close = nearest(str(token), messages.TOP_LEVEL)
        word = close[0] if close else "network" if self.is_("{", 2) else ""
        if not word:
            return token
        keyword = Token.new_borrow_pos("NAME" if word == "research" else word.upper(), word, token)
        self.tokens[self.at] = keyword
        return keyword

    def _skip_item(self) -> None:
        """Go to the next token that begins an item at the start of a line."""
        self.at += 1
        while (token := self.peek()) is not None:
            if self.begins_line(self.at) and (token.type in ITEMS or token == "research"):
                return
            self.at += 1

    def _whole_item(self, token: Token) -> PlacedItem | None:
        begin = self.at
        self._skip_item_body()
        tokens, mended = self._balanced(self.tokens[begin : self.at])
        tree = self._parsed(tokens, "let" if token.type == "LET" else "research", reported=mended)
        return self.builder.item(tree[0]) if tree else None

    def _skip_item_body(self) -> None:
        """Go past a `let` or a research note: to its closing brace, or to the next item."""
        depth = 0
        self.at += 1
        while (token := self.peek()) is not None:
            if token.type in ITEMS and (depth == 0 or self.begins_line(self.at)):
                return
            if depth == 0 and token == "research" and self.begins_line(self.at):
                return
            depth += (token in CLOSING and token.type != "STRING") - (token in CLOSERS and token.type != "STRING")
            self.at += 1

    def _define(self, token: Token) -> PlacedItem | None:
        start = start_of(token)
        header = self._header()
        self.builder.base = start
        opening = self.peek() or header[-1]
        block = self._braced_block(start)
        tree = self._parsed([*header, *self._empty_block(opening)], "define")
        if block is None and tree is not None:
            self.report(messages.expected(self._here(), '"{"', self.source, self.lines))
        length = self._reached() - start
        if tree is None or block is None:
            named = len(header) > 1 and header[1].type == "NAME"
            self.builder.base = start
            word = self.builder.word(header[1]) if named else _nameless(token)
            return self._placed(start, Define(word, (), Block((), (0, 0)), length, broken=True))
        item = self.builder.item(tree[0]).item
        assert isinstance(item, Define)
        return self._placed(start, replace(item, block=block, length=length))

    def _placed(self, start: int, item: Item) -> PlacedItem:
        return PlacedItem(start, item)

    def _network(self, token: Token) -> PlacedItem | None:
        start = start_of(token)
        self.at += 1
        word = self._network_name(token)
        if word is None:
            self._skip_item()
            return None
        self._open.append(self.tokens[self.at])
        self.at += 1
        sections: list[Section] = []
        broken: list[str] = []
        self._has_input = False
        while (here := self.peek()) is not None and here != "}" and not self._item_begins():
            self.builder.base = start
            section = self._section(here, broken)
            if section is not None:
                sections.append(section)
                self._has_input = self._has_input or isinstance(section, InputSection)
        self._close(self.peek() is not None and self.is_("}"))
        return self._placed(start, NetworkItem(word, tuple(sections), self._reached() - start, frozenset(broken)))

    def _network_name(self, token: Token) -> Word | None:
        """Return the name of a network and stop at its brace; "" where there is none, and None without a brace."""
        here = self.peek()
        named = here is not None and here.isidentifier()
        if not named:
            self.report(messages.expected(self._here(), "a name for the network", self.source, self.lines))
        if here is not None and not self.is_("{"):
            self.at += 1
        if not self.is_("{"):
            if named:
                self.report(messages.expected(self._here(), '"{"', self.source, self.lines))
            return None
        self.builder.base = start_of(token)
        return self.builder.word(here) if here is not None and named else _nameless(token)

    def _section(self, token: Token, broken: list[str], *, reported: bool = False) -> Section | None:
        if token == ";":
            self.at += 1
            return None
        rule = "layers" if token.type == "LAYERS" else _SECTION_RULES.get(token.type)
        right: Section | None = self._right(rule, self._section_ends) if rule else None
        if right is not None:
            return right
        if self._unknown_section(self.at):
            token = self._nearest_section(token)
        if token.type == "LAYERS" and self.is_(":", 1):
            keyword = self.builder.range(token)
            self.at += 2
            return LayersSection(keyword, self._statements())
        if token.type in _SECTION_RULES and (self.is_(":", 1) or self.is_("{", 1)):
            return self._plain_section(token, broken, reported=reported)
        if token.type in SECTION_KEYWORDS and (self.peek(1) is None or not self.is_(":", 1)):
            return self._without_colon(token, broken, reported=reported)
        if token.type == "NAME" and (self.peek(1) is None or not self.is_(":", 1)) and not self.is_("{", 1):
            self.report(messages.outside_layers(token, self.lines, alone=self._has_input))
            broken.append("input")
            return LayersSection(self.builder.range(token), self._statements())
        what = "a section such as `input:` or `layers:`"
        if self._foreign_comment(token, what):
            return None
        if token.type != "NAME":
            self.report(messages.expected(token, what, self.source, self.lines))
        self._skip_section()
        return None

    def _section_ends(self) -> bool:
        """Whether what stands here can follow a section."""
        token = self.peek()
        return token is None or token in ("}", ";") or self._section_begins(self.at) or self._item_begins()

    def _without_colon(self, token: Token, broken: list[str], *, reported: bool) -> Section | None:
        """Report the sign that a section's keyword lacks, and read on as if it stood there."""
        following = self.peek(1)
        if following is None or following == "}":
            self.report(messages.missing_sign(":", token, following, self.lines))
            broken.append(str(token))
            self.at += 1
            return None
        if following == "=" and token.type in _SECTION_RULES:
            return self._plain_section(token, broken, reported=reported)
        fixable = following in ("(", "{") or following.type == "STRING" or token.type != "INPUT"
        found = messages.missing_sign(":", token, following, self.lines, fixable=fixable)
        if following == "=":
            change = Change(start_of(following), end_of(following), ":")
            found = replace(found, fixes=(fix('write ":"', [change], self.lines),))
            self.tokens.pop(self.at + 1)
        self.report(found)
        self.tokens.insert(self.at + 1, Token("COLON", ":", start_pos=token.end_pos, end_pos=token.end_pos))
        return self._section(token, broken, reported=True)

    def _unknown_section(self, index: int) -> bool:
        """Whether a word stands here as a section does that is none."""
        known = index + 1 < len(self.tokens) and self.tokens[index].type == "NAME"
        return known and self.tokens[index + 1] in (":", "{")

    def _nearest_section(self, token: Token) -> Token:
        """Report a misspelt section, and return the keyword it must have been."""
        message = f"a network has no section `{shown(str(token))}`"
        self.report(messages.misspelt(token, self.lines, messages.SECTIONS, "N303", message))
        close = nearest(str(token), messages.SECTIONS)
        if not close or (close[0].upper() in BRACED) != self.is_("{", 1):
            return token
        keyword = Token.new_borrow_pos(close[0].upper(), close[0], token)
        self.tokens[self.at] = keyword
        return keyword

    def _plain_section(self, token: Token, broken: list[str], *, reported: bool) -> Section | None:
        begin = self.at
        self._skip_section()
        tokens, mended = self._balanced(self.tokens[begin : self.at])
        tree = self._parsed(tokens, _SECTION_RULES[token.type], reported=mended or reported)
        name = "execution" if token.type == "EXECUTE" else str(token)
        changed = tree is None or bool(tree[1]) or mended
        if tree is None or (changed and name != "input") or self._bad_within(start_of(token), self._reached()):
            broken.append(name)
            return None
        return self.builder.section(tree[0])

    def _skip_section(self) -> None:
        """Go to the next section, the brace that closes the network, or the end."""
        stack: list[str] = []
        of_input = self.tokens[self.at].type == "INPUT"
        self.at += 1
        while (token := self.peek()) is not None:
            fresh = self.begins_line(self.at)
            if self._section_begins(self.at) and (not stack or ((fresh or of_input) and "{" not in stack)):
                return
            parted = self.tokens[self.at - 1] not in (":", ",")
            word = token.type in SECTION_KEYWORDS or self._unknown_section(self.at)
            if not stack and (token == ";" or (parted and word) or self._section_lacks_colon(self.at)):
                return
            if self._item_begins():
                return
            if token.type != "STRING" and token in CLOSING:
                stack.append(str(token))
            elif token.type != "STRING" and token in CLOSERS:
                if token == "}" and "{" not in stack:
                    return
                while stack and CLOSING[stack.pop()] != token:
                    pass
            self.at += 1


def _nameless(keyword: Token) -> Word:
    """Return the name of an item that has none, at its keyword as that is written."""
    return Word("", (0, int(keyword.end_pos or 0) - start_of(keyword)))
