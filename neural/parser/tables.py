"""The grammar as plain tables: what Lark makes of grammar.lark, in the numbers that the driver runs on.

Every state is a row over columns, one a terminal or a rule. A number above zero goes to that state, one below zero
reduces the rule of that number, and what is not there is refused. Plain lists and dictionaries, to be kept as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from lark import Lark
    from lark.grammar import Rule

GRAMMAR = Path(__file__).with_name("grammar.lark")

#: The rules a text may start from; ``layer`` is one statement.
START_RULES = (
    "program",
    "network",
    "define",
    "research",
    "let",
    "input",
    "layers",
    "output",
    "setting",
    "settings",
    "statements",
    "statement",
    "layer",
    "expression",
)

END = "_END"
"""The group of the expression for tokens that matches the end of the text."""

BAD = "_BAD"
"""The group that matches a character no token begins with."""


class RuleRow(NamedTuple):
    """A rule: what it makes ("" for a list of its parts), its column, how many symbols it takes, and which it keeps.

    Of a kept symbol: its index, its name, and whether its own list is to be joined to this one.
    """

    makes: str
    column: int
    size: int
    kept: list[tuple[int, str, bool]]


class Tables(NamedTuple):
    """The grammar in numbers."""

    expression: str
    """One regular expression for every token, a group each, tried in Lark's order."""
    columns: dict[str, int]
    """The column of every terminal and rule by its name; that of a group is its number."""
    words: dict[str, int]
    """The columns of texts that are fixed: signs, and keywords, whose group is that of names."""
    valued: list[int]
    """Columns of terminals that a rule keeps."""
    rows: list[list[int]]
    """Column and number in turn, for each state."""
    rules: list[RuleRow]
    """Rules that hand on the one thing they hold come last."""
    makers: int
    """How many rules come before those."""
    starts: dict[str, tuple[int, int]]
    """Where to begin and to end for each start rule."""


def tables_of(lark: Lark, placed: Collection[str], same: Collection[str]) -> Tables:
    """Return the tables of a Lark parser (LALR, basic lexer).

    The first token of a rule that is ``placed`` goes to its state plus the count of states. Rules named in ``same``
    hand on their one part as it is.
    """
    frontend: Any = lark.parser
    lexer, table = frontend.lexer, frontend.parser._parse_table
    expression = _expression(lexer)
    words = _words(lexer)
    names = (*words.values(), *(rule.origin.name for rule in lark.rules))
    columns = dict(re.compile(expression).groupindex)
    for name in names:
        columns.setdefault(name, len(columns) + 1)
    rules = sorted(lark.rules, key=lambda rule: _hands_on(rule, same))
    numbers = {rule: -number for number, rule in enumerate(rules, 1)}
    first = {name: _first(name, lark.rules) for name in placed}
    return Tables(
        expression,
        columns,
        {text: columns[name] for text, name in words.items()},
        sorted({columns[each.name] for rule in rules for _, each in _kept(rule) if each.is_term}),
        [_row(table.states, state, columns, numbers, first) for state in range(len(table.states))],
        [_rule(rule, columns) for rule in rules],
        sum(not _hands_on(rule, same) for rule in rules),
        {name: (state + 1, table.end_states[name] + 1) for name, state in table.start_states.items()},
    )  # fmt: skip


def _expression(lexer: Any) -> str:
    """Return one expression for what a lexer ignores and the token behind it, its terminals in the lexer's order."""
    regular = {each.name: each.pattern.to_regexp() for each in lexer.scanner.terminals}
    ignored = "|".join(regular.pop(name) for name in list(regular) if name in lexer.ignore_types)
    fixed = {each.name for each in lexer.scanner.terminals if each.pattern.type == "str"}
    groups: list[tuple[str, str]] = []
    # Fixed texts that follow one another share a group, which is quick to match: a text itself tells what it is.
    for together, names in groupby(regular, lambda name: name in fixed):
        several = [(name, regular[name]) for name in names]
        groups += [(several[0][0], "|".join(text for _, text in several))] if together else several
    groups += [(END, r"\Z"), (BAD, "(?s:.)")]
    return f"(?:{ignored})*(?:{'|'.join(f'(?P<{name}>{text})' for name, text in groups)})"


def _words(lexer: Any) -> dict[str, str]:
    """Return the terminals of fixed texts: signs, and keywords, which the expression takes for another terminal."""
    terminals = [
        *lexer.scanner.terminals,
        *(word for each in lexer.callback.values() for word in each.scanner.terminals),
    ]
    return {each.pattern.value: each.name for each in terminals if each.pattern.type == "str"}


def _hands_on(rule: Rule, same: Collection[str]) -> bool:
    alone = len(rule.expansion) == 1 and not rule.alias
    return alone and (rule.options.expand1 or rule.origin.name in same)


def _rule(rule: Rule, columns: dict[str, int]) -> RuleRow:
    name: str = rule.alias or rule.origin.name
    kept = [(index, each.name, each.name.startswith("_")) for index, each in _kept(rule)]
    return RuleRow("" if name.startswith("_") else name, columns[rule.origin.name], len(rule.expansion), kept)


def _kept(rule: Rule) -> list[tuple[int, Any]]:
    """Return the symbols that a rule keeps, with their places: not the signs that only part others."""
    symbols: Any = rule.expansion
    return [(index, each) for index, each in enumerate(symbols) if not (each.is_term and each.filter_out)]


def _row(
    states: Any, state: int, columns: dict[str, int], numbers: dict[Rule, int], first: dict[str, set[str]]
) -> list[int]:
    """Return the row of a state; the first token of something that has a place of its own is marked."""
    begins: set[str] = set().union(*(first[name] for name in first if name in states[state]))
    row = []
    for symbol, (action, argument) in states[state].items():
        if str(action) == "Reduce":
            number = numbers[argument]
        else:
            number = argument + 1 + (len(states) if symbol in begins else 0)
        row += [columns[END if symbol == "$END" else symbol], number]
    return row


def _first(name: str, rules: Iterable[Rule]) -> set[str]:
    """Return the terminals that a rule may begin with."""
    found, wanted = set(), [name]
    seen = set(wanted)
    while wanted:
        origin = wanted.pop()
        for symbol in {rule.expansion[0] for rule in rules if rule.origin.name == origin}:
            if symbol.is_term:
                found.add(symbol.name)
            elif symbol.name not in seen:
                seen.add(symbol.name)
                wanted.append(symbol.name)
    return found
