"""The playground as a person meets it: found by roles, labels and the page contract, never by how it is made."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from playwright.sync_api import Locator, Page, expect

# From the last key that was pressed to the frame in which a total shows the expected number.
WATCH = """(expected) => {
    window.seen = new Promise((resolve) => {
        let pressed = performance.now();
        const note = () => { pressed = performance.now(); };
        document.addEventListener("keydown", note, true);
        const look = () => {
            if (document.querySelector('[data-testid="totals"]').dataset.parameters !== expected) return;
            watcher.disconnect();
            document.removeEventListener("keydown", note, true);
            requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - pressed)));
        };
        const watcher = new MutationObserver(look);
        watcher.observe(document.body, { subtree: true, childList: true, attributes: true });
    });
}"""


class PlaygroundPage:
    """One page, and what a person can do with it and see in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.editor = page.get_by_role("textbox", name="Model source")
        self.status = page.get_by_role("status")
        self.totals = page.get_by_test_id("totals")
        self.table = page.get_by_test_id("shape-table")
        self.problems = page.get_by_test_id("diagnostics").locator("li")
        self.share_link = page.get_by_test_id("share-link")

    def open(self, path: str = "/", *, scripts: bool = True) -> Self:
        """Go to an address and wait until the page can be used."""
        self.page.goto(path)
        if scripts:
            self.ready()
        return self

    def ready(self) -> None:
        """Wait until the page's scripts have started."""
        self.page.wait_for_selector("html[data-ready]")

    # What is seen

    @property
    def source(self) -> str:
        return self.editor.input_value()

    def row(self, key: str) -> Locator:
        return self.table.locator(f'tr[data-key="{key}"]')

    def cell(self, key: str, column: str) -> Locator:
        return self.row(key).locator(f'[data-col="{column}"]')

    def keys(self) -> list[str]:
        return self.table.locator("tr[data-key]").evaluate_all("rows => rows.map(row => row.dataset.key)")

    def expect_parameters(self, number: int) -> None:
        """Wait until the total is exactly this number."""
        expect(self.totals).to_have_attribute("data-parameters", str(number))

    def expect_settled(self) -> None:
        """Wait until what is shown is of the source as it stands."""
        expect(self.status).to_have_attribute("data-stale", "false")

    def expect_no_problems(self) -> None:
        expect(self.problems).to_have_count(0)

    def expect_problem(self, code: str, line: int, column: int) -> Locator:
        """Wait for a problem at its place and return it."""
        item = self.problems.and_(self.page.locator(f'[data-code="{code}"]'))
        expect(item).to_have_attribute("data-line", str(line))
        expect(item).to_have_attribute("data-column", str(column))
        return item

    def caret(self) -> tuple[int, int]:
        """Return line and column of the caret, from 1."""
        place = self.editor.evaluate(
            "area => { const head = area.value.slice(0, area.selectionStart).split('\\n');"
            " return [head.length, head.at(-1).length + 1]; }"
        )
        return place[0], place[1]

    # What is done

    def select_text(self, text: str) -> None:
        """Put the selection on the first occurrence of a text, as a double click or a drag does."""
        self.editor.click()
        self.editor.evaluate(
            "(area, text) => { const at = area.value.indexOf(text);"
            " if (at < 0) throw new Error(`not in the source: ${text}`);"
            " area.setSelectionRange(at, at + text.length); }",
            text,
        )

    def type_over(self, old: str, new: str) -> None:
        """Select a text and type another over it, key by key."""
        self.select_text(old)
        self.page.keyboard.type(new)

    def edit_until(self, old: str, new: str, parameters: int) -> float:
        """Type over a text; return the milliseconds from the last key until the total was painted."""
        self.select_text(old)
        self.page.evaluate(WATCH, str(parameters))
        self.page.keyboard.type(new)
        taken: float = self.page.evaluate("window.seen")
        return taken

    def write(self, source: str) -> None:
        """Replace the whole source at once, as pasting does."""
        self.editor.fill(source)

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name, exact=True).click()

    def choose_example(self, title: str) -> None:
        menu = self.page.get_by_test_id("examples")
        menu.locator("summary").click()
        menu.get_by_role("link").filter(has=self.page.get_by_text(title, exact=True)).click()

    def download(self, backend: str, folder: Path, form: str = "") -> Path:
        """Press the download button, or a form in the menu beside it, and return the file."""
        button = self.page.get_by_test_id(f"download-{backend}")
        with self.page.expect_download() as waiting:
            if form:
                title = button.inner_text().strip()
                if not self.page.locator(f"#forms-{backend}[open]").count():
                    self.page.get_by_label(f"{title} code in another form").click()
                button = self.page.get_by_role("group", name=title, exact=True).get_by_role("button", name=form)
            button.click()
        path = folder / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path

    def share(self, choice: str) -> str:
        """Open the share panel, press a choice, and return the link."""
        self.page.get_by_test_id("share").click()
        button = self.page.get_by_role("button", name=choice)
        button.click()
        expect(
            self.page.get_by_role("button", name="Copied").or_(self.page.get_by_role("button", name="Failed"))
        ).to_be_visible()
        return self.share_link.input_value()
