-- new_prompt → new_feature: what each new prompt is compared by; new_band: its buckets; meeting: everybody in them.

CREATE OR REPLACE TEMP TABLE new_feature AS
    SELECT prompt_id, false AS is_prose, segment_id AS feature
    FROM new_prompt_segment
    SEMI JOIN (SELECT prompt_id FROM new_prompt WHERE NOT is_prose) USING (prompt_id)
    UNION ALL
    SELECT prompt_id, true, unnest(word_pairs(normalized)) FROM new_prompt WHERE is_prose;

CREATE OR REPLACE TEMP TABLE new_band AS
    SELECT prompt_id, unnest(/* buckets */) AS bucket
    FROM (
        SELECT prompt_id, is_prose, /* signature */
        FROM (SELECT prompt_id, is_prose, feature & 4294967295 AS hash FROM new_feature)
        GROUP BY prompt_id, is_prose
    );

CREATE OR REPLACE TEMP TABLE meeting AS
    WITH everybody AS (
        FROM new_band
        UNION ALL
        FROM prompt_bands SEMI JOIN new_band USING (bucket)
    )
    FROM everybody
    SEMI JOIN (SELECT bucket FROM everybody GROUP BY bucket HAVING count(*) > 1) USING (bucket);
