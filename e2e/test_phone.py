"""The playground in a hand: 390 pixels wide, touched."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from e2e.conftest import OpenPage
from e2e.programs import mnist

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "is_mobile": True,
    "has_touch": True,
}


def test_one_pane_at_a_time_and_editing_works(open_page: OpenPage) -> None:
    playground = open_page(**PHONE)
    page = playground.page
    expect(playground.editor).to_be_visible()
    expect(playground.table).to_be_hidden()
    playground.editor.tap()
    playground.type_over("Dense(128", "Dense(64")
    playground.expect_parameters(mnist(hidden=64))
    page.get_by_role("button", name="Results").tap()
    expect(playground.editor).to_be_hidden()
    expect(playground.cell("dense", "parameters")).to_have_text("346,176")
    for tab, name in (("Charts", "cost-chart"), ("Diagram", "diagram"), ("Code", "code-pytorch")):
        page.get_by_role("tab", name=tab, exact=True).tap()
        expect(page.get_by_test_id(name)).to_be_visible()
    page.get_by_role("button", name="Source").tap()
    expect(playground.editor).to_be_visible()


def test_nothing_is_wider_than_the_screen(open_page: OpenPage) -> None:
    for width in (320, 390, 541, 768, 1024):
        playground = open_page(viewport={"width": width, "height": 800})
        wide = playground.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
        for name in ("examples", "framework", "batch", "dtype", "share", "download-pytorch", "download-tensorflow"):
            box = playground.page.get_by_test_id(name).bounding_box()
            assert box, name
            assert box["x"] >= 0, name
            assert box["x"] + box["width"] <= width, name


def test_a_problem_leads_back_to_its_line(open_page: OpenPage) -> None:
    playground = open_page(**PHONE)
    playground.type_over("Dropout", "Dropuot")
    problem = playground.expect_problem("N201", 10, 9)
    problem.get_by_role("button", name="[Ln 10, Col 9]").tap()
    assert playground.caret() == (10, 9)


def test_the_share_panel_fits(open_page: OpenPage) -> None:
    playground = open_page(**PHONE)
    playground.page.get_by_test_id("share").tap()
    box = playground.page.get_by_role("dialog").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
