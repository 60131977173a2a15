"""``neural clean`` removes what Neural kept, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from neural.cachedir import cache_directory
from tests.cli.conftest import Neural


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEURAL_CACHE", "1")
    monkeypatch.setenv("NEURAL_CACHE_DIR", str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_our_own_is_removed(place: Path, neural: Neural) -> None:
    assert cache_directory() == place
    result = neural("clean")
    assert (result.exit_code, result.stdout) == (0, f"removed {place}\n")
    assert not place.exists()


def test_a_second_time_there_is_nothing(place: Path, neural: Neural) -> None:
    result = neural("clean")
    assert (result.exit_code, result.stdout) == (0, "nothing to remove\n")


def test_a_folder_of_somebody_else_stays(place: Path, neural: Neural) -> None:
    place.mkdir(mode=0o700)
    (place / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n# of another program\n")
    assert neural("clean").stdout == "nothing to remove\n"
    assert place.exists()
