"""docs/generated-code.md tells the truth: its commands run, on its own program."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import Neural

PAGE = (Path(__file__).parents[2] / "docs/generated-code.md").read_text(encoding="utf-8")
PROGRAM = re.search(r"^```neural\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [line.partition("#")[0].split() for line in re.findall(r"^neural (.*)$", PAGE, re.MULTILINE)]
TRAINING = [line.split() for line in re.findall(r"^python (.*)$", PAGE, re.MULTILINE)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    assert PROGRAM
    (tmp_path / "digits.neural").write_text(PROGRAM[1])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_command_writes_what_it_names(folder: Path, neural: Neural) -> None:
    assert len(COMMANDS) == 5
    for command in COMMANDS:
        result = neural(*command)
        assert result.exit_code == 0, result.output
        assert result.stdout if "-o" not in command else (folder / command[-1]).stat().st_size > 500
        assert ("compared with PyTorch" in result.stderr) == ("onnx" in command)


def test_every_training_runs(folder: Path, neural: Neural) -> None:
    project = next(command for command in COMMANDS if "project" in command)
    assert neural(*project).exit_code == 0
    with zipfile.ZipFile(folder / project[-1]) as archive:
        archive.extractall(folder)
    assert len(TRAINING) == 3
    for arguments in TRAINING:
        done = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("epoch 3/3: loss")


def test_every_option_is_told_of(folder: Path, neural: Neural) -> None:
    script = neural("compile", "digits.neural", "--backend", "pytorch").stdout
    options = set(re.findall(r'add_argument\("(--[a-z-]+)"', script))
    assert {option for option in options if f"`{option}" not in PAGE} == set()
    assert options == set(re.findall(r"`(--[a-z-]+)", PAGE.partition("## Training")[2].partition("## ONNX")[0]))
