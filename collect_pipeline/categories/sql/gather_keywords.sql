-- From segment_categories to gathered(prompt_id, category_id, keyword_ids, weight): what is found in the prompts of
-- pending_prompts, in order of first occurrence.
-- A keyword is a phrase in a category. While they are gathered, they and their categories are numbers, with the place
-- where a keyword was found and whether it has weight there in the higher bits: lists of numbers are sorted and copied several times faster than lists
-- of text.
CREATE OR REPLACE TEMP TABLE keywords AS
SELECT row_number() OVER (ORDER BY category, phrase) AS keyword_id,
    dense_rank() OVER (ORDER BY category)::TINYINT AS category_id, category, phrase,
    category = 'subject' AND phrase LIKE '% of' AS announces
FROM (SELECT DISTINCT category, phrase FROM segment_categories);

CREATE OR REPLACE TEMP TABLE keyword_categories AS
SELECT DISTINCT category_id, category FROM keywords
UNION ALL
SELECT 0, 'uncategorized';

CREATE OR REPLACE TEMP TABLE pending_mentions AS
SELECT prompt_id, segment_id, position
FROM prompt_segments
SEMI JOIN pending_prompts USING (prompt_id);

-- Phrases of one category that follow each other without a word between them ("ancient chinese temple") are one to a
-- reader: only the first of them has weight. "photo of" tells that something is shown, but what it is has the weight.
CREATE OR REPLACE TEMP TABLE segment_keywords AS
SELECT segment_id, word_position, category_id, keyword_id,
    NOT announces AND coalesce(word_position > lag(CASE WHEN NOT announces THEN word_position + word_count END) OVER (
        PARTITION BY segment_id, category_id ORDER BY word_position), true) AS has_weight
FROM segment_categories
SEMI JOIN (SELECT DISTINCT segment_id FROM pending_mentions) USING (segment_id)
JOIN keywords USING (category, phrase);

-- A category of which nothing has weight has the weight of half a phrase.
-- One list holds all that is gathered: a second aggregate costs more than taking the list apart.
CREATE OR REPLACE TEMP TABLE gathered AS
WITH found AS (
    SELECT prompt_id, category_id,
        list((((position * 1000 + word_position)::BIGINT * 2 + has_weight::BIGINT) << 20) | keyword_id) AS places
    FROM pending_mentions
    JOIN segment_keywords USING (segment_id)
    GROUP BY prompt_id, category_id
),
ordered AS (
    SELECT prompt_id, category_id,
        list_transform(list_sort(places), lambda place: (place & (1 << 20) - 1)::INTEGER) AS ids,
        list_filter(places, lambda place: (place & (1 << 20)) > 0) AS weighty
    FROM found
),
named AS (
    SELECT prompt_id, category_id, list_filter(ids, lambda id, i: list_position(ids, id) = i) AS keyword_ids,
        len(keyword_ids) < len(ids) AS repeats, weighty
    FROM ordered
)
-- Few prompts say a keyword twice, and counting what differs is slow.
SELECT prompt_id, category_id, keyword_ids,
    greatest(0.5, CASE
        WHEN repeats THEN list_unique(list_transform(weighty, lambda place: place & (1 << 20) - 1))
        ELSE len(weighty)
    END)::DOUBLE AS weight
FROM named;

INSERT INTO gathered
SELECT prompt_id, 0, [], 0 FROM pending_prompts ANTI JOIN gathered USING (prompt_id);
