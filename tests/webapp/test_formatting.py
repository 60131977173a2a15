"""Numbers, shapes and words as a person reads them, a row a fact."""

from __future__ import annotations

import pytest

from webapp import formatting


@pytest.mark.parametrize(
    ("value", "text", "title"),
    [
        (0, "0", "0 FLOPs"),
        (999_999, "999,999", "999,999 FLOPs"),
        (1_000_000, "1.00 M", "1,000,000 FLOPs"),
        (1_384_448, "1.38 M", "1,384,448 FLOPs"),
        (12_345_678, "12.3 M", "12,345,678 FLOPs"),
        (999_600_000, "1,000 M", "999,600,000 FLOPs"),
        (3_858_106_992, "3.86 G", "3,858,106,992 FLOPs"),
        (10**21, "1,000 E", f"{10**21:,} FLOPs"),
        (None, "unknown", "depends on an unknown size"),
    ],
)
def test_flops(value: int | None, text: str, title: str) -> None:
    number = formatting.flops(value)
    assert (number.text, number.title, number.value) == (text, title, value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.00 KiB"),
        (87_808, "85.8 KiB"),
        (2_906_704, "2.77 MiB"),
        (1 << 40, "1.00 TiB"),
    ],
)
def test_memory(value: int, text: str) -> None:
    assert formatting.memory(value).text == text
    assert formatting.memory(value).title == f"{value:,} bytes"


def test_counts_keep_every_digit() -> None:
    assert formatting.count(175_000_000_000, "parameters").text == "175,000,000,000"


@pytest.mark.parametrize(
    ("sizes", "text"), [((None, 28, 28, 1), "(None, 28, 28, 1)"), ((None,), "(None,)"), ((), "()"), (None, "unknown")]
)
def test_shapes(sizes: tuple[int | None, ...] | None, text: str) -> None:
    assert formatting.shape(sizes) == text


@pytest.mark.parametrize(
    ("part", "text"), [(0.0, "0%"), (0.0001, "<0.1%"), (0.0014, "0.1%"), (0.779, "77.9%"), (1.0, "100.0%")]
)
def test_percents(part: float, text: str) -> None:
    assert formatting.percent(part) == text


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("write `Dense`", "write <code>Dense</code>"),
        ("a ` alone", "a ` alone"),
        ("`<b>` & `c`", "<code>&lt;b&gt;</code> &amp; <code>c</code>"),
        ("", ""),
    ],
)
def test_words_between_backticks_are_code(text: str, markup: str) -> None:
    assert formatting.marked(text) == markup
