-- One row for each prompt that an image has. It stands in the folder of the version it was found under first,
-- or in that of version 0 if none is known: pandas does not read a folder for a missing value.
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
    list_distinct(flatten(list_transform(p.categories, lambda category: p.keywords[category]))) AS keywords,
    list_transform(
        p.categories,
        lambda category: {'category': category, 'keywords': p.keywords[category]}
    ) AS category_keywords,
    p.model_version_ids,
    p.first_seen_at AT TIME ZONE 'UTC' AS first_seen_at,
    coalesce(p.model_version_ids[1], 0) AS model_version_id
FROM v_prompts AS p
WHERE p.image_count > 0
ORDER BY model_version_id, p.prompt_id
