-- candidate → edge: the pairs whose Jaccard similarity, computed exactly, reaches the threshold of their kind.

CREATE OR REPLACE TEMP TABLE candidate AS /* pairs */;

-- Most candidates met by chance, and counting bits shows it. |A xor B| <= (1 - t) / (1 + t) * (|A| + |B|) is the same as
-- |A and B| / |A or B| >= t. No pair is lost: bits only ever underrate how much two sets differ.
-- The join is by id and nothing else, and finished before it is filtered: any further condition tempts the optimizer
-- into pairing all prompts with all others first.
CREATE OR REPLACE TEMP TABLE possible AS
    WITH pair AS MATERIALIZED (
        SELECT
            a,
            b,
            x.is_prose AS is_prose,
            y.is_prose AS other_is_prose,
            x.size + y.size AS size,
            differing_bits(x.bits, y.bits) AS difference
        FROM candidate
        JOIN sketch AS x ON x.prompt_id = a
        JOIN sketch AS y ON y.prompt_id = b
    )
    SELECT a, b, CASE WHEN is_prose THEN 0.35 ELSE 0.8 END AS threshold
    FROM pair
    WHERE is_prose = other_is_prose AND difference <= (1 - threshold) / (1 + threshold) * size;

-- Looking each feature up in the other list is, at the length of prompts, several times faster than list_distinct and
-- list_intersect.
CREATE OR REPLACE TEMP TABLE described AS
    SELECT prompt_id, list_filter(features, lambda feature, i: list_position(features, feature) = i) AS features
    FROM (
        SELECT prompt_id, list(feature) AS features
        FROM feature
        SEMI JOIN (SELECT a AS prompt_id FROM possible UNION SELECT b FROM possible) USING (prompt_id)
        GROUP BY prompt_id
    );

CREATE OR REPLACE TEMP TABLE edge AS
    WITH pair AS MATERIALIZED (
        SELECT
            a,
            b,
            threshold,
            len(list_filter(x.features, lambda feature: list_contains(y.features, feature))) AS shared,
            len(x.features) + len(y.features) - shared AS together
        FROM possible
        JOIN described AS x ON x.prompt_id = a
        JOIN described AS y ON y.prompt_id = b
    )
    SELECT a, b FROM pair WHERE shared >= threshold * together;
