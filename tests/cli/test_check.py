"""``neural check``: diagnostics at their places, in every format, with the exit code they deserve."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import BAD, GOOD, Neural


def test_a_right_program_says_nothing(good: Path, neural: Neural) -> None:
    result = neural("check", good)
    assert (result.exit_code, result.output) == (0, "")


def test_an_error_is_told_at_its_place_on_stderr(bad: Path, neural: Neural) -> None:
    result = neural("check", bad)
    assert result.exit_code == 1
    assert result.stdout == ""
    place, excerpt, carets, *_ = result.stderr.splitlines()
    assert place.startswith(f"{bad}:5:9: error N201: ")
    assert excerpt == "            Flaten()"
    assert carets == "            ^^^^^^"
    assert "Flatten" in result.stderr


def test_several_files_are_all_checked(good: Path, bad: Path, neural: Neural) -> None:
    result = neural("check", bad, good, bad)
    assert result.exit_code == 1
    assert result.stderr.count("error N201") == 2


def test_the_standard_input(neural: Neural) -> None:
    assert neural("check", "-", input=GOOD).exit_code == 0
    result = neural("check", "-", input=BAD)
    assert result.exit_code == 1
    assert result.stderr.startswith("<stdin>:5:9: error N201: ")


def test_json(good: Path, bad: Path, neural: Neural) -> None:
    result = neural("check", good, bad, "--format", "json")
    assert (result.exit_code, result.stderr) == (1, "")
    told = json.loads(result.stdout)
    assert told["schema"] == 1
    assert [entry["file"] for entry in told["files"]] == [str(good), str(bad)]
    assert told["files"][0]["diagnostics"] == []
    (diagnostic,) = told["files"][1]["diagnostics"]
    assert {key: diagnostic[key] for key in ("code", "severity", "line", "column", "end_column")} == {
        "code": "N201",
        "severity": "error",
        "line": 5,
        "column": 9,
        "end_column": 15,
    }


def test_github(bad: Path, neural: Neural) -> None:
    result = neural("check", bad, "--format", "github")
    assert result.exit_code == 1
    assert result.stdout.startswith(f"::error file={bad},line=5,endLine=5,col=9,endColumn=15,title=N201::")


@pytest.mark.parametrize("verb", ["check", "summary"])
def test_a_file_that_is_not_there_is_one_line_and_two(verb: str, tmp_path: Path, neural: Neural) -> None:
    missing = tmp_path / "missing.neural"
    result = neural(verb, missing)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"Error: cannot read {missing}: No such file or directory\n"


def test_a_folder_cannot_be_read(tmp_path: Path, neural: Neural) -> None:
    result = neural("check", tmp_path)
    assert (result.exit_code, result.stderr) == (2, f"Error: cannot read {tmp_path}: Is a directory\n")


@pytest.mark.parametrize("by", ["file", "stdin"])
def test_bytes_that_are_no_text_are_one_line_and_two(by: str, tmp_path: Path, neural: Neural) -> None:
    path = tmp_path / "latin1.neural"
    path.write_bytes(b"# caf\xe9\n")
    result = neural("check", path) if by == "file" else neural("check", "-", input=b"# caf\xe9\n")
    name = path if by == "file" else "<stdin>"
    assert (result.exit_code, result.stderr) == (2, f"Error: cannot read {name}: it is not UTF-8 at byte 5\n")


def test_line_ends_of_every_system_give_the_same_place(tmp_path: Path, neural: Neural) -> None:
    for ends in ("\n", "\r\n", "\r"):
        path = tmp_path / "ends.neural"
        path.write_bytes(BAD.replace("\n", ends).encode())
        assert f"{path}:5:9: error N201" in neural("check", path).stderr


def test_sarif(bad: Path, neural: Neural) -> None:
    result = neural("check", bad, "--format", "sarif")
    assert (result.exit_code, result.stderr) == (1, "")
    log = json.loads(result.stdout)
    (run,) = log["runs"]
    (found,) = run["results"]
    assert (log["version"], run["columnKind"]) == ("2.1.0", "unicodeCodePoints")
    assert (found["ruleId"], found["level"]) == ("N201", "error")
    region = found["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 5, "startColumn": 9, "endLine": 5, "endColumn": 15}
    (change,) = found["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": "Flatten"}}]
    assert "N201" in {rule["id"] for rule in run["tool"]["driver"]["rules"]}


def test_fix_rewrites_the_file_and_says_what_was_done(bad: Path, neural: Neural) -> None:
    result = neural("check", "--fix", bad)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"{bad}: fixed N201 there is no layer or macro `Flaten`: write `Flatten`\n"
    assert bad.read_text() == BAD.replace("Flaten", "Flatten")
    assert neural("check", "--fix", bad).output == ""


def test_fix_reports_what_is_left(bad: Path, neural: Neural) -> None:
    bad.write_text(BAD.replace("Flaten()", "Flaten()\n        Dense(4 4)"))
    result = neural("check", "--fix", bad)
    assert result.exit_code == 1
    assert "fixed N201" in result.stderr
    assert f"{bad}:6:17: error N101" in result.stderr


def test_fix_of_the_standard_input_goes_to_the_standard_output(neural: Neural) -> None:
    result = neural("check", "--fix", "-", input=BAD)
    assert (result.exit_code, result.stdout) == (0, BAD.replace("Flaten", "Flatten"))
    assert neural("check", "--fix", "--format", "json", "-", input=BAD).exit_code == 2
