-- One row for each image. It stands in the folder of the version it was found under first,
-- or in that of version 0 if none is known: pandas does not read a folder for a missing value.
-- prompt_id is 0 and not NULL where there is none: pandas makes floating-point numbers of whole numbers among which
-- one is missing, and those cannot tell ids of 63 bits apart.
WITH resources AS (
    SELECT
        r.image_id,
        list({
            'type': r.resource_type,
            'name': r.resource_name,
            'model_version_id': r.model_version_id,
            'weight': r.weight,
            'hash': r.hash,
            'source': r.source
        } ORDER BY r.resource_index) AS resources
    FROM prompt_resources AS r
    GROUP BY r.image_id
)
SELECT
    i.image_id,
    i.page_url,
    coalesce(i.prompt_id, 0) AS prompt_id,
    i.prompt,
    i.negative_prompt,
    i.primary_category,
    i.prompt_nsfw_level,
    i.model_version_ids,
    i.post_id,
    i.created_at AT TIME ZONE 'UTC' AS created_at,
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
    i.seed::VARCHAR AS seed,
    i.steps,
    i.sampler,
    i.cfg_scale,
    coalesce(resources.resources, []) AS resources,
    i.first_collected_at AT TIME ZONE 'UTC' AS first_collected_at,
    i.last_seen_at AT TIME ZONE 'UTC' AS last_seen_at,
    coalesce(i.model_version_ids[1], 0) AS model_version_id
FROM v_images AS i
LEFT JOIN resources ON resources.image_id = i.image_id
ORDER BY model_version_id, i.image_id
