"""Every example opens without an error, and undo brings back what was there."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from e2e.playground_page import PlaygroundPage
from e2e.programs import mnist
from e2e.timings import Timings


def test_every_example_opens_and_can_be_undone(playground: PlaygroundPage, timings: Timings) -> None:
    page = playground.page
    links = page.get_by_test_id("examples").get_by_role("link", include_hidden=True)
    titles = links.locator("strong").all_text_contents()
    assert len(titles) >= 5
    for title in titles[1:]:
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
    for _ in titles[1:]:
        page.keyboard.press("Control+z")
    playground.expect_parameters(mnist())


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
