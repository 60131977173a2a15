"""One canonical layout: four spaces, one statement a line, double quotes, comments where they belong.

It works on tokens, so that every value stays as it was written. Formatting never changes the parsed program, and
formatting twice changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lark import Token

from neural.errors import NeuralError
from neural.parser.parser import parse, shared_parser
from neural.parser.recovery import SECTION_KEYWORDS

WIDTH = 100
INDENT = "    "

_COMMENT = re.compile(r"#[^\n\r]*")
_LINE_END = re.compile(r"\r\n|\r|\n")
_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
_TIGHT = frozenset({"..", "**"})
_SIGNS = frozenset({"+", "-"})
_OPERATORS = frozenset({"+", "-", "*", "/", "//", "%", "<", "<=", ">", ">=", "==", "!="})
_BEFORE_SIGN = _OPERATORS | _TIGHT | frozenset({"(", "[", "{", ",", "=", ":", "in", "if", "else"})
_BRACED = frozenset({"TRAIN", "EXECUTION", "EXECUTE"})


@dataclass(slots=True)
class Word:
    """A token with its comments: whole lines before it, one after it on its line; ``blank``: an empty line before."""

    type: str
    text: str
    comments: list[str] = field(default_factory=list)
    trailing: str = ""
    blank: bool = False

    def is_(self, *texts: str) -> bool:
        """Whether this is one of some signs or keywords, and no string."""
        return self.type != "STRING" and self.text in texts


def format_source(source: str) -> str:
    """Return a program in the canonical layout; raise ``NeuralError`` when it has syntax errors."""
    parsed = parse(source)
    if parsed.diagnostics:
        raise NeuralError(parsed.diagnostics)
    text = source.removeprefix("\ufeff")
    return Formatter(words(text)).program()


def words(text: str) -> list[Word]:
    """Return the tokens of a text with their comments; the last stands for the end."""
    result: list[Word] = []
    end = 0
    for token in [*shared_parser().lex(text), Token("$END", "", len(text), end_pos=len(text))]:
        start = int(token.start_pos or 0)
        word = Word(token.type, _spelled(token))
        _read_gap(text[end:start], result[-1] if result else None, word)
        result.append(word)
        end = int(token.end_pos or 0)
    return result


def _spelled(token: Token) -> str:
    text = str(token)
    if token.type != "STRING" or text[0] == '"' or '"' in text:
        return text
    return '"' + text[1:-1].replace("\\'", "'") + '"'


def _read_gap(gap: str, before: Word | None, after: Word) -> None:
    """Give the comments between two tokens to the one that each belongs to."""
    lines = _LINE_END.split(gap)
    if before is not None and (comment := _COMMENT.search(lines[0])):
        before.trailing = comment[0].rstrip()
    elif before is None and (comment := _COMMENT.search(lines[0])):
        after.comments.append(comment[0].rstrip())
    for index, line in enumerate(lines[1:], 1):
        comment = _COMMENT.search(line)
        if comment:
            after.comments.append(comment[0].rstrip())
        elif not line.strip() and index < len(lines) - 1 and (before is not None or after.comments):
            after.blank = after.blank or not after.comments
            if after.comments and after.comments[-1] != "":
                after.comments.append("")


class Formatter:
    """Lays out the words of one valid program."""

    def __init__(self, words: list[Word]) -> None:
        self.words = words
        self.at = 0
        self.lines: list[str] = []

    # --- words ---

    @property
    def word(self) -> Word:
        return self.words[self.at]

    def next_is(self, *texts: str) -> bool:
        """Whether the word after this one is one of some signs."""
        return self.at + 1 < len(self.words) and self.words[self.at + 1].is_(*texts)

    def take(self, count: int = 1) -> list[Word]:
        """Return some words and go past them."""
        taken = self.words[self.at : self.at + count]
        self.at += count
        return taken

    def until(self, stop: str) -> list[Word]:
        """Take words up to and with a sign that stands outside all brackets."""
        begin, depth = self.at, 0
        while not (depth == 0 and self.word.is_(stop)):
            depth += self.word.is_(*_OPENING) - self.word.is_(*_CLOSING)
            self.at += 1
        self.at += 1
        return self.words[begin : self.at]

    def group(self) -> list[Word]:
        """Take a group in brackets."""
        begin, depth = self.at, 0
        while True:
            depth += self.word.is_(*_OPENING) - self.word.is_(*_CLOSING)
            self.at += 1
            if depth == 0:
                return self.words[begin : self.at]

    # --- lines ---

    def lead(self, word: Word, indent: str, *, first: bool) -> None:
        """Write the empty line and the comments before a line that begins with a word."""
        if word.blank and not first:
            self.lines.append("")
        self.comments(word, indent)

    def comments(self, word: Word, indent: str) -> None:
        """Write the comment lines that stand before a word."""
        for comment in word.comments:
            self.lines.append(indent + comment if comment else "")
        word.comments = []

    def line(self, words: list[Word], indent: str) -> None:
        """Write words as a line, or as several when they do not fit or hold comments."""
        self.lines += laid_out(words, indent)

    # --- the file ---

    def program(self) -> str:
        """Return the whole text."""
        previous = ""
        while self.word.type != "$END":
            if self.word.is_(";"):
                self._drop()
                continue
            kind = self.word.type
            if previous and not (kind == previous == "LET" and not self.word.blank):
                self.lines.append("")
            self.word.blank = False
            self.lead(self.word, "", first=True)
            self._item()
            previous = kind
        end = self.word
        if end.comments:
            if previous and (end.blank or previous != "LET"):
                self.lines.append("")
            self.comments(end, "")
        while self.lines and not self.lines[-1]:
            self.lines.pop()
        return "\n".join(self.lines) + "\n" if self.lines else ""

    def _drop(self, *, written: bool = True) -> None:
        """Leave out a separator; its comments go to the words beside it.

        ``written`` says whether the word before it stands at the end of the last line.
        """
        dropped = self.take()[0]
        following = self.word
        following.comments = [*dropped.comments, *following.comments]
        following.blank = following.blank or dropped.blank
        if dropped.trailing:
            last = self.at - 2
            while last > 0 and self.words[last].is_(";"):
                last -= 1
            if (
                written
                and last >= 0
                and self.lines
                and not any(word.trailing for word in self.words[last : self.at - 1])
            ):
                self.lines[-1] += f"  {dropped.trailing}"
            else:
                following.comments.insert(0, dropped.trailing)

    def _item(self) -> None:
        if self.word.type == "LET":
            self.line(self._let(), "")
        elif self.word.type == "DEFINE":
            self.line(self.until("{"), "")
            self._statements(INDENT)
            self._close("")
        elif self.word.type == "NETWORK":
            self.line(self.until("{"), "")
            self._sections()
            self._close("")
        else:
            self._research()

    def _let(self) -> list[Word]:
        begin, depth = self.at, 0
        self.at += 1
        while self.word.type != "$END":
            starts = self.word.type in ("LET", "DEFINE", "NETWORK") or self.word.is_("research", ";")
            if depth == 0 and starts and not self.words[self.at - 1].is_("let"):
                break
            depth += self.word.is_(*_OPENING) - self.word.is_(*_CLOSING)
            self.at += 1
        return self.words[begin : self.at]

    def _research(self) -> None:
        self.line(self.until("{"), "")
        first = True
        while not self.word.is_("}"):
            if self.word.is_(",", ";"):
                self._drop()
                continue
            self.lead(self.word, INDENT, first=first)
            self._entries(INDENT)
            first = False
        self._close("")

    def _close(self, indent: str, *, counted: bool = False) -> None:
        """Write the closing brace, and the count that may follow it; comments within go before it, in the block."""
        line = self.take()
        line += self._count() if counted else []
        self.comments(line[0], indent + INDENT)
        for comment in _hoisted(line):
            self.lines.append(indent + INDENT + comment)
        self.line(line, indent)

    # --- sections ---

    def _sections(self) -> None:
        first = True
        while not self.word.is_("}"):
            if self.word.is_(";"):
                self._drop()
                continue
            self.lead(self.word, INDENT, first=first)
            first = False
            if self.word.type == "LAYERS":
                self.line(self.take(2), INDENT)
                self._statements(2 * INDENT)
            elif self.word.type in _BRACED:
                self._entries(INDENT)
            else:
                self.line(self._section(), INDENT)

    def _section(self) -> list[Word]:
        begin, depth = self.at, 0
        self.at += 2
        while not (depth == 0 and (self.word.is_("}", ";") or self._section_begins())):
            depth += self.word.is_(*_OPENING) - self.word.is_(*_CLOSING)
            self.at += 1
        return self.words[begin : self.at]

    def _section_begins(self) -> bool:
        braced = self.word.type in _BRACED and self.next_is("{")
        return self.word.type in SECTION_KEYWORDS and (braced or self.next_is(":"))

    def _entries(self, indent: str) -> None:
        """Write ``name { key: value … }``, an entry a line."""
        head = self.until("{")
        colon = next((index for index, word in enumerate(head) if word.is_(":")), None)
        if colon is not None:
            after = [head[colon].trailing] if head[colon].trailing else []
            head[colon + 1].comments = [*head[colon].comments, *after, *head[colon + 1].comments]
            del head[colon]
        while self.word.is_(",", ";"):
            self._drop(written=False)
        if self.word.is_("}") and not self.word.comments and not head[-1].trailing:
            self.line([*head, *self.take()], indent)
            return
        self.line(head, indent)
        first = True
        while not self.word.is_("}"):
            if self.word.is_(",", ";"):
                self._drop()
                continue
            self.lead(self.word, indent + INDENT, first=first)
            first = False
            self.line(self._entry(), indent + INDENT)
        self._close(indent)

    def _entry(self) -> list[Word]:
        begin, depth = self.at, 0
        self.at += 2
        while not (depth == 0 and (self.word.is_("}", ",", ";") or self.next_is(":"))):
            depth += self.word.is_(*_OPENING) - self.word.is_(*_CLOSING)
            self.at += 1
        return self.words[begin : self.at]

    # --- statements ---

    def _statements(self, indent: str) -> None:
        first = True
        while not self.word.is_("}") and not self._section_begins():
            if self.word.is_(";"):
                self._drop()
                continue
            self.lead(self.word, indent, first=first)
            first = False
            self._statement(indent)

    def _statement(self, indent: str) -> None:
        if self.word.type == "FOR":
            self._block(self.until("{"), indent)
        elif self.next_is(":"):
            head = self.take(2)
            if self.word.is_("{"):
                self._block([*head, *self.take()], indent)
            else:
                self.line([*head, *self._scalar()], indent)
        else:
            self._layer(indent)

    def _scalar(self) -> list[Word]:
        head = [] if self.word.is_("(", "[") else self.take()
        return [*head, *(self.group() if self.word.is_("(", "[") else [])]

    def _layer(self, indent: str) -> None:
        head = self.take(3 if self.next_is("=") else 1)
        while self.word.is_("("):
            head += self.group()
        if self.word.is_("@"):
            head += self.take(2)
        if self.word.is_("{"):
            self._block([*head, *self.take()], indent)
        else:
            self.line([*head, *self._count()], indent)

    def _block(self, head: list[Word], indent: str) -> None:
        while self.word.is_(";"):
            self._drop(written=False)
        if self.word.is_("}") and not self.word.comments and not head[-1].trailing:
            self.line([*head, *self.take(), *self._count()], indent)
            return
        self.line(head, indent)
        self._statements(indent + INDENT)
        self._close(indent, counted=True)

    def _count(self) -> list[Word]:
        if not self.word.is_("*"):
            return []
        taken = self.take()
        if self.word.is_("-"):
            taken += self.take()
        if not self.word.is_("("):
            taken += self.take()
        return [*taken, *(self.group() if self.word.is_("(") else [])]


# --- laying out one line ---


def laid_out(words: list[Word], indent: str, tail: str = "", depth: int = 0) -> list[str]:
    """Return a line of words, or several: a group in brackets opened up, an element a line.

    A group that holds comments is opened, or the longest one of a line that does not fit. Other comments go before
    the line. ``depth`` is how many brackets stand around the words.
    """
    words = _without_trailing_commas(_commas_bared(words))
    groups = _groups(words)
    commented = next((group for group in groups if _holds_comments(words[group[0] : group[1] + 1])), None)
    outside = words if commented is None else [*words[: commented[0] + 1], *words[commented[1] :]]
    lines = [indent + comment for comment in _hoisted(outside, commented[0] if commented else None)]
    flat = indent + joined(words, depth) + tail
    if commented is None and (len(flat) <= WIDTH or not groups):
        return [*lines, flat + _comment_after(words)]
    begin, end = commented or max(groups, key=lambda group: group[1] - group[0])
    return [*lines, *_opened(words, begin, end, indent, tail, depth)]


def _opened(words: list[Word], begin: int, end: int, indent: str, tail: str, depth: int) -> list[str]:
    inside = indent + INDENT
    first = words[begin]
    lines = [indent + joined(words[: begin + 1], depth) + (f"  {first.trailing}" if first.trailing else "")]
    for element in _elements(words[begin + 1 : end]):
        lines += [inside + comment for comment in element[0].comments if comment]
        element[0].comments = []
        lines += laid_out(element, inside, ",", depth + 1)
    lines += [inside + comment for comment in words[end].comments if comment]
    words[end].comments = []
    return [*lines, indent + joined(words[end:], depth) + tail + _comment_after(words)]


def _comment_after(words: list[Word]) -> str:
    return f"  {words[-1].trailing}" if words[-1].trailing else ""


def _hoisted(words: list[Word], opened: int | None = None) -> list[str]:
    """Take the comments within a line, to be written before it.

    Those inside a group that is opened, of which ``words`` hold the brackets only, at ``opened``, stay there.
    """
    found: list[str] = []
    for index, word in enumerate(words):
        if index and (opened is None or index != opened + 1):
            found += [comment for comment in word.comments if comment]
            word.comments = []
        if index < len(words) - 1 and word.trailing and index != opened:
            found.append(word.trailing)
            word.trailing = ""
    return found


def _groups(words: list[Word]) -> list[tuple[int, int]]:
    """Return where the outermost groups begin and end that can be opened, with a comma after their last element."""
    found: list[tuple[int, int]] = []
    depth = begin = commas = 0
    for index, word in enumerate(words):
        if word.is_(*_OPENING):
            begin, commas = (index, 0) if depth == 0 else (begin, commas)
            depth += 1
        elif word.is_(*_CLOSING):
            depth -= 1
            called = begin > 0 and (words[begin - 1].type == "NAME" or words[begin - 1].is_(")"))
            if depth == 0 and index - begin > 1 and (called or commas or not words[begin].is_("(")):
                found.append((begin, index))
        elif depth == 1 and word.is_(","):
            commas += 1
    return found


def _holds_comments(group: list[Word]) -> bool:
    inner = any(word.comments or word.trailing for word in group[1:-1])
    return bool(inner or group[0].trailing or group[-1].comments)


def _commas_bared(words: list[Word]) -> list[Word]:
    """Give the comments around commas to the words beside them."""
    for index, word in enumerate(words[:-1]):
        if not index or not word.is_(","):
            continue
        before, after = words[index - 1], words[index + 1]
        moved = [comment for comment in word.comments if comment]
        if word.trailing and not before.trailing and not moved:
            before.trailing = word.trailing
        elif word.trailing:
            moved.append(word.trailing)
        after.comments = [*moved, *after.comments]
        word.comments, word.trailing = [], ""
    return words


def _elements(words: list[Word]) -> list[list[Word]]:
    """Cut the inside of a group at its commas."""
    result: list[list[Word]] = []
    current: list[Word] = []
    depth = 0
    for word in words:
        depth += word.is_(*_OPENING) - word.is_(*_CLOSING)
        if depth == 0 and word.is_(",") and current:
            result.append(current)
            current = []
        else:
            current.append(word)
    return [*result, current] if current else result


def _without_trailing_commas(words: list[Word]) -> list[Word]:
    """Leave out commas before a closing bracket, but for the one that makes a tuple of one."""
    result: list[Word] = []
    for index, word in enumerate(words):
        closes = index + 1 < len(words) and words[index + 1].is_(*_CLOSING)
        if word.is_(",") and closes and not _makes_tuple(words, index):
            continue
        result.append(word)
    return result


def _makes_tuple(words: list[Word], comma: int) -> bool:
    depth, index = 0, comma - 1
    while index >= 0:
        word = words[index]
        depth += word.is_(*_CLOSING) - word.is_(*_OPENING)
        if depth < 0:
            called = index > 0 and (words[index - 1].type == "NAME" or words[index - 1].is_(")"))
            return word.is_("(") and not called
        if depth == 0 and word.is_(","):
            return False
        index -= 1
    return False


def joined(words: list[Word], depth: int = 0) -> str:
    """Return words with the space that belongs between each two."""
    parts: list[str] = []
    for index, word in enumerate(words):
        if index and _spaced(words[index - 1], word, depth, words[index - 2] if index > 1 else None):
            parts.append(" ")
        depth += word.is_(*_OPENING) - word.is_(*_CLOSING)
        parts.append(word.text)
    return "".join(parts)


def _spaced(left: Word, right: Word, depth: int, before: Word | None) -> bool:
    if left.is_(*_OPENING) or right.is_(")", "]", ",", ":", ";", *_TIGHT) or left.is_(*_TIGHT):
        return left.is_("{") and depth == 0 and not right.is_("}")
    if right.is_("}"):
        return False
    if left.is_("=") or right.is_("="):
        return depth == 0
    if right.is_("("):
        return not (left.type in ("NAME",) or left.is_(")"))
    signed = left.is_(*_SIGNS) and (before is None or before.is_(*_BEFORE_SIGN))
    return not signed


def canonical(source: str) -> bool:
    """Whether a program stands in the canonical layout already."""
    return format_source(source) == source
