"""An edit costs what it changed, and comes to exactly what the whole text comes to."""

from __future__ import annotations

from pathlib import Path
from random import Random
from unittest.mock import patch

import pytest

from neural.compiler import Compiler
from neural.cost.report import Report
from neural.diagnostics import LineIndex, TextChange
from neural.layers.core import Dense
from neural.parser import recovery
from neural.parser.incremental import difference
from tests.generation.typing import edit, row
from tests.generator import random_program

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.neural"))


def chain(lines: int) -> str:
    body = "\n".join(f"        Dense({8 + index % 3})  # {index}" for index in range(lines))
    return f"network Chain {{\n    input: (8)\n    layers:\n{body}\n}}\n"


def same(source: str, compiler: Compiler, **settings: object) -> Report:
    """Hold that a compiler which has seen other texts says of this one what a new one says."""
    found, whole = compiler.analyze(source, **settings), Compiler().analyze(source, **settings)  # type: ignore[arg-type]
    assert found == whole
    assert found.to_dict() == whole.to_dict()
    assert found.peak == whole.peak
    return found


# --- where texts differ ---


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("", "", (0, 0, 0)),
        ("abc", "abc", (3, 3, 3)),
        ("abc", "abXc", (2, 2, 3)),
        ("abc", "ac", (1, 2, 1)),
        ("aaa", "aa", (2, 3, 2)),
        ("aa", "aaa", (2, 2, 3)),
        ("abcdef", "abXYef", (2, 4, 4)),
        ("abc", "", (0, 3, 0)),
        ("x", "y", (0, 1, 1)),
    ],
)
def test_the_difference_of_texts(old: str, new: str, change: tuple[int, int, int]) -> None:
    assert difference(old, new) == change


def test_the_difference_is_the_smallest_edit() -> None:
    rng = Random(5)
    for _ in range(500):
        old = "".join(rng.choices("ab\n", k=rng.randint(0, 40)))
        new = edit(old, rng)
        change = difference(old, new)
        assert old[: change.start] + new[change.start : change.new_end] + old[change.old_end :] == new


# --- lines and columns after edits ---


def test_lines_after_edits_are_those_of_the_text() -> None:
    rng = Random(7)
    for end in ("\n", "\r\n", "\r"):
        for _ in range(60):
            text = end.join("x" * rng.randint(0, 5) for _ in range(rng.randint(1, 12)))
            lines = LineIndex(text)
            for _ in range(5):
                start = rng.randint(0, len(text))
                old_end = rng.randint(start, len(text))
                put = rng.choice(("", "y", f"y{end}", f"{end}{end}yy"))
                changed = text[:start] + put + text[old_end:]
                change = TextChange(start, old_end, start + len(put))
                text, lines = changed, lines.edited(changed, change)
                whole = LineIndex(text)
                assert [lines.position_of(at) for at in range(len(text) + 1)] == [
                    whole.position(at) for at in range(len(text) + 1)
                ]


def test_offsets_of_what_was_read_before_stay_valid() -> None:
    lines = LineIndex("one\ntwo\nthree\n")
    now = lines.edited("one\nTWO\n2\nthree\n", TextChange(4, 7, 9))
    assert now.position(0) == (1, 1)
    assert now.position(8) == (4, 1)  # "three", by its first offset
    assert now.position(lines.end + 1) == (2, 1)  # what was put in
    assert now.position(lines.end + 1 + 4) == (3, 1)
    assert now.span(8, 13) == LineIndex("one\nTWO\n2\nthree\n").span(10, 15)
    assert now.pieces == 3


# --- the same as a whole run ---


EDITS = [
    # what is typed, where (the text before it), whether the plan goes on from the one before
    ("a digit of one layer", "Dense(9)  # 13", "Dense(90)  # 13", True),
    ("a comment", "# 13", "# thirteen", True),
    ("a line end within the statement", "Dense(9)  # 13", "Dense(\n9)  # 13", True),
    ("an argument", "Dense(9)  # 13", 'Dense(9, "relu")  # 13', True),
    ("the first layer", "Dense(8)  # 0\n", "Dense(80)  # 0\n", True),
    ("the last layer", "Dense(9)  # 49", "Dense(3)  # 49", True),
    ("an empty line", "# 13\n", "# 13\n\n", True),
    ("a comment that swallows a line end", "Dense(9)  # 13\n", "Dense(9)  # 13", False),
    ("another layer", "Dense(9)  # 13", "ReLU()  # 13", False),
    ("a label", "Dense(9)  # 13", "a = Dense(9)  # 13", False),
    ("a repetition", "Dense(9)  # 13", "Dense(9) * 2  # 13", False),
    ("a statement more", "Dense(9)  # 13", "Dense(9) ReLU()  # 13", False),
    ("a statement less", "Dense(9)  # 13", "# 13", False),
    ("a parenthesis less", "Dense(9)  # 13", "Dense(9  # 13", True),
    ("a quote less", "Dense(9)  # 13", 'Dense(9, "relu)  # 13', False),
    ("a name that is none", "Dense(9)  # 13", "Dens(9)  # 13", False),
    ("a shape that does not fit", "Dense(9)  # 13", "Reshape((5,))  # 13", False),
    ("a hint", "Dense(9)  # 13", "Linear(9)  # 13", False),
    ("the input", "(8)\n", "(9)\n", False),
]


