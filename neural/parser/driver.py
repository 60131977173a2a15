"""The driver: runs the grammar's tables over a text and makes Syntax as it goes, without a tree between.

It reads what is right. A text that it refuses is for the recovery to read and report on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter
from threading import Lock
from typing import Any

from neural.limits import Limits
from neural.parser.actions import ACTIONS, ITEMS, OPTIONAL, SAME, STATEMENTS, Action, Parts, Reading, RefusedError
from neural.parser.kept_tables import grammar_tables
from neural.parser.tables import END, RuleRow, Tables
from neural.syntax import Block, Placed, PlacedItem, Word

#: Refused even in strings and comments: control characters, and halves of surrogate pairs.
REFUSED = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")

_lock = Lock()
_driver: Driver | None = None

#: A rule to run: how many symbols it takes, which of their parts it keeps, what it makes, and the place of that.
_Rule = tuple[int, Callable[[list[Any]], Parts], Action, type[Placed] | type[PlacedItem] | None]


def shared_driver() -> Driver:
    """Return the process-wide driver of the language."""
    global _driver
    if _driver is None:
        with _lock:
            if _driver is None:
                _driver = Driver(grammar_tables(ITEMS | STATEMENTS, SAME))
    return _driver


def read_statements(text: str, start: int, limits: Limits) -> tuple[Placed, ...] | None:
    """Return the statements of a piece of a source that begins at the offset ``start`` there, with their places there.

    None when the piece is refused, or when its last comment would take in what follows it. Statements that stand in
    others are deeper than the piece shows: take what is around them off the depth in ``limits``.
    """
    block: Block | None = None if REFUSED.search(text) else shared_driver().read("statements", text, limits, start)
    if block is None:
        return None
    last = block.statements[-1] if block.statements else None
    behind = text[last.start - start + last.statement.length :] if last else text
    return None if "#" in _LINE_END.split(behind)[-1] else block.statements


_LINE_END = re.compile(r"[\n\r]")


class Driver:
    """Reads texts by the tables of a grammar, from any of its start rules."""

    def __init__(self, tables: Tables) -> None:
        width = 1 + max(tables.columns.values())
        self._tokens = re.compile(tables.expression).finditer
        self._words = tables.words
        self._end = tables.columns[END]
        self._valued = frozenset(tables.valued)
        self._starts = tables.starts
        self._rows = [[0] * width, *(_row(row, width) for row in tables.rows)]
        # Rules have numbers below zero, so that the first stands last.
        self._rules = [_rule(rule) for rule in tables.rules[tables.makers - 1 :: -1]]
        self._origins = [rule.column for rule in tables.rules[::-1]]

    def read(self, start: str, text: str, limits: Limits, offset: int = 0) -> Any:
        """Return what a text is by a start rule; None when it is refused.

        A statement's or item's own place is ``offset`` further than it stands in the text.
        """
        deepest = limits.depth + (start == "program" or start in ITEMS)
        reading = Reading(text, limits)
        try:
            found = self._run(*self._starts[start], reading, -offset, deepest)
            value = found[0] if found else None
            return reading.root(value) if value is not None and start == "expression" else value
        except RefusedError:
            return None

    def read_first(self, start: str, text: str, at: int, limits: Limits, *, base: int, within: int) -> Any:
        """Return what a text begins with at an offset, by a start rule, and where that ends; None where it is nothing.

        Ranges, and the place of a statement, are relative to ``base``; ``within`` is how many blocks are around it.
        """
        deepest = limits.depth - within + (start in ITEMS)
        try:
            return self._run(*self._starts[start], Reading(text, limits), base, deepest, at)
        except RefusedError:
            return None

    def _run(
        self, state: int, end: int, reading: Reading, base: int, deepest: int, at: int | None = None
    ) -> tuple[Any, int] | None:
        """Shift and reduce. One loop on local names: it runs for every token.

        Returns what was made and where it ended. From ``at`` on that is what can be read until a token is refused.

        ``values`` and ``starts`` are the parts on the stack and where they begin; ``bases`` are where the statements
        and items around the one at hand begin, and ``behind`` is where the last token ended.
        """
        rows, rules, origins, words, valued = self._rows, self._rules, self._origins, self._words, self._valued
        handing, count = -len(rules), len(rows) - 1
        states: list[int] = [state]
        values: list[Any] = []
        starts: list[int] = []
        bases: list[int] = []
        behind = column = 0
        for match in self._tokens(reading.text, at or 0):
            group = match.lastindex or 0
            token = match[group]
            column = words.get(token, group)
            action = rows[state][column]
            if action == 0 and at is not None:
                column = self._end
                action = rows[state][column]
            while action < 0:
                if action < handing:
                    states.pop()
                else:
                    size, pick, make, place = rules[action]
                    if size:
                        start = starts[-size]
                        parts = pick(values[-size:])
                        del values[-size:], states[-size:], starts[-size:]
                    else:
                        start, parts = behind, []
                    if place is None:
                        values.append(make(parts, (start - base, behind - base), reading))
                    else:
                        made, base = make(parts, (start, behind), reading), bases.pop()
                        values.append(place(start - base, made))
                    starts.append(start)
                row = rows[states[-1]]
                state = row[origins[action]]
                action = rows[state][column]
                while action < handing:
                    state = row[origins[action]]
                    action = rows[state][column]
                states.append(state)
                if action == 0 and at is not None and column != self._end:
                    column = self._end
                    action = rows[state][column]
            if action == 0:
                break
            start, behind = match.span(group)
            if action > count:  # the first token of a statement or an item
                action -= count
                bases.append(base)
                base = start
                if len(bases) > deepest:
                    break
            state = action
            states.append(state)
            starts.append(start)
            values.append(_word(Word, (token, (start - base, behind - base))) if column in valued else None)
        return (values[0], behind) if state == end and column == self._end else None


_word = tuple.__new__


def _row(numbers: list[int], width: int) -> list[int]:
    row = [0] * width
    for column, action in zip(numbers[::2], numbers[1::2], strict=True):
        row[column] = action
    return row


def _rule(rule: RuleRow) -> _Rule:
    place = PlacedItem if rule.makes in ITEMS else Placed if rule.makes in STATEMENTS else None
    return rule.size, _pick(rule), ACTIONS[rule.makes] if rule.makes else _list, place


def _list(parts: Parts, at: object, reading: object) -> Parts:
    return parts


def _pick(rule: RuleRow) -> Callable[[list[Any]], Parts]:
    """Return what takes the parts that a rule keeps out of those it covers."""
    if rule.makes in OPTIONAL:
        where = {name: index for index, name, _ in rule.kept}
        take = itemgetter(*(where.get(name, rule.size) for name in OPTIONAL[rule.makes]))
        return lambda parts: take((*parts, None))
    match rule.kept:
        case [(one, _, False)]:
            return lambda parts: [parts[one]]
        case [(one, _, False), (other, _, False)]:
            return lambda parts: [parts[one], parts[other]]
    return lambda parts: _gathered(parts, rule.kept)


def _gathered(parts: list[Any], kept: list[tuple[int, str, bool]]) -> list[Any]:
    result: list[Any] = []
    for index, _, several in kept:
        if several and not result:
            result = parts[index]  # a list that grows by one part at a time is not copied each time
        elif several:
            result += parts[index]
        else:
            result.append(parts[index])
    return result
