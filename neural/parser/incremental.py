"""Reading a text again after an edit: only the statements that the edit touched are parsed.

What stands around them keeps its Syntax and its offsets (``LineIndex.edited``). Where the edit touches anything but
statements of a network or of a macro, or what it made of them cannot be read on its own, the text is read as a whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from neural.diagnostics import Diagnostic, LineIndex, TextChange
from neural.limits import DEFAULT_LIMITS, Limits
from neural.parser.driver import read_statements
from neural.parser.parser import Parsed
from neural.syntax import Block, Define, LayersSection, NetworkItem, Placed, PlacedItem, Program

#: A text in more pieces than this is read as a whole again.
MOST_PIECES = 200

#: How many statements behind broken ones are looked at, and how many of these only to see that the others end.
_AHEAD, _AHEAD_SEEN = 8, 3

#: How many characters before the end of a text all of the rest may be looked at.
_NEAR_THE_END = 4_000

_LINE_END = re.compile(r"[\n\r]")

#: What may stand between statements.
_BETWEEN = re.compile(r"(?:[ \t\f\r\n;]+|#[^\n\r]*)*")


class Reread(NamedTuple):
    """A text that was read again: statements ``first`` to ``last`` of one item's block were replaced."""

    parsed: Parsed
    change: TextChange
    item: int
    first: int
    last: int
    before: tuple[Placed, ...]
    """The statements that were replaced."""
    after: tuple[Placed, ...]
    """The statements in their place."""


def difference(old: str, new: str) -> TextChange:
    """Return the smallest edit that makes one text of another."""
    most = min(len(old), len(new))
    start = _common(most, lambda low, high: old[low:high] == new[low:high])
    most -= start
    after_old, after_new = len(old), len(new)
    tail = _common(
        most, lambda low, high: old[after_old - high : after_old - low] == new[after_new - high : after_new - low]
    )
    return TextChange(start, after_old - tail, after_new - tail)


def _common(most: int, equal: Callable[[int, int], bool]) -> int:
    """Return up to where two texts are equal, comparing ever smaller parts at the speed of memory."""
    low, high = 0, most
    if equal(low, high):
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if equal(low, middle):
            low = middle
        else:
            high = middle
    return low


def reread(new: str, old: str, base: Parsed, limits: Limits = DEFAULT_LIMITS) -> Reread | None:
    """Return what a text means that an edit made of one without errors; None where it is to be read as a whole."""
    program, lines = base.program, base.lines
    if program is None or program.broken or base.diagnostics or lines.pieces > MOST_PIECES or _too_large(new, limits):
        return None
    edit = difference(old, new)
    index = bisect_right(program.items, edit.start, key=lambda each: lines.place(each.start)) - 1
    if index < 0:
        return None
    item = program.items[index]
    block = _block_at(item, edit, base)
    if block is None or not block.statements:
        return None
    return _Run(new, old, edit, base, item, block).read(index, limits)


def _too_large(source: str, limits: Limits) -> bool:
    return len(source if source.isascii() else source.encode(errors="replace")) > limits.source_bytes


def _block_at(item: PlacedItem, edit: TextChange, base: Parsed) -> Block | None:
    """Return the block whose statements an edit touches, if it is that of a macro or of a network's `layers`."""
    start, what = item
    place = base.lines.place
    if edit.old_end >= place(start + what.length):
        return None
    if isinstance(what, Define):
        return what.block
    if isinstance(what, NetworkItem):
        sections = [each for each in what.sections if isinstance(each, LayersSection)]
        if len(sections) == 1 and edit.start >= place(start + sections[0].keyword[1]):
            return sections[0].block
    return None


