"""How long a process takes from start to end, beside Python's own and Click's, in turns."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.performance.edits import REAL, SOURCES
from tests.performance.figures import Figures, Taken, Trial, in_turns

ROOT: Final = Path(__file__).parents[2]


def command() -> list[str]:
    """Return what starts ``neural``: its script where it is installed, as a person starts it."""
    script = Path(sys.executable).with_name("neural")
    return [sys.executable, str(script)] if script.exists() else [sys.executable, "-m", "neural"]


def measure(seconds: float = 15.0) -> Figures:
    """Return the times of processes, by a clock on the wall."""
    summary = [*command(), "summary", str(ROOT / "examples" / "resnet.neural")]
    with tempfile.TemporaryDirectory() as folder:
        kept = {"NEURAL_CACHE": "1", "NEURAL_CACHE_DIR": str(Path(folder) / "cache")}
        new = Path(folder) / "resnet.neural"
        new.write_text(SOURCES["ResNet50"], encoding="utf-8")
        trials = [
            _start("starts/python -c pass", [sys.executable, "-c", "pass"]),
            _start('starts/python -c "import click"', [sys.executable, "-c", "import click"]),
            _start("starts/neural --version", [*command(), "--version"]),
            _start("starts/neural --help", [*command(), "--help"]),
            _start("starts/neural summary resnet50, no cache", summary, {"NEURAL_CACHE": "0"}),
            _start("starts/neural summary resnet50, cache", summary, kept),
            _edited(
                new, _start("starts/neural summary of an edit of it, cache", [*command(), "summary", str(new)], kept)
            ),
        ]
        return in_turns(trials, seconds=seconds, least=5, clock=time.perf_counter)


def _start(name: str, arguments: list[str], more: Mapping[str, str] | None = None) -> Trial:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **(more or {})}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled once

    def work() -> object:
        return subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, check=True)

    work()
    return lambda taken: taken.time(name, work)


def _edited(file: Path, start: Trial) -> Trial:
    """Return the trial with another text in the file each time, so that nothing kept answers for it."""
    texts = REAL["ResNet50"]["edit"]()

    def trial(taken: Taken) -> None:
        file.write_text(texts(), encoding="utf-8")
        start(taken)

    return trial
