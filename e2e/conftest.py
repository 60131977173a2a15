"""A real server as the Procfile starts it, a real Chromium, and a guard that no journey may trip.

Any console error, uncaught exception, failed request or request to another host fails the journey it happened in.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, sync_playwright

from e2e.playground_page import PlaygroundPage
from e2e.timings import Timings

ROOT = Path(__file__).parent.parent
PLAIN_HOST = "playground.test"
"""A name for the server that a browser does not trust as it trusts a loopback address."""
OPTIONS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1",
]
TIMINGS = Timings()

OpenPage = Callable[..., PlaygroundPage]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the journeys measured, once, and leave it for the benchmarks."""
    rows = TIMINGS.table()
    if rows:
        terminalreporter.section("timings of the journeys")
        for row in rows:
            terminalreporter.write_line(row)
        file = Path(__file__).parent.parent / "build" / "e2e-timings.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(TIMINGS.data(), indent=1), encoding="utf-8")


@pytest.fixture
def timings() -> Timings:
    return TIMINGS


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with a database of its own."""
    folder = tmp_path_factory.mktemp("server")
    with serving(folder, DATABASE_URL=f"sqlite:///{folder / 'models.db'}") as address:
        yield address


@contextmanager
def serving(folder: Path, application: str = "", **environment: str) -> Iterator[str]:
    """Start a server as the Procfile does, of another application where one is named, and give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = _command()
    if application:
        command[-1] = application
    log = folder / "log"
    with log.open("w+") as written:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PORT": str(port), **environment},
            stdout=written,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(15)


def _command() -> list[str]:
    """Return the web command of the Procfile, run by this Python."""
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    web = next(line.removeprefix("web:") for line in lines if line.startswith("web:"))
    program, *arguments = shlex.split(web)
    return [sys.executable, "-m", program, *arguments]


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(address, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    pytest.fail(f"the server did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium: $CHROMIUM, else one on the PATH, else Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    running = playwright.chromium.launch(executable_path=path, args=OPTIONS)
    yield running
    running.close()


class Guard:
    """Notes everything that must not happen in a page."""

    def __init__(self, hosts: set[str]) -> None:
        self.hosts = hosts
        self.seen: list[str] = []
        self.expected: list[str] = []

    def expect(self, words: str) -> None:
        """Let pass what says these words: the journey brings it about on purpose."""
        self.expected.append(words)

    def complaints(self) -> list[str]:
        """Return what was seen and not expected."""
        return [each for each in self.seen if not any(words in each for words in self.expected)]

    def watch(self, context: BrowserContext) -> None:
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("page", self._page)

    def _page(self, page: Page) -> None:
        page.on("console", lambda m: self.seen.append(f"console: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda error: self.seen.append(f"exception: {error}"))
        page.on("crash", lambda _: self.seen.append("the page crashed"))

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc not in self.hosts:
            self.seen.append(f"request to another host: {request.url}")

    def _failed(self, request: Request) -> None:
        # An edit gives up the question before it, a download is no page, and a page that closes needs its icon no more:
        # all end as ERR_ABORTED.
        path = urlsplit(request.url).path
        given_up = path.startswith(("/analyze", "/download/", "/panels/", "/verify/")) or path.endswith("/favicon.svg")
        if not given_up or request.failure != "net::ERR_ABORTED":
            self.seen.append(f"failed: {request.method} {request.url} ({request.failure})")


@pytest.fixture(autouse=True)
def guard(server: str) -> Iterator[Guard]:
    parts = urlsplit(server)
    guard = Guard({parts.netloc, f"{PLAIN_HOST}:{parts.port}"})
    yield guard
    assert guard.complaints() == []


@pytest.fixture
def open_page(browser: Browser, server: str, guard: Guard) -> Iterator[OpenPage]:
    """Opens the playground as a new person does, in a context of its own: ``open_page("/path", **context_options)``."""
    contexts: list[BrowserContext] = []

    def open_(path: str = "/", **options: object) -> PlaygroundPage:
        settings = {"viewport": {"width": 1440, "height": 900}, "accept_downloads": True, **options}
        context = browser.new_context(base_url=server, **settings)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        guard.watch(context)
        contexts.append(context)
        return PlaygroundPage(context.new_page()).open(path, scripts=options.get("java_script_enabled") is not False)

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def playground(open_page: OpenPage) -> PlaygroundPage:
    """The playground on a wide screen."""
    return open_page()
