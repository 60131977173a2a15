"""An error appears at its place, helps, and goes."""

from __future__ import annotations

from playwright.sync_api import expect

from e2e.playground_page import PlaygroundPage
from e2e.programs import mnist


def test_a_misspelt_layer_is_found_and_fixed_with_one_click(playground: PlaygroundPage) -> None:
    page = playground.page
    playground.type_over("Dropout", "Dropuot")
    problem = playground.expect_problem("N201", 10, 9)
    expect(page.locator("#paint .mark-error")).to_have_text("Dropuot")
    expect(playground.status).to_contain_text("1 error")
    expect(playground.row("output")).to_have_attribute("data-status", "unknown")
    page.keyboard.press("Control+Home")
    problem.get_by_role("button", name="[Ln 10, Col 9]").click()
    assert playground.caret() == (10, 9)
    expect(playground.editor).to_be_focused()
    problem.get_by_role("button", name="write Dropout", exact=True).click()
    playground.expect_no_problems()
    playground.expect_parameters(mnist())
    assert "Dropout(0.5)" in playground.source
    expect(page.locator("#paint .mark-error")).to_have_count(0)
    page.keyboard.press("Control+z")
    playground.expect_problem("N201", 10, 9)


def test_a_shape_that_does_not_fit_shows_its_arithmetic_and_a_repair(playground: PlaygroundPage) -> None:
    playground.type_over("(3, 3)", "(33, 3)")
    problem = playground.expect_problem("N401", 6, 9)
    expect(problem).to_contain_text("28 - 33 + 1 = -4")
    problem.get_by_role("button", name='use padding="same"').click()
    playground.expect_no_problems()
    assert 'padding="same"' in playground.source


def test_what_was_good_stays_dimmed_and_is_not_downloaded(playground: PlaygroundPage) -> None:
    page = playground.page
    playground.type_over("128", "64")
    playground.expect_parameters(mnist(hidden=64))
    good = playground.status.get_attribute("data-revision")
    playground.type_over("Dense(64", "Dnse(64")
    playground.expect_problem("N201", 9, 9)
    expect(page.get_by_test_id("download-pytorch")).to_be_disabled()
    expect(page.get_by_test_id("download-tensorflow")).to_be_disabled()
    for tab, name in (("Charts", "cost-chart"), ("Diagram", "diagram"), ("Code", "code-pytorch")):
        playground.tab(tab)
        panel = page.get_by_role("tabpanel", name=tab)
        expect(panel).to_have_attribute("data-stale", "true")
        expect(panel).to_contain_text(f"From revision {good}")
        expect(page.get_by_test_id(name)).to_be_visible()
    playground.type_over("Dnse", "Dense")
    playground.expect_no_problems()
    expect(page.get_by_role("tabpanel", name="Code")).to_have_attribute("data-stale", "false")
    expect(page.get_by_test_id("download-pytorch")).to_be_enabled()


def test_f8_goes_from_problem_to_problem(playground: PlaygroundPage) -> None:
    playground.write(playground.source.replace("Flatten", "Flaten").replace("Dropout", "Dropuot"))
    expect(playground.problems).to_have_count(2)
    playground.page.keyboard.press("F8")
    assert playground.caret() == (8, 9)
    playground.page.keyboard.press("F8")
    assert playground.caret() == (10, 9)
    playground.page.keyboard.press("F8")
    assert playground.caret() == (8, 9)
    playground.page.keyboard.press("Shift+F8")
    assert playground.caret() == (10, 9)


def test_an_unfinished_program_is_answered_at_every_key(playground: PlaygroundPage) -> None:
    playground.write("")
    playground.editor.click()
    playground.page.keyboard.type('network N { input: (4) layers: Dense(3, "relu") }', delay=15)
    playground.expect_parameters(15)
    playground.expect_no_problems()


def test_columns_count_characters_beyond_the_first_plane(playground: PlaygroundPage) -> None:
    playground.write('network N {\n  input: (4)\n  layers: Dense(2)\n  Dense(2, "\U0001f600") Dnse(1)\n}')
    playground.expect_problem("N201", 4, 17)
    expect(playground.page.locator("#paint .mark-error", has_text="Dnse")).to_have_text("Dnse")
