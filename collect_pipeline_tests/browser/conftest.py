"""One Dagster with its sandbox for all browser tests, a tab for each, and what is kept when one fails."""

from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser

from collect_pipeline_tests.browser.stack import Stack, running_stack
from collect_pipeline_tests.browser.ui import DagsterUi
from collect_pipeline_tests.conftest import EMPTY, FADED, LANTERN, NORTHLIGHT


@pytest.fixture(scope="session")
def stack(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Dagster that follows four models of its sandbox, with nothing collected yet."""
    del browser  # asked for first, so that nothing starts where there is no browser
    with running_stack(tmp_path_factory.mktemp("browser")) as stack:
        stack.command("follow", *(f"model:{key.model_id}" for key in (LANTERN, NORTHLIGHT, FADED)), str(EMPTY))
        yield stack


@pytest.fixture
def ui(browser: Browser, stack: Stack) -> Iterator[DagsterUi]:
    """A tab of its own."""
    tab = DagsterUi(browser, stack.url)
    yield tab
    tab.page.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what the browser showed and what Dagster said last."""
    report = yield
    fixtures = getattr(item, "funcargs", {})
    ui, stack = fixtures.get("ui"), fixtures.get("stack")
    if report.when == "call" and report.failed and isinstance(ui, DagsterUi) and isinstance(stack, Stack):
        picture = stack.log.with_name(f"{item.name}.png")
        ui.page.screenshot(path=picture)
        report.sections.append(("The browser", f"was at {ui.page.url} and showed {picture}"))
        report.sections.append(("The end of Dagster's log", stack.log_tail()))
    return report
