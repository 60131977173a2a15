"""The benchmark runner and the profiler run, and say when a bar is missed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.performance import benchmark_runner, profile_cli, revisions
from tests.performance.figures import Figure, Results
from tests.performance.parts import PARTS
from tests.performance.stages import STAGES

README = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
STAGE = "stages/propagate 10 layers"


def test_a_stage_is_measured_in_a_process_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "kept" / "figures.json"
    assert benchmark_runner.main(["--json", str(file), "--runs", "1", "--only", STAGE]) == 0
    told = Results.read(file)
    cold, warm = (told.figures[f"{STAGE}/{kind}"] for kind in ("cold", "warm"))
    assert (cold.unit, cold.runs, warm.runs) == ("s", 1, 20)
    assert 0 < warm.median < cold.median < 0.1
    assert "ok" in capsys.readouterr().out.splitlines()[-1].split()


def test_figures_are_compared_with_earlier_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, now = tmp_path / "before.json", tmp_path / "now.json"
    machine = {"python": "3.12.1", "cpus": 2, "platform": "Linux x86_64"}
    before.write_text(Results(machine, {"real/a": Figure(1.0, 1.0), "real/b": Figure(1.0, 1.0)}).to_json())
    now.write_text(Results(machine, {"real/a": Figure(0.25, 0.2), "real/c": Figure(1.0, 1.0)}).to_json())
    assert benchmark_runner.main(["--read", str(now), "--compare", str(before)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "CPython 3.12.1, 2 CPUs, Linux x86_64"
    assert [line.split() for line in lines[-2:]] == [
        ["before", "now", "ratio"],
        ["real/a", "1", "s", "250", "ms", "0.25x"],
    ]


@pytest.mark.parametrize(
    ("figures", "skipped", "code"),
    [
        ({}, {}, 0),
        ({"growth/edit, shapes stay/chain/1000": Figure(0.001, 0.001)}, {}, 0),
        ({"growth/edit, shapes stay/chain/1000": Figure(0.003, 0.001)}, {}, 1),
        ({}, {"peers/torchinfo": "not installed"}, 0),
        ({}, {"real": "failed: ValueError"}, 1),
    ],
)
def test_a_bar_that_is_missed_is_an_error(
    figures: dict[str, Figure], skipped: dict[str, str], code: int, tmp_path: Path
) -> None:
    file = tmp_path / "figures.json"
    file.write_text(Results({"python": "3", "cpus": 2, "platform": ""}, figures, skipped).to_json())
    assert benchmark_runner.main(["--read", str(file)]) == code


def test_a_part_that_fails_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    figures, reason = benchmark_runner.take("starts", benchmark_runner.Options(), 1, tmp_path)
    assert figures == {}
    assert reason.startswith("failed: ")


def test_a_peer_that_is_not_there_is_skipped() -> None:
    results = benchmark_runner.measure(["peers/neural-dsl"], benchmark_runner.Options())
    assert results.skipped == {"peers/neural-dsl": "not installed: --peers-venv DIR makes an environment for it"}


def test_parts_are_chosen_by_how_their_names_begin() -> None:
    assert benchmark_runner.chosen([]) == list(PARTS)
    assert benchmark_runner.chosen(["peers", "starts"]) == [
        "peers/PyTorch",
        "peers/torchinfo",
        "peers/Keras",
        "peers/neural-dsl",
        "starts",
    ]


def test_an_unknown_part_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as stopped:
        benchmark_runner.main(["--only", "no such part"])
    assert stopped.value.code == 2


@pytest.mark.parametrize("name", [name for name, stage in STAGES.items() if stage.target])
def test_every_target_is_listed(name: str) -> None:
    assert f"| < {STAGES[name].target:g} {STAGES[name].unit} |" in README


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository of two revisions, with benchmarks that are in neither."""
    root = tmp_path / "repository"
    benchmarks = root / "tests" / "performance"
    benchmarks.mkdir(parents=True)

    def git(*arguments: str) -> None:
        subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments], cwd=root, check=True)

    git("init", "--quiet")
    for number in ("one", "two"):
        (root / "engine.py").write_text(number)
        git("add", ".")
        git("commit", "--quiet", "-m", number)
    (benchmarks / "stages.py").write_text("new")
    monkeypatch.setattr(revisions, "ROOT", root)
    yield root
    worktrees = subprocess.run(["git", "worktree", "list"], cwd=root, check=True, capture_output=True, text=True)
    assert len(worktrees.stdout.splitlines()) == 1


def test_two_revisions_are_checked_out_with_the_same_benchmarks(repository: Path) -> None:
    with revisions.checkouts(["HEAD~1", "HEAD"]) as trees:
        assert [(tree / "engine.py").read_text() for tree in trees] == ["one", "two"]
        assert [(tree / "tests" / "performance" / "stages.py").read_text() for tree in trees] == ["new", "new"]


def test_the_profiler_names_imports_and_functions() -> None:
    imports = profile_cli.import_times(["--version"])
    assert "click" in {each.module for each in imports}
    assert imports == sorted(imports, key=lambda each: each.alone, reverse=True)
    assert "cumulative" in profile_cli.function_times(["--version"], 5)
