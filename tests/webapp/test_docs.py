"""The page of diagnostic codes has a section a code, and every program on it opens in the playground."""

from __future__ import annotations

from flask.testing import FlaskClient

from neural.diagnostics import CODES
from neural.explanations import EXPLANATIONS
from tests.webapp.page import Element, parse


def diagnostics(client: FlaskClient) -> Element:
    return parse(client.get("/docs/diagnostics").text)


def test_every_code_has_a_section_and_a_place_in_the_contents(client: FlaskClient) -> None:
    page = diagnostics(client)
    assert [section.attributes["id"] for section in page.one("main").all("section")] == list(CODES)
    listed = [link.attributes["href"] for link in page.one("nav", class_="contents").all("a")]
    assert listed == [f"#{code}" for code in CODES]
    for code, explanation in EXPLANATIONS.items():
        words = page.one("section", id=code).words()
        assert CODES[code] in words.lower()
        assert explanation.text.split("`")[0].strip() in words
    assert page.all("meta", name="robots") == []


def test_programs_are_shown_whole_and_open_in_the_playground(client: FlaskClient) -> None:
    page = diagnostics(client)
    for code, explanation in EXPLANATIONS.items():
        programs = [each for each in (explanation.example, explanation.mended) if each]
        figures = page.one("section", id=code).all("figure")
        assert len(figures) == len(programs)
        for figure, program in zip(figures, programs, strict=True):
            opened = parse(client.get(str(figure.one("a").attributes["href"])).text)
            assert opened.one("textarea").text.strip() == program.strip(), code
            lines = {line.strip() for line in program.splitlines()}
            assert {mark.text.strip() for mark in figure.all("mark")} <= lines
    assert [mark.text.strip() for mark in page.one("section", id="N201").all("mark")] == ["Dens(2)", "Dense(2)"]


def test_diagnostics_link_to_their_section(client: FlaskClient, mnist: str) -> None:
    answer = client.post("/analyze", data={"source": mnist.replace("Dropout", "Dropuot")})
    link = parse(answer.text).by_test_id("diagnostics").one("a", class_="rule")
    assert link.attributes["href"] == "/docs/diagnostics#N201"
    assert link.attributes["target"] == "_blank"
    assert diagnostics(client).one(id="N201")
