"""What a stranger writes is text wherever it is shown: the page gains no element, attribute or handler."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from tests.webapp.page import Element, parse

HTMX = {"HX-Request": "true"}
PAYLOADS = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "'><img src=x onerror=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<hx-partial hx-target=body><b>x</b></hx-partial>",
    "<div hx-get=/evil hx-trigger=load>",
    "<a href=javascript:alert(1)>x</a>",
    "{{ 7*7 }}{% raw %}",
    "\u2028\u2029<!--<script>",
]

# Where a text of the program reaches the page: strings, layer names, unknown names, comments, arguments.
SINKS = [
    'network N {{ input: (4) layers: Dense(2, name="{}") Dense(1) }}',
    'network N {{ input: (4) layers: Dense(2, "{}") Dense(1) }}',
    "network N {{ input: (4) layers: {} Dense(1) }}",
    "network {} {{ input: (4) layers: Dense(1) }}",
    "# {}\nnetwork N {{ input: (4) layers: Dense(1) }}",
    'network N {{ input: (4) layers: Dense(1) loss: "{}" }}',
    'network N {{ input: (4) layers: Dense(1) @ "{}" }}',
    'network N {{ input: (4) layers: Dense(HPO(choice(2, "{}"))) }}',
    'network N {{ input: (4) layers: Dense(2) }} research R {{ references {{ paper: "{}" }} }}',
]


def skeleton(element: Element) -> list[tuple[str, tuple[str, ...]]]:
    """Return every element's tag and attribute names, as sets that do not depend on how many rows there are."""
    return sorted({(each.tag, tuple(sorted(each.attributes))) for each in element.all()})


@pytest.mark.parametrize("sink", SINKS)
@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize(("shown", "headers"), [("charts", HTMX), ("", {})])
def test_payloads_are_inert(client: FlaskClient, payload: str, sink: str, shown: str, headers: dict[str, str]) -> None:
    hostile = client.post("/analyze", data={"source": sink.format(payload), "shown": shown}, headers=headers)
    assert hostile.status_code == 200
    page = parse(hostile.text)
    for tag, attributes in skeleton(page):
        assert tag not in ("iframe", "object", "embed", "base", "img", "b")
        assert not any(name.startswith("on") or name in ("srcdoc", "style") for name in attributes), (tag, attributes)
    scripts = page.all("script")
    assert not any("alert" in script.text for script in scripts if script.attributes.get("type") != "application/json")
    json.loads(page.one("script", id="analysis-data").text)
    assert not any(str(each.attributes.get("href", "")).startswith("javascript") for each in page.all())
    moving = [each for each in page.all() if any(name.startswith("hx-") for name in each.attributes)]
    assert {each.tag for each in moving if each.attributes.get("id") != "verify"} <= {"form", "hx-partial"}
    for figure in page.all("script", id="figure-data"):
        json.loads(figure.text)
    if shown:
        assert len(page.all("hx-partial")) in (8, 9)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_addresses_are_inert(client: FlaskClient, payload: str) -> None:
    for path in (f"/examples/{payload}", f"/m/{payload}", f"/{payload}"):
        page = parse(client.get(path).text)
        assert {"script", "style", "link", "a", "main"} >= {each.tag for each in page.all()} - {
            "html", "head", "meta", "title", "body", "h1", "p",
        }  # fmt: skip
        assert len(page.all("script")) == 1


def test_strings_in_generated_code_stay_in_their_element(client: FlaskClient) -> None:
    source = 'network N { input: (4) layers: Dense(2, name="a") Dense(1) } # </code></pre><script>alert(1)</script>'
    page = parse(client.post("/analyze", data={"source": source, "shown": "code"}, headers=HTMX).text)
    assert len(page.by_test_id("code-pytorch").all("code")) == 1
