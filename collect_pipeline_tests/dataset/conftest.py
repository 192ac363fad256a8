"""A collected warehouse with prompts that files find hard, and its dataset in every format."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

# Before `datasets` is imported anywhere: it would ask the hub otherwise.
os.environ["HF_HUB_OFFLINE"] = "1"

from collect_pipeline.dataset.export import Export, export
from collect_pipeline.dataset.formats import Format
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline_tests.conftest import copy_of, work_out

HARD_PROMPTS = {
    1: 'she said "golden hour", twice; 100% | cat',
    2: "first line, castle\nsecond line\r\nthird\tline",
    3: "=1+1, +sum, @home",
    4: "None",
    5: "NA",
    6: "夕焼け、少女, 逆光 🌇",
    7: "back\\slash \\(escaped\\), {a|b}, [x:y:0.5]",
    8: "12345",
    9: "['a', 'list'], \"quoted\"",
    10: ",",
}
SEEDS = {1: 2**64 + 1, 2: -1, 3: 2**63 - 1, 4: None}
HOMELESS = 11
"""An image that no version is known for."""


def add_images(warehouse: Warehouse, prompts: Mapping[int, str | None], version_id: int | None) -> None:
    """Store images as a page would, with no more than an id, a prompt, and perhaps a seed and a version."""
    with warehouse.transaction() as connection:
        for image_id, prompt in prompts.items():
            connection.execute(
                "INSERT INTO images BY NAME SELECT ? AS image_id, ? AS prompt, ?::HUGEINT AS seed, true AS has_meta, "
                "1 AS page_id, now()::TIMESTAMP AS first_collected_at, now()::TIMESTAMP AS last_seen_at",
                [image_id, prompt, SEEDS.get(image_id)],
            )
            if version_id is not None:
                connection.execute("INSERT INTO image_versions VALUES (?, ?, 1)", [image_id, version_id])


@pytest.fixture(scope="session")
def hard_warehouse(collected: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """What was collected, and hard prompts under version 7, whose images lack almost everything. Only read it."""
    warehouse = copy_of(collected, tmp_path_factory.mktemp("hard"))
    add_images(warehouse, HARD_PROMPTS, version_id=7)
    add_images(warehouse, {HOMELESS: "no version, lantern"}, version_id=None)
    work_out(warehouse)
    return warehouse


@pytest.fixture(scope="session")
def exports(hard_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> dict[Format, Export]:
    """The dataset in every format."""
    place = tmp_path_factory.mktemp("exports")
    return {file_format: export(hard_warehouse, place, file_format, lambda _: None) for file_format in Format}


@pytest.fixture
def own_warehouse(collected: Warehouse, tmp_path: Path) -> Warehouse:
    """A warehouse that the test may change."""
    return copy_of(collected, tmp_path)
