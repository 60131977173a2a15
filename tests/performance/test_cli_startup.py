"""The command line starts at once, because it imports only what the verb needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.performance.profiling_utils import time_block

ROOT = Path(__file__).parents[2]
HEAVY = frozenset(
    {"torch", "tensorflow", "keras", "numpy", "plotly", "flask", "lark", "sqlalchemy", "gunicorn", "gevent", "rich"}
)

_IMPORTED = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))
from neural.cli.main import main
main(sys.argv[1:], prog_name="neural")
"""


def modules_after(*arguments: str) -> set[str]:
    """Return the modules that the command has imported when it ends."""
    done = run(sys.executable, "-c", _IMPORTED, *arguments)
    modules: list[str] = json.loads(done.stderr.splitlines()[-1])
    return set(modules)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env={**os.environ})


def test_import_takes_less_than_two_seconds() -> None:
    with time_block() as whole:
        run(sys.executable, "-c", "import neural.cli.main")
    assert whole.seconds < 2.0


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_takes_less_than_five_seconds(option: str) -> None:
    with time_block() as whole:
        run(sys.executable, "-m", "neural", option)
    assert whole.seconds < 5.0


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_imports_the_command_line_alone(option: str) -> None:
    modules = modules_after(option)
    assert {name.split(".")[0] for name in modules} & HEAVY == set()
    ours = {name for name in modules if name.split(".")[0] in {"neural", "webapp"}}
    assert ours == {"neural", "neural.cli", "neural.cli.main", "neural.version"}


def test_help_imports_few_modules() -> None:
    before = set(json.loads(run(sys.executable, "-c", "import json, sys; print(json.dumps(list(sys.modules)))").stdout))
    assert len(modules_after("--help") - before) < 130


def test_frameworks_stay_unloaded_after_a_lazy_import() -> None:
    script = (
        "import sys\nfrom neural.cli.lazy_imports import lazy_import\n"
        "loaders = [lazy_import(name) for name in ('torch', 'tensorflow', 'keras')]\n"
        "sys.exit(any(loader.module for loader in loaders) or 'torch' in sys.modules or 'tensorflow' in sys.modules)"
    )
    run(sys.executable, "-c", script)


@pytest.mark.parametrize(
    ("command", "allowed"),
    [
        ("check", {"lark"}),
        ("summary --format json", {"lark"}),
        ("summary --format table", {"lark", "rich"}),
        ("compile --backend pytorch", {"lark"}),
        ("visualize --format mermaid", {"lark"}),
        ("visualize --format svg", {"lark"}),
    ],
)
def test_a_verb_imports_what_it_needs(command: str, allowed: set[str], tmp_path: Path) -> None:
    program = tmp_path / "small.neural"
    program.write_text("network Small { input: (4) layers: Dense(2) }")
    modules = modules_after(*command.split(), str(program))
    assert {name.split(".")[0] for name in modules} & HEAVY <= allowed
