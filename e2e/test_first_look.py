"""A person opens the page for the first time."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.conftest import OpenPage
from e2e.playground_page import PlaygroundPage
from e2e.programs import mnist
from e2e.timings import Timings


def test_the_example_is_analysed_before_anything_is_done(playground: PlaygroundPage, timings: Timings) -> None:
    page = playground.page
    expect(page).to_have_title("Neural Playground")
    assert "network MNIST" in playground.source
    assert mnist() == 693_962
    playground.expect_parameters(693_962)
    expect(playground.totals).to_have_attribute("data-flops", "1776384")
    expect(playground.cell("conv2d", "output_shape")).to_have_text("(None, 26, 26, 32)")
    expect(playground.cell("dense", "parameters")).to_have_text("692,352")
    expect(playground.cell("output", "parameters")).to_have_text("1,290")
    assert playground.keys() == ["conv2d", "max_pooling2d", "flatten", "dense", "dropout", "output"]
    playground.expect_no_problems()
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    timings.add("first paint, with the analysis", painted)


def test_the_first_load_is_small(playground: PlaygroundPage) -> None:
    loaded = playground.page.evaluate(
        "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
        ".map(entry => [entry.name, entry.encodedBodySize])"
    )
    assert not any("plotly" in name for name, _ in loaded)
    assert sum(size for _, size in loaded) < 250_000


def test_every_result_can_be_seen(playground: PlaygroundPage, timings: Timings) -> None:
    page = playground.page
    playground.tab("Charts")
    expect(page.get_by_test_id("cost-chart").locator(".bars .point")).to_have_count(18)
    playground.tab("Diagram")
    expect(page.get_by_test_id("diagram").locator("[data-key]")).to_have_count(7)
    playground.tab("Code")
    expect(page.get_by_test_id("code-pytorch")).to_contain_text("class MNIST(nn.Module)")
    page.get_by_role("button", name="Keras", exact=True).click()
    expect(page.get_by_test_id("code-tensorflow")).to_contain_text("keras")
    expect(page.get_by_test_id("code-pytorch")).to_be_hidden()
    playground.tab("Table")
    expect(playground.table).to_be_visible()


def test_both_backends_stand_side_by_side_on_a_wide_screen(open_page: OpenPage) -> None:
    playground = open_page(viewport={"width": 2200, "height": 1100})
    playground.tab("Code")
    expect(playground.page.get_by_test_id("code-pytorch")).to_be_visible()
    expect(playground.page.get_by_test_id("code-tensorflow")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_is_the_system_s_until_it_is_switched(open_page: OpenPage, scheme: str) -> None:
    page = open_page(color_scheme=scheme).page

    def is_dark() -> bool:
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in colour.removeprefix("rgb(").rstrip(")").split(",")) < 3 * 128

    assert is_dark() == (scheme == "dark")
    page.get_by_role("button", name="Switch between light and dark").click()
    assert is_dark() == (scheme == "light")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert is_dark() == (scheme == "light")
