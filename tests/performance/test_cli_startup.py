"""The command line starts at once, because it imports only what the verb needs."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from statistics import median

import pytest

from neural.cli.main import VERBS
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


PARSER = {"lark", "regex"}

#: What each verb may import that is not of the standard library, beside click and the engine, with no answer kept.
ALLOWED: list[tuple[str, set[str]]] = [
    ("--help", set()),
    ("--version", set()),
    ("version", set()),
    ("clean", set()),
    ("serve --help", set()),
    ("check FILE", PARSER),
    ("check --format sarif FILE", PARSER),
    ("summary FILE", PARSER),
    ("summary --format json FILE", PARSER),
    ("summary --format markdown --depth 1 --device h100 FILE", PARSER),
    ("compile --backend pytorch FILE", PARSER),
    ("compile --backend tensorflow FILE", PARSER),
    ("visualize --format mermaid FILE", PARSER),
    ("visualize --format svg FILE", PARSER),
    ("visualize --format html FILE", PARSER | {"plotly", "_plotly_utils", "narwhals", "packaging"}),
    ("fmt --check FILE", PARSER),
    ("profile FILE", PARSER),
    ("verify --help", PARSER),
]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small program, with nothing kept between runs yet."""
    monkeypatch.setenv("NEURAL_CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.setenv("NEURAL_CACHE", "1")
    path = tmp_path / "small.neural"
    path.write_text("network Small {\n    input: (4)\n    layers:\n        Dense(2)\n}\n")
    return path


def test_every_verb_is_listed() -> None:
    assert VERBS.keys() <= {command.split()[0] for command, _ in ALLOWED}


@pytest.mark.parametrize(("command", "allowed"), ALLOWED)
def test_a_verb_imports_what_it_needs(command: str, allowed: set[str], program: Path) -> None:
    assert foreign(modules_after(*command.replace("FILE", str(program)).split())) <= allowed


@pytest.mark.parametrize("verb", ["check", "summary"])
def test_a_verb_that_was_answered_before_imports_no_parser_and_no_layers(verb: str, program: Path) -> None:
    assert {"neural.parser.parser", "neural.layers.base"} <= modules_after(verb, str(program))
    modules = modules_after(verb, str(program))
    assert foreign(modules) == set()
    rooms = {".".join(name.split(".")[:2]) for name in modules if name.startswith("neural.")}
    assert rooms & {"neural.parser", "neural.binding", "neural.shape_propagation", "neural.compiler"} == set()
    assert {name for name in modules if name.startswith("neural.layers.")} <= {"neural.layers.fields"}


def foreign(modules: Iterable[str]) -> set[str]:
    """Return the packages among modules that are of neither the standard library nor the engine, click apart."""
    tops = {name.split(".")[0] for name in modules}
    return tops - sys.stdlib_module_names - at_start() - {"neural", "click", "__main__"}


@cache
def at_start() -> frozenset[str]:
    """Return what an interpreter has imported by itself, for an environment may add to it."""
    names = json.loads(run(sys.executable, "-c", "import json, sys; print(json.dumps(list(sys.modules)))").stdout)
    return frozenset(name.split(".")[0] for name in names)


# --- time of the processor, as a ratio to that of importing click in the same run ---


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes keep the bytecode of what they import, as an installation has it."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / "bytecode"))


def ratio_to_click(*arguments: str) -> float:
    """Return how many times the processor works for a command as for ``import click``; the median of several."""
    neural = [sys.executable, "-m", "neural", *arguments]
    click = [sys.executable, "-c", "import click"]
    for command in (neural, neural, click):
        run(*command)
    return median(worked(*neural) / worked(*click) for _ in range(7))


def worked(*command: str) -> float:
    """Return the seconds that the processor worked for a process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(*command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.usefixtures("compiled")
def test_help_takes_at_most_1_6_times_what_importing_click_takes() -> None:
    assert ratio_to_click("--help") <= 1.6


@pytest.mark.usefixtures("compiled")
def test_an_answer_of_an_earlier_run_takes_at_most_four_times_what_importing_click_takes(program: Path) -> None:
    shutil.copy(ROOT / "examples" / "resnet.neural", program)
    assert ratio_to_click("summary", str(program)) <= 4
