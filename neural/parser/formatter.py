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

    def _drop(self) -> None:
        """Leave out a semicolon; its comments go to the words beside it."""
        dropped = self.take()[0]
        following = self.word
        following.comments = [*dropped.comments, *following.comments]
        following.blank = following.blank or dropped.blank
        if dropped.trailing:
            before = self.words[self.at - 2] if self.at >= 2 else None
            if before is not None and not before.trailing and self.lines:
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

    def _close(self, indent: str, tail: list[Word] | None = None) -> None:
        """Write the closing brace, with what follows it on its line."""
        brace = self.take()[0]
        self.comments(brace, indent + INDENT)
        self.line([brace, *(tail or [])], indent)

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
            head[colon - 1].trailing = head[colon - 1].trailing or head[colon].trailing
            del head[colon]
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
        if self.word.is_("}") and not self.word.comments and not head[-1].trailing:
            self.line([*head, *self.take(), *self._count()], indent)
            return
        self.line(head, indent)
        self._statements(indent + INDENT)
        brace = self.take()
        self.comments(brace[0], indent + INDENT)
        self.line([*brace, *self._count()], indent)

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
    """Return a line of words, or several: its largest group in brackets opened up, an element a line.

    ``depth`` is how many brackets stand around the words.
    """
    words = _without_trailing_commas(words)
    inner = any(word.comments for word in words[1:]) or any(word.trailing for word in words[:-1])
    comment = f"  {words[-1].trailing}" if words[-1].trailing else ""
    flat = indent + joined(words, depth) + tail
    begin, end = _largest_group(words)
    if not inner and (len(flat) <= WIDTH or begin is None):
        return [flat + comment]
    if begin is None or end is None:
        return _simple(words, indent, tail, depth)
    return _opened(words, begin, end, indent, tail, depth)


def _opened(words: list[Word], begin: int, end: int, indent: str, tail: str, depth: int) -> list[str]:
    inside = indent + INDENT
    lines = _simple(words[: begin + 1], indent, depth=depth)
    for element in _elements(words[begin + 1 : end]):
        for comment in element[0].comments:
            if comment:
                lines.append(inside + comment)
        element[0].comments = []
        lines += laid_out(element, inside, ",", depth + 1)
    closing = words[end]
    lines += [inside + comment for comment in closing.comments if comment]
    closing.comments = []
    return lines + _simple(words[end:], indent, tail, depth)


def _simple(words: list[Word], indent: str, tail: str = "", depth: int = 0) -> list[str]:
    """Return a line whose inner comments, if any, stand before it."""
    moved = [comment for word in words[1:] for comment in word.comments if comment]
    moved += [word.trailing for word in words[:-1] if word.trailing]
    for word in words[1:]:
        word.comments = []
    comment = f"  {words[-1].trailing}" if words[-1].trailing else ""
    return [*(indent + each for each in moved), indent + joined(words, depth) + tail + comment]


def _largest_group(words: list[Word]) -> tuple[int | None, int | None]:
    """Return where the longest outermost group in brackets that holds anything begins and ends."""
    best: tuple[int | None, int | None] = (None, None)
    depth = begin = 0
    for index, word in enumerate(words):
        if word.is_(*_OPENING):
            begin = index if depth == 0 else begin
            depth += 1
        elif word.is_(*_CLOSING):
            depth -= 1
            longer = best[0] is None or index - begin > (best[1] or 0) - best[0]
            if depth == 0 and index - begin > 1 and longer:
                best = (begin, index)
    return best


def _elements(words: list[Word]) -> list[list[Word]]:
    """Cut the inside of a group at its commas; a comment after a comma goes to the element before it."""
    result: list[list[Word]] = []
    current: list[Word] = []
    depth = 0
    for word in words:
        depth += word.is_(*_OPENING) - word.is_(*_CLOSING)
        if depth == 0 and word.is_(",") and current:
            current[-1].trailing = "  ".join(filter(None, (current[-1].trailing, word.trailing)))
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
            result[-1].trailing = "  ".join(filter(None, (result[-1].trailing, word.trailing)))
            words[index + 1].comments = [*word.comments, *words[index + 1].comments]
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
