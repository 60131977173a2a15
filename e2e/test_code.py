"""The code pane: side by side, every line linked with its layers both ways, notes where the frameworks differ."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from e2e.conftest import OpenPage
from e2e.playground_page import PlaygroundPage
from e2e.test_phone import PHONE

WIDE = {"viewport": {"width": 2000, "height": 900}}
ROWS = "\n".join(f"        d{n} = Conv2D(4, 1)" for n in range(40))
LONG = f"""define Block(n) {{
    Residual() {{
        Conv2D(n, 3, padding="same")
        BatchNormalization()
    }}
}}

network Long {{
    input: (32, 32, 4)
    layers:
        Conv2D(8, 3, strides=2, padding="same")
        Conv2D(4, 3)
{ROWS}
        Block(4) * 3
        Flatten()
        Dense(10)
}}
"""


def lines(playground: PlaygroundPage, backend: str) -> Locator:
    return playground.page.get_by_test_id(f"code-{backend}").locator(".code-line")


def lit(playground: PlaygroundPage, backend: str) -> list[str]:
    """Return the lines of code that are lit, without what surrounds them."""
    return [
        text.strip() for text in lines(playground, backend).and_(playground.page.locator(".linked")).all_inner_texts()
    ]


def lit_rows(playground: PlaygroundPage) -> list[str]:
    return playground.table.locator("tr.linked").evaluate_all("rows => rows.map((row) => row.dataset.key)")


def lit_editor_lines(playground: PlaygroundPage) -> list[int]:
    return playground.page.locator("#paint > *").evaluate_all(
        "rows => rows.flatMap((row, at) => row.classList.contains('linked') ? [at + 1] : [])"
    )


def in_view(line: Locator) -> bool:
    """Whether a line can be seen in its pane, which scrolls by itself."""
    found: bool = line.evaluate(
        "line => { const pane = line.closest('pre').getBoundingClientRect(); const box = line.getBoundingClientRect();"
        " return box.top >= pane.top && box.bottom <= pane.bottom; }"
    )
    return found


def test_a_line_of_code_lights_its_layers_and_they_light_it(open_page: OpenPage) -> None:
    playground = open_page(**WIDE)
    page = playground.page
    playground.tab("Code")
    lines(playground, "pytorch").filter(has_text="nn.Linear(5408, 128)").hover()
    assert lit_rows(playground) == ["dense"]
    assert lit_editor_lines(playground) == [9]
    assert [text for text in lit(playground, "tensorflow") if "layers.Dense(128" in text]
    assert len(lit(playground, "pytorch")) == 2  # declared, and used

    page.get_by_test_id("diagram").locator('[data-key="conv2d"]').evaluate("node => node.dispatchEvent("
        "new MouseEvent('mouseover', { bubbles: true }))")  # fmt: skip
    assert any("nn.Conv2d(1, 32" in text for text in lit(playground, "pytorch"))
    assert any("layers.Conv2D(32" in text for text in lit(playground, "tensorflow"))
    playground.select_text("Flatten")
    assert lit_rows(playground) == ["flatten"]
    assert any("flatten(1)" in text for text in lit(playground, "pytorch"))


def test_a_class_lights_all_its_layers_and_a_call_its_block(open_page: OpenPage) -> None:
    playground = open_page(**WIDE)
    playground.write(LONG)
    playground.expect_no_problems()
    playground.tab("Code")
    blocks = [f"conv2d_{n}" for n in (2, 3, 4)]
    conv = lines(playground, "pytorch").filter(has_text="nn.Conv2d(4, 4, 3, padding=")
    conv.first.hover()
    assert lit_rows(playground) == blocks
    assert lit_editor_lines(playground) == [3]
    lines(playground, "pytorch").filter(has_text="nn.Sequential(").first.hover()
    assert lit_rows(playground)[0] == "conv2d_2"
    assert len(lit_rows(playground)) == 9
    assert lit_editor_lines(playground) == [2, 3, 4]


def test_the_code_comes_to_the_layer_that_is_chosen_and_not_on_hover(open_page: OpenPage) -> None:
    playground = open_page(**WIDE)
    playground.write(LONG)
    playground.expect_no_problems()
    playground.cell("d39", "name").get_by_role("button").click()
    playground.tab("Code")
    for backend, text in (("pytorch", "self.d39 ="), ("tensorflow", 'name="d39"')):
        assert in_view(lines(playground, backend).filter(has_text=text).first), backend
    first = lines(playground, "pytorch").filter(has_text="self.conv2d =").first
    assert not in_view(first)
    playground.page.locator("#paint > div").nth(10).hover(force=True)
    assert not in_view(first)
    playground.select_text("Conv2D(8")
    for backend in ("pytorch", "tensorflow"):
        assert any(map(in_view, lines(playground, backend).and_(playground.page.locator(".linked")).all())), backend


def test_a_click_on_a_line_shows_the_layer_elsewhere(open_page: OpenPage) -> None:
    playground = open_page(**WIDE)
    playground.write(LONG)
    playground.expect_no_problems()
    playground.tab("Code")
    line = lines(playground, "pytorch").filter(has_text="self.d39 =").first
    line.scroll_into_view_if_needed()
    line.click()
    assert in_view(lines(playground, "tensorflow").filter(has_text='name="d39"').first)
    expect(playground.page.locator("#paint > .linked")).to_be_in_viewport()


def test_the_code_is_walked_with_keys(playground: PlaygroundPage) -> None:
    page = playground.page
    playground.tab("Code")
    code = page.get_by_test_id("code-pytorch")
    code.focus()
    wanted = lines(playground, "pytorch").all_inner_texts().index("        self.dense = nn.Linear(5408, 128)\n")
    for _ in range(wanted + 1):
        page.keyboard.press("ArrowDown")
    expect(lines(playground, "pytorch").nth(wanted)).to_be_in_viewport()
    assert lit_rows(playground) == ["dense"]
    page.keyboard.press("Enter")
    expect(playground.editor).to_be_focused()
    assert playground.caret()[0] == 9


def test_an_edit_leaves_the_code_where_it_was_scrolled(open_page: OpenPage) -> None:
    playground = open_page(**WIDE)
    playground.write(LONG)
    playground.expect_no_problems()
    playground.tab("Code")
    code = playground.page.get_by_test_id("code-tensorflow")
    code.evaluate("pre => { pre.scrollTop = 300; }")
    playground.type_over("Dense(10)", "Dense(11)")
    expect(code).to_contain_text("layers.Dense(11")
    expect(lines(playground, "tensorflow").first).to_have_text('"""A network in Keras."""')
    code.evaluate("pre => { pre.scrollTop = 300; }")
    playground.page.keyboard.press("ArrowLeft")
    playground.page.keyboard.type("2")
    expect(code).to_contain_text("layers.Dense(112")
    assert code.evaluate("pre => pre.scrollTop") == 300


def test_copying_gives_the_code_alone(open_page: OpenPage) -> None:
    playground = open_page(permissions=["clipboard-read", "clipboard-write"])
    page = playground.page
    playground.tab("Code")
    expect(lines(playground, "pytorch").first).to_be_visible()
    page.get_by_label("PyTorch code").get_by_role("button", name="Copy").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith('"""A network in PyTorch')
    compile(copied, "copied.py", "exec")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#code-pytorch code'))")
    assert page.evaluate("getSelection().toString()").strip() == copied.strip()


