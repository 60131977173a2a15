"""Reading the statements of a broken program: each is cut out by its brackets, and closed where it must have ended."""

from __future__ import annotations

from dataclasses import replace

from lark import Token

from neural.parser import messages
from neural.parser.builder import TooDeepError
from neural.parser.habits import HabitReader
from neural.parser.mending import mended_further
from neural.parser.reading import CLOSERS, CLOSING, closed, still_open
from neural.parser.tokens import end_of, start_of
from neural.syntax import (
    Block,
    BranchStatement,
    BrokenStatement,
    ForStatement,
    LayerStatement,
    Placed,
    Statement,
    Word,
)

#: Words and signs behind which an expression goes on, also on the next line.
_JOINING = frozenset(
    {"PLUS", "MINUS", "STAR", "SLASH", "DOUBLE_SLASH", "PERCENT", "POWER", "COMPARE", "IF", "ELSE", "IN"}
)


class StatementReader(HabitReader):
    """Reads blocks and statements."""

    def _braced_block(self, holder: int) -> Block | None:
        """Read ``{ statements }``; None where no brace opens."""
        if not self.is_("{"):
            return None
        opening = self.tokens[self.at]
        self._open.append(opening)
        self.at += 1
        self._depth += 1
        if self._depth > self.limits.depth:
            raise TooDeepError((start_of(opening), end_of(opening)), self.limits.depth)
        inner = self._statements()
        self._depth -= 1
        self._close(self.is_("}"))
        start = start_of(opening) - holder
        return Block(inner.statements, (start, self._reached() - holder))

    def _statements(self) -> Block:
        """Read statements up to a closing brace, a section or an item; ranges are relative to ``builder.base``."""
        placed: list[Placed] = []
        while (token := self.peek()) is not None and token != "}":
            if self._section_begins(self.at) or self._section_lacks_colon(self.at) or self._item_begins():
                break
            self._add_statement(token, placed)
        begin = placed[0].start if placed else 0
        end = placed[-1].start + placed[-1].statement.length if placed else 0
        return Block(tuple(placed), (begin, end))

    def _add_statement(self, token: Token, placed: list[Placed]) -> None:
        """Read the statement at hand, or go past the sign between two."""
        if token == ";":
            self.at += 1
            return
        right = self._right("statement", self._statement_ends) if token.type in ("NAME", "FOR") else None
        if right is not None:
            placed.append(right)
            return
        base, start = self.builder.base, start_of(token)
        self.builder.base = start
        statement = self._statement(token)
        self.builder.base = base
        if statement is not None:
            placed.append(Placed(start - base, statement))

    def _statement_ends(self) -> bool:
        """Whether what stands here can follow a statement."""
        token = self.peek()
        return (
            token is None
            or token.type in ("NAME", "FOR")
            or token in ("}", ";")
            or self._section_begins(self.at)
            or self._item_begins()
        )

    def _statement(self, token: Token) -> Statement | None:
        if token.type == "FOR":
            return self._for(token)
        if token.type != "NAME":
            return self._unreadable(token)
        if self._times():
            return None
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
        if self._foreign_sign(token, "a layer") or self._leading_count(token) or self._list_of_layers(token):
            return None
        start = start_of(token)
        if not self._bad_near(token):
            self.report(messages.expected(token, "a layer", self.source, self.lines))
        if token.type == "IF":
            self._skip_condition()
        else:
            self._skip_line()
        word = token.type in messages.WORDS
        return self._broken(token, self._reached() - start) if word else None

    def _skip_condition(self) -> None:
        """Go past `if ... { ... } else { ... }`, which chooses between layers in other languages."""
        for word in ("if", "else", "else"):
            if self.is_(word):
                self._header()
                self._braced_block(self.builder.base)

    def _skip_line(self) -> None:
        self.at += 1
        while (token := self.peek()) is not None and not self.begins_line(self.at):
            if token.type != "STRING" and token in ("}", ";", "{"):
                return
            if self._section_begins(self.at):
                return
            self.at += 1

    def _for(self, token: Token) -> Statement:
        start = start_of(token)
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
        start = start_of(token)
        word = self.builder.word(token)
        self.at += 2
        block = self._braced_block(start)
        assert block is not None
        return BranchStatement(word, block, self._reached() - start)

    def _stray(self, token: Token) -> Statement | None:
        begin, start = self.at, start_of(token)
        self._skip_line()
        tree = self._parsed(self.tokens[begin : self.at], "statement")
        return self.builder.statement(tree[0]).statement if tree else self._broken(token, self._reached() - start)

    def _layer(self, token: Token) -> Statement:
        """Read a layer's statement piece by piece; its block is read apart from what stands around it."""
        start = start_of(token)
        pieces = self._take(self._labels(self.at))
        if (kind := self.peek()) is None or kind.type != "NAME":
            self.report(messages.expected(self._here(), "a layer after the label", self.source, self.lines))
            if kind is not None and kind != "}" and not self._section_begins(self.at):
                self._skip_line()
            return self._broken(token, self._reached() - start)
        pieces += self._take(1)
        arguments = self._arguments(kind)
        pieces, repaired = pieces + arguments, bool(arguments)
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
        if repaired and self.diagnostics:
            self.diagnostics[-1] = mended_further(self.diagnostics[-1], tree and tree[1], self.lines)
        if tree is None:
            return self._broken(token, length)
        statement = self.builder.statement(tree[0]).statement
        assert isinstance(statement, LayerStatement)
        touched = repaired or bool(tree[1]) or self._bad_within(start, start + length)
        return replace(statement, block=block, length=length, repaired=touched)

    def _count(self) -> list[Token]:
        """Take ``* count``: a sign and a number, a name with or without arguments, or an expression in parentheses."""
        taken = self._take(1)
        if self.is_("-"):
            taken += self._take(1)
        token = self.peek()
        layer = token is not None and (token.type == "FOR" or (token.type == "NAME" and token[:1].isupper()))
        new_line = layer and self.begins_line(self.at)
        if token is None or new_line or token in CLOSERS or self._section_begins(self.at):
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
        if token is None or self.begins_line(self.at) or self._statement_ends():
            return False
        if self._foreign_sign(token, "the next statement", quiet=quiet):
            return True
        if not quiet and not self._bad_near(token):
            self.report(messages.expected(token, "the next statement", self.source, self.lines))
        self._skip_line()
        return True

    def _broken(self, token: Token, length: int) -> Statement:
        name = str(token) if token.type == "NAME" else token.type.lower()
        return BrokenStatement(Word(name, (0, len(token))), length)

    def _parentheses(self) -> tuple[list[Token], bool]:
        """Take a group in parentheses. Where its end is missing, close it on the line it must have ended on."""
        begin = self.at
        stack: list[str] = []
        while (token := self.peek()) is not None:
            if self._group_ends(begin, stack):
                break
            if token.type != "STRING" and token in CLOSING:
                stack.append(str(token))
            elif token.type != "STRING" and token in CLOSERS:
                if CLOSING[stack[-1]] != token:
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
        if not self._bad_within(start_of(group[0]), end_of(group[-1])):
            crossed = self.is_("]") or self.is_(")")
            self.report(messages.missing_closer(still_open(group), group[-1], self.lines, fixable=not crossed))
        return closed(group)
