"""The gallery: every network of every file is an entry that opens alone, and a file opens whole."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from neural.caches import cache_counts, clear_caches
from neural.parser.parser import parse as parse_source
from neural.parser.selection import networks
from tests.webapp.page import Element, parse
from webapp.gallery import Gallery

FOLDER = Path(__file__).parents[2] / "examples"
FILES = sorted(path.stem for path in FOLDER.glob("*.neural"))

PAIR = """\
# Two of a kind: a small one and a large one. After https://example.org/paper
define Unit(n) { Dense(n) }

network Small { input: (4,) layers: Unit(2) }

network Large { input: (4,) layers: Dense(8) }
"""


@pytest.fixture
def pair(tmp_path: Path) -> Gallery:
    """A gallery of a family of two and of the network that is opened first."""
    (tmp_path / "pair.neural").write_text(PAIR, encoding="utf-8")
    (tmp_path / "mnist.neural").write_text(
        "# First.\nnetwork Zero { input: (4,) layers: Dense(1) }\n", encoding="utf-8"
    )
    return Gallery(tmp_path)


def links(client: FlaskClient) -> list[Element]:
    return parse(client.get("/").text).by_test_id("examples").all("a")


def test_a_family_is_a_file_and_its_networks_are_entries(pair: Gallery) -> None:
    assert [(each.name, each.description) for each in pair.families] == [
        ("mnist", "First."),
        ("pair", "Two of a kind: a small one and a large one."),
    ]
    assert [(each.name, each.title) for each in pair] == [("mnist", "Zero"), ("Small", "Small"), ("Large", "Large")]
    assert len(pair) == 3


def test_a_network_opens_alone_and_a_file_whole(pair: Gallery) -> None:
    found = {name: pair.find(name) for name in ("pair", "Small", "Large", "Zero", "zero")}
    assert {name: each.source if each else None for name, each in found.items()} == {
        "pair": PAIR,
        "Small": PAIR[: PAIR.index("\nnetwork Large")],
        "Large": PAIR.splitlines()[0] + "\n\n" + PAIR[PAIR.index("network Large") :],
        "Zero": None,
        "zero": None,
    }
    assert found["pair"] is not None
    assert found["pair"].title == "Small"


def test_every_network_of_every_file_is_in_the_menu_once(client: FlaskClient) -> None:
    titles = [link.one("strong").text for link in links(client)]
    written = [
        name
        for path in FOLDER.glob("*.neural")
        if (program := parse_source(path.read_text(encoding="utf-8")).program)
        for name in networks(program)
    ]
    assert Counter(titles) == Counter(written)
    assert max(Counter(written).values()) == 1
    assert titles[0] == "MNIST"
    assert links(client)[0].attributes["href"] == "/examples/mnist"


def test_every_family_is_described_and_no_address_is_shown(client: FlaskClient) -> None:
    menu = parse(client.get("/").text).by_test_id("examples")
    assert len(menu.all("span")) == len(FILES)
    assert [span.text for span in menu.all("span") if not span.text or "http" in span.text] == []


def test_every_entry_is_the_source_that_its_address_sends(client: FlaskClient) -> None:
    for link in links(client):
        raw = client.get(f"{link.attributes['href']}.neural")
        assert (raw.status_code, raw.content_type) == (200, "text/plain; charset=utf-8"), link.words()
        assert f"network {link.one('strong').text} " in raw.text
        assert raw.text.count("\nnetwork ") == 1


@pytest.mark.parametrize("name", ["mnist", "frames", "transformer", "vgg", "resnet"])
def test_a_file_opens_whole_on_the_page(client: FlaskClient, name: str) -> None:
    page = parse(client.get(f"/examples/{name}").text)
    assert page.by_test_id("status").attributes["data-errors"] == "0"
    assert client.get(f"/examples/{name}.neural").text.strip() == page.one("textarea").text.strip()


def test_a_network_opens_on_the_page_alone(client: FlaskClient) -> None:
    page = parse(client.get("/examples/ResNet101").text)
    assert page.one("head").one("title").text.startswith("ResNet101")
    assert page.by_test_id("totals").attributes["data-parameters"] == "44707176"
    assert "ResNet50 {" not in page.one("textarea").text


def test_nothing_is_parsed_before_it_is_opened() -> None:
    clear_caches()
    start = time.perf_counter()
    gallery = Gallery(FOLDER)
    assert time.perf_counter() - start < 0.5
    assert len(gallery) >= len(FILES)
    assert cache_counts()["syntax"].size == 0
