-- To pending_prompts: prompts without categories, and prompts with a segment in pending_segments. What belongs to
-- prompts that no longer exist goes. A prompt has one primary category: looking at these alone spares most rows.
DELETE FROM prompt_categories
WHERE prompt_id IN (
    SELECT prompt_id FROM prompt_categories ANTI JOIN prompts USING (prompt_id) WHERE is_primary);

CREATE OR REPLACE TEMP TABLE pending_prompts AS
SELECT prompt_id
FROM prompts
ANTI JOIN (SELECT prompt_id FROM prompt_categories WHERE is_primary) USING (prompt_id);

INSERT INTO pending_prompts
SELECT prompt_id
FROM (
    SELECT DISTINCT prompt_id
    FROM prompt_segments
    SEMI JOIN pending_segments USING (segment_id)
    ANTI JOIN pending_prompts USING (prompt_id)
)
SEMI JOIN prompts USING (prompt_id);
