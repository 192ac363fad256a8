SELECT nsfw_level, count(*) AS prompts
FROM scoped_prompts
GROUP BY nsfw_level;
