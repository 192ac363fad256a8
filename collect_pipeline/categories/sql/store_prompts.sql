-- From gathered to prompt_categories, for the prompts in pending_prompts. The phrases of all keywords are one list, named
-- last of all: joined any earlier it would be copied for every row, and as a variable for every few thousand.
INSERT INTO prompt_categories BY NAME
WITH named AS MATERIALIZED (
    SELECT prompt_id, category, weight, keyword_ids, is_primary,
        coalesce(['suggestive', 'mature', 'explicit'][level], 'none') AS nsfw_level
    FROM gathered
    JOIN keyword_categories USING (category_id)
)
SELECT prompt_id, category, weight, 1 - 0.5 ** weight AS confidence,
    list_select(phrases, keyword_ids) AS keywords, is_primary, nsfw_level,
    getvariable('taxonomy_version') AS taxonomy_version
FROM named, (SELECT coalesce(list(phrase ORDER BY keyword_id), []) AS phrases FROM keywords);
