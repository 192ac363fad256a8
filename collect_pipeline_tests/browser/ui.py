"""The clicks that a person makes in the Dagster UI, by what stands on the screen.

Also used by `docs/take_screenshots.py`. Knows Playwright and nothing of what runs behind the pages.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright

JOBS = "/locations/collect_pipeline/jobs"
SENSORS = "/locations/collect_pipeline/sensors"
PATIENCE_MS = 180_000
"""Nothing here waits for a time to pass, so a slow machine may take its time."""
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_SIZE = ViewportSize(width=1280, height=860)


def find_chromium() -> str | None:
    """The path of Debian's Chromium, if it is installed."""
    return shutil.which("chromium")


@contextmanager
def running_browser(chromium: str) -> Iterator[Browser]:
    """A headless browser for as long as the block lasts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class DagsterUi:
    """One tab on the Dagster UI at `url`. `clicks` counts the clicks made through it; typing and waiting are free."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.page: Page = browser.new_page(viewport=_SIZE)
        self.page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        self.url = url
        self.clicks = 0

    def open(self, path: str) -> None:
        """Go to a page as from a bookmark."""
        self.page.goto(self.url + path)

    def click(self, target: Locator) -> None:
        """Click, and count it."""
        target.click()
        self.clicks += 1

    def button(self, name: str) -> Locator:
        """The button that is called so; an icon before the words has a name of its own."""
        return self.page.get_by_role("button", name=re.compile(rf"\b{re.escape(name)}$"))

    def link(self, name: str) -> Locator:
        """The last link that is called so. An icon before the words has a name of its own, and so has the one behind a
        job, which comes with its description, a moment after the link."""
        return self.page.get_by_role("link", name=re.compile(rf"\b{re.escape(name)}( info)?$")).last

    # Launching

    def put_model(self, address: str) -> None:
        """Click behind the one field of the Launchpad of `follow_model` and put an address there. The Launchpad
        remembers what was put there before."""
        self.click(self.page.locator(".CodeMirror-line").filter(has_text="model:").last)
        self.page.keyboard.press("End")
        self.page.keyboard.press("Shift+Home")
        self.page.keyboard.insert_text(f"model: {address}")

    def launch_run(self) -> None:
        """Launch what the Launchpad shows; the run's page opens."""
        self.click(self.button("Launch Run"))
        self.page.wait_for_url("**/runs/*")

    def follow(self, address: str) -> None:
        """Follow a model with the job `follow_model`, to its end."""
        self.open(f"{JOBS}/follow_model/playground")
        self.put_model(address)
        self.launch_run()
        self.expect_status("Success")

    def collect(self, *keys: str) -> None:
        """Launch the job `collect` for some partitions; the page of the run, or of the backfill, opens."""
        self.open(f"{JOBS}/collect")
        self.choose_partitions(*keys)
        self.launch_chosen()

    def choose_partitions(self, *keys: str) -> None:
        """From a job's page: open the dialog that asks for partitions, and choose some."""
        self.click(self.page.get_by_role("button", name="Materialize").first)
        self.click(self.page.get_by_role("dialog").get_by_text("Select a partition or create one"))
        for key in keys:
            self.click(self.page.get_by_role("menuitem", name=key))
        self.page.keyboard.press("Escape")

    def launch_chosen(self) -> None:
        """Launch what was chosen in the dialog, and open it."""
        self.click(self.page.get_by_role("dialog").get_by_role("button", name="Launch"))
        self.view_what_was_launched()

    def materialize_asset(self, asset: str) -> None:
        """Materialize an asset without partitions, to its end."""
        self.open(f"/assets/{asset}")
        self.click(self.button("Materialize"))
        self.view_what_was_launched()
        self.expect_status("Success")

    def view_what_was_launched(self) -> None:
        """Open the run or the backfill that a message at the bottom announces."""
        self.click(self.button("View").or_(self.page.get_by_role("link", name="View", exact=True)))
        self.page.wait_for_url("**/runs/**")

    # A run's page

    def expect_status(self, status: str) -> None:
        """Wait until the run that is shown has come to this: Success, Failure, Canceled."""
        expect(self.page.get_by_text(status, exact=True).first).to_be_visible()

    def filter_log(self, text: str) -> None:
        """Show only the lines of the run's log that hold this text."""
        self.page.get_by_placeholder("Filter").first.fill(text)
        self.page.keyboard.press("Enter")

    def expect_in_log(self, text: str) -> None:
        """Wait until a line of the run's log holds this text; the page follows the log."""
        expect(self.page.get_by_text(text).last).to_be_visible()

    def re_execute(self) -> None:
        """Start the run that is shown once more; the new run's page opens."""
        before = self.page.url
        self.click(self.page.get_by_role("button", name="Re-execute").first)
        self.page.wait_for_url(lambda url: "/runs/" in url and url != before)

    def terminate(self) -> None:
        """Cancel the run that is shown, in good order."""
        self.click(self.button("Terminate"))
        self.click(self.page.get_by_role("dialog").get_by_role("button", name="Terminate"))

    # Sensors and assets

    def switch_sensor(self, name: str, on: bool) -> None:
        """Turn a sensor on or off; it must not be so already."""
        self.open(f"{SENSORS}/{name}")
        row = self.page.get_by_role("row").filter(has_text=re.compile("^Running"))
        self.click(row.locator("label"))
        expect(row.get_by_role("checkbox")).to_be_checked(checked=on)

    def show_markdown(self) -> Locator:
        """Open the first Markdown that a run or an event carries; the dialog that shows it."""
        self.click(self.page.get_by_text("[Show Markdown]").last)
        return self.page.get_by_role("dialog")

    def open_partition(self, asset: str, key: str) -> None:
        """What was materialized last for a partition of an asset."""
        self.open(f"/assets/{asset}?view=partitions&partition={key.replace('@', '%40')}")

    def reload_until(self, target: Locator, patience_ms: int = PATIENCE_MS) -> None:
        """Load the page again until it shows `target`, for pages that do not follow events themselves."""
        for _ in range(max(1, patience_ms // 5_000)):
            try:
                expect(target.first).to_be_visible(timeout=5_000)
            except AssertionError:
                self.page.reload()
            else:
                return
        expect(target.first).to_be_visible()
