-- From segment_categories to gathered(prompt_id, category, keyword_ids): what is found in the prompts of
-- pending_prompts, in order of first occurrence.
-- A keyword is a phrase in a category. While they are gathered, they and their categories are numbers, with the place
-- where a keyword was found in its higher bits: lists of numbers are sorted and copied several times faster than lists
-- of text.
CREATE OR REPLACE TEMP TABLE keywords AS
SELECT row_number() OVER (ORDER BY category, phrase) AS keyword_id,
    dense_rank() OVER (ORDER BY category)::TINYINT AS category_id, category, phrase
FROM (SELECT DISTINCT category, phrase FROM segment_categories);

SET VARIABLE keyword_phrases = (SELECT list(phrase ORDER BY keyword_id) FROM keywords);

CREATE OR REPLACE TEMP TABLE keyword_categories AS
SELECT DISTINCT category_id, category FROM keywords
UNION ALL
SELECT 0, 'uncategorized';

CREATE OR REPLACE TEMP TABLE segment_keywords AS
SELECT segment_id, word_position, category_id, keyword_id
FROM segment_categories
JOIN keywords USING (category, phrase);

-- Few prompts say a keyword twice, and bits show where that may be so: only there the repetitions are looked for.
CREATE OR REPLACE TEMP TABLE gathered AS
WITH found AS (
    SELECT prompt_id, category_id,
        list((position * 1000 + word_position)::BIGINT << 20 | keyword_id) AS places,
        bit_count(bit_or(1::UBIGINT << (keyword_id & 63))) < count(*) AS may_repeat
    FROM prompt_segments
    SEMI JOIN pending_prompts USING (prompt_id)
    JOIN segment_keywords USING (segment_id)
    GROUP BY prompt_id, category_id
),
ordered AS (
    SELECT prompt_id, category_id, may_repeat,
        list_transform(list_sort(places), lambda place: (place & (1 << 20) - 1)::INTEGER) AS ids
    FROM found
)
SELECT prompt_id, category_id,
    CASE WHEN may_repeat THEN list_filter(ids, lambda id, i: list_position(ids, id) = i) ELSE ids END AS keyword_ids
FROM ordered;

INSERT INTO gathered
SELECT prompt_id, 0, [] FROM pending_prompts ANTI JOIN gathered USING (prompt_id);
