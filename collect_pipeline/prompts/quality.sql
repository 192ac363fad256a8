-- The quality score of a prompt: 0 to 100, the sum of
--   praise      5 for each different segment that praises the picture, at most 25
--   detail      5 for each different segment that asks for detail, at most 25
--   length      20 if the prompt has 15 to 80 words
--   reactions   30 at 500 reactions on its best image, less on a logarithmic scale, none at 0
-- The first three depend on the text only and are computed here for the prompts in `new_prompt`.

CREATE OR REPLACE TEMP MACRO reaction_score(best_reactions) AS
    30 * ln(1 + least(best_reactions, 500)) / ln(501);
CREATE OR REPLACE TEMP MACRO quality_score(text_score, best_reactions) AS
    round(text_score + reaction_score(best_reactions), 2);
-- The way back: the part for the text is a whole number.
CREATE OR REPLACE TEMP MACRO text_score(quality_score, best_reactions) AS
    round(quality_score - reaction_score(best_reactions));

CREATE OR REPLACE TEMP MACRO praises(segment) AS regexp_matches(
    segment,
    '\b(masterpieces?|best quality|high(est)? quality|top quality|amazing|award[ -]winning|beautiful|breathtaking|'
    'excellent|exquisite|gorgeous|great|impressive|magnificent|outstanding|perfect|professional|score [6-9]|'
    'stunning|superb|trending on artstation|wonderful)\b|傑作|最高品質|高品質|杰作|最佳质量|最高质量|高质量'
);

CREATE OR REPLACE TEMP MACRO asks_for_detail(segment) AS regexp_matches(
    segment,
    '\b(absurdres|(highly |ultra[ -]?|extremely |very |hyper[ -]?|super[ -]?|finely |richly )*detail(s|ed)?|elaborate|'
    'high[ -]?res(olution)?|intricate(ly)?|ornate|sharp|textured?|[248]k|uhd|hdr)\b|高精細|精细|高清|细节'
);

CREATE OR REPLACE TEMP TABLE text_quality AS
    WITH word AS (
        SELECT segment_id, praises(segment) AS is_praise, asks_for_detail(segment) AS is_detail
        FROM new_prompt_segment_text
        WHERE is_praise OR is_detail
    ), mention AS (
        SELECT DISTINCT prompt_id, segment_id, is_praise, is_detail
        FROM new_prompt_segment
        JOIN word USING (segment_id)
    ), counted AS (
        SELECT prompt_id, count(*) FILTER (is_praise) AS praise, count(*) FILTER (is_detail) AS detail
        FROM mention
        GROUP BY prompt_id
    )
    SELECT
        prompt_id,
        least(25, 5 * coalesce(praise, 0)) + least(25, 5 * coalesce(detail, 0))
            + CASE WHEN words BETWEEN 15 AND 80 THEN 20 ELSE 0 END AS score
    FROM new_prompt
    LEFT JOIN counted USING (prompt_id);
