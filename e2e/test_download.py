"""The code of both backends is downloaded, and it runs."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.playground_page import PlaygroundPage
from e2e.programs import mnist

COUNT = {
    "pytorch": "sum(p.numel() for p in model.parameters())",
    "tensorflow": "model.count_params()",
}
LAST_SHAPE = {
    "pytorch": "tuple(model.eval()(__import__('torch').zeros(2, 1, 28, 28)).shape)",
    "tensorflow": "tuple(model(__import__('numpy').zeros((2, 28, 28, 1), 'float32')).shape)",
}


@pytest.mark.parametrize("backend", ["pytorch", "tensorflow"])
def test_the_downloaded_file_builds_the_network(playground: PlaygroundPage, backend: str, tmp_path: Path) -> None:
    playground.type_over("Dense(128", "Dense(64")
    playground.expect_parameters(mnist(hidden=64))
    file = playground.download(backend, tmp_path)
    assert file.name == f"MNIST_{backend}.py"
    program = (
        f"import {file.stem} as module\nmodel = module.build_model()\n"
        f"print([{COUNT[backend]}, {LAST_SHAPE[backend]}])\n"
    )
    count, shape = ast.literal_eval(run(["-c", program], tmp_path).strip().splitlines()[-1])
    assert (count, tuple(shape)) == (mnist(hidden=64), (2, 10))


@pytest.mark.parametrize("backend", ["pytorch", "tensorflow"])
def test_the_downloaded_file_can_be_started(playground: PlaygroundPage, backend: str, tmp_path: Path) -> None:
    file = playground.download(backend, tmp_path)
    assert "693,962" in run([file.name], tmp_path)


def run(arguments: list[str], folder: Path) -> str:
    """Run Python in a folder, quietly and on the processor, and return what it prints."""
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1", "COLUMNS": "120"}
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", **quiet}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
