-- A cluster is shown by the prompt in it that most images have.
WITH sized AS (
    SELECT cluster_id, count(*) AS prompts, sum(images)::BIGINT AS images, arg_max(prompt_id, (images, prompt_id)) AS prompt_id
    FROM scoped_prompts
    GROUP BY cluster_id
    HAVING count(*) > 1
    ORDER BY prompts DESC, cluster_id
    LIMIT $most
)
SELECT prompts.prompt, nsfw_level, sized.prompts, sized.images
FROM sized
JOIN prompts USING (prompt_id)
LEFT JOIN prompt_levels USING (prompt_id)
ORDER BY sized.prompts DESC, sized.cluster_id;
