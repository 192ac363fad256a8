"""The asset `prompt_dataset`: everything that was collected, as files for other programs."""

from typing import Literal

import dagster as dg
from pydantic import Field

from collect_pipeline.assets.categorized_prompts import categorized_prompts
from collect_pipeline.assets.failures import readable_failures
from collect_pipeline.assets.resources import Collection
from collect_pipeline.dataset.card import body_of
from collect_pipeline.dataset.errors import ExportError
from collect_pipeline.dataset.export import CARD, Export, export
from collect_pipeline.dataset.formats import Format
from collect_pipeline.dataset.tables import IMAGES, PROMPTS


class DatasetConfig(dg.Config):
    """How the dataset is written. Left as it is, Parquet."""

    format: Literal["parquet", "csv", "jsonl"] = Field(
        default="parquet",
        description="parquet (typed, smallest), csv, or jsonl (JSON Lines). Each format has a folder of its own.",
    )


@dg.asset(
    deps=[dg.AssetDep(categorized_prompts, partition_mapping=dg.AllPartitionMapping())],
    group_name="outputs",
    kinds={"parquet", "duckdb"},
    owners=["team:collect-pipeline"],
    pool="dataset",
    code_version="1",
)
def prompt_dataset(
    context: dg.AssetExecutionContext, config: DatasetConfig, collection: Collection
) -> dg.MaterializeResult[None]:
    """All prompts and images of all versions as a dataset with a card, in the form the Hugging Face hub reads.

    Written to the folder `COLLECT_EXPORT_DIR` of the machine that this run executes on; `parquet`, `csv` or `jsonl` in
    it shows the newest export, and is replaced in one step once that is whole. Collection goes on meanwhile. DuckDB,
    pandas, Polars and `datasets` load it; the command `collect-pipeline export` writes the same.
    """
    with readable_failures(context):
        place = collection.settings().collect_export_dir
        try:
            done = export(collection.warehouse(context.log.info), place, Format(config.format), context.log.info)
        except ExportError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        context.log.info(f"{done.link} shows {done.folder.name}: {done.files} files, {done.bytes / 1e6:.1f} MB.")
        return dg.MaterializeResult(metadata=_metadata(done))


def _metadata(done: Export) -> dict[str, dg.MetadataValue]:
    return {
        "prompts": dg.MetadataValue.int(done.rows[PROMPTS.name]),
        "images": dg.MetadataValue.int(done.rows[IMAGES.name]),
        "folder": dg.MetadataValue.path(done.folder),
        "newest of this format": dg.MetadataValue.path(done.link),
        "card": dg.MetadataValue.path(done.folder / CARD),
        "files": dg.MetadataValue.int(done.files),
        "size, MB": dg.MetadataValue.float(round(done.bytes / 1e6, 3)),
        "what is in it": dg.MetadataValue.md(body_of(done.card)),
        "columns of images": dg.MetadataValue.table_schema(_schema(done, IMAGES.name)),
        "dagster/row_count": dg.MetadataValue.int(done.rows[PROMPTS.name]),
        "dagster/column_schema": dg.MetadataValue.table_schema(_schema(done, PROMPTS.name)),
    }


def _schema(done: Export, table: str) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[dg.TableColumn(column.name, column.type, column.meaning) for column in done.columns[table]]
    )
