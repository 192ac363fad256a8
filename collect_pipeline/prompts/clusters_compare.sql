-- candidate → edge: the pairs whose Jaccard similarity, computed exactly, reaches the threshold of their kind.

CREATE OR REPLACE TEMP TABLE candidate AS /* pairs */;

CREATE OR REPLACE TEMP TABLE compared AS
    SELECT prompt_id, is_prose(normalized, tag_count) AS is_prose
    FROM prompts
    SEMI JOIN (SELECT a AS prompt_id FROM candidate UNION SELECT b FROM candidate) USING (prompt_id);

CREATE OR REPLACE TEMP TABLE compared_feature AS
    SELECT DISTINCT prompt_id, feature
    FROM (
        SELECT prompt_id, feature FROM new_feature SEMI JOIN compared USING (prompt_id)
        UNION ALL
        SELECT prompt_id, segment_id
        FROM prompt_segments
        SEMI JOIN (SELECT prompt_id FROM compared WHERE NOT is_prose) USING (prompt_id)
        ANTI JOIN new_prompt USING (prompt_id)
        UNION ALL
        SELECT prompt_id, unnest(word_pairs(normalized))
        FROM prompts
        SEMI JOIN (SELECT prompt_id FROM compared WHERE is_prose) USING (prompt_id)
        ANTI JOIN new_prompt USING (prompt_id)
    );

CREATE OR REPLACE TEMP TABLE edge AS
    WITH size AS (
        SELECT prompt_id, is_prose, count(*) AS features
        FROM compared_feature JOIN compared USING (prompt_id)
        GROUP BY prompt_id, is_prose
    ), comparable AS (
        SELECT a, b, x.features + y.features AS total, CASE WHEN x.is_prose THEN 0.4 ELSE 0.8 END AS threshold
        FROM candidate
        JOIN size AS x ON x.prompt_id = a
        JOIN size AS y ON y.prompt_id = b
        -- A set much smaller than the other cannot be similar enough, whatever the two share.
        WHERE x.is_prose = y.is_prose
            AND least(x.features, y.features) >= threshold * greatest(x.features, y.features)
    ), overlap AS (
        SELECT a, b, total, threshold, count(*) AS shared
        FROM comparable
        JOIN compared_feature AS x ON x.prompt_id = a
        JOIN compared_feature AS y ON y.prompt_id = b AND y.feature = x.feature
        GROUP BY a, b, total, threshold
    )
    SELECT a, b FROM overlap WHERE shared >= threshold * (total - shared);
