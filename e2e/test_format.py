"""A program is laid out by button, by key and without scripts; the caret stays at its word and undo takes it back."""

from __future__ import annotations

from playwright.sync_api import expect

from e2e.conftest import Guard, OpenPage
from e2e.playground_page import PlaygroundPage

ROUGH = "network A { input: (8)  # eight\n layers: Dense( 3 ,'relu' ) ; Dropout(0.5)\nDense(2) }"
NEAT = """network A {
    input: (8)  # eight
    layers:
        Dense(3, "relu")
        Dropout(0.5)
        Dense(2)
}
"""


def test_the_key_formats_and_keeps_the_caret_at_its_word(playground: PlaygroundPage) -> None:
    page = playground.page
    playground.write(ROUGH)
    playground.expect_parameters(8 * 3 + 3 + 3 * 2 + 2)
    playground.select_text("pout")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+Shift+f")
    expect(playground.editor).to_have_value(NEAT)
    assert playground.caret() == (5, 12)
    expect(playground.editor).to_be_focused()
    playground.expect_settled()
    playground.expect_no_problems()
    page.keyboard.press("Control+z")
    expect(playground.editor).to_have_value(ROUGH)
    page.keyboard.press("Control+y")
    expect(playground.editor).to_have_value(NEAT)
    page.keyboard.press("Control+Shift+f")
    expect(page.get_by_role("button", name="Formatted")).to_be_visible()
    expect(playground.editor).to_have_value(NEAT)


def test_the_button_formats(playground: PlaygroundPage) -> None:
    playground.write(ROUGH)
    playground.page.get_by_role("button", name="Format", exact=True).click()
    expect(playground.editor).to_have_value(NEAT)


def test_a_program_with_syntax_errors_is_left_alone_and_that_is_said(playground: PlaygroundPage, guard: Guard) -> None:
    guard.expect("422")
    broken = ROUGH.replace("Dropout(0.5)", "Dropout(0.5")
    playground.write(broken)
    expect(playground.problems).not_to_have_count(0)
    playground.editor.click()
    playground.page.keyboard.press("Control+Shift+f")
    expect(playground.page.get_by_role("alert")).to_contain_text("Only a program without syntax errors")
    assert playground.source == broken
    playground.write(ROUGH)
    playground.expect_no_problems()
    expect(playground.page.get_by_role("alert")).to_have_count(0)


def test_formatting_needs_no_javascript(open_page: OpenPage) -> None:
    playground = open_page(java_script_enabled=False)
    playground.write(ROUGH)
    playground.page.get_by_role("button", name="Format").click()
    expect(playground.editor).to_have_value(NEAT)
    playground.expect_parameters(8 * 3 + 3 + 3 * 2 + 2)
