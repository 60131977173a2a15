"""``%%neural`` in a real IPython shell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from neural.cost.report import Report

PROGRAM = "network N {\n  input: (8,)\n  layers: Dense(4)\n}\n"
BROKEN = "network N {\n  input: (8,)\n  layers: Dens(4)\n}\n"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    config = Config()
    config.HistoryManager.enabled = False
    made = InteractiveShell.instance(config=config)
    made.run_line_magic("load_ext", "neural")
    yield made
    InteractiveShell.clear_instance()


def run(shell: InteractiveShell, line: str, program: str = PROGRAM) -> tuple[Report | None, str, list[str]]:
    """Return the value of a cell, what it printed, and what it displayed as HTML."""
    with capture_output() as captured:
        result = shell.run_cell(f"%%neural {line}\n{program}")
    result.raise_error()
    return result.result, captured.stdout, [each.data.get("text/html", "") for each in captured.outputs]


def test_the_value_of_a_cell_is_its_report(shell: InteractiveShell) -> None:
    report, _, _ = run(shell, "")
    assert isinstance(report, Report)
    assert report.totals.parameters == 36
    formats, _ = shell.display_formatter.format(report)
    assert "<td>dense</td>" in formats["text/html"]
    assert "<script" not in formats["text/html"]


def test_settings_and_a_name(shell: InteractiveShell) -> None:
    report, _, _ = run(shell, "found --batch 8 --dtype float16 --framework pytorch --device T4 --optimizer SGD")
    assert report is not None
    assert shell.user_ns["found"] is report
    assert (report.batch, report.dtype, report.framework, report.optimizer) == (8, "float16", "pytorch", "SGD")
    assert report.device is not None
    assert report.totals.time is not None


def test_what_is_wrong_is_shown_with_its_line_and_a_caret(shell: InteractiveShell) -> None:
    report, _, html = run(shell, "", BROKEN)
    assert report is not None
    assert not report.ok
    (problems, *_) = html
    assert problems.startswith("<pre>cell:3:11: error N201")
    assert "      layers: Dens(4)\n              ^^^^" in problems


def test_what_is_wrong_is_escaped(shell: InteractiveShell) -> None:
    _, _, html = run(shell, "", "network N {\n input: (8,)\n layers: Dense('<script>alert(1)</script>')\n}\n")
    assert "&lt;script&gt;" in html[0]
    assert not any("<script" in each for each in html)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--batch 0", "0 is not in the range"),
        ("--optimizer none", "is not one of"),
        ("--device H10", "is not one of"),
        ("--size 3", "No such option"),
        ("'", "No closing quotation"),
    ],
)
def test_a_setting_outside_its_choices_is_wrong_usage(shell: InteractiveShell, line: str, words: str) -> None:
    with capture_output() as captured:
        result = shell.run_cell(f"%%neural {line}\n{PROGRAM}")
    assert type(result.error_in_exec).__name__ == "UsageError"
    assert words in captured.stderr


def test_help_lists_the_settings(shell: InteractiveShell) -> None:
    report, printed, _ = run(shell, "--help")
    assert report is None
    assert "--device" in printed
