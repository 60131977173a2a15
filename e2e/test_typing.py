"""A person types, and the numbers follow, exactly."""

from __future__ import annotations

from playwright.sync_api import Request, expect

from e2e.playground_page import PlaygroundPage
from e2e.programs import mnist
from e2e.timings import Timings


def test_numbers_follow_every_edit(playground: PlaygroundPage, timings: Timings) -> None:
    edits = [
        ("Dense(128", "Dense(64", mnist(hidden=64)),
        ("Conv2D(32", "Conv2D(16", mnist(filters=16, hidden=64)),
        ("Output(10", "Output(26", mnist(filters=16, hidden=64, classes=26)),
    ]
    for old, new, parameters in edits:
        timings.add("last key to painted numbers", playground.edit_until(old, new, parameters))
        playground.expect_settled()
    expect(playground.cell("dense", "parameters")).to_have_text(f"{13 * 13 * 16 * 64 + 64:,}")
    expect(playground.cell("conv2d", "output_shape")).to_have_text("(None, 26, 26, 16)")
    expect(playground.status).to_contain_text(f"{mnist(filters=16, hidden=64, classes=26):,} parameters")


def test_a_pause_asks_once_and_the_newest_answer_stays(playground: PlaygroundPage) -> None:
    asked: list[Request] = []
    playground.page.on("request", lambda r: asked.append(r) if r.url.endswith("/analyze") else None)
    playground.select_text("128")
    playground.page.keyboard.type("4096", delay=20)
    playground.expect_parameters(mnist(hidden=4096))
    playground.expect_settled()
    assert 1 <= len(asked) <= 2, "at most one question while typing quickly, and one after the pause"
    revision = int(playground.status.get_attribute("data-revision") or 0)
    playground.type_over("4096", "64")
    playground.expect_parameters(mnist(hidden=64))
    assert int(playground.status.get_attribute("data-revision") or 0) > revision


def test_undo_takes_back_what_was_typed(playground: PlaygroundPage) -> None:
    playground.type_over("128", "64")
    playground.expect_parameters(mnist(hidden=64))
    for _ in range(3):
        playground.page.keyboard.press("Control+z")
    playground.expect_parameters(mnist())
    assert "Dense(128" in playground.source


def test_settings_change_costs_and_not_parameters(playground: PlaygroundPage) -> None:
    page = playground.page
    page.get_by_test_id("batch").fill("32")
    expect(playground.totals).to_have_attribute("data-flops", str(32 * 1_776_384))
    expect(playground.totals).to_contain_text("batch 32, float32")
    page.get_by_test_id("dtype").select_option("float16")
    expect(playground.totals).to_have_attribute("data-memory", str((2_775_848 + 32 * 130_856) // 2))
    before = playground.totals.get_attribute("data-training")
    page.get_by_test_id("optimizer").select_option("SGD")
    expect(playground.totals).not_to_have_attribute("data-training", str(before))
    page.get_by_test_id("framework").select_option("pytorch")
    playground.expect_settled()
    playground.expect_parameters(mnist())


def test_a_batch_that_is_none_is_said_and_not_sent(playground: PlaygroundPage) -> None:
    playground.page.get_by_test_id("batch").fill("0")
    expect(playground.page.get_by_role("alert")).to_contain_text("whole number from 1")
    playground.page.get_by_test_id("batch").fill("2")
    expect(playground.totals).to_have_attribute("data-flops", str(2 * 1_776_384))
    expect(playground.page.get_by_role("alert")).to_have_count(0)


def test_a_layer_lights_up_everywhere(playground: PlaygroundPage) -> None:
    page = playground.page
    playground.select_text("Dense(128")
    expect(playground.row("dense")).to_have_class("ok linked")
    playground.tab("Charts")
    expect(page.get_by_test_id("cost-chart").locator(".point.linked")).to_have_count(3)
    playground.tab("Diagram")
    page.get_by_test_id("diagram").locator('[data-key="conv2d"]').hover()
    expect(page.locator("#paint > .linked")).to_have_text('Conv2D(32, (3, 3), "relu")')
    page.get_by_test_id("diagram").locator('[data-key="output"]').click()
    assert playground.caret() == (11, 1)
    playground.tab("Code")
    expect(page.get_by_test_id("code-pytorch").locator(".linked").first).to_be_visible()


def test_lines_say_what_they_make(playground: PlaygroundPage) -> None:
    line = playground.page.locator("#paint > div").nth(8)
    expect(line).to_have_attribute("data-ghost", "128 · 692,352 params · 78%")
    playground.type_over("128", "64")
    expect(line).to_have_attribute("data-ghost", "64 · 346,176 params · 64%")


def test_groups_fold_and_stay_folded(playground: PlaygroundPage) -> None:
    playground.write("define Pair(n) { Dense(n) Dense(n) }\nnetwork N { input: (4) layers: Pair(2) Dense(3) }")
    playground.expect_parameters(10 + 6 + 9)
    fold = playground.table.get_by_role("button", name="Pair")
    first = playground.table.locator("tr[data-key]").first
    expect(fold).to_have_attribute("aria-expanded", "true")
    fold.click()
    expect(first).to_be_hidden()
    playground.type_over("Dense(3)", "Dense(5)")
    playground.expect_parameters(10 + 6 + 15)
    expect(first).to_be_hidden()
    fold.click()
    expect(first).to_be_visible()
