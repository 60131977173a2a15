"""``neural fmt``: files in place, the standard input to the standard output, and a check that writes nothing."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import GOOD, Neural

MESSY = "network Small{input:(8,);layers: Dense( 4,'relu' )# four\n}"
NEAT = 'network Small {\n    input: (8,)\n    layers:\n        Dense(4, "relu")  # four\n}\n'


def test_a_file_is_laid_out_in_place(tmp_path: Path, neural: Neural) -> None:
    file = tmp_path / "messy.neural"
    file.write_text(MESSY)
    assert neural("fmt", file).exit_code == 0
    assert file.read_text() == NEAT
    again = neural("fmt", file)
    assert (again.exit_code, again.output) == (0, "")


def test_the_standard_input(neural: Neural) -> None:
    assert neural("fmt", "-", input=MESSY).stdout == NEAT


def test_check_writes_nothing(tmp_path: Path, neural: Neural) -> None:
    file = tmp_path / "messy.neural"
    file.write_text(MESSY)
    result = neural("fmt", "--check", file)
    assert result.exit_code == 1
    assert "would be laid out anew" in result.stderr
    assert file.read_text() == MESSY
    assert neural("fmt", "--check", "-", input=NEAT).exit_code == 0


def test_a_syntax_error_leaves_the_file_alone(tmp_path: Path, neural: Neural) -> None:
    file = tmp_path / "broken.neural"
    file.write_text(GOOD.replace("Flatten()", "Flatten("))
    result = neural("fmt", file)
    assert result.exit_code == 1
    assert "N101" in result.stderr
    assert file.read_text() == GOOD.replace("Flatten()", "Flatten(")
