"""Two revisions on one machine: each checked out for a while, and their parts taken in turns by the same benchmarks."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_HERE: Final = Path("tests") / "performance"


@contextmanager
def checkouts(revisions: list[str]) -> Iterator[list[Path]]:
    """Check out revisions side by side; each has the benchmarks of this checkout in place of its own."""
    made: list[Path] = []
    with TemporaryDirectory() as folder:
        try:
            for number, revision in enumerate(revisions):
                tree = Path(folder) / str(number)
                _git("worktree", "add", "--quiet", "--detach", str(tree), revision)
                made.append(tree)
                shutil.rmtree(tree / _HERE, ignore_errors=True)
                shutil.copytree(ROOT / _HERE, tree / _HERE, ignore=shutil.ignore_patterns("__pycache__"))
            yield made
        finally:
            for tree in made:
                _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True)
