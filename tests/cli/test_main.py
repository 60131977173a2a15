"""The group: its verbs, its options, and what they do to the environment."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from neural.cli.main import CPU_ONLY, VERBS, main
from neural.version import __version__
from tests.cli.conftest import Neural

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_has_one_line_of_help(verb: str, neural: Neural) -> None:
    command = importlib.import_module(f"neural.cli.commands.{verb}").command
    assert isinstance(command, click.Command)
    told = " ".join(str(command.help).split())
    assert re.split(r"[.;:]", VERBS[verb])[0] in told
    assert neural(verb, "--help").exit_code == 0


def test_every_module_of_commands_is_a_verb() -> None:
    modules = {path.stem for path in (ROOT / "neural/cli/commands").glob("*.py")} - {"__init__"}
    assert modules == set(VERBS)


def test_help_lists_every_verb(neural: Neural) -> None:
    result = neural("--help")
    assert result.exit_code == 0
    assert [verb for verb in VERBS if f"\n  {verb} " not in result.stdout] == []


def test_version(neural: Neural) -> None:
    assert neural("--version").stdout == f"neural {__version__}\n"
    assert f"neural {__version__}" in neural("version").stdout


def test_a_misspelt_verb_is_wrong_usage_with_a_suggestion(neural: Neural) -> None:
    result = neural("sumary", "x.neural")
    assert result.exit_code == 2
    assert "summary" in result.stderr


@pytest.mark.parametrize("arguments", [("check",), ("summary",), ("compile", "x"), ("check", "--format", "pdf", "x")])
def test_wrong_usage_exits_with_two(arguments: tuple[str, ...], neural: Neural) -> None:
    assert neural(*arguments).exit_code == 2


def test_cpu_hides_accelerators(neural: Neural, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CPU_ONLY:
        monkeypatch.setenv(name, "before")
    assert neural("--cpu", "clean", "--help").exit_code == 0
    assert {name: os.environ[name] for name in CPU_ONLY} == dict(CPU_ONLY)


@pytest.mark.parametrize(("option", "value"), [("--cache", "1"), ("--no-cache", "0")])
def test_the_cache_switch(option: str, value: str, neural: Neural, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURAL_CACHE", "before")
    assert neural(option, "clean", "--help").exit_code == 0
    assert os.environ["NEURAL_CACHE"] == value


def test_the_module_runs_as_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "neural", "--version"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"neural {__version__}\n")


def test_the_distribution_installs_the_command() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, name = project["scripts"]["neural"].partition(":")
    assert getattr(importlib.import_module(module), name) is main
