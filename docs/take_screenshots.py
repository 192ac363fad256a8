"""Takes the screenshots of the documentation by driving the real UI, so that they show what there is.

Needs Chromium (`apt-get install chromium`); starts the sandbox and Dagster with a home and a warehouse of their own, in
a temporary folder, and clicks the way that the README describes.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
MODEL = "https://civitai.com/models/640210"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--no-first-run",
]


def main() -> None:
    """Click through the UI and save what is seen."""
    chromium = shutil.which("chromium") or sys.exit("Chromium is not installed; install Debian's package chromium.")
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        sandbox() as source,
        dagster(Path(folder), source) as ui,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        follow(page, ui)
        collect(page, ui)
        look_around(page, ui)
        browser.close()


def follow(page: Page, ui: str) -> None:
    """Follow a model with the Launchpad of the job `follow_model`."""
    page.goto(f"{ui}/locations/collect_pipeline/jobs/follow_model/playground")
    page.locator(".CodeMirror-code").wait_for()
    config = f"ops:\n  follow_versions_of_model:\n    config:\n      model: {MODEL}\n"
    page.evaluate("text => document.querySelector('.CodeMirror').CodeMirror.setValue(text)", config)
    launch = page.get_by_role("button", name="Launch Run")
    expect(launch).to_be_enabled()
    save(page, "follow_model")
    launch.click()
    wait_for_success(page)


def collect(page: Page, ui: str) -> None:
    """Collect all versions with the job `collect`."""
    page.goto(f"{ui}/locations/collect_pipeline/jobs/collect")
    page.get_by_role("button", name="Materialize").first.click()
    page.get_by_role("button", name="All", exact=True).click()
    save(page, "collect")
    page.get_by_role("button", name="Launch backfill").click()
    page.goto(f"{ui}/runs")
    page.get_by_text("Show runs within backfills").click()
    expect(page.get_by_text("Success", exact=True)).to_have_count(3, timeout=120_000)
    save(page, "runs")


def look_around(page: Page, ui: str) -> None:
    """The pages that show what was collected."""
    page.goto(f"{ui}/asset-groups")
    save(page, "lineage")
    for asset in ("raw_pages", "deduplicated_prompts", "categorized_prompts"):
        page.goto(f"{ui}/assets/{asset}?view=events")
        save(page, asset)
    page.goto(f"{ui}/automation")
    save(page, "automation")


def save(page: Page, name: str) -> None:
    """Save the page once it has come to rest."""
    page.wait_for_timeout(3000)
    page.screenshot(path=IMAGES / f"{name}.png")


def wait_for_success(page: Page) -> None:
    """Wait until the run that is shown has succeeded."""
    expect(page.get_by_text("Success", exact=True).first).to_be_visible(timeout=60_000)


@contextmanager
def sandbox() -> Iterator[str]:
    """The address of a sandbox."""
    command = [sys.executable, "-m", "collect_pipeline", "sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield next(
                found.group() for line in process.stdout or [] if (found := re.search(r"http://[\d.]+:\d+", line))
            )
        finally:
            process.terminate()


@contextmanager
def dagster(folder: Path, source: str) -> Iterator[str]:
    """The address of a Dagster UI with a daemon."""
    home = folder / "home"
    home.mkdir()
    shutil.copy(ROOT / ".dagster_home" / "dagster.yaml", home)
    port = free_port()
    environment = os.environ | {
        "CIVITAI_BASE_URL": source,
        "CIVITAI_REQUEST_INTERVAL": "0.2",
        "COLLECT_DATABASE": str(folder / "collect.duckdb"),
        "DAGSTER_HOME": str(home),
    }
    command = [str(Path(sys.executable).parent / "dg"), "dev", "-w", "workspace.yaml", "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(address)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=30)


def wait_for(address: str) -> None:
    """Wait until the web server answers."""
    for _ in range(120):
        try:
            requests.get(f"{address}/server_info", timeout=5).raise_for_status()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise TimeoutError("the Dagster UI did not start")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


if __name__ == "__main__":
    main()
