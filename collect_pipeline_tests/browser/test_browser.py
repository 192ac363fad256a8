"""The way through the Dagster UI, clicked by a real browser in the real web server, daemon and sandbox.

No test needs another to have run before. What a page shows is what counts; the warehouse is asked only for what no page
says.
"""

from playwright.sync_api import expect

from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.warehouse.pages import images_stored
from collect_pipeline.warehouse.state import StateRow, read_state, read_versions, unfollow
from collect_pipeline_tests.browser.stack import Stack
from collect_pipeline_tests.browser.ui import DagsterUi
from collect_pipeline_tests.conftest import CLAY, EMPTY, FADED, LANTERN, LANTERN_OLD, NORTHLIGHT

WITH_PLOTS = ["raw_pages", "deduplicated_prompts", "categorized_prompts", "prompt_report"]


def state_of(stack: Stack, key: VersionKey) -> StateRow:
    with stack.warehouse.transaction() as connection:
        row = read_state(connection, str(key))
    assert row is not None
    return row


def stored(stack: Stack, key: VersionKey) -> int:
    with stack.warehouse.transaction() as connection:
        return images_stored(connection, key.version_id)


def test_from_an_address_to_categories_in_under_ten_clicks(ui: DagsterUi, stack: Stack) -> None:
    ui.open("/")
    ui.click(ui.link("Jobs"))
    ui.click(ui.link("follow_model"))
    ui.click(ui.page.get_by_role("tab", name="Launchpad"))
    ui.put_model(f"https://civitai.com/models/{CLAY.model_id}/tiny-clay-animals")
    ui.launch_run()
    ui.expect_status("Success")
    versions = ui.show_markdown()
    expect(versions.get_by_role("link", name="v1", exact=True)).to_have_attribute(
        "href", f"https://civitai.com/models/{CLAY.model_id}?modelVersionId={CLAY.version_id}"
    )
    ui.click(versions.get_by_role("link", name=f"collect {CLAY}"))
    ui.launch_run()
    ui.expect_in_log("12 images received, 12 new")
    ui.expect_status("Success")
    ui.click(ui.link("categorized_prompts"))
    expect(ui.page.get_by_role("cell", name="lighting", exact=True)).to_be_visible()
    assert ui.clicks < 10
    assert stored(stack, CLAY) == len(stack.sandbox.visible_ids(CLAY.version_id))


def test_what_was_collected_is_shown_in_charts(ui: DagsterUi) -> None:
    ui.collect(str(LANTERN_OLD))
    ui.expect_status("Success")
    ui.materialize_asset("prompt_report")
    ui.open("/assets/prompt_report?view=events")
    chart = ui.show_markdown().locator("img").first
    expect(chart).to_be_visible()
    assert chart.evaluate("image => image.naturalWidth") > 300
    for asset in WITH_PLOTS:
        ui.open(f"/assets/{asset}")
        ui.click(ui.button("Plots"))
        expect(ui.page.locator("canvas").first).to_be_visible()


def test_a_run_that_fails_says_why_and_is_executed_again(ui: DagsterUi, stack: Stack) -> None:
    stack.sandbox.set_faults("unauthorized-401")
    ui.collect(str(NORTHLIGHT))
    ui.expect_status("Failure")
    ui.expect_in_log("asks for an API key; put one into CIVITAI_API_KEY")
    failed = ui.page.url
    ui.materialize_asset("model_versions")
    ui.open("/assets/model_versions?view=events")
    wrong = ui.page.get_by_role("row").filter(has_text=str(NORTHLIGHT)).last
    expect(wrong).to_contain_text("CIVITAI_API_KEY")
    stack.sandbox.set_faults("")
    ui.page.goto(failed)
    ui.re_execute()
    ui.expect_status("Success")
    assert stored(stack, NORTHLIGHT) == len(stack.sandbox.visible_ids(NORTHLIGHT.version_id))


def test_a_cancelled_run_keeps_what_it_has_and_the_next_goes_on(ui: DagsterUi, stack: Stack) -> None:
    stack.sandbox.set_faults("edge-429@2-99")
    ui.collect(str(LANTERN))
    ui.expect_in_log("Waiting 30 s before asking again")
    ui.terminate()
    ui.expect_status("Canceled")
    kept = stored(stack, LANTERN)
    assert 0 < kept < len(stack.sandbox.visible_ids(LANTERN.version_id))
    assert state_of(stack, LANTERN).status == "idle"
    stack.sandbox.set_faults("")
    ui.re_execute()
    ui.expect_status("Success")
    assert stored(stack, LANTERN) == len(stack.sandbox.visible_ids(LANTERN.version_id))


def test_a_backfill_collects_several_versions(ui: DagsterUi, stack: Stack) -> None:
    keys = [LANTERN_OLD, EMPTY]
    ui.collect(*map(str, keys))
    ui.click(ui.page.get_by_role("tab", name="Runs"))
    expect(ui.page.get_by_text("Success", exact=True)).to_have_count(len(keys))
    assert stored(stack, LANTERN_OLD) == len(stack.sandbox.visible_ids(LANTERN_OLD.version_id))
    assert state_of(stack, EMPTY).last_successful_fetch_at is not None


def test_with_the_sensor_on_a_new_image_arrives_by_itself(ui: DagsterUi, stack: Stack) -> None:
    with stack.warehouse.transaction() as connection:
        others = {row.partition_key for row in read_versions(connection)} - {str(FADED)}
        unfollow(connection, sorted(others))  # they would be due as well, and take their turns first
    ui.collect(str(FADED))
    ui.expect_status("Success")
    [image] = stack.sandbox.publish(FADED.version_id, 1)
    ui.switch_sensor("follow_versions", on=True)
    try:
        ui.open_partition("raw_pages", str(FADED))
        ui.reload_until(ui.page.get_by_text(f"https://civitai.com/images/{image}"))
    finally:
        ui.switch_sensor("follow_versions", on=False)
