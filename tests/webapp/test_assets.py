"""Files are what the manifest says, addresses change with contents, and the first load is small."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from webapp.assets import Assets, folder

STATIC = folder("static")
MANIFEST = json.loads((STATIC / "vendor" / "manifest.json").read_text())["files"]
FIRST_LOAD = 250_000


def test_every_vendored_file_is_in_the_manifest() -> None:
    files = {path.name for path in (STATIC / "vendor").iterdir() if path.is_file()} - {"manifest.json"}
    assert files == set(MANIFEST)


@pytest.mark.parametrize("name", MANIFEST)
def test_vendored_files_are_the_released_ones(name: str) -> None:
    row = MANIFEST[name]
    digest = hashlib.sha384((STATIC / "vendor" / name).read_bytes()).digest()
    assert base64.b64encode(digest).decode() == row["sha384"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", row["version"])
    assert row["name"]
    assert row["licence"] in ("0BSD", "MIT")
    assert (STATIC / "vendor" / row["licence_file"]).read_text()


def test_files_are_immutable_under_their_own_version_only(client: FlaskClient) -> None:
    css = re.search(r"/static/([0-9a-f]{12})/app\.css", client.get("/").text)
    assert css
    assert "immutable" in client.get(css[0]).headers["Cache-Control"]
    assert client.get("/static/000000000000/app.css").headers["Cache-Control"] == "no-cache"


def test_a_change_changes_the_address(tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "big.js").write_text("big")
    (tmp_path / "a.js").write_text("1")
    before = Assets(tmp_path)
    (tmp_path / "a.js").write_text("2")
    after = Assets(tmp_path)
    assert before.url("a.js") != after.url("a.js")
    assert before.url("vendor/big.js") == after.url("vendor/big.js")


def test_files_are_compressed_for_who_can_read_that(client: FlaskClient) -> None:
    plain = client.get("/static/x/app.css")
    packed = client.get("/static/x/app.css", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]
    page = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(page.data).startswith(b"<!doctype html>")


def test_the_first_load_is_small_and_without_plotly(client: FlaskClient) -> None:
    headers = {"Accept-Encoding": "gzip"}
    page = client.get("/", headers=headers)
    text = gzip.decompress(page.data).decode()
    addresses = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', text))
    assert not any("plotly" in address for address in addresses)
    sizes = {address: len(client.get(address, headers=headers).data) for address in addresses}
    assert len(page.data) + sum(sizes.values()) < FIRST_LOAD


def test_every_module_that_is_imported_is_loaded_with_the_page(client: FlaskClient) -> None:
    text = client.get("/").text
    loaded = set(re.findall(r'type="module" src="/static/[0-9a-f]{12}/([\w.]+)"', text))
    imported = {
        name
        for path in STATIC.glob("*.js")
        for name in re.findall(r'from "\./([\w.]+)"', path.read_text(encoding="utf-8"))
    }
    assert imported | {"main.js"} == loaded


def test_no_file_of_ours_speaks_of_another_host() -> None:
    for path in [*STATIC.glob("*.*"), *folder("templates").rglob("*.html")]:
        found = set(re.findall(r"https?://[^\s\"'<)]+", path.read_text(encoding="utf-8")))
        assert found <= {"http://www.w3.org/2000/svg"}, path
