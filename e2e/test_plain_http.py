"""On a plain HTTP address, where browsers say less of a request and forbid more of a page, everything still works."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from e2e.conftest import PLAIN_HOST, Guard, OpenPage
from e2e.playground_page import PlaygroundPage
from e2e.programs import mnist


@pytest.mark.parametrize("scripts", [True, False])
def test_edit_download_share(open_page: OpenPage, guard: Guard, server: str, tmp_path: Path, scripts: bool) -> None:
    guard.expect("The Cross-Origin-Opener-Policy header has been ignored")
    address = server.replace("127.0.0.1", PLAIN_HOST)
    playground = open_page(address, java_script_enabled=scripts)
    playground.write(playground.source.replace("Dense(128", "Dense(64"))
    if not scripts:
        playground.page.get_by_role("button", name="Analyze").click()
    playground.expect_parameters(mnist(hidden=64))
    assert "Linear(5408, 64)" in playground.download("pytorch", tmp_path).read_text()
    if scripts:
        assert playground.share("Copy short link").startswith(f"{address}/m/")
    else:
        playground.page.get_by_test_id("share").click()
        playground.page.wait_for_url(f"{address}/m/*")


def test_a_server_that_does_not_answer_is_said_to_and_asked_again(playground: PlaygroundPage, guard: Guard) -> None:
    guard.expect("status of 502")
    page = playground.page

    def refuse(route: Route) -> None:
        route.fulfill(status=502, content_type="text/html", body="<html><body>Bad gateway</body></html>")

    page.route("**/analyze", refuse)
    playground.type_over("128", "64")
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    assert "Dense(64" in playground.source
    page.unroute("**/analyze")
    playground.type_over("Dense(64", "Dense(32")
    playground.expect_parameters(mnist(hidden=32))
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_slow_answer_is_quiet_then_said_and_can_be_cancelled(playground: PlaygroundPage) -> None:
    page = playground.page
    held: list[Route] = []
    page.route("**/analyze", lambda route: held.append(route))
    playground.type_over("128", "64")
    cancel = page.get_by_role("button", name="Cancel", include_hidden=True)
    page.wait_for_timeout(600)
    assert float(cancel.evaluate("button => getComputedStyle(button).opacity")) == 0
    page.wait_for_timeout(2600)
    assert float(cancel.evaluate("button => getComputedStyle(button).opacity")) == 1
    cancel.click()
    page.unroute("**/analyze")
    playground.type_over("Dense(64", "Dense(32")
    playground.expect_parameters(mnist(hidden=32))
