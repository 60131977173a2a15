"""A page that does nothing but echo: the table of the playground, and a server that answers with ready-made rows.

It is what a keystroke costs at least where each answer brings the table, in this browser and through htmx: nothing is
read, analysed or drawn by the server, and the rows of one of two programs are morphed into those of the other.
"""

from __future__ import annotations

import re
from itertools import count, cycle
from pathlib import Path

from flask import Flask, Response, request

from webapp import create_app
from webapp.assets import Assets
from webapp.views.static import blueprint

PAGE = """<!doctype html>
<html lang="en" class="js">
<head>
<meta charset="utf-8">
<title>Echo</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{app}">
<link rel="stylesheet" href="{editor}">
<link rel="stylesheet" href="{results}">
<script src="{htmx}"></script>
</head>
<body>
<main class="panes">
<section class="pane source-pane">
<form id="playground" hx-post="/analyze" hx-trigger="input from:#source delay:50ms" hx-swap="none"
      hx-sync="this:replace" hx-encoding="multipart/form-data">
<textarea id="source" name="source" aria-label="Model source" rows="24" wrap="off">
{source}</textarea>
</form>
</section>
<section class="pane results-pane"><div class="panel" id="panel-table">{table}</div></section>
</main>
<footer class="foot"><div class="foot-status"><p id="status" data-errors="0" data-revision="0">0</p></div></footer>
</body>
</html>
"""


def create_echo(folder: str) -> Flask:
    """Return the application for the program ``source`` of a folder; its rows are those that become ``edited``."""
    source, edited = ((Path(folder) / name).read_text(encoding="utf-8") for name in ("source", "edited"))
    client = create_app({"DATABASE_URL": "sqlite://"}).test_client()
    old, new = (
        _table(client.post("/analyze", data={"source": text}, headers={"HX-Request": "true"}).text)
        for text in (source, edited)
    )
    ready = cycle((new, old))
    assets = Assets(Path(__file__).parent.parent / "static")
    urls = {name: assets.url(f"{name}.css") for name in ("app", "editor", "results")}
    page = PAGE.format(source=source, table=old, htmx=assets.url("vendor/htmx.min.js"), **urls)
    asked = count(1)

    app = Flask(__name__, static_folder=None)
    app.extensions["assets"] = assets
    app.register_blueprint(blueprint)
    app.add_url_rule("/", "page", lambda: Response(page, mimetype="text/html"))
    app.add_url_rule("/healthz", "health", lambda: Response("ok"))
    app.add_url_rule("/analyze", "echo", lambda: _echo(next(ready), next(asked)), methods=["POST"])
    return app


def _table(answer: str) -> str:
    """Return the table that an answer brings."""
    table = re.search(r'<div class="table[ "].*?</table>\n</div>', answer, re.DOTALL)
    assert table
    return table[0]


def _echo(table: str, number: int) -> Response:
    assert request.form["source"]
    status = f'<p id="status" data-errors="0" data-revision="{number}">{number}</p>'
    swaps = (("table", table), ("status", status))
    return Response(
        "\n".join(f'<hx-partial hx-target="#{name}" hx-swap="outerMorph">{text}</hx-partial>' for name, text in swaps)
    )
