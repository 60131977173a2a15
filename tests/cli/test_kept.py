"""What is kept between runs: the same bytes with it and without, and never an answer of other code."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from neural import kept
from neural.caches import clear_caches
from neural.diskcache import NAME, DiskCache
from neural.layers.plugins import plugin_layers
from tests.cli.conftest import BAD, GOOD, Neural

ROOT = Path(__file__).parents[2]
RESNET = ROOT / "examples" / "resnet.neural"

#: Programs with hints and errors that name layers of the catalogue alone.
HINTS = GOOD.replace('Conv2D(32, (3, 3), "relu")', 'Conv2d(32, (3, 3), "relu")\n        Dropout(0.0)')
WRONG = GOOD.replace("Conv2D(32, (3, 3)", "Conv2D(32, (30, 30)")
TORN = GOOD.replace("Flatten()", "Flatten(")

RUNS = [
    # a command and the program it is given
    ("summary", GOOD),
    ("summary --format json", GOOD),
    ("summary --format csv --framework pytorch --batch 7", GOOD),
    ("summary --format markdown --device h100 --dtype float16", GOOD),
    ("summary --depth 1", RESNET.read_text(encoding="utf-8")),
    ("summary --depth 2 --format json", RESNET.read_text(encoding="utf-8")),
    ("summary --set nothing=1", GOOD),
    ("summary --network Small", GOOD),
    ("summary --network Other", GOOD),
    ("summary", HINTS),
    ("summary", WRONG),
    ("summary", TORN),
    ("summary", BAD),
    ("summary", ""),
    ("check", GOOD),
    ("check", HINTS),
    ("check --format json", WRONG),
    ("check --format github", WRONG),
    ("check --format sarif", TORN),
    ("visualize --format svg", GOOD),
    ("visualize --format mermaid", GOOD),
]


@pytest.fixture(autouse=True)
def answers(monkeypatch: pytest.MonkeyPatch) -> DiskCache:
    """Return what counts the answers of a test."""
    plugin_layers.cache_clear()
    clear_caches()
    fresh = DiskCache()
    monkeypatch.setattr(kept, "ANSWERS", fresh)
    return fresh


@pytest.mark.parametrize(("command", "source"), RUNS)
def test_the_same_is_printed(command: str, source: str, tmp_path: Path, neural: Neural, answers: DiskCache) -> None:
    program = tmp_path / "program.neural"
    program.write_text(source, encoding="utf-8")
    runs = [neural(*flags, *command.split(), program) for flags in ([], [], ["--cache"], ["--no-cache"])]
    assert len({(each.exit_code, each.stdout, each.stderr) for each in runs}) == 1
    # A program that names an unknown layer is answered anew: an installed package may have it the next time.
    assert (answers.hits, answers.misses) == ((0, 3) if source == BAD else (2, 1))


def test_settings_are_told_apart(good: Path, neural: Neural, answers: DiskCache) -> None:
    for arguments in (["--batch", 1], ["--batch", 2], ["--dtype", "mixed"], ["--framework", "pytorch"]):
        neural("summary", good, *arguments)
    assert (answers.hits, answers.counts().size) == (0, 4)


def test_other_code_is_another_answer(good: Path, neural: Neural, answers: DiskCache, tmp_path: Path) -> None:
    neural("summary", good)
    kept.fingerprint.cache_clear()
    neural("summary", good)
    assert answers.hits == 1
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(kept, "fingerprint", lambda: "of other code")
        neural("summary", good)
    assert (answers.hits, answers.misses) == (1, 2)


CHANGES = [
    ("compiler.py", "a longer text"),
    ("compiler.py", None),
    ("layers/core.py", None),
    ("parser/grammar.lark", None),
    ("stdlib/Transformer.neural", None),
    ("new.py", ""),
]


@pytest.mark.parametrize(("name", "text"), CHANGES)
def test_every_file_of_the_code_is_looked_at(
    name: str, text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "neural"
    shutil.copytree(ROOT / "neural", copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(kept, "__file__", str(copy / "kept.py"))
    before = kept.fingerprint.__wrapped__()
    assert kept.fingerprint.__wrapped__() == before
    file = copy / name
    if text is None:  # as long as before, and with the time of before
        status = file.stat()
        file.write_bytes(file.read_bytes()[::-1])
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    else:
        file.write_text(text)
    assert kept.fingerprint.__wrapped__() != before


def test_code_that_cannot_be_looked_at_is_no_error(good: Path, neural: Neural, answers: DiskCache) -> None:
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(kept, "__file__", "/nowhere/neural.zip/neural/kept.py")
        kept.fingerprint.cache_clear()
        assert neural("summary", good).exit_code == 0
    kept.fingerprint.cache_clear()
    assert answers.counts().size == 0


@pytest.mark.parametrize("found", [None, [], {}, "text", 7, {"network": "A"}, {"layers": 3}, {"nonsense": 1}])
def test_what_is_no_report_is_not_taken_for_one(
    found: object, good: Path, neural: Neural, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = neural("--no-cache", "summary", good)
    monkeypatch.setattr(DiskCache, "get", lambda *_: found)
    assert neural("summary", good).stdout == whole.stdout


@pytest.mark.parametrize("value", ["0", "no"])
def test_it_can_be_turned_off(value: str, good: Path, neural: Neural, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURAL_CACHE", value)
    assert neural("summary", good).exit_code == 0
    assert not Path(os.environ["NEURAL_CACHE_DIR"]).exists()


def test_clean_removes_it(good: Path, neural: Neural, own_cache: Path) -> None:
    neural("summary", good)
    assert (own_cache / NAME).is_file()
    neural("clean")
    assert not own_cache.exists()


# --- processes ---

_RUN = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))
from neural.cli.main import main
main(sys.argv[1:], prog_name="neural")
"""
PARSING = ("lark", "regex", "neural.parser", "neural.binding", "neural.compiler", "neural.layers.catalogue")


def start(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _RUN, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> tuple[str, set[str]]:
    """Return what a process printed and the modules that it had imported."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0
    return out, set(json.loads(err.splitlines()[-1]))


@pytest.mark.parametrize("command", [["summary"], ["summary", "--format", "json"], ["check"]])
def test_the_second_run_parses_nothing(command: list[str]) -> None:
    first, imported = ended(start(*command, RESNET))
    assert set(PARSING) - {"lark", "regex"} <= imported
    second, again = ended(start(*command, RESNET))
    assert second == first
    assert set(PARSING) & again == set()


def test_several_processes_at_once() -> None:
    processes = [start("summary", RESNET) for _ in range(4)]
    assert len({ended(each)[0] for each in processes}) == 1
    assert set(PARSING) & ended(start("summary", RESNET))[1] == set()
