-- The nsfw level of each categorized prompt; every row of a prompt in prompt_categories carries the same.
CREATE OR REPLACE TEMP TABLE prompt_levels AS
SELECT prompt_id, any_value(nsfw_level) AS nsfw_level
FROM prompt_categories
GROUP BY prompt_id;
