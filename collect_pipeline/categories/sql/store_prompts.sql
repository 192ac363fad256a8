-- From gathered and new_ranks to prompt_categories, for the prompts in pending_prompts. The primary category is the one
-- of most weight, then the rarer one over the collected corpus, then the first by name: one number says all of it.
CREATE OR REPLACE TEMP MACRO precedence(weight, rarity_rank) AS weight * 1000 - rarity_rank;

CREATE OR REPLACE TEMP TABLE chosen AS
SELECT prompt_id, max(precedence(weight, rarity_rank)) AS precedence
FROM gathered
JOIN keyword_categories USING (category_id)
JOIN new_ranks USING (category)
GROUP BY prompt_id;

CREATE OR REPLACE TEMP TABLE segment_levels AS
SELECT segment_id, max(list_position(['suggestive', 'mature', 'explicit'], nsfw_level)) AS level
FROM segment_categories
WHERE category = 'nsfw'
GROUP BY segment_id;

-- The phrases of all keywords are one list, named last of all: joined any earlier it would be copied for every row, and
-- as a variable for every few thousand.
INSERT INTO prompt_categories BY NAME
WITH levels AS (
    SELECT prompt_id, max(level) AS level
    FROM pending_mentions
    JOIN segment_levels USING (segment_id)
    JOIN pending_prompts USING (number)
    GROUP BY prompt_id
),
decided AS MATERIALIZED (
    SELECT prompt_id, category, weight, keyword_ids,
        chosen.precedence = precedence(weight, rarity_rank) AS is_primary,
        coalesce(['suggestive', 'mature', 'explicit'][level], 'none') AS nsfw_level
    FROM gathered
    JOIN keyword_categories USING (category_id)
    JOIN new_ranks USING (category)
    JOIN chosen USING (prompt_id)
    LEFT JOIN levels USING (prompt_id)
)
SELECT prompt_id, category, weight, 1 - 0.5 ** weight AS confidence,
    list_select(phrases, keyword_ids) AS keywords, is_primary, nsfw_level,
    getvariable('taxonomy_version') AS taxonomy_version
FROM decided, (SELECT coalesce(list(phrase ORDER BY keyword_id), []) AS phrases FROM keywords);
