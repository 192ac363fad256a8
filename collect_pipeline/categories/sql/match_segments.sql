-- From occurrences and new_phrases to matches(segment_id, word_position, word_count, form, negated): the phrases
-- that count, the longest where one lies within another, and whether a negation turns them off. A phrase outside
-- its scope says nothing, but the shorter phrases within it do not count either.
CREATE OR REPLACE TEMP TABLE matches AS
WITH forms AS (
    SELECT form, min(scope) AS scope,
        coalesce(min(category) FILTER (category <> 'nothing'), 'nothing') AS category
    FROM new_phrases
    SEMI JOIN occurrences USING (form)
    GROUP BY form
),
found AS (
    SELECT segment_id, word_position, word_count, form,
        CASE
            WHEN scope = 'start' AND word_position > 1 THEN 'nothing'
            WHEN scope = 'end' AND word_position + word_count <= word_total THEN 'nothing'
            WHEN scope = 'whole' AND word_count < word_total THEN 'nothing'
            ELSE category
        END AS category
    FROM occurrences
    JOIN forms USING (form)
),
longest AS (
    FROM found
    QUALIFY coalesce(
        max(word_position + word_count) OVER (
            PARTITION BY segment_id ORDER BY word_position, word_count DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) < word_position + word_count
),
-- A negation reaches the next phrase, over at most one unknown word; "or" hands it on to one phrase more.
in_context AS (
    SELECT *,
        lag(category) OVER neighbours AS before_1,
        lag(category, 3) OVER neighbours AS before_3,
        word_position - lag(word_position + word_count) OVER neighbours AS gap
    FROM longest
    WINDOW neighbours AS (PARTITION BY segment_id ORDER BY word_position)
)
SELECT segment_id, word_position, word_count, form,
    coalesce(
        (before_1 = 'negation' AND gap <= 1)
        OR (before_1 = 'alternative' AND before_3 = 'negation' AND gap = 0), false) AS negated
FROM in_context
WHERE category NOT IN ('alternative', 'negation', 'nothing');
