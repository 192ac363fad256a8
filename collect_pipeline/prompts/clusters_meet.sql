-- old_band → met_band: those that were there before and are in a bucket of a new prompt. They become members, too;
-- old_feature is what they are compared by.

INSERT INTO member
    SELECT
        prompt_id,
        (SELECT count(*) FROM member) + row_number() OVER () - 1,
        is_prose,
        prompts.cluster_id
    FROM (SELECT DISTINCT prompt_id, is_prose FROM old_band)
    JOIN prompts USING (prompt_id);

CREATE OR REPLACE TEMP TABLE old_mention AS
    SELECT member.number, member.is_prose, segment_id, position
    FROM prompt_segments
    JOIN (SELECT number, prompt_id, member.is_prose FROM member SEMI JOIN old_band USING (prompt_id)) AS member
        USING (prompt_id);

CREATE OR REPLACE TEMP VIEW met_band AS
    SELECT number, bucket FROM old_band JOIN member USING (prompt_id);

CREATE OR REPLACE TEMP VIEW old_feature AS
    SELECT feature_key(number, segment_id) AS key FROM old_mention WHERE NOT is_prose
    UNION ALL
    -- Put together from its segments, since unpacking the texts of all prompts would cost more.
    SELECT feature_key(number, unnest(shingles(normalized)))
    FROM (
        SELECT number, string_agg(segment, ', ' ORDER BY position) AS normalized
        FROM old_mention
        JOIN segments USING (segment_id)
        WHERE is_prose
        GROUP BY number
    );
