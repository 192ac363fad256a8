-- From searched_segments(segment_id, form) and searched_forms(form) to occurrences: where which form stands, whole
-- words only. Only lengths that some form with that first word has are tried.
CREATE OR REPLACE TEMP TABLE occurrences AS
WITH words AS (
    SELECT segment_id, words, len(words)::INTEGER AS word_total,
        unnest(range(1, len(words) + 1))::INTEGER AS word_position
    FROM (SELECT segment_id, string_split(form, ' ') AS words FROM searched_segments WHERE form <> '')
),
starts AS (
    SELECT DISTINCT split_part(form, ' ', 1) AS first_word, len(string_split(form, ' '))::INTEGER AS word_count
    FROM searched_forms
),
candidates AS (
    SELECT segment_id, word_position, word_count, word_total,
        array_to_string(words[word_position : word_position + word_count - 1], ' ') AS form
    FROM words
    JOIN starts ON words[word_position] = first_word AND word_position + word_count - 1 <= word_total
)
SELECT segment_id, word_position, word_count, word_total, form
FROM candidates
SEMI JOIN searched_forms USING (form);
