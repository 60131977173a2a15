"""``neural compile`` and ``neural visualize``: files from programs."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

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
