"""Reading a program that is broken in places: its structure is cut by hand, each piece is read by the grammar.

A program that the grammar reads never comes here. Otherwise tokens are cut into items, sections and statements by their
brackets and keywords; a piece that the grammar refuses becomes one diagnostic, and the pieces around it are kept.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace

from lark import Token, Tree, UnexpectedToken

from neural.diagnostics import Diagnostic, LineIndex
from neural.limits import Limits
from neural.parser import messages
from neural.parser.builder import Builder, TooDeepError
from neural.parser.tokens import Tokens
from neural.suggest import nearest, shown
from neural.syntax import (
    Block,
    BranchStatement,
    BrokenStatement,
    Define,
    ForStatement,
    InputSection,
    Item,
    LayersSection,
    LayerStatement,
    NetworkItem,
    Placed,
    PlacedItem,
    Program,
    Section,
    Statement,
    Word,
)

Feed = Callable[[list[Token], str], Tree[Token]]
"""Parses tokens from a start rule; raises ``UnexpectedToken``."""

SECTION_KEYWORDS = frozenset(
    {"INPUT", "LAYERS", "OUTPUT", "LOSS", "OPTIMIZER", "METRICS", "TRAIN", "EXECUTION", "EXECUTE"}
)
_BRACED = frozenset({"TRAIN", "EXECUTION", "EXECUTE"})
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
_ITEMS = frozenset({"LET", "DEFINE", "NETWORK"})
#: Words and signs behind which an expression goes on, also on the next line.
_JOINING = frozenset(
    {"PLUS", "MINUS", "STAR", "SLASH", "DOUBLE_SLASH", "PERCENT", "POWER", "COMPARE", "IF", "ELSE", "IN"}
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_CLOSERS = frozenset(_CLOSING.values())

#: Beyond this many reports the rest of a program is not worth reading.
MOST = 100


class _GiveUpError(Exception):
    """There are too many errors to go on."""


class Recovery:
    """Reads one broken program."""

    def __init__(self, tokens: Tokens, lines: LineIndex, limits: Limits, feed: Feed) -> None:
        self.source = tokens.source
        self.tokens = tokens.tokens
        self.bad = tokens.bad
        self.swallowed = tokens.swallowed
        self.lines = lines
        self.limits = limits
        self.feed = feed
        self.builder = Builder(limits)
        self.diagnostics: list[Diagnostic] = list(tokens.diagnostics)
        self.at = 0
        self._depth = 0
        self._open: list[Token] = []
        self._unclosed: list[Token] = []
        self._has_input = False

    # --- tokens ---

    def peek(self, ahead: int = 0) -> Token | None:
        """Return a token from here on, or None at the end."""
        index = self.at + ahead
        return self.tokens[index] if index < len(self.tokens) else None

    def is_(self, text: str, ahead: int = 0) -> bool:
        """Whether a token from here on is this sign or word."""
        token = self.peek(ahead)
        return token is not None and token == text and token.type != "STRING"

    def begins_line(self, index: int) -> bool:
        """Whether a token is the first on its line."""
        if index == 0:
            return True
        return "\n" in self._between(index) or "\r" in self._between(index)

    def _between(self, index: int) -> str:
        return self.source[_end(self.tokens[index - 1]) : _start(self.tokens[index])]

    def report(self, diagnostic: Diagnostic) -> None:
        """Take down a diagnostic; give up when there are too many."""
        self.diagnostics.append(diagnostic)
        if len(self.diagnostics) >= MOST:
            raise _GiveUpError

    # --- the file ---

    def program(self) -> Program:
        """Return what can be read of the file; ``diagnostics`` hold what cannot."""
        items: list[PlacedItem] = []
        try:
            while self.peek() is not None:
                item = self._item()
                if item is not None:
                    items.append(item)
        except _GiveUpError:
            pass
        except TooDeepError as error:
            self.diagnostics.append(error.diagnostic(self.lines))
        self._unclosed = self._unclosed[self.swallowed :]
        if self._unclosed:
            self.diagnostics.append(messages.unclosed(self._unclosed, self.source, self.lines))
        return Program(tuple(items), len(self.source), broken=True)

    def _item(self) -> PlacedItem | None:
        token = self.peek()
        assert token is not None
        if token == ";":
            self.at += 1
            return None
        if token.type == "NAME" and token != "research":
            token = self._nearest_item(token)
        if token.type == "NETWORK":
            return self._network(token)
        if token.type == "DEFINE":
            return self._define(token)
        if token.type == "LET" or token == "research":
            return self._whole_item(token)
        if token.type != "NAME":
            self.report(messages.expected(token, "a network, a macro or a constant", self.source, self.lines))
        self._skip_item()
        return None

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
            if self.begins_line(self.at) and (token.type in _ITEMS or token == "research"):
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
            if token.type in _ITEMS and (depth == 0 or self.begins_line(self.at)):
                return
            if depth == 0 and token == "research" and self.begins_line(self.at):
                return
            depth += (token in _CLOSING and token.type != "STRING") - (token in _CLOSERS and token.type != "STRING")
            self.at += 1

    def _define(self, token: Token) -> PlacedItem | None:
        start = _start(token)
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
            word = self.builder.word(header[1]) if named else Word("", (0, len(token)))
            return self._placed(start, Define(word, (), Block((), (0, 0)), length, broken=True))
        item = self.builder.item(tree[0]).item
        assert isinstance(item, Define)
        return self._placed(start, replace(item, block=block, length=length))

    def _here(self) -> Token:
        """Return the token at hand, or one that stands for the end."""
        return self.peek() or Token.new_borrow_pos("$END", "", self.tokens[-1])

    def _header(self) -> list[Token]:
        """Take the tokens up to an opening brace, or to the end of the line where there is none."""
        begin, depth = self.at, 0
        self.at += 1
        while (token := self.peek()) is not None and token != "{":
            if token.type in _ITEMS or token == "}" or (depth <= 0 and self.begins_line(self.at)):
                break
            depth += (token == "(") - (token == ")")
            self.at += 1
        return self.tokens[begin : self.at]

    def _empty_block(self, token: Token) -> list[Token]:
        """Return the braces that stand for a block which is read apart."""
        return [Token.new_borrow_pos("LBRACE", "{", token), Token.new_borrow_pos("RBRACE", "}", token)]

    def _placed(self, start: int, item: Item) -> PlacedItem:
        return PlacedItem(start, item)

    def _reached(self) -> int:
        return _end(self.tokens[self.at - 1])

    # --- networks ---

    def _network(self, token: Token) -> PlacedItem | None:
        start = _start(token)
        self.at += 1
        name = self.peek()
        if name is None or name == "{" or name.type in ("STRING", "NUMBER") or not self.is_("{", 1):
            self._bad_network_header(token)
            self._skip_item()
            return None
        self.builder.base = start
        word = self.builder.word(name)
        self._open.append(self.tokens[self.at + 1])
        self.at += 2
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

    def _bad_network_header(self, token: Token) -> None:
        here = self.peek()
        if here is None or here == "{" or here.type in ("STRING", "NUMBER"):
            self.report(messages.expected(self._here(), "a name for the network", self.source, self.lines))
        else:
            self.at += 1
            self.report(messages.expected(self._here(), '"{"', self.source, self.lines))

    def _item_begins(self) -> bool:
        """Whether another top-level item begins here, so that a brace before it is missing."""
        token, name = self.peek(), self.peek(1)
        return (
            token is not None
            and token.type in ("NETWORK", "DEFINE")
            and self.begins_line(self.at)
            and name is not None
            and name.type == "NAME"
        )

    def _close(self, closed: bool) -> None:
        """Take the brace that closes what was opened last; remember it when it is missing."""
        opening = self._open.pop()
        if closed:
            self.at += 1
        else:
            self._unclosed.append(opening)

    def _section(self, token: Token, broken: list[str], *, reported: bool = False) -> Section | None:
        if token == ";":
            self.at += 1
            return None
        if self._unknown_section(self.at):
            token = self._nearest_section(token)
        if token.type == "LAYERS" and self.is_(":", 1):
            keyword = self.builder.range(token)
            self.at += 2
            return LayersSection(keyword, self._statements())
        if token.type in _SECTION_RULES and (self.is_(":", 1) or self.is_("{", 1)):
            return self._plain_section(token, broken, reported=reported)
        if token.type in SECTION_KEYWORDS and (self.peek(1) is None or not self.is_(":", 1)):
            return self._without_colon(token, broken)
        if token.type == "NAME" and (self.peek(1) is None or not self.is_(":", 1)) and not self.is_("{", 1):
            self.report(messages.outside_layers(token, self.lines, alone=self._has_input))
            broken.append("input")
            return LayersSection(self.builder.range(token), self._statements())
        if token.type != "NAME":
            self.report(messages.expected(token, "a section such as `input:` or `layers:`", self.source, self.lines))
        self._skip_section()
        return None

    def _without_colon(self, token: Token, broken: list[str]) -> Section | None:
        """Report the sign that a section's keyword lacks, and read on as if it stood there."""
        following = self.peek(1)
        if following is None or following == "}":
            self.report(messages.missing_sign(":", token, following, self.lines))
            broken.append(str(token))
            self.at += 1
            return None
        fixable = following in ("(", "{", "[") or following.type == "STRING" or token.type != "INPUT"
        self.report(messages.missing_sign(":", token, following, self.lines, fixable=fixable))
        self.tokens.insert(self.at + 1, Token("COLON", ":", start_pos=token.end_pos, end_pos=token.end_pos))
        return self._section(token, broken, reported=True)

    def _section_begins(self, index: int) -> bool:
        if index + 1 >= len(self.tokens) or self.tokens[index].type not in SECTION_KEYWORDS:
            return False
        following = self.tokens[index + 1]
        return following == ":" or (following == "{" and self.tokens[index].type in _BRACED)

    def _unknown_section(self, index: int) -> bool:
        """Whether a word stands here as a section does that is none."""
        known = index + 1 < len(self.tokens) and self.tokens[index].type == "NAME"
        return known and self.tokens[index + 1] in (":", "{")

    def _nearest_section(self, token: Token) -> Token:
        """Report a misspelt section, and return the keyword it must have been."""
        message = f"a network has no section `{shown(str(token))}`"
        self.report(messages.misspelt(token, self.lines, messages.SECTIONS, "N303", message))
        close = nearest(str(token), messages.SECTIONS)
        if not close or (close[0].upper() in _BRACED) != self.is_("{", 1):
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
        if tree is None or tree[1] or (mended and name != "input") or self._bad_within(_start(token), self._reached()):
            broken.append(name)
            return None
        return self.builder.section(tree[0])

    def _balanced(self, tokens: list[Token]) -> tuple[list[Token], bool]:
        """Close what a section leaves open, with a report."""
        stack = _unclosed(tokens)
        if not stack:
            return tokens, False
        if self.peek() is None and all(token == "{" for token in stack):
            self.report(messages.unclosed(stack, self.source, self.lines))
        elif not self._bad_within(_start(tokens[0]), _end(tokens[-1])):
            self.report(messages.missing_closer(stack, tokens[-1], self.lines))
        return _closed(tokens), True

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
            if not stack and (token == ";" or (parted and word)):
                return
            if self._item_begins():
                return
            if token.type != "STRING" and token in _CLOSING:
                stack.append(str(token))
            elif token.type != "STRING" and token in _CLOSERS:
                if token == "}" and "{" not in stack:
                    return
                while stack and _CLOSING[stack.pop()] != token:
                    pass
            self.at += 1

    # --- blocks and statements ---

    def _braced_block(self, holder: int) -> Block | None:
        """Read ``{ statements }``; None where no brace opens."""
        if not self.is_("{"):
            return None
        opening = self.tokens[self.at]
        self._open.append(opening)
        self.at += 1
        self._depth += 1
        if self._depth > self.limits.depth:
            raise TooDeepError((_start(opening), _end(opening)), self.limits.depth)
        inner = self._statements()
        self._depth -= 1
        self._close(self.is_("}"))
        start = _start(opening) - holder
        return Block(inner.statements, (start, self._reached() - holder))

    def _statements(self) -> Block:
        """Read statements up to a closing brace, a section or an item; ranges are relative to ``builder.base``."""
        base = self.builder.base
        placed: list[Placed] = []
        while (token := self.peek()) is not None and token != "}":
            if self._section_begins(self.at) or self._item_begins():
                break
            if token == ";":
                self.at += 1
                continue
            start = _start(token)
            self.builder.base = start
            statement = self._statement(token)
            self.builder.base = base
            if statement is not None:
                placed.append(Placed(start - base, statement))
        begin = placed[0].start if placed else 0
        end = placed[-1].start + placed[-1].statement.length if placed else 0
        return Block(tuple(placed), (begin, end))

    def _statement(self, token: Token) -> Statement | None:
        if token.type == "FOR":
            return self._for(token)
        if token.type != "NAME":
            return self._unreadable(token)
        if self.is_("in", 2):
            self.report(messages.misspelt(token, self.lines, ("for",), "N101", "a loop begins with `for`"))
            keyword = Token.new_borrow_pos("FOR", "for", token)
            self.tokens[self.at] = keyword
            return self._for(keyword)
        if self.is_(":", 1):
            return self._branch(token) if self.is_("{", 2) else self._stray(token)
        return self._layer(token)

    def _unreadable(self, token: Token) -> Statement | None:
        """Skip what can begin no statement: to the next line, brace or section."""
        start = _start(token)
        if not self._bad_near(token):
            self.report(messages.expected(token, "a layer", self.source, self.lines))
        self._skip_line()
        word = token.type in messages.WORDS
        return self._broken(token, self._reached() - start) if word else None

    def _skip_line(self) -> None:
        self.at += 1
        while (token := self.peek()) is not None and not self.begins_line(self.at):
            if token.type != "STRING" and token in ("}", ";", "{"):
                return
            if self._section_begins(self.at):
                return
            self.at += 1

    def _for(self, token: Token) -> Statement:
        start = _start(token)
        header = self._header()
        opening = self.peek() or header[-1]
        block = self._braced_block(start)
        if header[-1] == "..":
            self.report(messages.expected(opening, "the end of the range", self.source, self.lines))
            return self._broken(token, self._reached() - start)
        tree = self._parsed([*header, *self._empty_block(opening)], "statement")
        if block is None and tree is not None:
            self.report(messages.expected(self._here(), '"{"', self.source, self.lines))
        length = self._reached() - start
        if tree is None or block is None:
            return self._broken(token, length)
        statement = self.builder.statement(tree[0]).statement
        assert isinstance(statement, ForStatement)
        return replace(statement, block=block, length=length)

    def _branch(self, token: Token) -> Statement:
        start = _start(token)
        word = self.builder.word(token)
        self.at += 2
        block = self._braced_block(start)
        assert block is not None
        return BranchStatement(word, block, self._reached() - start)

    def _stray(self, token: Token) -> Statement | None:
        begin, start = self.at, _start(token)
        self._skip_line()
        tree = self._parsed(self.tokens[begin : self.at], "statement")
        return self.builder.statement(tree[0]).statement if tree else self._broken(token, self._reached() - start)

    def _layer(self, token: Token) -> Statement:
        """Read a layer's statement piece by piece; its block is read apart from what stands around it."""
        start = _start(token)
        pieces: list[Token] = []
        repaired = False
        if self.is_("=", 1):
            pieces += self._take(2)
        if (kind := self.peek()) is None or kind.type != "NAME":
            self.report(messages.expected(self._here(), "a layer after the label", self.source, self.lines))
            if kind is not None and kind != "}" and not self._section_begins(self.at):
                self._skip_line()
            return self._broken(token, self._reached() - start)
        pieces += self._take(1)
        for _ in range(2):
            if self.is_("("):
                group, mended = self._parentheses()
                pieces += group
                repaired = repaired or mended
        if self.is_(")") and not self.is_(")", -1) and pieces[-1].type == "NAME":
            self.report(messages.expected(self._here(), "the next statement", self.source, self.lines))
            repaired = bool(self._take(1))
        if self.is_("@"):
            device = self._device()
            pieces, repaired = pieces + device, repaired or not device
        block = None
        if self.is_("{"):
            opening = self.tokens[self.at]
            before = len(self.diagnostics)
            block = self._braced_block(start)
            repaired = repaired or (not block.statements and len(self.diagnostics) > before if block else False)
            pieces += self._empty_block(opening)
        if self.is_("*"):
            count = self._count()
            pieces, repaired = pieces + count, repaired or not count
        repaired = self._rest_of_line(quiet=repaired or self._bad_within(start, self._reached())) or repaired
        tree = self._parsed(pieces, "statement", reported=repaired)
        length = self._reached() - start
        if tree is None:
            if repaired and self.diagnostics:
                # What was put in did not mend the statement, so it is no fix.
                self.diagnostics[-1] = replace(self.diagnostics[-1], fixes=())
            return self._broken(token, length)
        statement = self.builder.statement(tree[0]).statement
        assert isinstance(statement, LayerStatement)
        touched = repaired or tree[1] or self._bad_within(start, start + length)
        return replace(statement, block=block, length=length, repaired=touched)

    def _bad_within(self, start: int, end: int) -> bool:
        """Whether a character that has its report stands in a range."""
        index = bisect_left(self.bad, start)
        return index < len(self.bad) and self.bad[index] < end

    def _bad_near(self, token: Token) -> bool:
        """Whether such a character stands on a token's line, up to its end."""
        start = max(self.source.rfind("\n", 0, _start(token)), self.source.rfind("\r", 0, _start(token))) + 1
        return self._bad_within(start, messages.line_end(self.source, _end(token)))

    def _take(self, count: int) -> list[Token]:
        taken = self.tokens[self.at : self.at + count]
        self.at += len(taken)
        return taken

    def _count(self) -> list[Token]:
        """Take ``* count``: a sign and a number, a name with or without arguments, or an expression in parentheses."""
        taken = self._take(1)
        if self.is_("-"):
            taken += self._take(1)
        token = self.peek()
        layer = token is not None and (token.type == "FOR" or (token.type == "NAME" and token[:1].isupper()))
        new_line = layer and self.begins_line(self.at)
        if token is None or new_line or token in _CLOSERS or self._section_begins(self.at):
            self.report(messages.missing_after(taken[-1], "a number of repetitions", self.lines))
            return []
        if not self.is_("("):
            taken += self._take(1)
        if self.is_("("):
            taken += self._parentheses()[0]
        return taken

    def _device(self) -> list[Token]:
        """Take ``@ "device"``; nothing, and a report, where no string follows."""
        sign = self._take(1)
        token = self.peek()
        if token is not None and (token.type == "STRING" or not self.begins_line(self.at)):
            return sign + self._take(1)
        self.report(messages.missing_after(sign[0], "a device in quotes", self.lines))
        return []

    def _rest_of_line(self, *, quiet: bool) -> bool:
        """Skip what follows a statement on its line and can begin no other; say whether there was any.

        ``quiet`` where the statement has its report already.
        """
        token = self.peek()
        fine = (
            token is None
            or self.begins_line(self.at)
            or token.type in ("NAME", "FOR")
            or token in ("}", ";")
            or self._section_begins(self.at)
            or self._item_begins()
        )
        if fine or token is None:
            return False
        if not quiet and not self._bad_near(token):
            self.report(messages.expected(token, "the next statement", self.source, self.lines))
        self._skip_line()
        return True

    def _broken(self, token: Token, length: int) -> Statement:
        name = str(token) if token.type == "NAME" else token.type.lower()
        return BrokenStatement(Word(name, (0, len(token))), length)

    # --- parentheses ---

    def _parentheses(self) -> tuple[list[Token], bool]:
        """Take a group in parentheses. Where its end is missing, close it on the line it must have ended on."""
        begin = self.at
        stack: list[str] = []
        while (token := self.peek()) is not None:
            if self._group_ends(begin, stack):
                break
            if token.type != "STRING" and token in _CLOSING:
                stack.append(str(token))
            elif token.type != "STRING" and token in _CLOSERS:
                if _CLOSING[stack[-1]] != token:
                    if self._stands_for_parenthesis(token, stack):
                        return self._with_parenthesis(begin), True
                    break
                stack.pop()
                if not stack:
                    self.at += 1
                    return self.tokens[begin : self.at], False
            self.at += 1
        return self._closed_early(begin), True

    def _stands_for_parenthesis(self, token: Token, stack: list[str]) -> bool:
        """Whether a brace was typed for a parenthesis: no block is open, and more statements follow it."""
        following = self.peek(1)
        more = following is not None and self.begins_line(self.at + 1) and following.type in ("NAME", "FOR")
        return token == "}" and stack == ["("] and len(self._open) == 1 and more and not self.begins_line(self.at)

    def _with_parenthesis(self, begin: int) -> list[Token]:
        """Return the group up to such a brace, closed as it was meant, and go past it."""
        brace = self.tokens[self.at]
        self.report(messages.expected(brace, '")"', self.source, self.lines))
        self.at += 1
        return [*self.tokens[begin : self.at - 1], Token.new_borrow_pos("RPAR", ")", brace)]

    def _group_ends(self, begin: int, stack: list[str]) -> bool:
        """Whether what stands here shows that the group should have been closed before it."""
        if self.at == begin + 1 and self.is_("{") and self.peek(1) is not None and self.begins_line(self.at + 1):
            return True
        if self.at == begin or not self.begins_line(self.at) or not stack:
            return False
        token, before = self.tokens[self.at], self.tokens[self.at - 1]
        if "{" not in stack and (self._section_begins(self.at) or self._item_begins()):
            return True
        separated = before in (",", "(", "[", "=", ":", "{") or before.type in _JOINING
        return token.type in ("NAME", "FOR") and not separated

    def _closed_early(self, begin: int) -> list[Token]:
        """Return the group up to where its end must have been forgotten, closed, and go there."""
        stop = self.at
        for index in range(begin + 1, stop):
            called = index + 1 < len(self.tokens) and self.tokens[index + 1] == "("
            if self.begins_line(index) and self.tokens[index].type == "NAME" and called:
                stop = index
                break
        self.at = stop
        group = self.tokens[begin:stop]
        if not self._bad_within(_start(group[0]), _end(group[-1])):
            crossed = self.is_("]") or self.is_(")")
            self.report(messages.missing_closer(_unclosed(group), group[-1], self.lines, fixable=not crossed))
        return _closed(group)

    # --- the grammar ---

    def _parsed(self, tokens: list[Token], start: str, *, reported: bool = False) -> tuple[Tree[Token], bool] | None:
        """Return the tree of a piece, and whether a comma had to be put in; None, and a report, when it is refused."""
        commas = 0
        while True:
            try:
                return self.feed(tokens, start), commas > 0
            except UnexpectedToken as error:
                index = next((i for i, token in enumerate(tokens) if token is error.token), None)
                strange = self._bad_within(_start(tokens[0]), _end(tokens[-1]))
                if not reported and not commas and not strange:
                    self.report(messages.syntax_diagnostic(error, self.source, self.lines, piece=True))
                if index is None or commas >= 8 or not messages.lacks_comma(error):
                    return None
                commas += 1
                tokens = [*tokens[:index], Token.new_borrow_pos("COMMA", ",", tokens[index]), *tokens[index:]]


def _start(token: Token) -> int:
    return int(token.start_pos or 0)


def _end(token: Token) -> int:
    return int(token.end_pos or 0)


def _unclosed(tokens: list[Token]) -> list[Token]:
    """Return the brackets that are open at the end of some tokens."""
    stack: list[Token] = []
    for token in tokens:
        if token.type == "STRING":
            continue
        if token in _CLOSING:
            stack.append(token)
        elif token in _CLOSERS and stack:
            stack.pop()
    return stack


def _closed(tokens: list[Token]) -> list[Token]:
    """Return tokens without what dangles at their end, and with what they leave open closed."""
    signs = [_CLOSING[str(token)] for token in reversed(_unclosed(tokens))]
    while len(tokens) > 1 and tokens[-1] in (",", "=", ":"):
        named = tokens[-1] != "," and len(tokens) > 2 and tokens[-2] not in _CLOSING
        tokens = tokens[: -2 if named else -1]
    names = {")": "RPAR", "]": "RSQB", "}": "RBRACE"}
    return [*tokens, *(Token.new_borrow_pos(names[sign], sign, tokens[-1]) for sign in signs)]
