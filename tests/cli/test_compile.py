"""``neural compile`` and ``neural visualize``: files from programs."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from neural.cli.options import FORMS
from neural.code_generation import forms
from neural.compiler import default_compiler
from neural.visualization.diagram import diagram_svg, mermaid
from tests.cli.conftest import GOOD, Neural


@pytest.mark.parametrize("backend", ["pytorch", "tensorflow"])
def test_code_goes_to_the_standard_output(backend: str, good: Path, neural: Neural) -> None:
    result = neural("compile", good, "--backend", backend)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == default_compiler().generate(GOOD, backend=backend)
    ast.parse(result.stdout)


def test_code_goes_to_a_file(good: Path, tmp_path: Path, neural: Neural) -> None:
    out = tmp_path / "model.py"
    result = neural("compile", good, "--backend", "pytorch", "-o", out)
    assert (result.exit_code, result.output) == (0, "")
    assert out.read_bytes().decode() == default_compiler().generate(GOOD, backend="pytorch")


def test_a_program_with_errors_writes_nothing(bad: Path, tmp_path: Path, neural: Neural) -> None:
    out = tmp_path / "model.py"
    result = neural("compile", bad, "--backend", "pytorch", "-o", out)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"{bad}:5:9: error N201" in result.stderr
    assert not out.exists()


def test_a_place_that_cannot_be_written_is_one_line_and_two(good: Path, tmp_path: Path, neural: Neural) -> None:
    out = tmp_path / "missing" / "model.py"
    result = neural("compile", good, "--backend", "pytorch", "-o", out)
    assert (result.exit_code, result.stderr) == (2, f"Error: cannot write {out}: No such file or directory\n")


@pytest.mark.parametrize("backend", ["pytorch", "tensorflow"])
@pytest.mark.parametrize("form", FORMS)
def test_a_form_goes_to_a_file(form: str, backend: str, good: Path, tmp_path: Path, neural: Neural) -> None:
    out = tmp_path / "out"
    result = neural("compile", good, "--backend", backend, "--form", form, "-o", out)
    assert (result.exit_code, result.output) == (0, "")
    assert out.read_bytes() == default_compiler().download(GOOD, backend=backend, form=form).content


def test_the_forms_are_those_of_the_compiler() -> None:
    assert FORMS == forms.FORMS


def test_an_archive_goes_through_a_pipe_and_not_to_a_terminal(
    good: Path, neural: Neural, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("compile", good, "--backend", "pytorch", "--form", "project")
    assert (
        neural(*arguments).stdout_bytes == default_compiler().download(GOOD, backend="pytorch", form="project").content
    )
    terminal = SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("neural.cli.commands.compile.sys", terminal)
    result = neural(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Error: this is no text for a terminal: name a file with -o\n"
    assert neural("compile", good, "--backend", "pytorch", "--form", "notebook").exit_code == 0


def test_an_onnx_file_goes_to_a_file(good: Path, tmp_path: Path, neural: Neural) -> None:
    out = tmp_path / "model.onnx"
    result = neural("compile", good, "--backend", "onnx", "-o", out)
    assert (result.exit_code, result.stdout) == (0, "")
    assert re.fullmatch(
        r"compared with PyTorch: a relative difference of \de-\d\d\n", re.sub(r"\.\d", "", result.stderr)
    )
    assert out.read_bytes() == default_compiler().onnx(GOOD).content


def test_what_is_no_onnx_file_is_said(
    good: Path, tmp_path: Path, neural: Neural, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = neural("compile", good, "--backend", "onnx", "--form", "model")
    assert (result.exit_code, result.stderr) == (2, "Error: --form is for code: an ONNX file has one form\n")

    def missing(*_: object, **__: object) -> None:
        raise ModuleNotFoundError('onnx needs the package onnx: pip install "neural-playground[onnx]"')

    monkeypatch.setattr("neural.compiler.Compiler.onnx", missing)
    result = neural("compile", good, "--backend", "onnx", "-o", tmp_path / "model.onnx")
    assert result.exit_code == 2
    assert result.stderr == 'Error: onnx needs the package onnx: pip install "neural-playground[onnx]"\n'
    path = tmp_path / "own.neural"
    path.write_text("network N { input: (4) layers: FancyLayer() }")
    monkeypatch.undo()
    result = neural("compile", path, "--backend", "onnx", "-o", tmp_path / "model.onnx")
    assert result.exit_code == 1
    assert f"{path}:1:32: error N601: fancy_layer is code of the program's own" in result.stderr
    assert not (tmp_path / "model.onnx").exists()


def test_a_let_and_a_network_are_chosen(tmp_path: Path, neural: Neural) -> None:
    path = tmp_path / "two.neural"
    path.write_text(
        "let width = 8 in 4..64 network A { input: (4) layers: Dense(2) } network B { input: (4) layers: Dense(width) }"
    )
    result = neural("compile", path, "--backend", "pytorch", "--network", "B", "--set", "width=13")
    assert "class B(nn.Module):" in result.stdout
    assert "nn.Linear(4, 13)" in result.stdout
    result = neural("compile", path, "--backend", "pytorch", "--set", "depth=13")
    assert (result.exit_code, result.stderr) == (2, "Error: --set: the program has no let called depth\n")


def test_a_backend_must_be_named_and_known(good: Path, neural: Neural) -> None:
    assert neural("compile", good).exit_code == 2
    assert neural("compile", good, "--backend", "caffe").exit_code == 2


def test_drawings_are_those_of_the_engine(good: Path, neural: Neural) -> None:
    report = default_compiler().analyze(GOOD)
    assert neural("visualize", good, "--format", "mermaid").stdout.rstrip("\n") == mermaid(report).rstrip("\n")
    svg = neural("visualize", good, "--format", "svg").stdout
    assert svg.rstrip("\n") == diagram_svg(report, standalone=True).rstrip("\n")
    ElementTree.fromstring(svg)


def test_the_page_needs_nothing_from_elsewhere(good: Path, tmp_path: Path, neural: Neural) -> None:
    out = tmp_path / "small.html"
    assert neural("visualize", good, "-o", out).exit_code == 0
    page = out.read_text(encoding="utf-8")
    assert "<title>Small</title>" in page
    assert "<svg" in page
    assert "Plotly.newPlot" in page
    assert re.findall(r"<(?:script|link|img)\b[^>]*\b(?:src|href)=", page) == []


def test_text_of_a_program_is_text_in_the_page(tmp_path: Path, neural: Neural) -> None:
    path = tmp_path / "hostile.neural"
    path.write_text('network N { input: (4) layers: Dense(2, name="</script><img src=x onerror=alert(1)>") }')
    result = neural("visualize", path, "-o", tmp_path / "out.html")
    if result.exit_code == 0:
        assert "<img" not in (tmp_path / "out.html").read_text(encoding="utf-8")


def test_a_program_with_errors_is_not_drawn(bad: Path, neural: Neural) -> None:
    result = neural("visualize", bad)
    assert (result.exit_code, result.stdout) == (1, "")
