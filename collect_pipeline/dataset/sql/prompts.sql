-- One row for each prompt that an image has. It stands in the folder of the version it was found under first.
SELECT
    p.prompt_id,
    p.prompt,
    p.normalized,
    p.cluster_id,
    p.prompt_length,
    p.tag_count,
    p.quality_score,
    p.image_count,
    p.reaction_count,
    p.best_reactions,
    p.browsing_level,
    p.nsfw_level,
    p.primary_category,
    p.confidence,
    p.categories,
    list_distinct(flatten(map_values(p.keywords))) AS keywords,
    list_transform(
        map_entries(p.keywords),
        lambda entry: {'category': entry.key, 'keywords': entry.value}
    ) AS category_keywords,
    p.model_version_ids,
    p.first_seen_at AT TIME ZONE 'UTC' AS first_seen_at,
    p.model_version_ids[1] AS model_version_id
FROM v_prompts AS p
WHERE p.image_count > 0
ORDER BY model_version_id, p.prompt_id