def test_differences_are_marked_on_their_lines_and_listed(open_page: OpenPage) -> None:
    playground = open_page(**WIDE)
    page = playground.page
    playground.write(LONG)
    playground.expect_no_problems()
    playground.tab("Code")
    mark = page.get_by_test_id("code-pytorch").get_by_role("img", name="nn.Conv2d both ends alike")
    expect(mark).to_have_count(1)
    assert "Keras pads 0 before and 1 after" in str(mark.get_attribute("title"))
    line = mark.locator("xpath=..")
    assert "nn.Conv2d(4, 8" in line.inner_text()

    listed = page.get_by_test_id("differences")
    listed.locator("summary").focus()
    page.keyboard.press("Enter")
    statistics = listed.get_by_role("listitem").filter(has_text="Moving statistics")
    expect(statistics).to_contain_text("Keras's momentum 0.99")
    button = statistics.get_by_role("button", name="3 layers")
    button.focus()
    assert lit_rows(playground) == [f"batch_normalization{n}" for n in ("", "_1", "_2")]
    page.keyboard.press("Enter")
    assert in_view(lines(playground, "pytorch").filter(has_text="nn.BatchNorm2d(").first)

    playground.type_over("BatchNormalization", "LayerNormalization")
    expect(statistics).to_have_count(0)
    expect(listed).to_have_attribute("open", "")
    expect(page.get_by_test_id("code-pytorch").get_by_role("img", name="Moving statistics")).to_have_count(0)


def test_no_list_where_nothing_differs(playground: PlaygroundPage) -> None:
    playground.write("network Plain { input: (8) layers: Dense(4) }")
    playground.expect_parameters(36)
    playground.tab("Code")
    expect(playground.page.get_by_test_id("differences")).to_be_hidden()


def test_one_backend_at_a_time_in_a_hand(open_page: OpenPage) -> None:
    playground = open_page(**PHONE)
    page = playground.page
    page.get_by_role("button", name="Results").tap()
    page.get_by_role("tab", name="Code", exact=True).tap()
    expect(page.get_by_test_id("code-pytorch")).to_be_visible()
    expect(page.get_by_test_id("code-tensorflow")).to_be_hidden()
    page.get_by_role("button", name="Keras", exact=True).tap()
    expect(page.get_by_test_id("code-tensorflow")).to_be_visible()
    expect(page.get_by_test_id("code-pytorch")).to_be_hidden()
    page.get_by_test_id("differences").locator("summary").tap()
    expect(page.get_by_test_id("differences").get_by_role("listitem")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
