-- new_prompt → new_band: the buckets of each new prompt; and meeting: everybody who is in one of these buckets.

CREATE OR REPLACE TEMP TABLE new_band AS
    WITH prose AS (
        SELECT prompt_id, normalized FROM new_prompt WHERE is_prose(normalized)
    ), feature AS (
        SELECT prompt_id, false AS is_prose, segment_id & 4294967295 AS hash
        FROM prompt_segments SEMI JOIN new_prompt USING (prompt_id) ANTI JOIN prose USING (prompt_id)
        UNION ALL
        SELECT prompt_id, true, unnest(word_pairs(normalized)) & 4294967295 FROM prose
    ), signature AS (
        SELECT prompt_id, is_prose, /* signature */
        FROM feature
        GROUP BY prompt_id, is_prose
    )
    SELECT prompt_id, unnest(/* buckets */) AS bucket
    FROM signature;

CREATE OR REPLACE TEMP TABLE meeting AS
    WITH everybody AS (
        FROM new_band
        UNION ALL
        FROM prompt_bands SEMI JOIN new_band USING (bucket)
    )
    FROM everybody
    SEMI JOIN (SELECT bucket FROM everybody GROUP BY bucket HAVING count(*) > 1) USING (bucket);
