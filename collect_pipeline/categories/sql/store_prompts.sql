-- From segment_categories to prompt_categories, for the prompts in pending_prompts.
-- A keyword is a phrase in a category. While they are gathered, they and their categories are numbers, with the place
-- where a keyword was first found in its higher bits: lists of numbers are sorted and copied several times faster than
-- lists of text.
DELETE FROM prompt_categories WHERE prompt_id IN (SELECT prompt_id FROM pending_prompts);

CREATE OR REPLACE TEMP TABLE keywords AS
SELECT row_number() OVER (ORDER BY category, phrase) AS keyword_id,
    dense_rank() OVER (ORDER BY category)::TINYINT AS category_id, category, phrase
FROM (SELECT DISTINCT category, phrase FROM segment_categories);

SET VARIABLE keyword_phrases = (SELECT list(phrase ORDER BY keyword_id) FROM keywords);

-- Phrases of one category that follow each other without a word between them ("ancient chinese temple") are one to a
-- reader: only the first of them has weight.
CREATE OR REPLACE TEMP TABLE segment_keywords AS
SELECT segment_id, word_position, category_id, keyword_id,
    coalesce(word_position > lag(word_position + word_count) OVER (
        PARTITION BY segment_id, category_id ORDER BY word_position), true) AS has_weight
FROM segment_categories
JOIN keywords USING (category, phrase);

CREATE OR REPLACE TEMP TABLE segment_levels AS
SELECT segment_id, max(list_position(['suggestive', 'mature', 'explicit'], nsfw_level)) AS level
FROM segment_categories
WHERE category = 'nsfw'
GROUP BY segment_id;

INSERT INTO prompt_categories BY NAME
WITH first_found AS (
    SELECT prompt_id, category_id, keyword_id, min(position * 1000 + word_position)::BIGINT AS place,
        bool_or(has_weight) AS has_weight
    FROM prompt_segments
    SEMI JOIN pending_prompts USING (prompt_id)
    JOIN segment_keywords USING (segment_id)
    GROUP BY prompt_id, category_id, keyword_id
),
gathered AS (
    SELECT prompt_id, category_id, list_sort(list(place << 20 | keyword_id)) AS places,
        count_if(has_weight)::DOUBLE AS weight
    FROM first_found
    GROUP BY prompt_id, category_id
),
levels AS (
    SELECT prompt_id, max(level) AS level
    FROM prompt_segments
    SEMI JOIN pending_prompts USING (prompt_id)
    JOIN segment_levels USING (segment_id)
    GROUP BY prompt_id
),
complete AS (
    SELECT prompt_id, category, weight, 1 - 0.5 ** weight AS confidence,
        list_transform(places, lambda place: getvariable('keyword_phrases')[place & (1 << 20) - 1]) AS keywords
    FROM gathered
    JOIN (SELECT DISTINCT category_id, category FROM keywords) USING (category_id)
    UNION ALL BY NAME
    SELECT prompt_id, 'uncategorized' AS category, 0 AS weight, 0 AS confidence, [] AS keywords
    FROM pending_prompts
    ANTI JOIN gathered USING (prompt_id)
)
SELECT prompt_id, category, confidence, keywords, weight, category = 'uncategorized' AS is_primary,
    coalesce(['suggestive', 'mature', 'explicit'][level], 'none') AS nsfw_level,
    getvariable('taxonomy_version') AS taxonomy_version
FROM complete
LEFT JOIN levels USING (prompt_id);
