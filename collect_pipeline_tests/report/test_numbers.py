"""The numbers of the report are those of the warehouse, counted in another way."""

from typing import Any

from collect_pipeline_tests.conftest import CLAY, LANTERN
from collect_pipeline_tests.report.conftest import Filled
from collect_pipeline_tests.report.page_reader import PageReader

Rows = list[tuple[Any, ...]]


def shown(value: object) -> str:
    """As the page writes it."""
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def rows(found: Rows) -> list[list[str]]:
    return [[shown(value) for value in row] for row in found]


def test_figures_at_the_top(filled: Filled, page: PageReader) -> None:
    [expected] = rows(
        filled.query(
            "SELECT count(*), count(prompt), count(DISTINCT prompt_id), "
            "(SELECT count(DISTINCT cluster_id) FROM prompts WHERE image_count > 0) FROM images"
        )
    )
    start = page.texts.index("images")
    assert page.texts[start : start + 8 : 2] == [
        "images",
        "images with a prompt",
        "distinct prompts",
        "clusters of near-duplicates",
    ]
    assert page.texts[start + 1 : start + 8 : 2] == expected


def test_collected_over_time(filled: Filled, page: PageReader) -> None:
    found = filled.query("SELECT first_collected_at::DATE::VARCHAR, count(*) FROM images GROUP BY 1 ORDER BY 1")
    table = next(table for (section, _), table in page.tables.items() if section == "all-collected")
    per_day: dict[str, int] = {}
    for moment, new, _ in table.rows:
        per_day[moment[:10]] = per_day.get(moment[:10], 0) + int(new.replace(",", ""))
    assert {day: count for day, count in per_day.items() if count} == dict(found)
    assert len(per_day) >= 3
    assert table.rows[-1][2] == shown(sum(count for _, count in found))


def test_share_per_category(filled: Filled, page: PageReader) -> None:
    expected = filled.query(
        "SELECT category, count(DISTINCT prompt_id) AS n, "
        "round(100 * n / (SELECT count(DISTINCT prompt_id) FROM images), 1)::DOUBLE, "
        "count(DISTINCT prompt_id) FILTER (is_primary) AS p, "
        "round(100 * p / (SELECT count(DISTINCT prompt_id) FROM images), 1)::DOUBLE "
        "FROM prompt_categories GROUP BY category ORDER BY n DESC, category"
    )
    table = page.table("all-categories", "Distinct prompts per category")
    assert table.rows == rows(expected)
    assert len(table.rows) >= 13


def test_categories_over_time(filled: Filled, page: PageReader) -> None:
    [table] = [table for (section, _), table in page.tables.items() if section == "all-history"]
    lighting = next(row for row in table.rows if row[0] == "lighting")
    images = next(row for row in table.rows if row[0] == "images (number)")
    quarter = table.columns.index("2025 Q3")
    [(with_prompt, in_lighting)] = filled.query(
        "SELECT count(*), count(*) FILTER (prompt_id IN (SELECT prompt_id FROM prompt_categories "
        "WHERE category = 'lighting')) FROM images WHERE prompt_id IS NOT NULL "
        "AND created_at >= '2025-07-01' AND created_at < '2025-10-01'"
    )
    assert with_prompt > 10
    assert images[quarter] == shown(with_prompt)
    assert lighting[quarter] == shown(100 * in_lighting / with_prompt)


def test_top_phrases(filled: Filled, page: PageReader) -> None:
    expected = filled.query(
        "SELECT phrase, count(DISTINCT prompt_id) AS n FROM prompt_segments JOIN segment_categories USING (segment_id) "
        "WHERE category = 'lighting' GROUP BY phrase ORDER BY n DESC, phrase LIMIT 10"
    )
    table = page.table("all-phrases", "Phrases of lighting")
    assert [row[:2] for row in table.rows] == rows(expected)


def test_prompt_length(filled: Filled, page: PageReader) -> None:
    table = page.table("all-length", "Distinct prompts by length, 100 characters a column")
    [(short, long)] = filled.query(
        "SELECT count(*) FILTER (length(prompt) < 100), count(*) FILTER (length(prompt) BETWEEN 100 AND 199) "
        "FROM prompts WHERE image_count > 0"
    )
    assert table.rows[0][:2] == ["0–99", shown(short)]
    assert table.rows[1][:2] == ["100–199", shown(long)]
    total = sum(int(row[1].replace(",", "")) for row in table.rows)
    assert [(total,)] == filled.query("SELECT count(*) FROM prompts WHERE image_count > 0")


