-- From segment_categories to prompt_categories, for the prompts in pending_prompts.
DELETE FROM prompt_categories WHERE prompt_id IN (SELECT prompt_id FROM pending_prompts);

CREATE OR REPLACE TEMP TABLE segment_keywords AS
SELECT segment_id, category, list(phrase ORDER BY word_position) AS phrases,
    max(CASE nsfw_level WHEN 'suggestive' THEN 1 WHEN 'mature' THEN 2 WHEN 'explicit' THEN 3 ELSE 0 END) AS level
FROM segment_categories
GROUP BY segment_id, category;

INSERT INTO prompt_categories BY NAME
WITH gathered AS (
    SELECT prompt_id, category, flatten(list(phrases ORDER BY position)) AS phrases, max(level) AS level
    FROM prompt_segments
    SEMI JOIN pending_prompts USING (prompt_id)
    JOIN segment_keywords USING (segment_id)
    GROUP BY prompt_id, category
),
weighed AS (
    SELECT prompt_id, category,
        list_filter(phrases, lambda phrase, i: list_position(phrases, phrase) = i) AS keywords,
        len(keywords)::DOUBLE AS weight,
        max(level) OVER (PARTITION BY prompt_id) AS level
    FROM gathered
),
complete AS (
    SELECT prompt_id, category, keywords, weight, 1 - 0.5 ** weight AS confidence, level
    FROM weighed
    UNION ALL BY NAME
    SELECT prompt_id, 'uncategorized' AS category, [] AS keywords, 0 AS weight, 0 AS confidence, 0 AS level
    FROM pending_prompts
    ANTI JOIN weighed USING (prompt_id)
)
SELECT prompt_id, category, confidence, keywords, weight, category = 'uncategorized' AS is_primary,
    CASE level WHEN 3 THEN 'explicit' WHEN 2 THEN 'mature' WHEN 1 THEN 'suggestive' ELSE 'none' END AS nsfw_level,
    getvariable('taxonomy_version') AS taxonomy_version
FROM complete;
