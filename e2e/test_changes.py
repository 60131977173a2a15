"""Answers hold what changed, tabs are fetched when they are opened, and neither is put into the wrong page."""

from __future__ import annotations

from playwright.sync_api import Request, expect

from e2e.playground_page import PlaygroundPage
from e2e.programs import mnist


def test_a_row_changes_and_the_others_stay_the_same_elements(playground: PlaygroundPage) -> None:
    playground.row("conv2d").evaluate("row => { row.kept = true; }")
    playground.cell("dense", "name").get_by_role("button").evaluate("button => { button.kept = true; }")
    playground.type_over("Dense(128", "Dense(64")
    playground.expect_parameters(mnist(hidden=64))
    expect(playground.cell("dense", "output_shape")).to_have_text("(None, 64)")
    expect(playground.cell("conv2d", "share")).to_have_text("36.0%")
    assert playground.row("conv2d").evaluate("row => row.kept")
    assert playground.cell("dense", "name").get_by_role("button").evaluate("button => button.kept")


def test_changes_to_another_page_are_not_taken(playground: PlaygroundPage) -> None:
    page = playground.page
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if request.url.endswith("/analyze") else None)
    page.evaluate(
        "document.addEventListener('htmx:before:swap', (event) => event.detail.ctx.response.headers"
        " = new Headers({ 'Changes-To': 'another' }), { capture: true, once: true })"
    )
    playground.type_over("Dense(128", "Dense(64")
    playground.expect_parameters(mnist(hidden=64))
    expect(playground.cell("dense", "parameters")).to_have_text("346,176")
    assert 'name="base"\r\n\r\n\r\n' in str(asked[-1].post_data), "the whole page was asked for"


def test_a_tab_is_brought_when_it_is_opened(playground: PlaygroundPage) -> None:
    page = playground.page
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url.rpartition("/")[2]) if request.method == "POST" else None
    )
    playground.type_over("Dense(128", "Dense(64")
    playground.expect_parameters(mnist(hidden=64))
    playground.expect_settled()
    expect(page.locator("#panel-code")).to_have_attribute("data-stale", "true")
    playground.tab("Code")
    expect(page.get_by_test_id("code-pytorch")).to_contain_text("nn.Linear(5408, 64)")
    expect(page.locator("#panel-code")).to_have_attribute("data-stale", "false")
    assert asked[-1] == "code"
    playground.tab("Table")
    playground.tab("Code")
    assert asked.count("code") == 1, "what is here is not fetched again"
    playground.type_over("Dense(64", "Dense(32")
    expect(page.get_by_test_id("code-pytorch")).to_contain_text("nn.Linear(5408, 32)")
    assert asked.count("code") == 1, "the answer to an edit holds the tab that is shown"


def test_charts_take_what_changed(playground: PlaygroundPage) -> None:
    page = playground.page
    playground.tab("Charts")
    bars = page.get_by_test_id("cost-chart").locator(".bars .point")
    expect(bars).to_have_count(18)
    playground.type_over("Dense(128", "Dense(64")
    playground.expect_parameters(mnist(hidden=64))
    heights = "chart => chart.data.map(trace => trace.y[3])"
    page.wait_for_function("document.getElementById('cost-chart').data[0].y[3] === 346176")
    assert page.get_by_test_id("cost-chart").evaluate(heights)[0] == 13 * 13 * 32 * 64 + 64
