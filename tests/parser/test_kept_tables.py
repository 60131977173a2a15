"""What Lark makes of the grammar stands beside it, of just this grammar: reading a right program needs no Lark."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from neural.limits import DEFAULT_LIMITS
from neural.parser import kept_tables, tables
from neural.parser.actions import ACTIONS, ITEMS, OPTIONAL, SAME, STATEMENTS
from neural.parser.driver import Driver
from neural.parser.grammar import built_parser
from neural.parser.kept_tables import SAVED, TABLES, grammar_tables, made_of, saved_parser
from neural.parser.parser import parse, shared_parser
from neural.parser.tables import BAD, END, tables_of
from tests.performance.programs import COMPLEX, SIMPLE

ROOT = Path(__file__).parents[2]
PLACED = ITEMS | STATEMENTS


def fresh_process(script: str) -> str:
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "NEURAL_CACHE": "0"}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_files_are_of_this_grammar() -> None:
    """Where this fails, ``python -m neural.parser.kept_tables`` writes them."""
    for path in (TABLES, SAVED):
        assert json.loads(path.read_bytes())["key"][0] == made_of()
    assert TABLES.stat().st_size < 100_000
    assert saved_parser() is not None


def test_what_is_kept_reads_as_what_lark_makes_now() -> None:
    lark = built_parser()
    made, kept = tables_of(lark, PLACED, SAME), grammar_tables(PLACED, SAME)
    assert (kept.expression, kept.columns, kept.words, kept.valued) == made[:4]
    assert len(kept.rows) == len(made.rows)
    for text in (SIMPLE, COMPLEX):
        first, second = (Driver(each).read("program", text, DEFAULT_LIMITS) for each in (made, kept))
        assert first == second is not None
    saved = saved_parser()
    assert saved is not None
    assert saved.parse(COMPLEX, start="program") == lark.parse(COMPLEX, start="program")
    assert list(saved.lex(COMPLEX)) == list(lark.lex(COMPLEX))


@pytest.mark.parametrize("text", ["", "{", '{"key": 3}', "\x00"])
def test_what_is_damaged_or_of_another_grammar_is_made_anew(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TABLES", "SAVED"):
        monkeypatch.setattr(kept_tables, name, tmp_path / name)
        (tmp_path / name).write_text(text)
    assert saved_parser() is None
    assert Driver(grammar_tables(PLACED, SAME)).read("program", COMPLEX, DEFAULT_LIMITS) == parse(COMPLEX).program


def test_another_grammar_has_other_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "grammar.lark"
    other.write_text(tables.GRAMMAR.read_text(encoding="utf-8") + "// one more line\n", encoding="utf-8")
    before = made_of()
    monkeypatch.setattr(tables, "GRAMMAR", other)
    assert made_of() != before
    assert saved_parser() is None


_READ = """
import sys
from neural.parser.parser import parse
assert parse("network A { input: (4) layers: Dense(2) }").diagnostics == ()
print("lark" in sys.modules, end=" ")
assert parse("network A { input: (4) layers: Dense(2").diagnostics != ()
print("lark" in sys.modules)
"""


def test_lark_is_imported_where_a_program_is_broken() -> None:
    assert fresh_process(_READ) == "False True"


@pytest.mark.parametrize("command", ["check", "summary --format json", "compile --backend pytorch"])
def test_a_verb_needs_no_lark(command: str, tmp_path: Path) -> None:
    program = tmp_path / "small.neural"
    program.write_text("network Small { input: (4) layers: Dense(2) }")
    script = (
        "import atexit, sys\n"
        "atexit.register(lambda: print('lark' in sys.modules, file=sys.stdout))\n"
        f"from neural.cli.main import main\nmain({[*command.split(), str(program)]!r})"
    )
    assert fresh_process(script).splitlines()[-1] == "False"


# --- the tables themselves ---


def test_every_rule_has_an_action_and_no_action_is_for_nothing() -> None:
    made = tables_of(shared_parser(), PLACED, SAME)
    assert {rule.makes for rule in made.rules[: made.makers]} == {"", *ACTIONS}
    assert set(OPTIONAL) <= set(ACTIONS)
    for rule in made.rules:
        if rule.makes in OPTIONAL:
            assert {name for _, name, _ in rule.kept} <= set(OPTIONAL[rule.makes])


def test_rules_that_hand_on_their_part_come_last() -> None:
    made = tables_of(shared_parser(), PLACED, SAME)
    assert all(rule.size == len(rule.kept) == 1 for rule in made.rules[made.makers :])


def test_every_state_of_lark_is_a_row() -> None:
    parser = shared_parser()
    made = tables_of(parser, PLACED, SAME)
    states = parser.parser.parser._parse_table.states
    assert [len(row) // 2 for row in made.rows] == [len(states[state]) for state in range(len(states))]


def test_the_terminals_are_those_of_lark() -> None:
    made = tables_of(shared_parser(), PLACED, SAME)
    terminals = {terminal.name for terminal in shared_parser().terminals}
    ignored = {"COMMENT", "WHITE_SPACE"}
    rules = {rule.origin.name for rule in shared_parser().rules}
    assert set(made.columns) == (terminals - ignored) | rules | {END, BAD}
    assert set(made.columns.values()) == set(range(1, len(made.columns) + 1))
