-- Prompts that hold every term, with their relevance: Okapi BM25 with k1 = 1.2 and b = 0.75, the length of a prompt in
-- characters. Terms are looked for in distinct segments, not in every prompt. $forms are terms in match_form.
CREATE OR REPLACE TEMP TABLE scored AS
WITH term AS (
    SELECT unnest($forms::VARCHAR[]) AS form
), piece AS (
    SELECT s.segment_id, ' ' || match_form(s.segment) || ' ' AS words
    FROM segments AS s
), piece_hit AS (
    SELECT
        piece.segment_id,
        term.form,
        len(string_split(piece.words, ' ' || term.form || ' ')) - 1 AS mentions
    FROM piece
    JOIN term ON contains(piece.words, ' ' || term.form || ' ')
), hit AS (
    SELECT ps.prompt_id, piece_hit.form, sum(piece_hit.mentions) AS mentions
    FROM prompt_segments AS ps
    JOIN piece_hit ON piece_hit.segment_id = ps.segment_id
    GROUP BY ps.prompt_id, piece_hit.form
), rarity AS (
    SELECT hit.form, ln(1 + ((SELECT count(*) FROM prompts) - count(*) + 0.5) / (count(*) + 0.5)) AS weight
    FROM hit
    GROUP BY hit.form
), average AS (
    SELECT avg(p.prompt_length) AS prompt_length
    FROM prompts AS p
)
SELECT
    hit.prompt_id,
    sum(
        rarity.weight * hit.mentions * 2.2
        / (hit.mentions + 1.2 * (0.25 + 0.75 * p.prompt_length / average.prompt_length))
    ) AS score
FROM hit
JOIN rarity ON rarity.form = hit.form
JOIN prompts AS p ON p.prompt_id = hit.prompt_id
CROSS JOIN average
GROUP BY hit.prompt_id
HAVING count(*) = len($forms);
