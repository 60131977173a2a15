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


def test_a_program_as_other_languages_write_it_is_mended_with_one_click(playground: PlaygroundPage) -> None:
    before = playground.source
    written = [("layers:", "layers = ["), ("Dropout(", "// don't\n        Dropout("), ("Flatten()", "Flatten(),")]
    other = before
    for right, wrong in written:
        other = other.replace(right, wrong, 1)
    playground.write(other)
    expect(playground.page.locator("#diagnostics li")).to_have_count(4)
    playground.page.get_by_test_id("fix-all").click()
    playground.expect_no_problems()
    playground.expect_parameters(mnist())
    assert "# don't" in playground.source
    playground.page.keyboard.press("Control+z")
    expect(playground.page.locator("#diagnostics li")).to_have_count(4)


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


def test_two_errors_are_both_listed_and_marked_and_mended_one_by_one(playground: PlaygroundPage) -> None:
    page = playground.page
    good = playground.source
    playground.write(good.replace("Flatten", "Flaten").replace("Dropout", "Dropuot"))
    expect(playground.problems).to_have_count(2)
    expect(page.locator("#paint .mark-error")).to_have_text(["Flaten", "Dropuot"])
    expect(playground.problems.first).to_have_attribute("data-line", "8")
    expect(playground.problems.last).to_have_attribute("data-line", "10")
    expect(playground.row("conv2d")).to_have_attribute("data-status", "ok")
    playground.problems.last.get_by_role("button", name="write Dropout", exact=True).click()
    expect(playground.problems).to_have_count(1)
    expect(page.locator("#paint .mark-error")).to_have_text(["Flaten"])
    playground.problems.first.get_by_role("button", name="write Flatten", exact=True).click()
    playground.expect_no_problems()
    expect(playground.editor).to_have_value(good)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(playground.problems).to_have_count(2)


def test_a_half_typed_program_keeps_the_layers_before_the_caret(playground: PlaygroundPage) -> None:
    page = playground.page
    playground.write("network N {\n    input: (4)\n    layers:\n        Dense(3)\n        Dense(2)\n")
    playground.editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("        Dense(")
    expect(playground.problems).not_to_have_count(0)
    playground.expect_settled()
    for key in ("dense", "dense_1"):
        expect(playground.row(key)).to_have_attribute("data-status", "ok")
    playground.expect_parameters(4 * 3 + 3 + 3 * 2 + 2)
    page.keyboard.type("1)\n}")
    playground.expect_no_problems()
    playground.expect_parameters(4 * 3 + 3 + 3 * 2 + 2 + 2 + 1)


def test_a_code_leads_to_the_page_that_explains_it(playground: PlaygroundPage) -> None:
    playground.type_over("Dropout", "Dropuot")
    problem = playground.expect_problem("N201", 10, 9)
    with playground.page.context.expect_page() as opened:
        problem.get_by_role("link", name="N201").click()
    page = opened.value
    section = page.locator("#N201")
    expect(section).to_be_in_viewport()
    expect(section.get_by_role("heading")).to_contain_text("Unknown layer or macro")
    assert "Dropuot" in playground.source
    section.get_by_role("link", name="Open in the playground: N201, mended").click()
    explained = PlaygroundPage(page)
    explained.ready()
    explained.expect_parameters(8 * 2 + 2)


def test_a_hundred_problems_are_listed(playground: PlaygroundPage) -> None:
    layers = "".join(f"        Dnse{n}({n})\n" for n in range(150))
    playground.write(f"network E {{\n    input: (4)\n    layers:\n{layers}}}\n")
    expect(playground.problems).to_have_count(100)
    playground.page.keyboard.press("Shift+F8")
    assert playground.caret() == (103, 9)
