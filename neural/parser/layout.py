"""Words with their comments, and a line of them laid out: on one line, or with a group in brackets opened up."""

from __future__ import annotations

import re
from dataclasses import field

from lark import Token

from neural.parser.parser import shared_parser
from neural.records import dataclass

WIDTH = 100
INDENT = "    "

_COMMENT = re.compile(r"#[^\n\r]*")
_LINE_END = re.compile(r"\r\n|\r|\n")
OPENING = frozenset("([{")
CLOSING = frozenset(")]}")
_TIGHT = frozenset({"..", "**"})
_SIGNS = frozenset({"+", "-"})
_OPERATORS = frozenset({"+", "-", "*", "/", "//", "%", "<", "<=", ">", ">=", "==", "!="})
_BEFORE_SIGN = _OPERATORS | _TIGHT | frozenset({"(", "[", "{", ",", "=", ":", "in", "if", "else"})


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


def laid_out(words: list[Word], indent: str, tail: str = "", depth: int = 0) -> list[str]:
    """Return a line of words, or several: a group in brackets opened up, an element a line.

    A group that holds comments is opened, or the longest one of a line that does not fit. Other comments go before
    the line. ``depth`` is how many brackets stand around the words.
    """
    words = _without_trailing_commas(_commas_bared(words))
    groups = _groups(words)
    commented = next((group for group in groups if _holds_comments(words[group[0] : group[1] + 1])), None)
    outside = words if commented is None else [*words[: commented[0] + 1], *words[commented[1] :]]
    lines = [indent + comment for comment in hoisted(outside, commented[0] if commented else None)]
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


def hoisted(words: list[Word], opened: int | None = None) -> list[str]:
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
        if word.is_(*OPENING):
            begin, commas = (index, 0) if depth == 0 else (begin, commas)
            depth += 1
        elif word.is_(*CLOSING):
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
        depth += word.is_(*OPENING) - word.is_(*CLOSING)
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
        closes = index + 1 < len(words) and words[index + 1].is_(*CLOSING)
        if word.is_(",") and closes and not _makes_tuple(words, index):
            continue
        result.append(word)
    return result


def _makes_tuple(words: list[Word], comma: int) -> bool:
    depth, index = 0, comma - 1
    while index >= 0:
        word = words[index]
        depth += word.is_(*CLOSING) - word.is_(*OPENING)
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
        depth += word.is_(*OPENING) - word.is_(*CLOSING)
        parts.append(word.text)
    return "".join(parts)


def _spaced(left: Word, right: Word, depth: int, before: Word | None) -> bool:
    if right.is_("..") and left.text.endswith(".") and left.type == "NUMBER":
        return True
    if left.is_(*OPENING) or right.is_(")", "]", ",", ":", ";", *_TIGHT) or left.is_(*_TIGHT):
        return left.is_("{") and depth == 0 and not right.is_("}")
    if right.is_("}"):
        return False
    if left.is_("=") or right.is_("="):
        return depth == 0
    if right.is_("("):
        return not (left.type in ("NAME",) or left.is_(")"))
    signed = left.is_(*_SIGNS) and (before is None or before.is_(*_BEFORE_SIGN))
    return not signed
