"""The documentation tells the truth: its programs run, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import neural

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
PROGRAMS = [
    pytest.param(block, id=f"{page.name}:{page.read_text()[: match.start()].count(chr(10)) + 1}")
    for page in PAGES
    for match in re.finditer(r"^```neural\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    for block in [match[1]]
]


@pytest.mark.parametrize("source", PROGRAMS)
def test_every_program_is_right(source: str) -> None:
    report = neural.analyze(source)
    assert [d for d in report.diagnostics if d.severity != "hint"] == []
    assert report.layers


@pytest.mark.parametrize("source", PROGRAMS)
@pytest.mark.parametrize("backend", ["pytorch", "tensorflow"])
def test_every_program_compiles(source: str, backend: str) -> None:
    compile(neural.generate(source, backend=backend), "generated.py", "exec")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []
