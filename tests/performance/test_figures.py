"""Figures are taken in turns, kept and joined; texts are new each time, and one digit apart; growth is told rightly."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from neural.compiler import Compiler
from tests.performance import browser, worker
from tests.performance.edits import (
    REAL,
    edit_that_changes_shapes,
    edit_that_keeps_shapes,
    edits,
    new_texts,
    one_digit_apart,
    small_edits,
)
from tests.performance.figures import Figure, Results, Taken, Trial, in_turns, joined
from tests.performance.growth import Line, lines


def test_trials_run_in_turns_and_the_first_round_does_not_count() -> None:
    order: list[str] = []

    def trial(name: str, value: float) -> Trial:
        def run(taken: Taken) -> None:
            order.append(name)
            taken.add(name, value * len(order), "B")

        return run

    figures = in_turns([trial("a", 1), trial("b", 10)], seconds=0, least=3)
    assert order == ["a", "b"] * 4
    assert figures == {"a": Figure(5, 3, 3, "B"), "b": Figure(60, 40, 3, "B")}


def test_what_is_timed_returns_what_it_returned() -> None:
    ticks = iter([1.0, 4.0])
    taken = Taken(lambda: next(ticks))
    assert taken.time("work", lambda: "done") == "done"
    assert taken.figures() == {"work": Figure(3.0, 3.0, 1)}


def test_processes_are_joined() -> None:
    three = [{"a": Figure(median, minimum, 2)} for median, minimum in ((5.0, 4.0), (1.0, 0.5), (2.0, 1.5))]
    assert joined(three) == {"a": Figure(2.0, 0.5, 6)}


def test_results_are_what_was_written() -> None:
    results = Results({"python": "3.12"}, {"b": Figure(0.123456789, 0.1, 3), "a": Figure(2, 1, 1, "B")}, {"c": "why"})
    text = results.to_json()
    assert [line for line in text.splitlines() if '": {"' in line] == [
        '    "b": {"median": 0.12346, "minimum": 0.1, "runs": 3, "unit": "s"},',
        '    "a": {"median": 2.0, "minimum": 1.0, "runs": 1, "unit": "B"}',
    ]
    assert Results.from_json(text).to_json() == text


def test_results_of_another_schema_are_refused() -> None:
    with pytest.raises(ValueError, match="schema"):
        Results.from_json(json.dumps({"schema": 1}))


@pytest.mark.parametrize(
    ("number", "digits", "written"),
    [(0, 3, "000"), (1, 3, "001"), (9, 3, "009"), (10, 3, "019"), (11, 3, "010"), (99, 3, "090"), (100, 3, "190")],
)
def test_numbers_are_written_one_digit_apart(number: int, digits: int, written: str) -> None:
    assert one_digit_apart(number, digits) == written


def test_every_number_is_there_once() -> None:
    written = [one_digit_apart(number, 3) for number in range(1000)]
    assert len(set(written)) == 1000
    assert {sum(a != b for a, b in zip(*two, strict=True)) for two in pairwise(written)} == {1}
    with pytest.raises(ValueError, match="digits"):
        one_digit_apart(1000, 3)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("A(1) B A(1) C A(1)", ["A(1) B A(1) C A(20)", "A(1) B A(1) C A(21)"]),
        ("A(1) B C D E F G", ["A(20) B C D E F G", "A(21) B C D E F G"]),
    ],
)
def test_an_edit_is_made_behind_the_middle(source: str, expected: list[str]) -> None:
    texts = edits(source, "A(1)", "A(2#)", digits=1)
    assert [texts(), texts()] == expected


@pytest.mark.parametrize("layers", [10, 100])
def test_an_edit_keeps_shapes_or_changes_them(layers: int) -> None:
    compiler = Compiler()

    def shapes(source: str) -> list[object]:
        report = compiler.analyze(source)
        assert report.ok
        assert len(report.layers) == layers
        return [layer.output_shape for layer in report.layers]

    keeping, changing = edit_that_keeps_shapes(layers), edit_that_changes_shapes("chain", layers)
    assert shapes(keeping()) == shapes(keeping())
    one, other = shapes(changing()), shapes(changing())
    assert 1 <= sum(a != b for a, b in zip(one, other, strict=True)) <= 3


@pytest.mark.parametrize("program", ["chain", "wide"])
def test_a_new_source_has_layers_that_were_never_there(program: str) -> None:
    texts = new_texts(program, 10)
    first, second = (set(texts().splitlines()) for _ in range(2))
    shared = {line for line in first & second if "(" in line and "input" not in line}
    assert shared == ({'Conv2D(16, 3, padding="same")', "BatchNormalization()"} if program == "chain" else set())


@pytest.mark.parametrize(("network", "kind"), [(network, kind) for network, kinds in REAL.items() for kind in kinds])
def test_the_edits_of_real_programs_are_right(network: str, kind: str) -> None:
    texts = REAL[network][kind]()
    assert texts() != texts()
    assert Compiler().analyze(texts()).ok


def test_a_small_program_is_edited_without_end() -> None:
    texts = small_edits()
    assert len({texts() for _ in range(200)}) == 200
    assert Compiler().analyze(texts()).ok


def test_ten_thousand_layers_are_within_the_limits() -> None:
    assert all(len(new_texts(program, 10_000)()) < 256 * 1024 for program in ("chain", "wide"))


@pytest.mark.parametrize(
    ("times", "steps", "exponent"),
    [
        (((10, 1.0), (100, 10.0), (1000, 100.0)), (10, 10), 1),
        (((10, 1.0), (100, 100.0), (1000, 10_000.0)), (100, 100), 2),
        (((10, 2.0), (100, 2.0)), (1,), 0),
        (((10, 1.0), (100, 1.0), (1000, 10.0)), (1, 10), 0.5),
    ],
)
def test_growth_is_told(times: tuple[tuple[int, float], ...], steps: tuple[float, ...], exponent: float) -> None:
    line = Line("parse", "chain", times)
    assert line.steps() == pytest.approx(steps)
    assert line.exponent() == pytest.approx(exponent)


def test_lines_are_found_among_figures() -> None:
    figures = {
        "growth/parse/chain/100": Figure(2.0, 1.0),
        "growth/parse/chain/10": Figure(1.0, 0.5),
        "growth/bind/chain/10": Figure(1.0, 1.0),
        "beside/Lark alone/chain/10": Figure(1.0, 1.0),
    }
    assert lines(figures) == [Line("parse", "chain", ((10, 1.0), (100, 2.0)))]


def test_what_the_browser_measured_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "timings.json"
    assert browser.figures(file) == {}
    file.write_text('{"key to paint, 100 layers": {"median_ms": 30, "ratio": 1.2}, "typing": {"longest_task_ms": 8}}')
    assert browser.figures(file) == {
        "browser/key to paint, 100 layers/median": Figure(0.03, 0.03),
        "browser/key to paint, 100 layers/ratio": Figure(1.2, 1.2, unit="x"),
        "browser/typing/longest task": Figure(0.008, 0.008),
    }


def test_reading_is_counted() -> None:
    compiler = Compiler()
    source = small_edits()()
    with worker.parsing() as first:
        compiler.parse(source)
    with worker.parsing() as second:
        compiler.parse(source)
    assert first.total() > 100
    assert second.total() == 0
