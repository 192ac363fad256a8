-- To pending_prompts, numbered from 0: prompts without categories, and prompts with a segment in pending_segments. What
-- belongs to prompts that no longer exist goes. A prompt has one primary category: looking at these alone spares most
-- rows.
CREATE OR REPLACE TEMP TABLE unmatched AS
SELECT prompts.prompt_id, categorized.prompt_id AS categorized_id
FROM prompts
FULL JOIN (SELECT prompt_id FROM prompt_categories WHERE is_primary) AS categorized USING (prompt_id)
WHERE prompts.prompt_id IS NULL OR categorized.prompt_id IS NULL;

DELETE FROM prompt_categories
WHERE prompt_id IN (SELECT categorized_id FROM unmatched WHERE prompt_id IS NULL);

-- With no prompt left to add there is nothing to join with, and prompt_segments is not read.
CREATE OR REPLACE TEMP TABLE pending_prompts AS
WITH missing AS MATERIALIZED (
    SELECT prompt_id FROM unmatched WHERE prompt_id IS NOT NULL
),
touched AS (
    SELECT DISTINCT prompt_id
    FROM prompt_segments
    SEMI JOIN (
        FROM pending_segments WHERE (SELECT count(*) FROM prompts) > (SELECT count(*) FROM missing)
    ) USING (segment_id)
    ANTI JOIN missing USING (prompt_id)
)
SELECT prompt_id, row_number() OVER () - 1 AS number
FROM (FROM missing UNION ALL FROM touched SEMI JOIN prompts USING (prompt_id));
