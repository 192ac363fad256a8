WITH used AS (
    FROM scoped_prompts
    ORDER BY images DESC, prompt_id
    LIMIT $most
)
SELECT prompts.prompt, used.nsfw_level, used.images
FROM used
JOIN prompts USING (prompt_id)
ORDER BY used.images DESC, prompt_id;
