"""Reading what is written as in other languages: each habit is reported with the words of this one as its fix."""

from __future__ import annotations

import re
from dataclasses import replace

from lark import Token

from neural.parser import messages
from neural.parser.mending import Change, Mend, closing_of, fix, fixes_of, in_parentheses, parenthesized
from neural.parser.reading import TokenReader
from neural.parser.tokens import end_of, start_of
from neural.syntax import LayerStatement

ARROWS = ("->", "=>", ">>")
COMMENTS = ("//", "/*", "--")
_COMMENT = re.compile(r"/\*([^\n\r]*?)\*/[ \t\f]*(?=[\n\r]|\Z)")
_VALUES = frozenset({"NUMBER", "STRING"})
_ARGUMENTS = frozenset({"NUMBER", "STRING", "NAME", "COMMA", "EQUAL"})
#: How many tokens may stand in an argument list without parentheses.
_LONGEST = 20


class HabitReader(TokenReader):
    """Takes the signs that have no meaning in a program and have one elsewhere."""

    def _foreign_sign(self, token: Token, what: str, *, quiet: bool = False) -> bool:
        """Go past a sign that stands before a statement and must not, and report it; False where there is none.

        ``quiet`` where the line has its report already.
        """
        if self._foreign_comment(token, what, quiet=quiet):
            return True
        arrow = next((each for each in ARROWS if self.source.startswith(each, start_of(token))), None)
        count = 2 if arrow else 1
        separates = token == "," and self._behind_layer()
        if not (arrow or separates) or not self._layer_or_line_begins(self.at + count, arrow=arrow is not None):
            return False
        if not quiet and not self._bad_near(token):
            self._report_sign(token, arrow or ",", what)
        self.at += count
        return True

    def _times(self) -> bool:
        """Go past ``x 3`` behind a layer, and report it; False where that is not what stands here."""
        sign, count = self.peek(), self.peek(1)
        if sign != "x" or count is None or count.type != "NUMBER" or self.begins_line(self.at):
            return False
        found = messages.expected(count, "the next statement", self.source, self.lines)
        fixes = (fix("write *", [Change(start_of(sign), end_of(sign), "*")], self.lines),)
        self.report(replace(found, help="a repetition is written with an asterisk: Dense(8) * 3", fixes=fixes))
        self.at += 2
        return True

    def _report_sign(self, token: Token, sign: str, what: str) -> None:
        start, end = start_of(token), start_of(token) + len(sign)
        found = messages.expected(_spelled(token, sign), what, self.source, self.lines)
        while self.source[end : end + 1] == " " and sign != ",":
            end += 1
        fixes = (fix("remove it", [Change(start, end, "")], self.lines),)
        self.report(replace(found, help="layers follow one another without a sign between them", fixes=fixes))

    def _foreign_comment(self, token: Token, what: str, *, quiet: bool = False) -> bool:
        """Go past a comment of another language and report it; False where none begins."""
        if token.type == "STRING" or not self.source.startswith(COMMENTS, start_of(token)):
            return False
        start = start_of(token)
        self._skip_comment(start)
        if not quiet and not self._bad_before(start):
            self._report_comment(token, what)
        return True

    def _skip_comment(self, start: int) -> None:
        """Go to the end of a line; what is wrong on it from ``start`` on is no part of the program."""
        end = messages.line_end(self.source, start)
        line, column = self.lines.position(start)
        self.diagnostics = [
            each
            for each in self.diagnostics
            if each.code not in ("N103", "N104") or each.line != line or each.column < column
        ]
        while (word := self.peek()) is not None and start_of(word) < end:
            self.at += 1

    def _report_comment(self, token: Token, what: str) -> None:
        start = start_of(token)
        sign = self.source[start : start + 2]
        changes = [Change(start, start + 2, "#")]
        if sign == "/*" and (whole := _COMMENT.match(self.source, start)) is not None:
            changes.append(Change(whole.end(1), whole.end(1) + 2, ""))
        fixes = () if sign == "/*" and len(changes) == 1 else (fix("write #", changes, self.lines),)
        found = messages.expected(_spelled(token, sign), what, self.source, self.lines)
        self.report(replace(found, help="a comment goes from # to the end of its line", fixes=fixes))

    def _bad_before(self, start: int) -> bool:
        """Whether a character that has its report stands before an offset on its line."""
        begin = max(self.source.rfind("\n", 0, start), self.source.rfind("\r", 0, start)) + 1
        return self._bad_within(begin, start)

    def _behind_layer(self) -> bool:
        """Whether a statement of a layer can end before what stands here, and it is no label."""
        if self.at == 0:
            return False
        token, counts = self.tokens[self.at - 1], self.at > 1 and self.is_("*", -2)
        return token.type in ("STRING", "NUMBER") or token in (")", "}") or token[:1].isupper() or counts

    def _layer_or_line_begins(self, index: int, *, arrow: bool) -> bool:
        """Whether a layer, or a line, or the end of a block comes next."""
        following = self.tokens[index] if index < len(self.tokens) else None
        if following is None or following == "}" or self.begins_line(index):
            return not arrow
        if self.source.startswith(COMMENTS, start_of(following)):
            return True
        if following.type != "NAME":
            return following.type == "FOR"
        labelled = index + self._labels(index)
        kind = self.tokens[labelled] if labelled < len(self.tokens) else following
        behind = self.tokens[labelled + 1] if labelled + 1 < len(self.tokens) else None
        return kind[:1].isupper() or (labelled == index and behind == "(")

    def _labels(self, index: int) -> int:
        """Return how many tokens from one on are labels and the sign behind them."""
        ahead, count = index - self.at, 1
        while self.is_(",", ahead + count) and (word := self.peek(ahead + count + 1)) and word.type in messages.WORDS:
            count += 2
        return count + 1 if self.is_("=", ahead + count) else 0

    def _list_of_layers(self, token: Token) -> bool:
        """Go past the bracket that opens a list of layers, and report it; False where none does."""
        before = self.tokens[self.at - 1] if self.at else None
        if token != "[" or before != ":":
            return False
        found = messages.expected(token, "a layer", self.source, self.lines)
        fixes = (fix("remove it", [Change(start_of(token), end_of(token), "")], self.lines),)
        self.report(replace(found, help="layers follow one another, without brackets around them", fixes=fixes))
        self.at += 1
        return True

    def _leading_count(self, token: Token) -> bool:
        """Go past ``3 *`` before a layer, and report it; False where that is not what stands here."""
        if token.type != "NUMBER" or not self.is_("*", 1):
            return False
        layer = self.peek(2)
        if layer is None or layer.type != "NAME":
            return False
        found = messages.expected(token, "a layer", self.source, self.lines)
        self.at += 2
        here = self.at
        right = self._right("statement", lambda: True)
        if right is not None and isinstance(right.statement, LayerStatement) and right.statement.count is None:
            end = self._reached()
            changes = [Change(start_of(token), start_of(layer), ""), Change(end, end, f" * {token}")]
            found = replace(found, fixes=(fix("write it behind the layer", changes, self.lines),))
        self.at = here
        self.report(replace(found, help="the number of repetitions stands behind a layer: Dense(8) * 3"))
        return True

    def _arguments(self, kind: Token) -> list[Token]:
        """Take the arguments of a layer that stand in other brackets, or in none, with a report; else nothing."""
        token, following = self.peek(), self.peek(1)
        if token is None or (following is None and token.type not in _VALUES) or self.begins_line(self.at):
            return []
        rest = self._line_from(self.at)
        found, mended = token, None
        if token == "[" and (closing := closing_of(rest, 0)):
            mended = in_parentheses(rest[: closing + 1], 0, closing)
        elif token == "{" and following is not None and self._is_value(1) and (closing := closing_of(rest, 0)):
            found, mended = following, in_parentheses(rest[: closing + 1], 0, closing)
        elif token.type in _VALUES and all(each.type in _ARGUMENTS for each in rest):
            mended = parenthesized(rest, end_of(kind))
        if mended is None:
            return []
        self._report_arguments(found, mended)
        self.at += len(mended.tokens) - (2 if mended.tokens[0].start_pos == mended.tokens[1].start_pos else 0)
        return mended.tokens

    def _report_arguments(self, token: Token, mended: Mend) -> None:
        if self._bad_near(token):
            return
        found = messages.expected(token, "the next statement", self.source, self.lines)
        help = "the arguments of a layer stand in parentheses"
        self.report(replace(found, help=help, fixes=fixes_of([mended], self.lines)))

    def _is_value(self, ahead: int) -> bool:
        """Whether an argument stands ahead: a value, or a name with a value."""
        token, value = self.peek(ahead), self.peek(ahead + 2)
        if token is None or token.type in _VALUES:
            return token is not None
        return token.type == "NAME" and self.is_("=", ahead + 1) and value is not None and value.type in _VALUES

    def _line_from(self, index: int) -> list[Token]:
        """Return the tokens from one on up to the end of its line, or the first of them."""
        end = index + 1
        while end < min(len(self.tokens), index + _LONGEST) and not self.begins_line(end):
            end += 1
        return self.tokens[index:end]


def _spelled(token: Token, sign: str) -> Token:
    """Return a token for a sign of several characters that the language reads as several."""
    return Token(token.type, sign, start_pos=token.start_pos, end_pos=start_of(token) + len(sign))
