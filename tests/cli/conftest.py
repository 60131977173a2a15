"""Running the command line as a person does, without a process for each run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from neural.cli.main import main

Neural = Callable[..., Result]

GOOD = """\
network Small {
    input: (28, 28, 1)
    layers:
        Conv2D(32, (3, 3), "relu")
        Flatten()
        Output(10, "softmax")
    loss: "sparse_categorical_crossentropy"
    optimizer: "adam"
}
"""

BAD = GOOD.replace("Flatten()", "Flaten()")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep what a test keeps between runs in a place of its own."""
    monkeypatch.setenv("NEURAL_CACHE", "1")
    path = tmp_path / "kept"
    monkeypatch.setenv("NEURAL_CACHE_DIR", str(path))
    return path


@pytest.fixture
def neural() -> Neural:
    """Return a function that runs ``neural`` with its arguments."""

    def run(*arguments: object, input: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, [str(each) for each in arguments], input=input, prog_name="neural")

    return run


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.neural"
    path.write_text(GOOD, encoding="utf-8")
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.neural"
    path.write_text(BAD, encoding="utf-8")
    return path
