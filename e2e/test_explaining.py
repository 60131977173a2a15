"""A number opens its formula: by mouse, by keyboard, without scripts; a device shows times."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.conftest import OpenPage
from e2e.playground_page import PlaygroundPage
from e2e.programs import mnist

FLOPS = "batch x 2 x output elements x kernel positions x (input channels / groups)"


def test_a_number_opens_its_formula_and_gives_the_focus_back(playground: PlaygroundPage) -> None:
    page = playground.page
    number = playground.cell("conv2d", "flops").get_by_role("button")
    number.click()
    dialog = page.get_by_role("dialog", name="FLOPs of conv2d")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text(FLOPS)
    expect(dialog).to_contain_text("= 1 x 2 x 21,632 x 9 x (1 / 1)")
    expect(dialog).to_contain_text("= 389,376 FLOPs")
    expect(dialog).to_contain_text("1 MAC = 2 FLOPs, batch 1, float32")
    expect(dialog.get_by_role("link")).to_have_attribute(
        "href", "https://github.com/pytorch/pytorch/blob/main/torch/utils/flop_counter.py"
    )
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(number).to_be_focused()
    playground.expect_parameters(mnist())


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_keys_open_and_close_it(playground: PlaygroundPage, key: str) -> None:
    page = playground.page
    number = playground.cell("dense", "parameters").get_by_role("button")
    number.focus()
    page.keyboard.press(key)
    dialog = page.get_by_role("dialog", name="Parameters of dense")
    expect(dialog).to_contain_text("5,408 x 128 + 128")
    expect(dialog.get_by_role("row")).to_have_count(2)
    dialog.get_by_role("button", name="Close").press(key)
    expect(dialog).to_be_hidden()
    expect(number).to_be_focused()


def test_it_speaks_of_the_text_as_it_stands(playground: PlaygroundPage) -> None:
    page = playground.page
    playground.edit_until("Dense(128", "Dense(64", mnist(hidden=64))
    playground.totals.get_by_role("button").first.click()
    dialog = page.get_by_role("dialog", name="Parameters, in all")
    expect(dialog).to_contain_text(f"= {mnist(hidden=64):,} parameters")
    page.mouse.click(5, 5)
    expect(dialog).to_be_hidden()


def test_nothing_is_asked_while_a_person_types(playground: PlaygroundPage) -> None:
    asked: list[str] = []
    playground.page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    playground.edit_until("Dense(128", "Dense(64", mnist(hidden=64))
    assert "explain" not in asked


def test_a_device_shows_times_and_whether_training_fits(playground: PlaygroundPage) -> None:
    page = playground.page
    expect(page.get_by_test_id("fit")).to_have_count(0)
    page.get_by_test_id("device").select_option("H100")
    expect(page.get_by_test_id("fit")).to_contain_text("of 80 GB")
    expect(playground.cell("conv2d", "time")).to_contain_text("ns")
    playground.cell("conv2d", "time").get_by_role("button").click()
    expect(page.get_by_role("dialog", name="Time at least of conv2d")).to_contain_text("bytes moved / bytes a second")


def test_without_scripts_the_page_comes_back_with_it(open_page: OpenPage) -> None:
    playground = open_page(java_script_enabled=False)
    playground.cell("conv2d", "flops").get_by_role("button").click()
    dialog = playground.page.get_by_role("dialog", name="FLOPs of conv2d")
    expect(dialog).to_contain_text("= 389,376 FLOPs")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
