"""The code of both backends is downloaded, and it runs."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from e2e.conftest import OpenPage
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


@pytest.mark.parametrize("backend", ["pytorch", "tensorflow"])
@pytest.mark.parametrize("scripts", [True, False])
def test_every_form_is_downloaded(open_page: OpenPage, backend: str, tmp_path: Path, scripts: bool) -> None:
    playground = open_page(java_script_enabled=scripts)
    model = playground.download(backend, tmp_path, "Model alone")
    assert model.name == f"MNIST_{backend}.py"
    assert "def train(" not in model.read_text()
    compile(model.read_text(), model.name, "exec")
    assert "def train(" in playground.download(backend, tmp_path, "Script").read_text()

    notebook = playground.download(backend, tmp_path, "Notebook")
    assert notebook.name == f"MNIST_{backend}.ipynb"
    assert json.loads(notebook.read_text())["nbformat"] == 4
    project = playground.download(backend, tmp_path, "Project")
    assert project.name == f"MNIST_{backend}.zip"
    with zipfile.ZipFile(project) as archive:
        assert {"requirements.txt", "README.md"} <= {Path(name).name for name in archive.namelist()}


def test_the_menu_of_forms_closes(playground: PlaygroundPage, tmp_path: Path) -> None:
    page = playground.page
    opener = page.get_by_label("Keras code in another form")
    form = page.get_by_role("group", name="Keras", exact=True).get_by_role("button", name="Notebook")
    opener.click()
    expect(form).to_be_visible()
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(form).to_be_visible()
    playground.editor.click()
    expect(form).to_be_hidden()
    playground.download("tensorflow", tmp_path, "Notebook")
    expect(form).to_be_hidden()
    playground.type_over("Dropout", "Dropuot")
    expect(page.get_by_test_id("download-tensorflow")).to_be_disabled()
    opener.click()
    expect(form).to_be_disabled()


def test_the_menu_fits_every_screen(open_page: OpenPage) -> None:
    for width in (320, 390, 541, 768, 1024, 1440):
        page = open_page(viewport={"width": width, "height": 800}).page
        for title in ("PyTorch", "Keras"):
            page.get_by_label(f"{title} code in another form").click()
            box = page.get_by_role("group", name=title, exact=True).get_by_role("button", name="Project").bounding_box()
            assert box, (width, title)
            assert box["x"] >= 0, (width, title)
            assert box["x"] + box["width"] <= width, (width, title)
            page.keyboard.press("Escape")


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