@pytest.mark.parametrize(("before", "after", "goes_on"), [row[1:] for row in EDITS], ids=[row[0] for row in EDITS])
def test_an_edit(before: str, after: str, goes_on: bool) -> None:
    source, compiler = chain(50), Compiler()
    assert before in source
    same(source, compiler)
    changed = source.replace(before, after, 1)
    same(changed, compiler)
    assert (compiler._revision((changed, None, ())).origin is not None) == goes_on
    same(source, compiler)


REACHED = [
    # an edit, the rows that are made anew, and how often a layer's rules are asked for its shape
    ('Dense(9, "relu")  # 13', [13], 1),
    ("Dense(9, use_bias=false)  # 13", [13], 1),
    ("Dense(90)  # 13", [13, 14], 2),
    ("Dense(9)  # thirteen", [], 0),
]


@pytest.mark.parametrize(("edit", "rows", "asked"), REACHED)
def test_an_edit_touches_what_it_reaches(edit: str, rows: list[int], asked: int) -> None:
    source, compiler = chain(50), Compiler()
    before = compiler.analyze(source)
    with patch.object(Dense, "output_shapes", autospec=True, side_effect=Dense.output_shapes) as rule:
        after = compiler.analyze(source.replace("Dense(9)  # 13", edit))
    assert rule.call_count == asked
    differing = [number for number, (a, b) in enumerate(zip(before.layers, after.layers, strict=True)) if a is not b]
    assert differing == rows
    assert after.totals.parameters == sum(each.parameters or 0 for each in after.layers)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_after_edits(path: Path) -> None:
    rng, compiler = Random(path.stem), Compiler()
    source = text = path.read_text(encoding="utf-8")
    same(source, compiler)
    for number in range(6):
        text = edit(text if number % 3 else source, rng)
        same(text, compiler)


SETTINGS = [{}, {"framework": "pytorch", "batch": 3, "optimizer": "SGD"}, {"dtype": "mixed", "device": "H100"}]


@pytest.mark.parametrize("seed", range(60))
def test_random_programs_after_random_edits(seed: int) -> None:
    rng, compiler = Random(seed), Compiler()
    source = text = random_program(seed)
    settings = SETTINGS[seed % len(SETTINGS)]
    same(source, compiler, **settings)
    for number in range(10):
        text = edit(text if number % 4 else source, rng)
        same(text, compiler, **settings)


@pytest.mark.parametrize("seed", range(40))
def test_statements_in_a_row_after_random_edits(seed: int) -> None:
    rng, compiler = Random(seed), Compiler()
    source = text = row(rng)
    settings = SETTINGS[seed % len(SETTINGS)]
    same(source, compiler, **settings)
    for number in range(12):
        text = edit(text if number % 4 else source, rng)
        same(text, compiler, **settings)


def test_a_broken_statement_is_read_with_few_around_it() -> None:
    source, compiler = chain(200), Compiler()
    same(source, compiler)
    with patch.object(recovery, "tokenize", wraps=recovery.tokenize) as tokenize:
        for after in ("Dense(9", 'Dense(9, "re)', "Dense(9,, 3)", "Dense 9)"):
            compiler.analyze(source.replace("Dense(9)  # 100\n", f"{after}\n"))
    assert tokenize.call_count == 4
    for call in tokenize.call_args_list:
        _, text, _, _, start, end = call.args
        assert text.count("\n", start, end) < 12


def test_many_edits_of_one_text() -> None:
    rng, compiler = Random(11), Compiler()
    text = chain(400)
    went_on = 0
    for _ in range(300):
        text = edit(text, rng) if rng.random() < 0.1 else text.replace(f"# {rng.randrange(400)}\n", "#\n", 1)
        number = rng.randrange(400)
        text = text.replace(f"Dense({8 + number % 3})  # {number}\n", f"Dense({number + 9})  # {number}\n", 1)
        report = compiler.analyze(text)
        went_on += compiler._revision((text, None, ())).origin is not None
        if not report.ok:
            text = chain(400)
    same(text, compiler)
    assert went_on > 100
