-- new_prompt, new_prompt_text, new_prompt_segment → member, new_feature, sentence_bucket. Of the new prompts those with
-- a number from first_number to last_number.

CREATE OR REPLACE TEMP TABLE member AS
    SELECT prompt_id, number - getvariable('first_number') AS number, is_prose, cluster_id
    FROM new_prompt
    JOIN prompts USING (prompt_id)
    WHERE number BETWEEN getvariable('first_number') AND getvariable('last_number');

CREATE OR REPLACE TEMP MACRO feature_key(number, feature) AS
    number::UBIGINT << getvariable('feature_bits') | (feature & ((1::BIGINT << getvariable('feature_bits')) - 1))::UBIGINT;

CREATE OR REPLACE TEMP VIEW new_feature AS
    SELECT feature_key(number - getvariable('first_number'), segment_id) AS key
    FROM new_prompt_segment
    WHERE NOT is_prose AND number BETWEEN getvariable('first_number') AND getvariable('last_number')
    UNION ALL
    SELECT feature_key(number - getvariable('first_number'), unnest(shingles(normalized)))
    FROM new_prompt_text
    WHERE is_prose AND number BETWEEN getvariable('first_number') AND getvariable('last_number');

-- Prose that has two sentences in common, next to each other or one apart: replacing any one sentence of three or more
-- leaves such a pair. A sentence next to itself gives 0 or 1 whatever it says: no meeting point.
CREATE OR REPLACE TEMP VIEW sentence_bucket AS
    SELECT
        number - getvariable('first_number') AS number,
        bucket & ((1::BIGINT << getvariable('bucket_bits')) - 1) AS bucket
    FROM (
        SELECT number, unnest([xor(segment_id, next), xor(segment_id, xor(after_next, 1))]) AS bucket
        FROM (
            SELECT
                number,
                segment_id,
                lead(segment_id, 1) OVER sentences AS next,
                lead(segment_id, 2) OVER sentences AS after_next
            FROM new_prompt_segment
            SEMI JOIN (
                SELECT segment_id FROM new_prompt_segment_text WHERE word_count(segment) >= 5
            ) USING (segment_id)
            WHERE is_prose AND number BETWEEN getvariable('first_number') AND getvariable('last_number')
            WINDOW sentences AS (PARTITION BY number ORDER BY position)
        )
    )
    WHERE bucket NOT IN (0, 1);
