"""The gallery: networks open without an error, are found by keyboard, and undo brings back what was there."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from e2e.playground_page import PlaygroundPage
from e2e.programs import mnist
from e2e.timings import Timings

TITLES = ("AlexNet", "Autoencoder", "Frames", "Placed", "Sentiment", "Forecast", "TextTransformer", "ResNet50")


def test_networks_open_and_can_be_undone(playground: PlaygroundPage, timings: Timings) -> None:
    page = playground.page
    for title in TITLES:
        start = page.evaluate("performance.now()")
        playground.choose_example(title)
        expect(page.get_by_test_id("examples")).not_to_have_attribute("open", "")
        expect(playground.editor).to_have_value(_with_network(title))
        playground.expect_settled()
        timings.add("open an example", page.evaluate("performance.now()") - start)
        playground.expect_no_problems()
        assert int(playground.totals.get_attribute("data-parameters") or 0) > 0
        for tab in ("Charts", "Diagram", "Code", "Table"):
            playground.tab(tab)
    playground.editor.click()
    for _ in TITLES:
        page.keyboard.press("Control+z")
    playground.expect_parameters(mnist())


def test_the_filter_finds_a_network_by_keyboard(playground: PlaygroundPage) -> None:
    page = playground.page
    menu = page.get_by_test_id("examples")
    menu.locator("summary").press("Enter")
    field = menu.get_by_role("searchbox", name="Filter the examples")
    expect(field).to_be_focused()
    page.keyboard.type("resnet 101")
    expect(menu.get_by_role("link")).to_have_text(["ResNet101", "ResNet101V2"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("link").nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    playground.expect_parameters(44_707_176)
    expect(menu).not_to_have_attribute("open", "")
    assert playground.source.count("\nnetwork ") == 1


def test_escape_closes_the_menu(playground: PlaygroundPage) -> None:
    menu = playground.page.get_by_test_id("examples")
    menu.locator("summary").click()
    expect(menu.get_by_role("searchbox")).to_be_focused()
    playground.page.keyboard.type("no such network")
    expect(menu.get_by_text("No network has this name.")).to_be_visible()
    playground.page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()


def test_an_example_has_an_address(playground: PlaygroundPage) -> None:
    title = playground.page.get_by_test_id("examples").locator("strong").nth(1).text_content() or ""
    playground.choose_example(title)
    expect(playground.editor).to_have_value(_with_network(title))
    playground.expect_settled()
    source = playground.source
    playground.page.evaluate("sessionStorage.clear()")
    playground.page.reload()
    playground.ready()
    assert playground.source == source


def _with_network(title: str) -> re.Pattern[str]:
    return re.compile(rf"network\s+{re.escape(title)}\b")
