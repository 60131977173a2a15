"""What reading a broken program rests on: its tokens, its reports, and the grammar for one piece at a time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lark import Token, Tree, UnexpectedToken

from neural.diagnostics import Diagnostic, LineIndex
from neural.limits import Limits
from neural.parser import messages
from neural.parser.builder import Builder
from neural.parser.driver import shared_driver
from neural.parser.mending import Mend, fixes_of, mend
from neural.parser.tokens import Tokens, end_of, start_of

Feed = Callable[[list[Token], str], Tree[Token]]
"""Parses tokens from a start rule; raises ``UnexpectedToken``."""

SECTION_KEYWORDS = frozenset(
    {"INPUT", "LAYERS", "OUTPUT", "LOSS", "OPTIMIZER", "METRICS", "TRAIN", "EXECUTION", "EXECUTE"}
)
BRACED = frozenset({"TRAIN", "EXECUTION", "EXECUTE"})
ITEMS = frozenset({"LET", "DEFINE", "NETWORK"})
CLOSING = {"(": ")", "[": "]", "{": "}"}
CLOSERS = frozenset(CLOSING.values())

#: Beyond this many reports the rest of a program is not worth reading.
MOST = 100
#: In one piece.
MOST_MENDS = 8


class GiveUpError(Exception):
    """There are too many errors to go on."""


class TokenReader:
    """Walks the tokens of one program. ``at`` is where it stands; ranges are relative to ``builder.base``."""

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
        return self.source[end_of(self.tokens[index - 1]) : start_of(self.tokens[index])]

    def report(self, diagnostic: Diagnostic) -> None:
        """Take down a diagnostic; give up when there are too many."""
        self.diagnostics.append(diagnostic)
        if len(self.diagnostics) >= MOST:
            raise GiveUpError

    def _here(self) -> Token:
        """Return the token at hand, or one that stands for the end."""
        return self.peek() or Token.new_borrow_pos("$END", "", self.tokens[-1])

    def _reached(self) -> int:
        return end_of(self.tokens[self.at - 1])

    def _take(self, count: int) -> list[Token]:
        taken = self.tokens[self.at : self.at + count]
        self.at += len(taken)
        return taken

    def _bad_within(self, start: int, end: int) -> bool:
        """Whether a character that has its report stands in a range."""
        index = bisect_left(self.bad, start)
        return index < len(self.bad) and self.bad[index] < end

    def _bad_near(self, token: Token) -> bool:
        """Whether such a character stands on a token's line, up to its end."""
        start = max(self.source.rfind("\n", 0, start_of(token)), self.source.rfind("\r", 0, start_of(token))) + 1
        return self._bad_within(start, messages.line_end(self.source, end_of(token)))

    def _header(self) -> list[Token]:
        """Take the tokens up to an opening brace, or to the end of the line where there is none."""
        begin, depth = self.at, 0
        self.at += 1
        while (token := self.peek()) is not None and token != "{":
            if token.type in ITEMS or token == "}" or (depth <= 0 and self._header_ends(begin)):
                break
            depth += (token == "(") - (token == ")")
            self.at += 1
        return self.tokens[begin : self.at]

    def _header_ends(self, begin: int) -> bool:
        """Whether a line begins here that is no part of the header from ``begin`` on."""
        if not self.begins_line(self.at):
            return False
        keyword, before = self.tokens[begin], self.tokens[self.at - 1]
        if keyword.type == "DEFINE":
            named = before is keyword and (self.is_("{", 1) or self.is_("(", 1))
            return not (named or (self.at == begin + 2 and self.is_("(")))
        return not (self.is_("in") or self.is_("in", 1) or self.is_("..") or before.type in ("IN", "__ANON_0"))

    def _empty_block(self, token: Token) -> list[Token]:
        """Return the braces that stand for a block which is read apart."""
        return [Token.new_borrow_pos("LBRACE", "{", token), Token.new_borrow_pos("RBRACE", "}", token)]

    def _section_begins(self, index: int) -> bool:
        if index + 1 >= len(self.tokens) or self.tokens[index].type not in SECTION_KEYWORDS:
            return False
        following = self.tokens[index + 1]
        return following == ":" or (following == "{" and self.tokens[index].type in BRACED)

    def _section_lacks_colon(self, index: int) -> bool:
        """Whether a section begins a line here, with another sign than its colon or none: `loss = "mse"`."""
        if index + 1 >= len(self.tokens) or self.tokens[index].type not in SECTION_KEYWORDS:
            return False
        if not self.begins_line(index) or self.begins_line(index + 1):
            return False
        keyword, following = self.tokens[index], self.tokens[index + 1]
        if following == "=":
            value = self.tokens[index + 2 : index + 4]
            labels_a_layer = len(value) == 2 and value[0].type == "NAME" and value[1] == "("
            return keyword.type == "OPTIMIZER" or not labels_a_layer
        called = keyword.type in ("OPTIMIZER", "LOSS", "OUTPUT") and following.type == "NAME"
        return called or following.type == "STRING" or following == "["

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

    def _right(self, rule: str, goes_on: Callable[[], bool]) -> Any:
        """Take what a rule reads from here on, where nothing is wrong with it and what follows may; None otherwise."""
        start, base = start_of(self.tokens[self.at]), self.builder.base
        found = shared_driver().read_first(rule, self.source, start, self.limits, base=base, within=self._depth)
        if found is None:
            return None
        before, (value, end) = self.at, found
        self.at = bisect_left(self.tokens, end, before, key=start_of)
        if end_of(self.tokens[self.at - 1]) == end and not self._bad_within(start, end) and goes_on():
            return value
        self.at = before
        return None

    def _close(self, closed: bool) -> None:
        """Take the brace that closes what was opened last; remember it when it is missing."""
        opening = self._open.pop()
        if closed:
            self.at += 1
        else:
            self._unclosed.append(opening)

    def _balanced(self, tokens: list[Token]) -> tuple[list[Token], bool]:
        """Close what a section leaves open, with a report."""
        stack = still_open(tokens)
        if not stack:
            return tokens, False
        if self.peek() is None and all(token == "{" for token in stack):
            self.report(messages.unclosed(stack, self.source, self.lines))
        elif not self._bad_within(start_of(tokens[0]), end_of(tokens[-1])):
            self.report(messages.missing_closer(stack, tokens[-1], self.lines))
        return closed(tokens), True

    def _parsed(
        self, tokens: list[Token], start: str, *, reported: bool = False
    ) -> tuple[Tree[Token], list[Mend]] | None:
        """Return the tree of a piece, and how it had to be mended; None, and a report, when it is refused."""
        strange = self._bad_within(start_of(tokens[0]), end_of(tokens[-1]))
        refused: Diagnostic | None = None
        mends: list[Mend] = []
        tree = None
        while tree is None:
            try:
                tree = self.feed(tokens, start)
            except UnexpectedToken as error:
                refused = refused or messages.syntax_diagnostic(error, self.source, self.lines, piece=True)
                mended = mend(error, tokens, self.source) if len(mends) < MOST_MENDS else None
                if mended is None:
                    break
                mends.append(mended)
                tokens = mended.tokens
        if refused is not None and not reported and not strange:
            self.report(replace(refused, fixes=fixes_of(mends, self.lines) if tree else ()))
        return (tree, mends) if tree else None


def still_open(tokens: list[Token]) -> list[Token]:
    """Return the brackets that are open at the end of some tokens."""
    stack: list[Token] = []
    for token in tokens:
        if token.type == "STRING":
            continue
        if token in CLOSING:
            stack.append(token)
        elif token in CLOSERS and stack:
            stack.pop()
    return stack


def closed(tokens: list[Token]) -> list[Token]:
    """Return tokens without what dangles at their end, and with what they leave open closed."""
    signs = [CLOSING[str(token)] for token in reversed(still_open(tokens))]
    while len(tokens) > 1 and tokens[-1] in (",", "=", ":"):
        named = tokens[-1] != "," and len(tokens) > 2 and tokens[-2] not in CLOSING
        tokens = tokens[: -2 if named else -1]
    names = {")": "RPAR", "]": "RSQB", "}": "RBRACE"}
    return [*tokens, *(Token.new_borrow_pos(names[sign], sign, tokens[-1]) for sign in signs)]
