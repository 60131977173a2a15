"""The page as a browser uses it, without the browser."""

from __future__ import annotations

import gzip
import json
import re
import tempfile
from pathlib import Path
from typing import Final

from werkzeug.test import TestResponse

from webapp import Config, create_app

_BROWSER: Final = {"Accept-Encoding": "gzip, deflate, br, zstd", "Sec-Fetch-Site": "same-origin"}
_HTMX: Final = {**_BROWSER, "HX-Request": "true"}
_DATA: Final = re.compile(r'<script[^>]*id="analysis-data"[^>]*>(.*?)</script>', re.DOTALL)


class Page:
    """One open page with a tab in view: it sends its form, and what an answer said that it holds now."""

    def __init__(self, tab: str = "table") -> None:
        self._tab = tab
        self._folder = tempfile.TemporaryDirectory()
        self.app = create_app(Config(database_url=f"sqlite:///{Path(self._folder.name) / 'models.db'}"))
        self._client = self.app.test_client()
        self._held: dict[str, str] = {}
        self._revision = 0

    def open(self, source: str) -> TestResponse:
        """Return the whole page with ``source`` in it."""
        self._held = {}
        return self._client.post("/analyze", data={"source": source}, headers=_BROWSER)

    def analyze(self, source: str) -> TestResponse:
        """Return the parts that change when the editor holds ``source``."""
        self._revision += 1
        form = {"source": source, "revision": str(self._revision), **self._held}
        return self._client.post("/analyze", data=form, headers=_HTMX)

    def send(self, path: str, **form: str) -> TestResponse:
        """Return the answer to another form."""
        return self._client.post(path, data=form, headers=_HTMX)

    def ask(self, path: str, **members: str) -> TestResponse:
        """Return the answer to a program that sends JSON."""
        return self._client.post(path, json=members, headers=_BROWSER)

    def shown(self, answer: TestResponse) -> int:
        """Take an answer into the page, and return the bytes that were sent."""
        assert answer.status_code == 200, answer.status
        packed = answer.headers.get("Content-Encoding") == "gzip"
        text = (gzip.decompress(answer.data) if packed else answer.data).decode()
        found = _DATA.search(text)
        token = json.loads(found[1]).get("token") if found else None
        if token:
            self._held = {"base": token, "shown": self._tab, "panel": token}
        return len(answer.data)
