"""What larger programs show: groups and repeats, several inputs and outputs, search values, notes, long names."""

from __future__ import annotations

from playwright.sync_api import expect

from e2e.conftest import OpenPage
from e2e.playground_page import PlaygroundPage
from e2e.test_phone import PHONE

BLOCKS = """define Block(n) {
    Residual() {
        Dense(n, "relu")
        Dense(n)
    }
}

network Deep {
    input: (8)
    layers:
        Block(8) * 3
        Dense(4)
}
"""
TOWERS = """network Towers {
    input: { image: (16, 16, 3), table: (6) }
    layers:
        image: { Conv2D(4, 3) Flatten() }
        table: { Dense(8) }
        both = Concatenate()
        kind = Dense(3, "softmax")(both)
        score = Dense(1)(both)
    output: kind, score
}
"""
SEARCHED = """network S {
    input: (8)
    layers:
        Dense(HPO(choice(32, 64)))
        Dropout(HPO(range(0.3, 0.7, step=0.1)))
        Dense(1)
}

research Paper {
    metrics { accuracy: 0.9 }
}
"""


def test_repeats_fold_with_sums_by_keyboard(playground: PlaygroundPage) -> None:
    page, one = playground.page, 2 * (8 * 8 + 8)
    playground.write(BLOCKS)
    playground.expect_parameters(3 * one + 8 * 4 + 4)
    head = playground.table.locator('[data-group="Block_1*~1"]')
    expect(head).to_contain_text("Block × 3 9 layers")
    expect(head).to_contain_text(f"{3 * one}")
    fold = head.get_by_role("button")
    fold.focus()
    page.keyboard.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(playground.table.locator("tr:visible[data-key]")).to_have_count(1)
    page.keyboard.press("Space")
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(playground.table.locator("tr:visible[data-key]")).to_have_count(10)

    every = page.get_by_role("button", name="fold all")
    every.click()
    expect(playground.table.locator("tr:visible[data-key]")).to_have_count(1)
    playground.type_over("Dense(4)", "Dense(5)")
    playground.expect_parameters(3 * one + 8 * 5 + 5)
    expect(playground.table.locator("tr:visible[data-key]")).to_have_count(1)
    page.get_by_role("button", name="unfold all").click()
    expect(playground.table.locator("tr:visible[data-key]")).to_have_count(10)


def test_a_layer_of_a_macro_leads_to_the_macro(playground: PlaygroundPage) -> None:
    playground.write(BLOCKS)
    playground.cell("dense_2", "name").get_by_role("button").click()
    assert playground.caret() == (3, 9)


def test_several_inputs_and_outputs_are_seen(playground: PlaygroundPage) -> None:
    page = playground.page
    playground.write(TOWERS)
    playground.expect_no_problems()
    expect(playground.table.locator("tr[data-input]")).to_have_count(2)
    playground.table.get_by_role("button", name="table").click()
    assert playground.caret()[0] == 2
    for key in ("kind", "score"):
        expect(playground.cell(key, "name")).to_contain_text("output")
    playground.tab("Diagram")
    expect(page.get_by_test_id("diagram").locator(".kind-input")).to_have_count(2)
    expect(page.get_by_test_id("diagram").locator(".output")).to_have_count(2)
    playground.tab("Code")
    expect(page.get_by_test_id("code-pytorch")).to_contain_text("image")


def test_search_values_are_listed_and_lead_to_their_place(playground: PlaygroundPage) -> None:
    page = playground.page
    playground.write(SEARCHED)
    playground.expect_no_problems()
    expect(page.get_by_label("Research notes")).to_contain_text("accuracy")
    page.keyboard.press("Alt+Digit5")
    space = page.get_by_test_id("search-space")
    expect(space).to_contain_text("2 values to search, 10 points in all.")
    space.get_by_role("button", name="[Ln 5, Col 17]").click()
    assert playground.caret() == (5, 17)
    playground.type_over("(32, 64)", "(32, 64, 128)")
    expect(space).to_contain_text("15 points in all.")


def test_search_values_fit_a_phone(open_page: OpenPage) -> None:
    playground = open_page(**PHONE)
    page = playground.page
    playground.write(SEARCHED)
    playground.expect_no_problems()
    page.get_by_role("button", name="Results").tap()
    page.get_by_role("tab", name="Search", exact=True).tap()
    page.get_by_role("button", name="[Ln 4, Col 15]").tap()
    assert playground.caret() == (4, 15)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_twenty_thousand_layers_and_long_names_leave_the_page_usable(playground: PlaygroundPage) -> None:
    playground.write("network H { input: (2) layers: Dense(2) * 20000 }")
    playground.expect_parameters(20_000 * 6)
    expect(playground.table.locator("tr[data-key]")).to_have_count(1000)
    long = "a" * 300
    playground.write(f"network {long} {{ input: (2) layers: {long} = Dense(2) b = Dns{long}(2) }}")
    expect(playground.problems).to_have_count(1)
    assert playground.page.evaluate("document.documentElement.scrollWidth") <= 1440
    box = playground.page.locator(".results-pane").bounding_box()
    assert box
    assert box["x"] + box["width"] <= 1440
