"""A person has the generated code verified: both frameworks really build the network and are compared."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from e2e.conftest import Guard, OpenPage
from e2e.playground_page import PlaygroundPage
from neural.verification import available

pytestmark = pytest.mark.skipif(not available(), reason="the frameworks are not installed")

SMALL = """network Small {
    input: (12, 12, 3)
    layers:
        Conv2D(4, 3, strides=2, padding="same")
        BatchNormalization()
        ReLU()
        Flatten()
        Dense(5, "softmax")
}
"""
SECONDS = 120_000  # the frameworks are imported first, on a machine that may be busy


def verdict(playground: PlaygroundPage) -> Locator:
    return playground.page.get_by_test_id("verification")


def test_from_the_button_to_the_verdict_and_beyond(playground: PlaygroundPage) -> None:
    page = playground.page
    playground.write(SMALL)
    playground.expect_settled()
    playground.tab("Code")
    page.get_by_test_id("verify").click()
    expect(verdict(playground)).to_have_attribute("data-state", "working")
    expect(verdict(playground)).to_contain_text("Verifying")
    expect(verdict(playground)).to_have_attribute("data-state", "same", timeout=SECONDS)
    said = verdict(playground).inner_text()
    assert re.fullmatch(r"Verified in PyTorch \d[\d.]+ and Keras \d[\d.]+ on \d{4}-\d\d-\d\d", said)
    assert "layers compared" in str(verdict(playground).get_attribute("title"))
    earlier = page.get_by_text("of an earlier revision")
    expect(earlier).to_be_hidden()

    playground.type_over("Dense(5", "Dense(6")
    expect(earlier).to_be_visible()
    playground.type_over("Dense(6", "Dense(5")
    expect(earlier).to_be_hidden()

    page.get_by_test_id("share").click()
    page.get_by_role("button", name="Copy short link").click()
    page.wait_for_url("**/m/*")
    page.reload()
    playground.ready()
    playground.tab("Code")
    expect(verdict(playground)).to_have_text(said)
    page.get_by_test_id("verify").click()  # at once, as it is known
    expect(verdict(playground)).to_have_text(said)


def test_what_is_not_verified_says_why(playground: PlaygroundPage) -> None:
    page = playground.page
    playground.write('network N { input: (4) layers: twice = Lambda("lambda x: x * 2") Dense(2) }')
    playground.expect_settled()
    playground.expect_no_problems()
    playground.tab("Code")
    page.get_by_test_id("verify").press("Enter")
    expect(verdict(playground)).to_have_attribute("data-state", "refused", timeout=SECONDS)
    expect(verdict(playground)).to_contain_text("Cannot be verified")


def test_a_program_with_errors_cannot_be_verified(playground: PlaygroundPage) -> None:
    playground.tab("Code")
    button = playground.page.get_by_test_id("verify")
    expect(button).to_be_enabled()
    playground.type_over("Dropout", "Dropuot")
    expect(button).to_be_disabled()


def test_typing_goes_on_meanwhile(playground: PlaygroundPage) -> None:
    page = playground.page
    playground.write(SMALL.replace("Small", "Other"))
    playground.expect_settled()
    playground.tab("Code")
    page.get_by_test_id("verify").click()
    expect(verdict(playground)).to_have_attribute("data-state", "working")
    playground.type_over("Dense(5", "Dense(7")
    expect(page.get_by_test_id("code-pytorch")).to_contain_text("7)")
    expect(verdict(playground)).to_have_attribute("data-state", "same", timeout=SECONDS)
    expect(page.get_by_text("of an earlier revision")).to_be_visible()


def test_what_goes_wrong_is_said_and_can_be_tried_again(playground: PlaygroundPage, guard: Guard) -> None:
    page = playground.page
    for words in ("/verify", "Failed to fetch", "Failed to load resource"):
        guard.expect(words)
    problem = page.get_by_role("alert")
    playground.tab("Code")
    page.route("**/verify", lambda route: route.abort())
    page.get_by_test_id("verify").click()
    expect(problem).to_contain_text("The server does not answer")
    page.unroute("**/verify")

    words = '<hx-partial hx-target="#problem" hx-swap="innerHTML"><p role="alert">Too many models wait</p></hx-partial>'
    page.route("**/verify", lambda route: route.fulfill(status=429, content_type="text/html", body=words))
    page.get_by_test_id("verify").click()
    expect(problem).to_have_text("Too many models wait")
    expect(verdict(playground)).to_have_count(0)
    page.unroute("**/verify")

    page.get_by_test_id("verify").click()
    expect(verdict(playground)).to_have_attribute("data-state", "same", timeout=SECONDS)


def test_a_layer_that_differs_is_shown(playground: PlaygroundPage) -> None:
    page = playground.page
    words = (
        '<span class="verdict" data-state="different" data-testid="verification">dense: the results differ '
        '<a href="#row-dense" data-goto-key="dense">Show the layer</a></span>'
    )
    page.route("**/verify", lambda route: route.fulfill(content_type="text/html", body=words))
    playground.tab("Code")
    page.get_by_test_id("verify").click()
    verdict(playground).get_by_role("link", name="Show the layer").press("Enter")
    expect(page.get_by_role("tab", name="Table")).to_have_attribute("aria-selected", "true")
    expect(playground.cell("dense", "name").get_by_role("button")).to_be_focused()
    expect(playground.row("dense")).to_have_class("ok linked")
    assert page.url.endswith("/")


def test_without_scripts_the_button_works(open_page: OpenPage) -> None:
    playground = open_page(java_script_enabled=False)
    page = playground.page
    page.get_by_test_id("verify").click()
    expect(verdict(playground)).to_be_visible()
    for _ in range(120):
        if verdict(playground).get_attribute("data-state") == "same":
            return
        expect(page.get_by_text("Press Verify again")).to_be_visible()
        page.wait_for_timeout(1000)
        page.get_by_test_id("verify").click()
    raise AssertionError(verdict(playground).inner_text())
