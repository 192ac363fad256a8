-- From occurrences and possible_phrases to found_forms, the forms that occur; found_kinds, what an occurrence does where
-- it stands: nothing (0; also outside its scope), mean something (1), negate (2), link (3); and found_meanings.
CREATE OR REPLACE TEMP TABLE found_forms AS
SELECT form, row_number() OVER () - 1 AS form_id, scope,
    CASE category WHEN 'nothing' THEN 0 WHEN 'negation' THEN 2 WHEN 'alternative' THEN 3 ELSE 1 END::TINYINT AS kind
FROM (
    SELECT form, min(scope) AS scope,
        coalesce(min(category) FILTER (category <> 'nothing'), 'nothing') AS category
    FROM possible_phrases
    SEMI JOIN occurrences USING (form)
    GROUP BY form
);

CREATE OR REPLACE TEMP VIEW found_kinds AS
SELECT segment_number, word_position, word_count, form_id,
    CASE
        WHEN scope = 'start' AND word_position > 1 THEN 0
        WHEN scope = 'end' AND word_position + word_count <= word_total THEN 0
        WHEN scope = 'whole' AND word_count < word_total THEN 0
        ELSE kind
    END AS kind
FROM occurrences
JOIN found_forms USING (form);

-- What a form that was found stands for; one may have several categories.
CREATE OR REPLACE TEMP VIEW found_meanings AS
SELECT form_id, category, phrase, nsfw_level
FROM possible_phrases
JOIN found_forms USING (form)
WHERE category <> 'nothing';
