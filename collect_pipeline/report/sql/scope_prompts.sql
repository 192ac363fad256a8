-- The distinct prompts of scoped_images, with the number of those images.
CREATE OR REPLACE TEMP TABLE scoped_prompts AS
WITH used AS (
    SELECT prompt_id, count(*) AS images
    FROM scoped_images
    WHERE prompt_id IS NOT NULL
    GROUP BY prompt_id
)
SELECT prompt_id, images, cluster_id, prompt_length, nsfw_level
FROM used
JOIN prompts USING (prompt_id)
LEFT JOIN prompt_levels USING (prompt_id);
