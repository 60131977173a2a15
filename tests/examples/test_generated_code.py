"""The code of every network of the examples, in both frameworks: nothing for a linter or a type checker to say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from neural.code_generation.emitter import BACKENDS
from neural.compiler import default_compiler
from neural.syntax import NetworkItem

COMMANDS = (
    ["ruff", "check", "--isolated", "--no-cache"],
    ["ruff", "format", "--check", "--isolated", "--no-cache"],
    ["mypy", "--config-file=", "--ignore-missing-imports", "--cache-dir"],
)


def names_of(source: str) -> list[str]:
    program = default_compiler().parse(source).program
    assert program is not None
    return [each.item.name.text for each in program.items if isinstance(each.item, NetworkItem)]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the code of every network, a file each."""
    folder = tmp_path_factory.mktemp("code")
    for path in sorted(Path("examples").glob("*.neural")):
        source = path.read_text(encoding="utf-8")
        for name in names_of(source):
            for backend in BACKENDS:
                code = default_compiler().code(source, backend=backend, network=name).source
                (folder / f"{path.stem}_{name}_{backend}.py").write_text(code, encoding="utf-8")
    return folder


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
def test_tools_have_nothing_to_say(command: list[str], written: Path) -> None:
    cache = [str(written.parent / "types")] if command[-1] == "--cache-dir" else []
    files = sorted(map(str, written.glob("*.py")))
    assert len(files) > 160
    done = subprocess.run([sys.executable, "-m", *command, *cache, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_python_warns_of_nothing(written: Path) -> None:
    code = "import sys, pathlib\nfor path in sys.argv[1:]: compile(pathlib.Path(path).read_text(), path, 'exec')"
    files = sorted(map(str, written.glob("*.py")))
    done = subprocess.run([sys.executable, "-W", "error", "-c", code, *files], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


#: The most lines of the model alone.
LONGEST = {"pytorch": 120, "tensorflow": 120}


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_deep_network_stays_readable(backend: str) -> None:
    source = Path("examples/resnet.neural").read_text(encoding="utf-8")
    code = default_compiler().code(source, backend=backend, network="ResNet50", script=False).source
    assert code.count("\n") <= LONGEST[backend]
