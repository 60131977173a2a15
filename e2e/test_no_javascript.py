"""Everything that matters works without a script."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from e2e.conftest import OpenPage
from e2e.programs import mnist


def test_edit_analyse_see_download_share(open_page: OpenPage, server: str, tmp_path: Path) -> None:
    playground = open_page(java_script_enabled=False)
    page = playground.page
    playground.expect_parameters(mnist())
    for name in ("shape-table", "diagram", "code-pytorch", "code-tensorflow"):
        expect(page.get_by_test_id(name)).to_be_visible()
    expect(page.get_by_role("tab")).to_have_count(0)
    expect(page.get_by_role("heading", name="Forward memory")).to_be_visible()

    playground.write(playground.source.replace("Dense(128", "Dense(64"))
    page.get_by_test_id("batch").fill("4")
    page.get_by_role("button", name="Analyze").click()
    playground.expect_parameters(mnist(hidden=64))
    expect(page.get_by_test_id("batch")).to_have_value("4")
    expect(playground.cell("dense", "parameters")).to_have_text("346,176")

    code = playground.download("pytorch", tmp_path).read_text()
    assert "Linear(5408, 64)" in code

    page.get_by_test_id("share").click()
    page.wait_for_url("**/m/*")
    assert playground.share_link.input_value() == page.url
    assert page.url.startswith(server)
    playground.expect_parameters(mnist(hidden=64))


def test_errors_are_listed(open_page: OpenPage) -> None:
    playground = open_page(java_script_enabled=False)
    playground.write(playground.source.replace("Dropout", "Dropuot"))
    playground.page.get_by_role("button", name="Analyze").click()
    playground.expect_problem("N201", 10, 9)
    expect(playground.page.get_by_test_id("download-pytorch")).to_be_disabled()


def test_examples_are_links(open_page: OpenPage) -> None:
    playground = open_page(java_script_enabled=False)
    menu = playground.page.get_by_test_id("examples")
    menu.locator("summary").click()
    link = menu.get_by_role("link").nth(1)
    title = link.locator("strong").text_content()
    link.click()
    assert f"network {title}" in playground.source
    playground.expect_no_problems()
