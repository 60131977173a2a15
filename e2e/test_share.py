"""A model is shared, opened by somebody else, and edited there; drafts survive all of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.conftest import OpenPage
from e2e.playground_page import PlaygroundPage
from e2e.programs import mnist
from e2e.timings import Timings

LONG, SHORT = "Copy link", "Copy short link"


@pytest.mark.parametrize(("choice", "form"), [(LONG, "/#z=1."), (SHORT, "/m/")])
def test_a_shared_model_opens_elsewhere_as_it_was_and_can_be_edited(
    playground: PlaygroundPage, open_page: OpenPage, server: str, choice: str, form: str
) -> None:
    playground.type_over("Dense(128", "Dense(64")
    playground.page.get_by_test_id("batch").fill("8")
    expect(playground.totals).to_contain_text("batch 8")
    link = playground.share(choice)
    assert link.startswith(server + form)
    assert playground.page.url == link
    source = playground.source

    other = open_page(link)
    other.expect_parameters(mnist(hidden=64))
    assert other.source == source
    expect(other.page.get_by_test_id("batch")).to_have_value("8")
    other.type_over("Dense(64", "Dense(32")
    other.expect_parameters(mnist(hidden=32))
    assert playground.source == source


def test_the_copied_link_is_the_one_shown(open_page: OpenPage) -> None:
    playground = open_page(permissions=["clipboard-read", "clipboard-write"])
    link = playground.share(SHORT)
    assert playground.page.evaluate("navigator.clipboard.readText()") == link
    expect(playground.page.get_by_role("button", name=SHORT)).to_be_visible()


def test_sharing_the_same_twice_gives_one_link(open_page: OpenPage, timings: Timings) -> None:
    links = []
    for _ in range(2):
        playground = open_page()
        links.append(playground.share(SHORT))
        took = playground.page.evaluate(
            "performance.getEntriesByType('resource').filter(e => e.name.endsWith('/models'))[0].duration"
        )
        timings.add("store a model", took)
    assert links[0] == links[1]


def test_a_long_model_is_offered_the_short_link_first(playground: PlaygroundPage) -> None:
    layers = " ".join(f'Dense({width}, name="layer_{width * 7919}")' for width in range(1, 400))
    playground.write(f"network Long {{ input: (4) layers: {layers} }}")
    playground.expect_settled()
    playground.page.get_by_test_id("share").click()
    expect(playground.page.get_by_role("button", name=SHORT)).to_be_focused()
    above = playground.page.get_by_role("button", name=SHORT).bounding_box()
    below = playground.page.get_by_role("button", name="Copy link (nothing stored)").bounding_box()
    assert above
    assert below
    assert above["y"] < below["y"]


def test_an_edit_after_sharing_is_noted(playground: PlaygroundPage) -> None:
    playground.share(SHORT)
    playground.type_over("128", "64")
    expect(playground.page.get_by_text("Edited since shared")).to_be_visible()


def test_a_damaged_link_says_so_and_leaves_the_page_usable(open_page: OpenPage) -> None:
    playground = open_page("/#z=1.nonsense")
    expect(playground.page.get_by_role("alert")).to_contain_text("damaged")
    playground.type_over("128", "64")
    playground.expect_parameters(mnist(hidden=64))


def test_opening_a_link_keeps_the_draft_and_offers_it(playground: PlaygroundPage, open_page: OpenPage) -> None:
    link = open_page().share(SHORT)
    playground.type_over("Dense(128", "Dense(48")
    playground.expect_parameters(mnist(hidden=48))
    playground.page.wait_for_timeout(700)

    page = playground.page.context.new_page()
    later = PlaygroundPage(page).open(link)
    later.expect_parameters(mnist())
    offer = page.get_by_text("You have an unfinished draft")
    expect(offer).to_be_visible()
    later.type_over("Dense(128", "Dense(16")
    page.wait_for_timeout(700)
    page.get_by_role("button", name="Restore it").click()
    later.expect_parameters(mnist(hidden=48))
    expect(offer).to_be_hidden()


def test_a_reload_loses_nothing(playground: PlaygroundPage) -> None:
    playground.type_over("Dense(128", "Dense(48")
    playground.page.wait_for_timeout(700)
    playground.page.reload()
    playground.ready()
    playground.expect_parameters(mnist(hidden=48))
    assert "Dense(48" in playground.source


def test_a_link_of_a_stranger_runs_nothing(playground: PlaygroundPage, open_page: OpenPage) -> None:
    playground.write(
        'network N { input: (4) layers: Dense(2, name="<img src=x onerror=alert(1)>")'
        ' Dnse("</script><script>alert(2)</script>") } # <svg onload=alert(3)>'
    )
    playground.expect_settled()
    link = playground.share(SHORT)
    other = open_page(link)
    other.page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
    for tab in ("Charts", "Diagram", "Code", "Table"):
        other.tab(tab)
    assert other.page.locator("main img, main script").count() == 0
