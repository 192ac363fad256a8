-- From searched_segments(segment_number, segment_id, form) and searched_forms(form) to occurrences: where which form
-- stands, whole words only. A form of several words is looked for where its first two stand, which is seldom.
CREATE OR REPLACE TEMP TABLE occurrences AS
WITH split AS (
    SELECT segment_number, string_split(form, ' ') AS words, len(words)::INTEGER AS word_total
    FROM searched_segments
    WHERE form <> ''
),
-- Only pairs carry what a longer form is put together from; it is wide.
words AS (
    SELECT segment_number, word_total, unnest(words) AS word, unnest(range(1, word_total + 1))::INTEGER AS word_position
    FROM split
),
pairs AS (
    SELECT segment_number, words, word_total, unnest(words[:-2]) AS word, unnest(words[2:]) AS next_word,
        unnest(range(1, word_total))::INTEGER AS word_position
    FROM split
),
starts AS (
    SELECT DISTINCT words[1] AS word, words[2] AS next_word, len(words)::INTEGER AS word_count
    FROM (SELECT string_split(form, ' ') AS words FROM searched_forms WHERE contains(form, ' '))
),
candidates AS (
    SELECT segment_number, word_position, word_count, word_total,
        array_to_string(words[word_position : word_position + word_count - 1], ' ') AS form
    FROM pairs
    JOIN starts USING (word, next_word)
    WHERE word_position + word_count - 1 <= word_total
)
SELECT segment_number, word_position, 1 AS word_count, word_total, form
FROM words
JOIN searched_forms ON form = word
UNION ALL
SELECT segment_number, word_position, word_count, word_total, form
FROM candidates
SEMI JOIN searched_forms USING (form);
