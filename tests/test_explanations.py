"""Every diagnostic code is explained, and its examples do what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

import neural
from neural.diagnostics import CODES
from neural.explanations import EXPLANATIONS, page

ROOT = Path(__file__).parent.parent
EXAMPLES = [code for code, each in EXPLANATIONS.items() if each.example is not None]


def test_every_code_is_explained_in_order() -> None:
    assert list(EXPLANATIONS) == list(CODES)


def test_only_codes_without_a_short_program_lack_an_example() -> None:
    assert [code for code, each in EXPLANATIONS.items() if each.example is None] == ["N107", "N601"]


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_example_has_the_code_and_the_mended_one_is_right(code: str) -> None:
    each = EXPLANATIONS[code]
    assert each.example is not None
    assert each.mended is not None
    assert [found.code for found in neural.analyze(each.example).diagnostics] == [code]
    assert neural.analyze(each.mended).diagnostics == ()


def test_the_page_is_written_from_here() -> None:
    assert (ROOT / "docs/diagnostics.md").read_text(encoding="utf-8") == page(), (
        "run: python -m neural.explanations > docs/diagnostics.md"
    )
