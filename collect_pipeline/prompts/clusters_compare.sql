-- Which candidate pairs are near-duplicates: their Jaccard similarity, computed exactly.

CREATE OR REPLACE TEMP TABLE candidate AS /* pairs */;

CREATE OR REPLACE TEMP TABLE edge AS
    WITH compared AS (
        SELECT a AS prompt_id FROM candidate UNION SELECT b FROM candidate
    ), compared_prompt AS (
        SELECT prompt_id, normalized, is_prose(normalized) AS is_prose
        FROM prompts SEMI JOIN compared USING (prompt_id)
    ), described AS (
        SELECT
            prompt_id,
            is_prose,
            list_distinct(CASE WHEN is_prose THEN word_pairs(normalized) ELSE segment_ids(normalized) END) AS features
        FROM compared_prompt
    ), overlap AS (
        SELECT
            candidate.a,
            candidate.b,
            x.is_prose,
            len(list_intersect(x.features, y.features)) AS shared,
            len(x.features) + len(y.features) AS total
        FROM candidate
        JOIN described AS x ON x.prompt_id = candidate.a
        JOIN described AS y ON y.prompt_id = candidate.b
        WHERE x.is_prose = y.is_prose
    )
    SELECT a, b
    FROM overlap
    WHERE shared >= CASE WHEN is_prose THEN 0.4 ELSE 0.8 END * (total - shared);
