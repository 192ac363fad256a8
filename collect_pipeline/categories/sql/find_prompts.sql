-- To pending_prompts: prompts without categories, and prompts with a segment in pending_segments. What belongs to
-- prompts that no longer exist goes. A prompt has one primary category: looking at these alone spares most rows.
CREATE OR REPLACE TEMP TABLE unmatched AS
SELECT prompts.prompt_id, categorized.prompt_id AS categorized_id
FROM prompts
FULL JOIN (SELECT prompt_id FROM prompt_categories WHERE is_primary) AS categorized USING (prompt_id)
WHERE prompts.prompt_id IS NULL OR categorized.prompt_id IS NULL;

DELETE FROM prompt_categories
WHERE prompt_id IN (SELECT categorized_id FROM unmatched WHERE prompt_id IS NULL);

CREATE OR REPLACE TEMP TABLE pending_prompts AS
SELECT prompt_id FROM unmatched WHERE prompt_id IS NOT NULL;

-- With no prompt left to add there is nothing to join with, and prompt_segments is not read.
INSERT INTO pending_prompts
SELECT prompt_id
FROM (
    SELECT DISTINCT prompt_id
    FROM prompt_segments
    SEMI JOIN (
        FROM pending_segments WHERE (SELECT count(*) FROM prompts) > (SELECT count(*) FROM pending_prompts)
    ) USING (segment_id)
    ANTI JOIN pending_prompts USING (prompt_id)
)
SEMI JOIN prompts USING (prompt_id);
