"""The tables of what is followed: links that lead somewhere, names that break nothing, what is wrong on top."""

import dagster as dg

from collect_pipeline.assets.followed import status_metadata, version_links
from collect_pipeline.collection.clock import utc_now
from collect_pipeline.collection.overview import VersionStatus
from collect_pipeline.definitions import defs
from collect_pipeline.warehouse.state import VersionRow
from collect_pipeline_tests.conftest import CLAY, EMPTY, LANTERN, LANTERN_OLD, Setup

NOW = utc_now()


def version(name: str) -> VersionRow:
    return VersionRow("7@8", 7, 8, "Model", name, "LORA", "Pony", NOW, None, "somebody", True, NOW, NOW)


def status(key: str, due: str, wrong: str | None) -> VersionStatus:
    return VersionStatus(key, "Model", key, "following", False, 5, 4, 0, 1, NOW, None, due, wrong)


def follow(instance: dg.DagsterInstance, model: str) -> dg.ExecuteInProcessResult:
    return defs.resolve_job_def("follow_model").execute_in_process(
        instance=instance, run_config={"ops": {"follow_versions_of_model": {"config": {"model": model}}}}
    )


def records(metadata: object) -> list[dict[str, object]]:
    assert isinstance(metadata, dg.TableMetadataValue)
    return [dict(record.data) for record in metadata.records]


def test_a_name_cannot_break_the_table_or_add_a_link() -> None:
    text = version_links([version("a|b\n[c](https://example.com) <img>")]).md_str or ""
    row = text.splitlines()[2]
    assert "\\|" in row
    assert "\\[c\\]" in row
    assert "\\<img\\>" in row
    assert row.startswith("| [")
    assert "](https://civitai.com/models/7?modelVersionId=8)" in row


def test_what_is_wrong_stands_first_then_what_is_due() -> None:
    later = status("1@1", "2026-02-01 00:00 UTC", None)
    metadata = status_metadata([later, status("1@2", "now", None), status("1@3", "2026-02-01 00:00 UTC", "It broke.")])
    rows = records(metadata["what is due and what is wrong"])
    assert [row["partition"] for row in rows] == ["1@3", "1@2", "1@1"]
    assert (metadata["followed"], metadata["due now"], metadata["with something wrong"]) == (3, 1, 1)


def test_following_shows_the_model_and_its_versions(environment: Setup, instance: dg.DagsterInstance) -> None:
    result = follow(instance, f"{environment.sandbox.url}/models/{LANTERN.model_id}")
    [event] = result.get_asset_materialization_events()
    metadata = event.materialization.metadata
    assert metadata["model"].value == "Paper Lantern Watercolour"
    assert metadata["creator"].value == "harrow_ink"
    rows = records(metadata["versions"])
    assert [row["partition"] for row in rows] == [str(LANTERN), str(LANTERN_OLD)]
    assert [row["base model"] for row in rows] == ["Illustrious", "SDXL 1.0"]
    assert [row["published"] for row in rows] == ["2025-07-01", "2025-03-03"]


def test_an_address_pasted_behind_the_words_that_ask_for_it_will_do(
    environment: Setup, instance: dg.DagsterInstance
) -> None:
    assert follow(instance, f"paste herehttps://civitai.com/models/{CLAY.model_id}/tiny-clay-animals").success
    assert environment.query("SELECT partition_key FROM model_versions ORDER BY model_version_id") == [
        (str(CLAY),),
        (str(EMPTY),),
    ]


def test_what_is_wrong_is_shown_also_while_the_source_refuses(environment: Setup, instance: dg.DagsterInstance) -> None:
    follow(instance, str(CLAY))
    environment.sandbox.set_faults("region-451")
    collected = defs.resolve_job_def("collect_only").execute_in_process(
        instance=instance, partition_key=str(CLAY), raise_on_error=False
    )
    assert not collected.success
    shown = defs.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance, asset_selection=[dg.AssetKey("model_versions")]
    )
    [event] = shown.get_asset_materialization_events()
    [row] = records(event.materialization.metadata["what is due and what is wrong"])
    assert "451" in str(row["wrong"])
    assert str(event.materialization.metadata["names and dates"].value).startswith("as they were")


def test_a_run_carries_the_names_of_its_version(environment: Setup, instance: dg.DagsterInstance) -> None:
    follow(instance, str(CLAY))
    result = defs.resolve_job_def("collect_only").execute_in_process(instance=instance, partition_key=str(CLAY))
    run = instance.get_run_by_id(result.run_id)
    assert run is not None
    assert (run.tags["model"], run.tags["version"]) == ("Tiny Clay Animals", "v1")
    assert environment.stored(CLAY)
