-- new_prompt, new_prompt_segment, new_prompt_text → new_signature, new_band: where each new prompt is looked for;
-- meeting: everybody who is found there; sketch, tag_feature, prose_feature: what those are compared by.

CREATE OR REPLACE TEMP TABLE new_shingle AS
    SELECT prompt_id, unnest(shingles(normalized)) AS feature FROM new_prompt_text WHERE is_prose;

-- Bits, of which each feature sets one: prompts that differ in n bits differ in n features or more. Prose has more
-- features than 64 bits could tell apart.
CREATE OR REPLACE TEMP MACRO quarter_bits(hash, quarter) AS
    coalesce(bit_or(1::UBIGINT << (hash & 63)) FILTER ((hash >> 6) & 3 = quarter), 0::UBIGINT);
CREATE OR REPLACE TEMP MACRO tag_bits(hash) AS {
    'a': bit_or(1::UBIGINT << (hash & 63)), 'b': 0::UBIGINT, 'c': 0::UBIGINT, 'd': 0::UBIGINT
};
CREATE OR REPLACE TEMP MACRO prose_bits(hash) AS {
    'a': quarter_bits(hash, 0), 'b': quarter_bits(hash, 1), 'c': quarter_bits(hash, 2), 'd': quarter_bits(hash, 3)
};
CREATE OR REPLACE TEMP MACRO differing_bits(x, y) AS
    bit_count(xor(x.a, y.a))::INTEGER + bit_count(xor(x.b, y.b)) + bit_count(xor(x.c, y.c)) + bit_count(xor(x.d, y.d));

CREATE OR REPLACE TEMP TABLE new_signature AS
    WITH tag_hash AS (
        SELECT prompt_id, hash, /* tag_hashes */
        FROM (
            SELECT prompt_id, (segment_id & 4294967295)::BIGINT AS hash FROM new_prompt_segment WHERE NOT is_prose
        )
    ), tag_signature AS (
        SELECT prompt_id, count(*) AS size, tag_bits(hash) AS bits, /* tag_minima */
        FROM tag_hash
        GROUP BY prompt_id
    ), prose_hash AS (
        SELECT prompt_id, hash, /* prose_hashes */
        FROM (SELECT prompt_id, (feature & 4294967295)::BIGINT AS hash FROM new_shingle)
    ), prose_signature AS (
        SELECT prompt_id, count(*) AS size, prose_bits(hash) AS bits, /* prose_minima */
        FROM prose_hash
        GROUP BY prompt_id
    )
    SELECT prompt_id, false AS is_prose, size, bits, /* tag_buckets */ AS buckets FROM tag_signature
    UNION ALL
    SELECT prompt_id, true, size, bits, /* prose_buckets */ FROM prose_signature;

CREATE OR REPLACE TEMP TABLE new_band AS
    SELECT prompt_id, is_prose, unnest(buckets) AS bucket FROM new_signature
    UNION ALL
    -- Prose that has two sentences in common, next to each other or one apart: replacing any one sentence of three or
    -- more leaves such a pair.
    SELECT prompt_id, true, unnest([xor(segment_id, next), xor(segment_id, xor(after_next, 1))])
    FROM (
        SELECT
            prompt_id,
            segment_id,
            lead(segment_id, 1) OVER sentences AS next,
            lead(segment_id, 2) OVER sentences AS after_next
        FROM new_prompt_segment
        SEMI JOIN (SELECT segment_id FROM new_prompt_segment_text WHERE word_count(segment) >= 5) USING (segment_id)
        WHERE is_prose
        WINDOW sentences AS (PARTITION BY prompt_id ORDER BY position)
    );
-- A sentence next to itself gives 0 or 1 whatever it says: no meeting point.
DELETE FROM new_band WHERE bucket IS NULL OR bucket IN (0, 1);

CREATE OR REPLACE TEMP TABLE meeting AS
    WITH everybody AS (
        SELECT prompt_id, is_prose, bucket, true AS is_new FROM new_band
        UNION ALL
        SELECT prompt_id, is_prose, bucket, false FROM prompt_bands SEMI JOIN new_band USING (bucket)
    )
    FROM everybody
    SEMI JOIN (SELECT bucket FROM everybody GROUP BY bucket HAVING count(*) > 1) USING (bucket);

CREATE OR REPLACE TEMP TABLE old_mention AS
    SELECT prompt_id, is_prose, segment_id, position
    FROM prompt_segments
    JOIN (SELECT DISTINCT prompt_id, is_prose FROM meeting WHERE NOT is_new) USING (prompt_id);

CREATE OR REPLACE TEMP VIEW old_segment AS
    SELECT prompt_id, segment_id AS feature FROM old_mention WHERE NOT is_prose;

-- Put together from its segments, since unpacking the texts of all prompts would cost more.
CREATE OR REPLACE TEMP TABLE old_shingle AS
    SELECT prompt_id, unnest(shingles(normalized)) AS feature
    FROM (
        SELECT prompt_id, string_agg(segment, ', ' ORDER BY position) AS normalized
        FROM old_mention
        JOIN segments USING (segment_id)
        WHERE is_prose
        GROUP BY prompt_id
    );

CREATE OR REPLACE TEMP VIEW feature AS
    SELECT prompt_id, segment_id AS feature FROM new_prompt_segment WHERE NOT is_prose
    UNION ALL FROM new_shingle
    UNION ALL FROM old_segment
    UNION ALL FROM old_shingle;

CREATE OR REPLACE TEMP TABLE old_sketch AS
    SELECT prompt_id, false AS is_prose, count(*) AS size, tag_bits(feature) AS bits
    FROM old_segment
    GROUP BY prompt_id
    UNION ALL
    SELECT prompt_id, true, count(*), prose_bits(feature) FROM old_shingle GROUP BY prompt_id;

CREATE OR REPLACE TEMP VIEW sketch AS
    SELECT prompt_id, is_prose, size, bits FROM new_signature UNION ALL FROM old_sketch;