class _Run:
    """The statements in a row that an edit touches, and the text around them up to their neighbours."""

    def __init__(self, new: str, old: str, edit: TextChange, base: Parsed, item: PlacedItem, block: Block) -> None:
        self.new, self.old, self.edit, self.base = new, old, edit, base
        self.item = item
        self.block = block
        statements = block.statements
        #: The first statement that ends at the edit or behind it, and the first that begins behind it.
        self.first = bisect_left(statements, edit.start, key=self._end)
        self.last = bisect_right(statements, edit.old_end, key=self._start)

    def _start(self, placed: Placed) -> int:
        return self.base.lines.place(self.item.start + placed.start)

    def _end(self, placed: Placed) -> int:
        return self.base.lines.place(self.item.start + placed.start + placed.statement.length)

    def read(self, index: int, limits: Limits) -> Reread | None:
        change = self._change()
        if change is None:
            return None
        start = self.base.lines.end + 1 - self.item.start
        placed = read_statements(self.new[change.start : change.new_end], start, limits)
        if placed is None:
            return self._recovered(index, change, limits)
        return self._reread(index, change, self.last, placed, self.base.lines.edited(self.new, change))

    def _reread(
        self,
        index: int,
        change: TextChange,
        last: int,
        placed: tuple[Placed, ...],
        lines: LineIndex,
        diagnostics: tuple[Diagnostic, ...] = (),
    ) -> Reread:
        statements = self.block.statements
        block = Block((*statements[: self.first], *placed, *statements[last:]), self.block.range)
        parsed = Parsed(self._with(index, block, broken=bool(diagnostics)), diagnostics, lines)
        return Reread(parsed, change, index, self.first, last, statements[self.first : last], placed)

    def _recovered(self, index: int, change: TextChange, limits: Limits) -> Reread | None:
        """Read statements that are broken, and as many behind them as what is wrong takes with it."""
        from neural.parser.recovery import Part, recover_statements

        between = _BETWEEN.match(self.new, change.start)
        if between is None or not _LINE_END.search(between[0]):
            return None  # what stands before it on its line would have to be looked at
        if not self.new[between.end() : between.end() + 1].isidentifier():
            return None  # it may belong to the statement before it
        by = change.new_end - change.old_end
        end, starts = self._behind(change.start, by)
        if end is None:
            return None
        depth = 1 if isinstance(self.item.item, Define) else 0
        part = Part(change.start, end, depth, frozenset(starts))
        lines = self.base.lines.edited(self.new, change)
        found = recover_statements(self.new, part, lines.of_places(), limits)
        if found is None or not found.diagnostics:
            return None
        change = TextChange(change.start, found.stop - by, found.stop)
        lines = self.base.lines.edited(self.new, change)
        by = self.base.lines.end + 1 - change.start - self.item.start
        placed = tuple(Placed(start + by, statement) for start, statement in found.statements)
        return self._reread(index, change, starts[found.stop], placed, lines, found.diagnostics)

    def _behind(self, start: int, by: int) -> tuple[int | None, dict[int, int]]:
        """Return up to where to look behind broken statements, and where there which statement begins.

        ``by`` is how far what follows has moved. Near the end of the block that is the end of the text, if it is near.
        """
        statements = self.block.statements
        behind = statements[self.last : self.last + _AHEAD]
        places = {self._start(each) + by: self.last + number for number, each in enumerate(behind)}
        if len(behind) == _AHEAD:
            return max(places), dict(list(places.items())[:-_AHEAD_SEEN])
        between = _BETWEEN.match(self.old, self._end(statements[-1]))
        if between is None or len(self.new) - start > _NEAR_THE_END:
            return None, {}
        return len(self.new), {**places, between.end() + by: len(statements)}

    def _change(self) -> TextChange | None:
        """Return the edit as one of the whole text from the statement before it to what follows those touched."""
        statements, edit = self.block.statements, self.edit
        start = self._end(statements[self.first - 1]) if self.first else self._start(statements[0])
        behind = self._end(statements[self.last - 1]) if self.last else start
        between = _BETWEEN.match(self.old, behind)
        stop = between.end() if between else behind
        apart = edit.old_end < stop or (edit.old_end == stop and self.old[stop] == "}")
        if edit.start < start or not apart:
            return None
        return TextChange(start, stop, stop + edit.new_end - edit.old_end)

    def _with(self, index: int, block: Block, *, broken: bool) -> Program:
        """Return the program with another block in place of this one's."""
        program, what = self.base.program, self.item.item
        assert program is not None
        if isinstance(what, Define):
            changed: Define | NetworkItem = replace(what, block=block)
        else:
            assert isinstance(what, NetworkItem)
            sections = (replace(s, block=block) if isinstance(s, LayersSection) else s for s in what.sections)
            changed = replace(what, sections=tuple(sections))
        items = (*program.items[:index], PlacedItem(self.item.start, changed), *program.items[index + 1 :])
        return Program(items, len(self.new), broken)
