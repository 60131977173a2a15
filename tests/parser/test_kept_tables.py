"""The tables of the grammar are kept between runs: whole, for just this grammar, and so that no run needs Lark."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from neural.limits import DEFAULT_LIMITS
from neural.parser import tables
from neural.parser.actions import ACTIONS, ITEMS, OPTIONAL, SAME, STATEMENTS
from neural.parser.driver import Driver
from neural.parser.kept_tables import grammar_tables
from neural.parser.parser import parse, shared_parser
from neural.parser.tables import BAD, END, Tables, tables_of
from tests.performance.programs import COMPLEX

ROOT = Path(__file__).parents[2]
PLACED = ITEMS | STATEMENTS


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEURAL_CACHE", "1")
    monkeypatch.setenv("NEURAL_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "tables.json"


def as_data(found: Tables) -> object:
    return json.loads(json.dumps(found))


def fresh_process(script: str, place: Path) -> str:
    environment = {**os.environ, "NEURAL_CACHE": "1", "NEURAL_CACHE_DIR": str(place.parent)}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_tables_read_back_are_those_that_were_made(place: Path) -> None:
    made = grammar_tables(PLACED, SAME)
    assert place.stat().st_size < 100_000
    kept = grammar_tables(PLACED, SAME)
    assert kept is not made
    assert as_data(kept) == as_data(made) == as_data(tables_of(shared_parser(), PLACED, SAME))
    first, second = (Driver(each).read("program", COMPLEX, DEFAULT_LIMITS) for each in (made, kept))
    assert first == second is not None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"key": 3}', "\x00", "\ud800"])
def test_what_is_damaged_is_made_again(text: str, place: Path) -> None:
    made = grammar_tables(PLACED, SAME)
    good = place.read_bytes()
    place.write_bytes(text.encode(errors="surrogatepass"))
    assert as_data(grammar_tables(PLACED, SAME)) == as_data(made)
    assert place.read_bytes() == good


def test_a_part_of_the_file_is_no_tables(place: Path) -> None:
    made = grammar_tables(PLACED, SAME)
    good = place.read_bytes()
    place.write_bytes(good[: len(good) // 2])
    assert as_data(grammar_tables(PLACED, SAME)) == as_data(made)
    short = json.loads(good)
    short["tables"].pop()
    place.write_text(json.dumps(short))
    assert as_data(grammar_tables(PLACED, SAME)) == as_data(made)


def test_another_grammar_has_other_tables(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grammar_tables(PLACED, SAME)
    before = json.loads(place.read_bytes())["key"]
    other = tmp_path / "grammar.lark"
    other.write_text(tables.GRAMMAR.read_text(encoding="utf-8") + "// one more line\n", encoding="utf-8")
    monkeypatch.setattr(tables, "GRAMMAR", other)
    grammar_tables(PLACED, SAME)
    assert json.loads(place.read_bytes())["key"] != before


def test_a_place_that_cannot_be_written_to_is_no_error(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: object, **more: object) -> int:
        raise OSError

    monkeypatch.setattr(Path, "replace", full)
    assert grammar_tables(PLACED, SAME).starts
    assert not place.exists()


def test_without_a_cache_nothing_is_kept(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURAL_CACHE", "0")
    assert grammar_tables(PLACED, SAME).starts
    assert not place.parent.exists()


_READ = """
import sys
from neural.parser.parser import parse
assert parse("network A { input: (4) layers: Dense(2) }").diagnostics == ()
print("lark" in sys.modules, end=" ")
assert parse("network A { input: (4) layers: Dense(2").diagnostics != ()
print("lark" in sys.modules)
"""


def test_lark_is_imported_the_first_time_and_where_a_program_is_broken(place: Path) -> None:
    assert fresh_process(_READ, place) == "True True"
    assert fresh_process(_READ, place) == "False True"


@pytest.mark.parametrize("command", ["check", "summary --format json", "compile --backend pytorch"])
def test_a_verb_needs_no_lark(command: str, place: Path, tmp_path: Path) -> None:
    grammar_tables(PLACED, SAME)
    program = tmp_path / "small.neural"
    program.write_text("network Small { input: (4) layers: Dense(2) }")
    script = (
        "import atexit, sys\n"
        "atexit.register(lambda: print('lark' in sys.modules, file=sys.stdout))\n"
        f"from neural.cli.main import main\nmain({[*command.split(), str(program)]!r})"
    )
    assert fresh_process(script, place).splitlines()[-1] == "False"


def test_processes_that_start_at_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = 'from neural.parser.parser import parse\nprint(parse("network A { }").diagnostics)'
    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(lambda _: fresh_process(script, place), range(6))) == {"()"}
    monkeypatch.setattr(tables, "tables_of", None)  # what is kept is read, and not made again
    assert Driver(grammar_tables(PLACED, SAME)).read("program", COMPLEX, DEFAULT_LIMITS) == parse(COMPLEX).program
    assert [path.name for path in place.parent.glob("tables*")] == ["tables.json"]


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
