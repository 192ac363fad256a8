-- From segment_categories to what `gathering` reads: pending_mentions, the segments of pending_prompts, and
-- segment_keywords, their keywords. A keyword is a phrase in a category; while they are gathered, both are numbers.
CREATE OR REPLACE TEMP TABLE pending_mentions AS
SELECT number, segment_id, position
FROM prompt_segments
JOIN pending_prompts USING (prompt_id);

CREATE OR REPLACE TEMP TABLE found_phrases AS
SELECT segment_id, word_position, word_count, category, phrase, nsfw_level
FROM segment_categories
SEMI JOIN (SELECT DISTINCT segment_id FROM pending_mentions) USING (segment_id);

CREATE OR REPLACE TEMP TABLE keywords AS
SELECT row_number() OVER (ORDER BY category, phrase) AS keyword_id,
    dense_rank() OVER (ORDER BY category) AS category_id, category, phrase,
    category = 'subject' AND phrase LIKE '% of' AS announces
FROM (SELECT DISTINCT category, phrase FROM found_phrases);

CREATE OR REPLACE TEMP TABLE keyword_categories AS
SELECT DISTINCT category_id, category FROM keywords
UNION ALL
SELECT 0, 'uncategorized';

CREATE OR REPLACE TEMP TABLE segment_keywords AS
SELECT segment_id, word_position, word_count, category_id, keyword_id, announces,
    coalesce(list_position(['suggestive', 'mature', 'explicit'], nsfw_level), 0)::TINYINT AS level
FROM found_phrases
JOIN keywords USING (category, phrase);
