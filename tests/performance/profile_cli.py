"""Show where the time of a command goes: the costliest imports, and the costliest functions.

    python tests/performance/profile_cli.py [--limit N] [COMMAND ...]

Without a command, ``--help``, ``check`` and ``summary`` of a small network are profiled.
"""

from __future__ import annotations

import argparse
import io
import os
import pstats
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

from tests.performance.profiling_utils import time_block  # noqa: E402
from tests.performance.programs import SIMPLE  # noqa: E402

_IMPORT_LINE: Final = re.compile(r"import time:\s*(\d+) \|\s*(\d+) \|\s*(\S+)")


class ImportTime(NamedTuple):
    """How long a module took to import, alone and with what it imported, in microseconds."""

    module: str
    alone: int
    together: int


def import_times(command: Sequence[str]) -> list[ImportTime]:
    """Return the imports of a command, the costliest first."""
    done = _run(["-X", "importtime", "-m", "neural", *command])
    found = (ImportTime(name, int(alone), int(whole)) for alone, whole, name in _IMPORT_LINE.findall(done.stderr))
    return sorted(found, key=lambda each: each.alone, reverse=True)


def function_times(command: Sequence[str], limit: int) -> str:
    """Return the profile of a command, sorted by the time spent in each function with what it calls."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "profile"
        _run(["-m", "cProfile", "-o", str(file), "-m", "neural", *command])
        text = io.StringIO()
        pstats.Stats(str(file), stream=text).strip_dirs().sort_stats("cumulative").print_stats(limit)
        return text.getvalue()


def _run(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, env={**os.environ})


def profile(command: Sequence[str], limit: int) -> None:
    """Print the whole time, the imports and the functions of one command."""
    with time_block() as whole:
        _run(["-m", "neural", *command])
    imports = import_times(command)
    print(f"== neural {' '.join(command)}: {whole.seconds * 1e3:.0f} ms, {len(imports)} modules imported ==\n")
    print(f"{'alone, ms':>10} {'together, ms':>13}  module")
    for each in imports[:limit]:
        print(f"{each.alone / 1e3:>10.2f} {each.together / 1e3:>13.2f}  {each.module}")
    print(function_times(command, limit))


def main() -> None:
    """Profile the command that is given, or a few typical ones."""
    parser = argparse.ArgumentParser(description="Show where the time of a command goes.")
    parser.add_argument("--limit", type=int, default=15, help="lines to show of each list (default 15)")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "simple.neural"
        program.write_text(SIMPLE, encoding="utf-8")
        usual = [["--help"], ["check", str(program)], ["summary", str(program)]]
        for command in [options.command] if options.command else usual:
            profile(command, options.limit)


if __name__ == "__main__":
    main()
