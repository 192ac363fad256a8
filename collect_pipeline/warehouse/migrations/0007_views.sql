-- For people who query the warehouse: what belongs together in one row, under plain names. comments.sql says what the
-- columns mean, docs/queries.md shows how they are used.
-- Every column is named and carries its table, so that a view stays valid whatever columns its tables gain.

CREATE VIEW v_prompts AS
WITH categorized AS (
    SELECT
        c.prompt_id,
        any_value(c.category) FILTER (c.is_primary) AS primary_category,
        any_value(c.confidence) FILTER (c.is_primary) AS confidence,
        any_value(c.nsfw_level) AS nsfw_level,
        list(c.category ORDER BY c.is_primary DESC, c.weight DESC, c.category)
            FILTER (c.category <> 'uncategorized') AS categories,
        list({'key': c.category, 'value': c.keywords}) FILTER (c.category <> 'uncategorized') AS keywords
    FROM prompt_categories AS c
    GROUP BY c.prompt_id
), shown AS (
    SELECT
        i.prompt_id,
        sum(i.reaction_count)::BIGINT AS reaction_count,
        bit_or(i.browsing_level) AS browsing_level
    FROM images AS i
    WHERE i.prompt_id IS NOT NULL
    GROUP BY i.prompt_id
), found AS (
    SELECT i.prompt_id, v.model_version_id, min(v.first_page_id) AS first_page_id
    FROM images AS i
    JOIN image_versions AS v ON v.image_id = i.image_id
    WHERE i.prompt_id IS NOT NULL
    GROUP BY i.prompt_id, v.model_version_id
), versions AS (
    SELECT f.prompt_id, list(f.model_version_id ORDER BY f.first_page_id, f.model_version_id) AS model_version_ids
    FROM found AS f
    GROUP BY f.prompt_id
)
SELECT
    p.prompt_id,
    p.prompt,
    p.normalized,
    p.cluster_id,
    p.prompt_length,
    p.tag_count,
    p.quality_score,
    p.image_count,
    shown.reaction_count,
    p.best_reactions,
    shown.browsing_level,
    categorized.nsfw_level,
    categorized.primary_category,
    categorized.confidence,
    coalesce(categorized.categories, []) AS categories,
    map_from_entries(coalesce(categorized.keywords, [])) AS keywords,
    coalesce(versions.model_version_ids, []) AS model_version_ids,
    p.first_seen_at
FROM prompts AS p
LEFT JOIN categorized ON categorized.prompt_id = p.prompt_id
LEFT JOIN shown ON shown.prompt_id = p.prompt_id
LEFT JOIN versions ON versions.prompt_id = p.prompt_id;

CREATE VIEW v_images AS
WITH versions AS (
    SELECT v.image_id, list(v.model_version_id ORDER BY v.first_page_id, v.model_version_id) AS model_version_ids
    FROM image_versions AS v
    GROUP BY v.image_id
), primaries AS (
    SELECT c.prompt_id, c.category, c.nsfw_level
    FROM prompt_categories AS c
    WHERE c.is_primary
)
SELECT
    i.image_id,
    'https://civitai.com/images/' || i.image_id AS page_url,
    i.prompt_id,
    i.prompt,
    i.negative_prompt,
    primaries.category AS primary_category,
    primaries.nsfw_level AS prompt_nsfw_level,
    coalesce(versions.model_version_ids, []) AS model_version_ids,
    i.post_id,
    i.username,
    i.created_at,
    i.url,
    i.width,
    i.height,
    i.media_type,
    i.browsing_level,
    i.nsfw_level,
    i.base_model,
    i.model_name,
    i.reaction_count,
    i.comment_count,
    i.seed,
    i.steps,
    i.sampler,
    i.cfg_scale,
    i.first_collected_at,
    i.last_seen_at
FROM images AS i
LEFT JOIN versions ON versions.image_id = i.image_id
LEFT JOIN primaries ON primaries.prompt_id = i.prompt_id;

CREATE VIEW v_resources AS
WITH used AS (
    SELECT
        r.resource_type,
        r.resource_name,
        r.model_version_id,
        count(DISTINCT r.image_id) AS image_count,
        count(DISTINCT i.prompt_id) AS prompt_count,
        avg(r.weight) AS mean_weight,
        list_sort(list(DISTINCT r.source)) AS sources
    FROM prompt_resources AS r
    JOIN images AS i ON i.image_id = r.image_id
    GROUP BY r.resource_type, r.resource_name, r.model_version_id
)
SELECT
    used.resource_type,
    used.resource_name,
    used.model_version_id,
    used.image_count,
    used.prompt_count,
    used.mean_weight,
    used.sources,
    m.partition_key,
    m.model_name,
    m.version_name,
    coalesce(m.followed, false) AS followed
FROM used
LEFT JOIN model_versions AS m ON m.model_version_id = used.model_version_id;

CREATE VIEW v_category_counts AS
SELECT
    c.category,
    count(*) AS prompt_count,
    count(*) FILTER (c.is_primary) AS primary_count,
    sum(p.image_count)::BIGINT AS image_count,
    count(*) / (SELECT count(DISTINCT every.prompt_id) FROM prompt_categories AS every) AS share,
    avg(c.confidence) AS mean_confidence
FROM prompt_categories AS c
JOIN prompts AS p ON p.prompt_id = c.prompt_id
GROUP BY c.category;

CREATE VIEW v_collection AS
WITH stored AS (
    SELECT
        v.model_version_id,
        count(*) AS image_count,
        count(i.prompt) AS images_with_prompt,
        count(DISTINCT i.prompt_id) AS prompt_count
    FROM image_versions AS v
    JOIN images AS i ON i.image_id = v.image_id
    GROUP BY v.model_version_id
), pages AS (
    SELECT r.partition_key, count(*) AS page_count, max(r.fetched_at) AS last_page_at
    FROM raw_pages AS r
    GROUP BY r.partition_key
)
SELECT
    m.partition_key,
    m.model_id,
    m.model_version_id,
    m.model_name,
    m.version_name,
    m.model_type,
    m.base_model,
    m.creator,
    m.published_at,
    m.followed,
    coalesce(s.phase, 'not begun') AS phase,
    coalesce(s.status, 'idle') AS status,
    coalesce(stored.image_count, 0) AS image_count,
    coalesce(stored.images_with_prompt, 0) AS images_with_prompt,
    coalesce(stored.prompt_count, 0) AS prompt_count,
    coalesce(s.rejected, 0) AS rejected_count,
    coalesce(pages.page_count, 0) AS page_count,
    array_to_string([
        CASE WHEN s.browsing_level & 1 > 0 THEN 'PG' END,
        CASE WHEN s.browsing_level & 2 > 0 THEN 'PG-13' END,
        CASE WHEN s.browsing_level & 4 > 0 THEN 'R' END,
        CASE WHEN s.browsing_level & 8 > 0 THEN 'X' END,
        CASE WHEN s.browsing_level & 16 > 0 THEN 'XXX' END
    ], ', ') AS levels,
    s.next_page_cursor,
    s.last_error,
    pages.last_page_at,
    s.last_successful_fetch_at
FROM model_versions AS m
LEFT JOIN collection_state AS s ON s.partition_key = m.partition_key
LEFT JOIN stored ON stored.model_version_id = m.model_version_id
LEFT JOIN pages ON pages.partition_key = m.partition_key;
