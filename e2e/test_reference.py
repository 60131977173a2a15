"""The reference of the layers: found from the table, filtered, read on a phone, and opened in the playground."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.conftest import OpenPage
from e2e.playground_page import PlaygroundPage


def test_a_type_in_the_table_leads_to_its_page_and_the_example_back(playground: PlaygroundPage) -> None:
    with playground.page.expect_popup() as opened:
        playground.cell("max_pooling2d", "type").get_by_role("link").click()
    page = opened.value
    expect(page.get_by_role("heading", level=1)).to_have_text("MaxPooling2D")
    expect(page.get_by_role("row").filter(has_text="pool_size")).to_contain_text("(2, 2)")
    page.get_by_role("link", name="Open in the playground").click()
    again = PlaygroundPage(page)
    again.ready()
    again.expect_parameters(0)
    assert "MaxPooling2D(2)" in again.source


def test_the_index_is_filtered_by_names_and_other_spellings(open_page: OpenPage) -> None:
    page = open_page("/layers").page
    field = page.get_by_role("searchbox", name="Filter")
    field.fill("linear")
    expect(page.get_by_role("link", name="Dense", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Conv2D", exact=True)).to_be_hidden()
    expect(page.get_by_role("heading", name="Pooling")).to_be_hidden()
    field.fill("conv 2d transpose")
    expect(page.get_by_role("status")).to_contain_text("1 of ")
    field.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Conv2DTranspose")


def test_it_reads_without_scripts(open_page: OpenPage) -> None:
    page = open_page("/layers", java_script_enabled=False).page
    expect(page.get_by_role("searchbox")).to_be_hidden()
    page.get_by_role("link", name="LSTM", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("24,832 (in PyTorch 25,088)")
    expect(page.get_by_role("main")).to_contain_text("nn.LSTM(32, 64, batch_first=True)")


@pytest.mark.parametrize("path", ["/layers", "/layers/Conv2D", "/layers/MultiHeadAttention", "/layers/MBConv"])
@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_is_wider_than_the_screen(open_page: OpenPage, path: str, width: int) -> None:
    page = open_page(path, viewport={"width": width, "height": 800}).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_code_is_coloured_in_both_themes(open_page: OpenPage, scheme: str) -> None:
    page = open_page("/layers/Conv2D", color_scheme=scheme).page
    keyword = page.locator("code .keyword").first
    expect(keyword).to_have_text("network")
    colours = [each.evaluate("node => getComputedStyle(node).color") for each in (keyword, page.locator("h1"))]
    assert colours[0] != colours[1]
