"""The documentation tells the truth: its programs run, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import neural
from tests.binding.edits import applied
from tests.binding.programs import probe

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


HABITS = re.findall(r"^\| `([^`|]+)` \| `([^`|]+)` \|$", (ROOT / "docs/language.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize(("written", "meant"), HABITS)
def test_the_fix_of_what_other_languages_write_is_the_one_that_is_said(written: str, meant: str) -> None:
    (found,) = neural.analyze(probe(written)).diagnostics
    assert applied(probe(written), found.fixes[0]) == probe(meant)
    assert neural.analyze(probe(meant)).diagnostics == ()


def test_there_is_something_that_other_languages_write() -> None:
    assert len(HABITS) >= 15
