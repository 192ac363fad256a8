-- Every version that is or was followed, or that images were found under; the one with most images first.
WITH found AS (
    SELECT image_versions.model_version_id, prompt_id, prompt IS NOT NULL AS has_prompt
    FROM image_versions
    JOIN images USING (image_id)
),
counted AS (
    SELECT model_version_id, count(*) AS images, count(*) FILTER (has_prompt) AS with_prompt
    FROM found
    GROUP BY model_version_id
),
distinct_prompts AS (
    SELECT DISTINCT model_version_id, prompt_id
    FROM found
    WHERE prompt_id IS NOT NULL
),
of_prompts AS (
    SELECT model_version_id, count(*) AS prompts, count(DISTINCT cluster_id) AS clusters,
        quantile_disc(prompt_length, 0.5) AS median_length,
        count(*) FILTER (nsfw_level IN ('mature', 'explicit')) AS mature_prompts
    FROM distinct_prompts
    JOIN prompts USING (prompt_id)
    LEFT JOIN prompt_levels USING (prompt_id)
    GROUP BY model_version_id
)
SELECT model_version_id, model_id, model_name, version_name, base_model, published_at,
    coalesce(followed, false) AS followed,
    coalesce(images, 0) AS images, coalesce(with_prompt, 0) AS with_prompt, coalesce(prompts, 0) AS prompts,
    coalesce(clusters, 0) AS clusters, coalesce(mature_prompts, 0) AS mature_prompts, median_length
FROM model_versions
FULL JOIN counted USING (model_version_id)
LEFT JOIN of_prompts USING (model_version_id)
ORDER BY images DESC, model_version_id;