def test_loras_and_checkpoints(filled: Filled, page: PageReader) -> None:
    [(count,)] = filled.query(
        "SELECT count(DISTINCT image_id) FROM prompt_resources WHERE lower(resource_name) = 'paper_lantern_v2'"
    )
    loras = {row[0].lower(): row[1] for row in page.table("all-loras", "LoRAs that most images name").rows}
    assert loras["paper_lantern_v2"] == shown(count)
    assert loras["水彩風"] == shown(
        filled.query("SELECT count(DISTINCT image_id) FROM prompt_resources WHERE resource_name = '水彩風'")[0][0]
    )
    expected = filled.query(
        "SELECT model_name, count(*) FROM images WHERE model_name = 'ponyLike_v6' GROUP BY model_name"
    )
    checkpoints = page.table("all-checkpoints", "Checkpoints that most images name").rows
    assert rows(expected)[0] in checkpoints


def test_duplicates_and_clusters(filled: Filled, page: PageReader) -> None:
    table = page.table("all-duplicates", "Repetitions: prompts by images, clusters by prompts")
    used = filled.query(
        "SELECT count(*) FILTER (n = 1), count(*) FILTER (n = 2), count(*) FILTER (n BETWEEN 3 AND 5), "
        "count(*) FILTER (n BETWEEN 6 AND 10), count(*) FILTER (n > 10) "
        "FROM (SELECT count(*) AS n FROM images WHERE prompt_id IS NOT NULL GROUP BY prompt_id)"
    )
    assert [row[1] for row in table.rows] == rows(used)[0]
    [(pairs,)] = filled.query(
        "SELECT count(*) FROM (SELECT cluster_id FROM prompts GROUP BY cluster_id HAVING count(*) = 2)"
    )
    assert table.rows[1][2] == shown(pairs)


def test_nsfw_levels(filled: Filled, page: PageReader) -> None:
    prompts = dict(
        filled.query("SELECT nsfw_level, count(DISTINCT prompt_id) FROM prompt_categories GROUP BY nsfw_level")
    )
    table = page.table("all-nsfw", "Distinct prompts by their wording")
    assert {row[0]: row[1] for row in table.rows} == {
        level: shown(prompts.get(level, 0)) for level in ("none", "suggestive", "mature", "explicit")
    }
    assert prompts["explicit"] == 1
    images = dict(filled.query("SELECT browsing_level, count(*) FROM images GROUP BY browsing_level"))
    assert [row[1] for row in page.table("all-nsfw", "Images by CivitAI's level").rows] == [
        shown(images.get(level, 0)) for level in (1, 2, 4, 8, 16)
    ]


def test_versions(filled: Filled, page: PageReader) -> None:
    table = page.table("versions", "All versions, those with most images first")
    for key in (LANTERN, CLAY):
        [row] = [row for row in table.rows if str(key) in row[0]]
        expected = filled.query(
            "SELECT count(*), count(images.prompt), count(DISTINCT prompt_id), count(DISTINCT cluster_id) "
            "FROM images JOIN image_versions USING (image_id) LEFT JOIN prompts USING (prompt_id) "
            "WHERE model_version_id = ?",
            key.version_id,
        )
        assert row[3:7] == rows(expected)[0]
    assert [(len(table.rows),)] == filled.query("SELECT count(*) FROM model_versions")


def test_each_version_by_itself(filled: Filled, page: PageReader) -> None:
    section = f"version-{LANTERN.version_id}"
    expected = filled.query(
        "SELECT category, count(DISTINCT prompt_id) AS n FROM prompt_categories JOIN images USING (prompt_id) "
        "JOIN image_versions USING (image_id) WHERE model_version_id = ? GROUP BY category ORDER BY n DESC, category",
        LANTERN.version_id,
    )
    table = page.table(f"{section}-categories", "Distinct prompts per category")
    assert [row[:2] for row in table.rows] == rows(expected)
    kinds = {name.removeprefix(section) for name, _ in page.tables if name.startswith(section)}
    assert kinds == {name.removeprefix("all") for name, _ in page.tables if name.startswith("all-")}
