"""Takes the screenshots of the documentation by driving the real UI, so that they show what there is.

Needs Chromium (`apt-get install chromium`). Starts the sandbox and Dagster with a home and a warehouse of their own in
a temporary folder, and clicks the way that the README describes:

    .venv/bin/python -m docs.take_screenshots [FOLDER]
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect

from collect_pipeline_tests.browser.stack import Stack, running_stack
from collect_pipeline_tests.browser.ui import JOBS, DagsterUi, find_chromium, running_browser
from collect_pipeline_tests.conftest import ATLAS, LANTERN, LANTERN_OLD

IMAGES = Path(__file__).resolve().parent / "images"


def main() -> None:
    """Click through the UI and save what is seen."""
    chromium = find_chromium() or sys.exit("Chromium is not installed; install Debian's package chromium.")
    images = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    images.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_stack(Path(folder), confirm_after=450) as stack,
        running_browser(chromium) as browser,
    ):
        tour = Tour(DagsterUi(browser, stack.url), images)
        tour.follow()
        tour.collect_one(stack)
        tour.collect_several()
        tour.see_what_is_wrong(stack)
        tour.look_around(Path(folder) / "exports" / "prompt_report.html")


class Tour:
    """The way through the UI; every step leaves pictures in the folder."""

    def __init__(self, ui: DagsterUi, images: Path) -> None:
        self._ui = ui
        self._images = images

    def follow(self) -> None:
        """Paste an address into the Launchpad of `follow_model`, and see the model's versions."""
        self._ui.open(f"{JOBS}/follow_model/playground")
        self._ui.put_model(f"https://civitai.com/models/{LANTERN.model_id}")
        self._save("follow_model")
        self._ui.launch_run()
        self._ui.expect_status("Success")
        self._save("followed")
        self._ui.show_markdown()
        self._save("versions")

    def collect_one(self, stack: Stack) -> None:
        """Collect one of them, from the link beside it, and watch. The source is slow for as long as that takes."""
        stack.sandbox.set_faults("late")
        self._ui.click(self._ui.link(f"collect {LANTERN}"))
        self._ui.launch_run()
        self._ui.filter_log("images received")
        self._ui.expect_in_log("images received")
        self._save("progress")
        stack.sandbox.set_faults("")
        self._ui.expect_status("Success")

    def collect_several(self) -> None:
        """Choose versions of the job `collect`; each gets a run."""
        self._ui.follow(str(ATLAS))
        self._ui.open(f"{JOBS}/collect")
        self._ui.choose_partitions(str(LANTERN_OLD), str(ATLAS))
        self._save("collect")
        self._ui.launch_chosen()
        self._ui.click(self._ui.page.get_by_role("tab", name="Runs"))
        expect(self._ui.page.get_by_text("Success", exact=True)).to_have_count(2)
        self._ui.open("/runs")
        self._save("runs")

    def see_what_is_wrong(self, stack: Stack) -> None:
        """A run that fails, and the table that says so."""
        stack.sandbox.set_faults("unauthorized-401")
        self._ui.collect(str(LANTERN))
        self._ui.expect_status("Failure")
        stack.sandbox.set_faults("")
        self._ui.materialize_asset("model_versions")
        self._ui.open("/assets/model_versions?view=events")
        self._save("model_versions")

    def look_around(self, report: Path) -> None:
        """The pages that show what was collected."""
        self._ui.materialize_asset("prompt_report")
        self._ui.open("/asset-groups")
        self._save("lineage")
        for asset in ("raw_pages", "deduplicated_prompts", "categorized_prompts"):
            self._ui.open(f"/assets/{asset}?view=events")
            self._save(asset)
        self._ui.open("/assets/prompt_report?view=events")
        self._ui.show_markdown().get_by_text("Share per category").first.scroll_into_view_if_needed()
        self._ui.page.mouse.move(640, 500)
        self._ui.page.mouse.wheel(0, 600)
        self._save("charts")
        self._ui.open("/automation")
        self._save("automation")
        self._ui.page.goto(report.as_uri())
        self._save("prompt_report")

    def _save(self, name: str) -> None:
        """Save the page once it has come to rest."""
        self._ui.page.wait_for_timeout(3000)
        self._ui.page.screenshot(path=self._images / f"{name}.png")


if __name__ == "__main__":
    main()
