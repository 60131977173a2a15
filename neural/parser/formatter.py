"""One canonical layout: four spaces, one statement a line, double quotes, comments where they belong.

It works on tokens, so that every value stays as it was written. Formatting never changes the parsed program, and
formatting twice changes nothing.
"""

from __future__ import annotations

from neural.errors import NeuralError
from neural.limits import DEFAULT_LIMITS, Limits
from neural.parser.layout import CLOSING, INDENT, OPENING, Word, hoisted, laid_out, words
from neural.parser.messages import too_large_when_laid_out
from neural.parser.parser import Parsed, parse
from neural.parser.reading import BRACED, SECTION_KEYWORDS


def format_source(source: str, parsed: Parsed | None = None, limits: Limits = DEFAULT_LIMITS) -> str:
    """Return a program in the canonical layout.

    ``parsed`` is what ``parse`` gave for the source, where it is at hand. Raises ``NeuralError`` when it has syntax
    errors, and when it would be larger than a program may be.
    """
    parsed = parsed or parse(source, limits)
    if parsed.diagnostics:
        raise NeuralError(parsed.diagnostics)
    text = source.removeprefix("\ufeff")
    result = Formatter(words(text)).program()
    if len(result.encode()) > limits.source_bytes:
        raise NeuralError((too_large_when_laid_out(limits, parsed.lines),))
    return result


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
            depth += self.word.is_(*OPENING) - self.word.is_(*CLOSING)
            self.at += 1
        self.at += 1
        return self.words[begin : self.at]

    def group(self) -> list[Word]:
        """Take a group in brackets."""
        begin, depth = self.at, 0
        while True:
            depth += self.word.is_(*OPENING) - self.word.is_(*CLOSING)
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
            while last > 0 and self.words[last].is_(",", ";"):
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
            if depth == 0 and starts and _ends_value(self.words[self.at - 1]):
                break
            depth += self.word.is_(*OPENING) - self.word.is_(*CLOSING)
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
        for comment in hoisted(line):
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
            elif self.word.type in BRACED:
                self._entries(INDENT)
            else:
                self.line(self._section(), INDENT)

    def _section(self) -> list[Word]:
        begin, depth = self.at, 0
        self.at += 2
        while not (depth == 0 and (self.word.is_("}", ";") or self._section_begins())):
            depth += self.word.is_(*OPENING) - self.word.is_(*CLOSING)
            self.at += 1
        return self.words[begin : self.at]

    def _section_begins(self) -> bool:
        braced = self.word.type in BRACED and self.next_is("{")
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
            depth += self.word.is_(*OPENING) - self.word.is_(*CLOSING)
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
        head: list[Word] = []
        while self.next_is(",", "="):
            head += self.take(2)
        head += self.take()
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


def canonical(source: str) -> bool:
    """Whether a program stands in the canonical layout already."""
    return format_source(source) == source


def _ends_value(word: Word) -> bool:
    """Whether a value may end with a word."""
    return word.type in ("NAME", "NUMBER", "STRING", "INPUT") or word.is_(")", "]", "}")
