"""Code is downloaded in every form, by the form of the page and from a shared model's address."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from flask.testing import FlaskClient

from neural.compiler import default_compiler
from tests.webapp.page import parse

TYPES = {
    ".py": "text/x-python; charset=utf-8",
    ".ipynb": "application/x-ipynb+json",
    ".zip": "application/zip",
}
SUFFIXES = {"script": ".py", "model": ".py", "notebook": ".ipynb", "project": ".zip"}
BACKENDS = ("pytorch", "tensorflow")


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("form", SUFFIXES)
def test_every_form_is_the_compiler_s_file(client: FlaskClient, mnist: str, backend: str, form: str) -> None:
    answer = client.post(f"/download/{backend}", data={"source": mnist, "form": form})
    suffix = SUFFIXES[form]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="MNIST_{backend}{suffix}"'
    assert answer.content_type == TYPES[suffix]
    assert answer.data == default_compiler().download(mnist, backend=backend, form=form).content


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_in_them(client: FlaskClient, mnist: str, backend: str) -> None:
    found = {form: client.post(f"/download/{backend}", data={"source": mnist, "form": form}).data for form in SUFFIXES}
    assert b"def train(" in found["script"]
    assert b"def train(" not in found["model"]
    assert b"def build_model(" in found["model"]
    assert any("build_model" in "".join(cell["source"]) for cell in json.loads(found["notebook"])["cells"])
    with zipfile.ZipFile(io.BytesIO(found["project"])) as archive:
        assert archive.testzip() is None
        assert any(name.endswith("requirements.txt") for name in archive.namelist())


def test_without_a_form_it_is_the_script(client: FlaskClient, mnist: str) -> None:
    plain = client.post("/download/pytorch", data={"source": mnist})
    assert plain.data == client.post("/download/pytorch", data={"source": mnist, "form": "script"}).data


@pytest.mark.parametrize("form", ["", "exe", "Script", "../script", "script\n"])
def test_a_form_that_is_not_known_is_400(client: FlaskClient, mnist: str, form: str) -> None:
    assert client.post("/download/pytorch", data={"source": mnist, "form": form}).status_code == 400


@pytest.mark.parametrize("form", SUFFIXES)
def test_a_program_with_errors_has_no_form(client: FlaskClient, mnist: str, form: str) -> None:
    broken = mnist.replace("Dropout", "Dropuot")
    assert client.post("/download/pytorch", data={"source": broken, "form": form}).status_code == 422


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("ending", "form"), [("py", "script"), ("ipynb", "notebook"), ("zip", "project")])
def test_a_shared_model_has_addresses_for_them(
    client: FlaskClient, shared: str, mnist: str, backend: str, ending: str, form: str
) -> None:
    answer = client.get(f"{shared}/{backend}.{ending}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="MNIST_{backend}.{ending}"'
    assert answer.data == default_compiler().download(mnist, backend=backend, form=form).content


def test_the_menu_has_every_form(client: FlaskClient, mnist: str) -> None:
    menu = parse(client.get("/").text).one(id="forms-pytorch")
    buttons = menu.all("button")
    assert [each.attributes["formaction"] for each in buttons] == [
        f"/download/pytorch?form={form}" for form in SUFFIXES
    ]
    for each in buttons:
        assert client.post(str(each.attributes["formaction"]), data={"source": mnist}).status_code == 200
    assert not any("name" in each.attributes for each in buttons)
    assert not any("disabled" in each.attributes for each in buttons)
    page = parse(client.post("/analyze", data={"source": mnist.replace("Dropout", "Dropuot")}).text)
    assert all("disabled" in each.attributes for each in page.one(id="forms-tensorflow").all("button"))
