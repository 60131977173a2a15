"""No mouse: every control is reached, seen and used with keys."""

from __future__ import annotations

from playwright.sync_api import expect

from e2e.playground_page import PlaygroundPage
from e2e.programs import mnist

ACTIVE = "(({ dataset, id, textContent }) => dataset.testid || id || textContent.trim())(document.activeElement)"


def test_tab_reaches_every_control_and_is_not_caught_by_the_editor(playground: PlaygroundPage) -> None:
    page = playground.page
    reached: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(str(page.evaluate(ACTIVE)))
        outline = page.evaluate(
            "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " return e === document.body || s.outlineStyle !== 'none' || e.id === 'source'; })()"
        )
        assert outline, f"{reached[-1]} shows no focus"
    for name in (
        "framework",
        "batch",
        "dtype",
        "optimizer",
        "download-pytorch",
        "download-tensorflow",
        "share",
        "source",
        "tab-table",
    ):
        assert name in reached, f"{name} is not reached"
    assert reached.index("source") < reached.index("tab-table")


def test_the_whole_job_with_keys_alone(playground: PlaygroundPage) -> None:
    page = playground.page
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "source":
            break
    expect(playground.editor).to_be_focused()
    page.keyboard.press("Control+Home")
    for _ in range(8):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    for _ in range(len('128, "relu")')):
        page.keyboard.press("Backspace")
    page.keyboard.type('64, "relu")')
    page.keyboard.press("Control+Enter")
    playground.expect_parameters(mnist(hidden=64))

    page.keyboard.press("Alt+Digit3")
    expect(page.get_by_role("tab", name="Diagram")).to_have_attribute("aria-selected", "true")
    page.get_by_role("tab", name="Diagram").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Code")).to_be_focused()
    expect(page.get_by_test_id("code-pytorch")).to_be_visible()
    page.keyboard.press("Home")
    expect(page.get_by_role("tab", name="Table")).to_be_focused()

    page.keyboard.press("Control+s")
    expect(page.get_by_role("button", name="Copy link")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/m/*")
    assert playground.share_link.input_value() == page.url
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("share")).to_be_focused()


def test_tab_indents_for_who_types_and_escape_lets_go(playground: PlaygroundPage) -> None:
    page = playground.page
    playground.write("network A {\n}")
    playground.editor.click()
    page.keyboard.press("Control+Home")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("input: (2)")
    assert playground.source == "network A {\n    input: (2)\n}"
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    assert playground.source.splitlines()[1].startswith("        input")
    page.keyboard.press("Shift+Tab")
    assert playground.source.splitlines()[1] == "    input: (2)"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(playground.editor).not_to_be_focused()
    assert playground.source == "network A {\n    input: (2)\n}"


def test_the_keys_are_listed(playground: PlaygroundPage) -> None:
    page = playground.page
    page.get_by_test_id("share").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    playground.editor.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def test_enter_in_the_batch_field_analyses_and_does_not_download(playground: PlaygroundPage) -> None:
    field = playground.page.get_by_test_id("batch")
    field.focus()
    playground.page.keyboard.press("Control+a")
    playground.page.keyboard.type("16")
    playground.page.keyboard.press("Enter")
    expect(playground.totals).to_have_attribute("data-flops", str(16 * 1_776_384))
