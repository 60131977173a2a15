"""The lines of layers travel as rectangles, and come out as they went in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from neural.compiler import default_compiler
from tests.webapp.page import parse
from webapp.codelines import line_map

KEYS = tuple("abcdefgh")


def expanded(made: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return the lines by key again, as the page reads them."""
    found: dict[str, set[int]] = {key: set() for key in made["keys"]}
    for first, last, start, end in made["spans"]:
        for key in made["keys"][start : end + 1]:
            found[key].update(range(first, last + 1))
    return {key: tuple(sorted(lines)) for key, lines in found.items()}


@pytest.mark.parametrize(
    ("lines", "keys", "spans"),
    [
        ({}, "ab", []),
        ({"a": (3,)}, "ab", [[3, 3, 0, 0]]),
        ({"a": (3, 4, 5), "b": (7,)}, "ab", [[3, 5, 0, 0], [7, 7, 1, 1]]),
        ({"a": (2,), "b": (2,), "c": (2, 3)}, "abc", [[2, 2, 0, 2], [3, 3, 2, 2]]),
        ({"a": (2,), "c": (2,)}, "abc", [[2, 2, 0, 1]]),  # b has no lines, so that c follows a
        ({"a": (1,), "b": (5,), "c": (1, 2)}, "abc", [[1, 1, 0, 0], [1, 2, 2, 2], [5, 5, 1, 1]]),
        ({"a": (4,), "z": (4,)}, "a", [[4, 4, 0, 0]]),  # z is not asked for
    ],
)  # fmt: skip
def test_rectangles(lines: dict[str, tuple[int, ...]], keys: str, spans: list[list[int]]) -> None:
    made = line_map(lines, keys)
    assert made["spans"] == spans
    assert made["keys"] == [key for key in keys if key in lines]


@given(st.dictionaries(st.sampled_from(KEYS), st.sets(st.integers(1, 12), min_size=1)))
def test_nothing_is_lost(lines: dict[str, set[int]]) -> None:
    wanted = {key: tuple(sorted(found)) for key, found in lines.items()}
    assert expanded(line_map(wanted, KEYS)) == {key: wanted[key] for key in KEYS if key in wanted}


@pytest.mark.parametrize("backend", ["pytorch", "tensorflow"])
def test_the_page_has_the_lines_of_every_layer(client: FlaskClient, mnist: str, backend: str) -> None:
    page = parse(client.post("/analyze", data={"source": mnist, "shown": "code"}, headers={"HX-Request": "true"}).text)
    code = page.by_test_id(f"code-{backend}")
    made = default_compiler().code(mnist, backend=backend)
    assert code.one("code").text == made.source
    keys = ["conv2d", "max_pooling2d", "flatten", "dense", "dropout", "output"]
    found = expanded(json.loads(str(code.attributes["data-lines"])))
    assert found == {key: made.lines()[key] for key in keys}
    assert "128" in made.source.splitlines()[found["dense"][0] - 1]


def test_a_thousand_layers_take_few_bytes(client: FlaskClient) -> None:
    source = (
        "define B(n) { Residual() { Dense(n) Dense(n) } } network N { input: (8) layers: B(8) * 300 Dense(2) * 100 }"
    )
    page = parse(client.post("/analyze", data={"source": source, "shown": "code"}, headers={"HX-Request": "true"}).text)
    made = str(page.by_test_id("code-pytorch").attributes["data-lines"])
    assert len(json.loads(made)["keys"]) == 1000
    assert len(made) < 40_000
